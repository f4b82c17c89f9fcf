"""A periodic job goes on whatever becomes of it, and says what becomes of it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet import defer, task
from twisted.logger import globalLogPublisher

from vumi_snappy.runtime.periodic import DONE, Periodic


class Away(Exception):
    """What somebody else logs."""


class Job(object):
    """Does what the test says next, and is counted."""

    def __init__(self, **options):
        self.clock = task.Clock()
        self.calls = 0
        self.next = None
        self.periodic = Periodic(self.clock, 'Sweeping', self.call, 10.0,
                                 told_elsewhere=(Away,), **options)

    def call(self):
        self.calls += 1
        if isinstance(self.next, Exception):
            raise self.next
        return self.next


@pytest.fixture
def said():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield lambda: [event['log_format'].format(**event) for event in events
                   if event['log_namespace'] == 'vumi_snappy.runtime.periodic']
    globalLogPublisher.removeObserver(events.append)


@pytest.mark.parametrize('result', [
    ValueError('secret'), defer.fail(ValueError('secret')), Away('x'), None])
def test_it_is_called_again_after_every_outcome(result):
    job = Job()
    job.next = result
    job.periodic.start()
    job.clock.pump([10.0] * 3)
    assert job.calls == 3


def test_a_streak_of_failures_is_logged_once_with_its_end_and_shown_while_it_lasts(said):
    job = Job()
    job.periodic.start()
    job.next = ValueError('secret')
    job.clock.pump([10.0] * 3)
    [line] = said()
    assert line.startswith('Sweeping failed and is tried again: ValueError in call (')
    assert job.periodic.trouble == 'Sweeping fails (ValueError)'
    job.next = None
    job.clock.pump([10.0] * 2)
    assert said()[1:] == ['Sweeping works again, after 3 failures.']
    assert job.periodic.trouble == ''


def test_what_is_told_elsewhere_is_not_told_here(said):
    job = Job()
    job.next = Away('gone')
    job.periodic.start()
    job.clock.advance(10)
    assert (said(), job.periodic.trouble) == ([], '')


def test_one_that_takes_long_is_waited_for_and_cancelled_when_it_is_stopped(said):
    job = Job()
    cancelled = []
    job.next = defer.Deferred(cancelled.append)
    job.periodic.start()
    job.clock.pump([10.0] * 5)
    assert job.calls == 1
    job.periodic.stop()
    assert cancelled == [job.next]
    job.clock.pump([10.0] * 5)
    assert (job.calls, said(), job.clock.getDelayedCalls()) == (1, [], [])


def test_it_can_be_started_again_and_a_second_start_changes_nothing():
    job = Job(now=True)
    for _ in range(2):
        job.periodic.start()
        job.periodic.start()
        job.clock.advance(10)
        job.periodic.stop()
    assert job.calls == 4


def test_one_that_is_done_is_not_called_again():
    job = Job(now=True)
    job.next = DONE
    job.periodic.start()
    job.clock.pump([10.0] * 3)
    assert (job.calls, job.clock.getDelayedCalls()) == (1, [])


def test_those_that_are_spread_begin_at_different_moments_within_the_first_round():
    jobs = [Job(spread=True) for _ in range(20)]
    first = set()
    for job in jobs:
        job.periodic.start()
        [call] = job.clock.getDelayedCalls()
        first.add(call.getTime())
        job.clock.pump([10.0] * 3)
        assert job.calls == 3
    assert len(first) > 10 and max(first) <= 10.0


def test_one_that_is_stopped_before_it_began_never_begins():
    job = Job(spread=True)
    job.periodic.start()
    job.periodic.stop()
    job.clock.advance(100)
    assert job.calls == 0
