"""What processes cost."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os

from benchmarks import usage


def test_a_name_with_brackets_and_spaces_is_no_hindrance():
    fields = ['S', '1', '77'] + ['0'] * 8 + ['250', '50'] + ['0'] * 8 + ['3'] + ['0'] * 5
    group, seconds, resident = usage.parse_stat('12 (a b) c) %s' % (' '.join(fields),))
    assert group == 77
    assert seconds == 300.0 / os.sysconf(str('SC_CLK_TCK'))
    assert resident == 3 * os.sysconf(str('SC_PAGE_SIZE'))


def test_waiting_for_the_disk_is_idle_and_guests_are_not_counted_twice():
    ticks = float(os.sysconf(str('SC_CLK_TCK')))
    idle, every = usage.parse_idle('cpu  10 1 5 60 20 1 2 1 7 7\ncpu0 5 0 0 0\n')
    assert (idle * ticks, every * ticks) == (80, 100)


def test_the_machine_has_been_up_for_longer_than_it_was_idle():
    idle, every = usage.machine_idle()
    assert 0 <= idle <= every


def test_our_own_group_costs_something():
    seconds, resident = usage.group_usage(os.getpgrp())
    assert seconds > 0
    assert resident > 1000000
