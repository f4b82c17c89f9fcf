"""What processes cost."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os

from benchmarks import usage


def test_a_name_with_brackets_and_spaces_is_no_hindrance():
    fields = ['S', '1', '77'] + ['0'] * 8 + ['250', '50'] + ['0'] * 8 + ['3'] + ['0'] * 5
    group, seconds, resident = usage.parse_stat('12 (a b) c) %s' % (' '.join(fields),))
    assert group == 77
    assert seconds == 300.0 / os.sysconf(str('SC_CLK_TCK'))
    assert resident == 3 * os.sysconf(str('SC_PAGE_SIZE'))


def test_our_own_group_costs_something():
    seconds, resident = usage.group_usage(os.getpgrp())
    assert seconds > 0
    assert resident > 1000000
