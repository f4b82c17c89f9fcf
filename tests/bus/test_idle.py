"""A reply without a receipt is published again only when its transport had time to tell of it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet.task import Clock

from vumi_snappy.bus.idle import LONG_ENOUGH, Idle


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def idle(clock):
    return Idle(clock)


def looks(clock, idle, seconds, waiting=0, consumers=1):
    """What a look a second tells."""
    told = []
    for _ in range(int(seconds)):
        told.append(idle.lasts(waiting, consumers))
        clock.advance(1)
    return told


def test_it_is_idle_when_looks_have_found_nothing_for_a_while(clock, idle):
    assert looks(clock, idle, LONG_ENOUGH + 1) == [False] * int(LONG_ENOUGH) + [True]


@pytest.mark.parametrize('found', [dict(waiting=1), dict(consumers=0)])
def test_what_waits_and_a_transport_that_is_away_begin_the_while_anew(clock, idle, found):
    looks(clock, idle, LONG_ENOUGH)
    assert looks(clock, idle, 1, **found) == [False]
    assert looks(clock, idle, LONG_ENOUGH) == [False] * (int(LONG_ENOUGH) - 1) + [True]


def test_looks_that_are_far_apart_tell_nothing_of_the_time_between_them(clock, idle):
    looks(clock, idle, LONG_ENOUGH + 1)
    clock.advance(60)
    assert not idle.lasts(0, 1)
    clock.advance(60)
    assert not idle.lasts(0, 1)
