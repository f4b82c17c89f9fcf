"""What the integration tests share; the servers are those of tests/conftest.py."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted

from tests.integration.bus_stage import Stage
from tests.integration.one_worker import Worker


@pytest.fixture
def stage(servers):
    """Guarded workers on the real RabbitMQ."""
    stage = Stage(servers.rabbitmq)
    with stage.log:
        yield stage
        pytest_twisted.blockon(stage.stop())


@pytest.fixture
def worker(tmpdir, redis_port, amqp):
    """A worker that the test starts with the options that it is about."""
    made = Worker(str(tmpdir), redis_port, amqp)
    yield made
    made.stop()
