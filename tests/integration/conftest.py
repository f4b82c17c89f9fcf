"""What the integration tests share; the servers are those of tests/conftest.py."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted

from tests.integration.bus_stage import Stage


@pytest.fixture
def stage(servers):
    """Guarded workers on the real RabbitMQ."""
    stage = Stage(servers.rabbitmq)
    with stage.log:
        yield stage
        pytest_twisted.blockon(stage.stop())
