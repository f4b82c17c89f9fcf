from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.flow import Flow
from tests.store.conftest import bench, logged, make_bench  # noqa: F401


@pytest.fixture
def flow(make_bench):  # noqa: F811
    return Flow(pytest_twisted.blockon(make_bench(notices=True)))
