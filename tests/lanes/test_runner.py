"""The loop that takes work out of the store, with a lane that a test scripts and a clock."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
from twisted.internet import defer, task

from vumi_snappy.lanes.runner import LaneRunner, persist
from vumi_snappy.records import Wait
from vumi_snappy.store.errors import StoreRefused, StoreUnavailable


@attr.s
class Work(object):
    thread = attr.ib()
    token = attr.ib(default='token')
    ticket = attr.ib(default='1')
    tries = attr.ib(default=0)


class Lane(object):
    """Gives what a test put in `work`, then waits; remembers what came back."""

    lease = 15.0

    def __init__(self, *threads):
        self.work = [Work(thread) for thread in threads]
        self.claims, self.retried, self.parked, self.renewed = 0, [], [], []
        self.lost = set()
        self.away = False

    def claim(self, most):
        self.claims += 1
        if self.away:
            return defer.fail(StoreUnavailable('away'))
        found, self.work = self.work[:most], self.work[most:]
        return defer.succeed((found, None if len(found) == most else Wait(seconds=-1)))

    def retry(self, attempt, delay, **how):
        self.retried.append((attempt.thread, how))
        return defer.succeed(True)

    def park(self, attempt, reason):
        self.parked.append((attempt.thread, reason))
        return defer.succeed(True)

    def renew(self, held):
        self.renewed.append([thread for thread, _ in held])
        return defer.succeed(self.lost)


class Handler(object):
    """Begins attempts and ends them when a test says so."""

    def __init__(self):
        self.running, self.cancelled = {}, []

    def __call__(self, attempt):
        done = defer.Deferred(lambda _: self.cancelled.append(attempt.thread))
        self.running[attempt.thread] = done
        return done

    def end(self, thread):
        self.running.pop(thread).callback(None)


def started(*threads, **options):
    clock, lane, handler = task.Clock(), Lane(*threads), Handler()
    runner = LaneRunner(clock, lane, handler, options.pop('concurrency', 2), 'test', poll=0.5,
                        **options)
    runner.start()
    return clock, lane, handler, runner


def test_it_takes_what_there_is_up_to_its_concurrency():
    _, lane, handler, runner = started('a', 'b', 'c')
    assert sorted(handler.running) == ['a', 'b']
    handler.end('a')
    assert sorted(handler.running) == ['b', 'c']
    assert runner.under_way == 2


def test_it_asks_again_after_a_while_or_when_it_is_kicked():
    clock, lane, handler, runner = started()
    lane.work = [Work('a')]
    clock.advance(0.4)
    assert not handler.running
    clock.advance(0.1)
    assert list(handler.running) == ['a']
    lane.work = [Work('b')]
    runner.kick()
    assert sorted(handler.running) == ['a', 'b']


def test_a_store_that_is_away_is_asked_again():
    clock, lane, handler, _ = started()
    lane.away = True
    clock.advance(0.5)
    lane.away, lane.work = False, [Work('a')]
    clock.advance(0.5)
    assert list(handler.running) == ['a']


def test_leases_are_renewed_while_work_is_under_way_however_often_it_was_paused():
    clock, lane, handler, runner = started('a')
    for _ in range(3):
        runner.pause()
        runner.start()
    clock.advance(5)
    assert lane.renewed == [['a']]
    handler.end('a')
    clock.advance(5)
    assert lane.renewed == [['a']]
    runner.stop(1)
    assert not clock.getDelayedCalls()


def test_leases_are_renewed_also_after_the_store_has_refused_to():
    clock, lane, handler, runner = started('a')
    renew, lane.renew = lane.renew, lambda held: defer.fail(StoreRefused('no'))
    clock.advance(5)
    lane.renew = renew
    clock.advance(5)
    assert lane.renewed == [['a']]


def test_work_whose_lease_is_lost_is_cancelled_and_not_given_back():
    clock, lane, handler, runner = started('a')
    lane.lost = {'a'}
    clock.advance(5)
    assert handler.cancelled == ['a']
    assert lane.retried == []
    assert runner.under_way == 0


def test_an_attempt_that_ends_late_leaves_the_next_one_of_its_thread_alone():
    clock, lane, handler, runner = started('a')
    late = handler.running['a']
    # Redis was away for longer than the lease, and this runner claims the thread again.
    lane.work = [Work('a', token='next')]
    clock.advance(0.5)
    late.callback(None)
    clock.advance(lane.lease)
    assert lane.renewed[-1] == ['a']


def test_a_fault_of_our_own_gives_that_work_back_to_be_looked_at(logged_errors):
    _, lane, handler, runner = started('a', 'b', together=2)
    handler.running['a'].errback(KeyError('a text of a person'))
    [(thread, how)] = lane.retried
    assert thread == 'a'
    assert how['look']
    assert 'KeyError' in how['why']
    assert 'a text of a person' not in how['why']
    assert runner.under_way == 1


def test_a_fault_of_our_own_that_stays_is_parked(logged_errors):
    clock, lane, handler, _ = started()
    lane.work = [Work('a', tries=4)]
    clock.advance(0.5)
    handler.running['a'].errback(KeyError('x'))
    [(thread, reason)] = lane.parked
    assert (thread, reason) == ('a', 'an error in vumi-snappy itself: KeyError')


def test_stopping_waits_for_what_is_under_way():
    _, lane, handler, runner = started('a')
    stopped = runner.stop(within=8)
    assert not stopped.called
    handler.end('a')
    assert stopped.called
    assert lane.claims == 2


def test_stopping_is_bounded():
    clock, _, handler, runner = started('a')
    stopped = runner.stop(within=8)
    clock.advance(8)
    assert stopped.called
    assert handler.cancelled == ['a']
    assert not clock.getDelayedCalls()


def test_what_must_be_told_is_told_until_the_store_has_heard_it():
    clock, answers = task.Clock(), [StoreUnavailable('away')] * 3

    def call(word):
        return defer.fail(answers.pop()) if answers else defer.succeed(word)
    told = persist(clock, call, 'done')
    for _ in range(20):
        clock.advance(1)
    assert told.result == 'done'


# Several by one claim.

def test_several_are_taken_by_one_claim_and_the_room_bounds_them():
    clock, lane, handler, _ = started(*'abcde', concurrency=4, together=3)
    assert (sorted(handler.running), lane.claims) == (['a', 'b', 'c'], 1)
    clock.advance(0)
    assert (sorted(handler.running), lane.claims) == (['a', 'b', 'c', 'd'], 2)
    clock.advance(0.4)
    assert lane.claims == 2


def test_all_that_end_in_one_moment_make_room_for_one_claim():
    clock, lane, handler, _ = started(*'abcdef', concurrency=3, together=3)
    for thread in 'abc':
        handler.end(thread)
    assert lane.claims == 1
    clock.advance(0)
    assert (sorted(handler.running), lane.claims) == (['d', 'e', 'f'], 2)


def test_kicks_of_one_moment_make_one_claim():
    clock, lane, handler, runner = started(concurrency=9, together=9)
    claims, lane.work = lane.claims, [Work('a'), Work('b')]
    for _again in range(5):
        runner.kick()
    clock.advance(0)
    assert (sorted(handler.running), lane.claims) == (['a', 'b'], claims + 1)


def test_the_lost_lease_of_one_leaves_the_others_of_its_claim_alone():
    clock, lane, handler, runner = started('a', 'b', 'c', concurrency=3, together=3)
    lane.lost = {'b'}
    clock.advance(5)
    assert sorted(lane.renewed[0]) == ['a', 'b', 'c']
    assert (handler.cancelled, runner.under_way) == (['b'], 2)


class Pacing(object):

    def __init__(self):
        self.seconds, self.batches = 0.0, 0

    def delay(self):
        return self.seconds

    def batch_begins(self):
        self.batches += 1

    def caller_waits(self):
        self.seconds = 0.05


def test_what_goes_first_is_waited_for_and_no_longer():
    pacing = Pacing()
    clock, lane, handler, runner = started(concurrency=9, together=2, pacing=pacing)
    claims = lane.claims
    lane.work = [Work(thread) for thread in 'abc']
    lane.wake(caller_waits=True)
    clock.advance(0.02)
    lane.wake()
    assert lane.claims == claims
    clock.advance(0.04)
    assert sorted(handler.running) == ['a', 'b']
    clock.advance(0.05)
    assert sorted(handler.running) == ['a', 'b', 'c']
    assert pacing.batches == lane.claims


def test_a_runner_that_is_stopped_claims_no_more_of_what_it_was_about_to():
    clock, lane, handler, runner = started(concurrency=9, together=2)
    claims, lane.work = lane.claims, [Work('a')]
    runner.kick()
    runner.stop(within=8)
    clock.advance(1)
    assert (lane.claims, handler.running) == (claims, {})


def test_a_call_that_is_cancelled_between_two_tries_ends_there():
    clock, ended = task.Clock(), []
    waiting = persist(clock, lambda: defer.fail(StoreUnavailable('away')))
    waiting.addErrback(ended.append)
    waiting.cancel()
    assert ended[0].check(defer.CancelledError) and not clock.getDelayedCalls()
