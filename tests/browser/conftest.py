"""A headless Chromium for the tests of each module."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tools.browser import browser


@pytest.fixture(scope='module')
def driver():
    with browser() as opened:
        yield opened
