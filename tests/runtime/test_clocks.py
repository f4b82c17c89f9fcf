"""Intervals are measured by a clock that nobody can set, times of day by the one that is set."""
from __future__ import absolute_import, division, print_function, unicode_literals

import time

from twisted.internet.epollreactor import EPollReactor
from twisted.internet.task import Clock

from vumi_snappy.runtime import clocks


class Time(object):
    """The wall clock and the monotonic one, as the test moves them."""

    def __init__(self, monkeypatch):
        self.wall, self.even = 1416000000.0, 5000.0
        monkeypatch.setattr(time, 'time', lambda: self.wall)
        monkeypatch.setattr(clocks, 'monotonic', lambda: self.even)

    def passes(self, seconds):
        self.wall += seconds
        self.even += seconds


def test_a_wall_clock_that_is_set_moves_no_interval(monkeypatch):
    now, reactor, done = Time(monkeypatch), EPollReactor(), []
    clocks.use_monotonic_clock(reactor)
    reactor.callLater(60, done.append, 'an hour back')
    now.wall -= 3600
    reactor.callLater(60, done.append, 'and later')
    now.passes(59)
    reactor.runUntilCurrent()
    assert done == []
    now.passes(1)
    reactor.runUntilCurrent()
    assert done == ['an hour back', 'and later']


def test_what_was_scheduled_before_is_due_when_it_was(monkeypatch):
    now, reactor, done = Time(monkeypatch), EPollReactor(), []
    reactor.seconds = time.time
    reactor.callLater(60, done.append, 'before')
    clocks.use_monotonic_clock(reactor)
    now.passes(59.9)
    reactor.runUntilCurrent()
    assert done == []
    now.passes(0.2)
    reactor.runUntilCurrent()
    assert done == ['before']


def test_the_time_of_day_follows_the_wall_clock(monkeypatch):
    now, reactor = Time(monkeypatch), EPollReactor()
    clocks.use_monotonic_clock(reactor)
    now.wall -= 3600
    assert clocks.wall_time(reactor) == now.wall
    assert reactor.seconds() == now.wall + 3600


def test_doing_it_twice_does_nothing(monkeypatch):
    now, reactor = Time(monkeypatch), EPollReactor()
    clocks.use_monotonic_clock(reactor)
    now.wall += 100
    clocks.use_monotonic_clock(reactor)
    assert reactor.seconds() == 1416000000.0


def test_a_clock_of_a_test_is_both():
    clock = Clock()
    clock.advance(7)
    assert clocks.wall_time(clock) == 7
