"""Unconfirmed replies are looked for often enough, a bounded number at a time."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet import defer, task

from vumi_snappy.outbound.unconfirmed import UnconfirmedReplies, duration
from vumi_snappy.store import StoreRefused, StoreUnavailable


class Lane(object):
    """A reply lane with so many replies that are overdue."""

    def __init__(self, overdue, timeout):
        self.ack_timeout = timeout
        self.left = overdue
        self.asked = []
        self.away = None

    def overdue(self, limit, why):
        self.asked.append(why)
        if self.away:
            return defer.fail(self.away)
        found = min(limit, self.left)
        self.left -= found
        return defer.succeed([found, found if self.ack_timeout else 0])


class Parts(object):
    """All that it is made of; it is its own store and metrics."""

    def __init__(self, overdue, timeout):
        self.replies = Lane(overdue, timeout)
        self.counted = []
        self.clock = task.Clock()
        self.overdue = UnconfirmedReplies(self.clock, self, self)

    def count(self, name):
        self.counted.append(name)


def test_each_that_is_overdue_is_counted_whatever_their_number():
    parts = Parts(120, 60.0)
    done = parts.overdue.look()
    parts.clock.pump([0.1] * 3)
    assert parts.counted == ['replies.unconfirmed'] * 120
    assert len(parts.replies.asked) == 3
    results = []
    done.addCallback(results.append)
    assert results == [120]


def test_it_is_looked_at_least_ten_times_within_the_timeout():
    parts = Parts(0, 60.0)
    parts.overdue.job.start()
    parts.clock.pump([1.0] * 60)
    assert len(parts.replies.asked) == 10
    parts.overdue.job.stop()
    parts.clock.pump([1.0] * 60)
    assert len(parts.replies.asked) == 10


def test_without_a_timeout_those_of_before_are_let_go():
    parts = Parts(3, 0)
    parts.overdue.job.start()
    parts.clock.advance(15)
    assert parts.replies.left == 0
    assert parts.counted == []


@pytest.mark.parametrize('error', [StoreUnavailable('away'), StoreRefused('no')])
def test_a_store_that_is_away_or_refuses_is_asked_again_the_next_time(error):
    parts = Parts(1, 60.0)
    parts.replies.away = error
    parts.overdue.job.start()
    parts.clock.advance(6)
    parts.replies.away = None
    parts.clock.advance(6)
    assert parts.counted == ['replies.unconfirmed']


@pytest.mark.parametrize('seconds, words', [
    (0.5, '0.5 seconds'), (90, '90 seconds'), (300, '5 minutes'), (5400, '90 minutes'),
    (9000, '2.5 hours'), (259200, '3 days')])
def test_a_span_of_time_is_told_in_words(seconds, words):
    assert duration(seconds) == words
