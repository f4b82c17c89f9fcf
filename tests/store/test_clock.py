"""Redis's clock is set back, or forth and back: what was due in a second is due in a second."""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid

import pytest
import pytest_twisted
from hypothesis import HealthCheck, given, settings, strategies as st
from twisted.internet import task

from benchmarks.blocking_store import blocking_store, claimed, now
from tests.store.conftest import claim, inbound
from vumi_snappy.records import (
    Accepted, ForwardAttempt, ReplyAttempt, TicketEvent, Wait)

HOUR = 3600.0


def set_back(bench, seconds=HOUR):
    """As workers do all the time, somebody asks just before and just after it."""
    d = bench.store.figures()
    d.addCallback(lambda _: bench.clock.advance(-seconds))
    return d.addCallback(lambda _: bench.store.figures())


@pytest_twisted.inlineCallbacks
def test_what_was_to_be_tried_again_in_a_second_is_tried_in_a_second(bench):
    yield bench.says('help')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.retry(attempt, 1.0)
    yield set_back(bench)
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(1.01)
    again = yield claim(bench.store.forwards)
    assert (again.id, again.tries) == (attempt.id, 1)


@pytest_twisted.inlineCallbacks
def test_the_lease_of_a_worker_that_died_ends_as_it_would_have(bench):
    yield bench.says('help')
    attempt = yield claim(bench.store.forwards)
    yield set_back(bench)
    assert (yield bench.store.forwards.renew([(attempt.thread, attempt.token)])) == set()
    bench.clock.advance(15.1)
    waiting = yield claim(bench.store.forwards)
    assert waiting.why == 'settling'
    bench.clock.advance(15.1)
    again = yield claim(bench.store.forwards)
    assert (again.id, again.look) == (attempt.id, True)


@pytest_twisted.inlineCallbacks
def test_a_hold_that_snappy_asked_for_is_as_long_as_it_said(bench):
    yield bench.store.forwards.snappy_failed('RateLimited', hold=3.0)
    yield set_back(bench)
    assert 2.9 < (yield bench.store.forwards.take_call()) <= 3.0
    assert (yield bench.store.figures())['hold'] <= 3.0
    bench.clock.advance(3.1)
    assert (yield bench.store.forwards.take_call()) == 0


@pytest_twisted.inlineCallbacks
def test_a_breaker_that_opened_lets_a_probe_through_when_its_pause_is_over(bench):
    yield bench.says('help')
    for _ in range(5):
        yield bench.store.forwards.snappy_failed('ServerFault')
    yield set_back(bench)
    assert (yield claim(bench.store.forwards)).why == 'ServerFault'
    bench.clock.advance(1.1)
    assert isinstance((yield claim(bench.store.forwards)), ForwardAttempt)


@pytest_twisted.inlineCallbacks
def test_the_breaker_hears_of_failures_after_the_last_success(bench):
    yield bench.store.forwards.snappy_answered()
    yield set_back(bench)
    for _ in range(5):
        yield bench.store.forwards.snappy_failed('ServerFault')
    assert (yield bench.store.figures())['breaker'] == 'ServerFault'


@pytest_twisted.inlineCallbacks
def test_the_rate_limit_fills_again_at_its_rate(make_bench):
    bench = yield make_bench(rate_limit=20)
    assert (yield bench.store.forwards.take_call()) == 0
    yield set_back(bench)
    wait = yield bench.store.forwards.take_call()
    assert 0 < wait <= 3.2
    bench.clock.advance(wait + 0.01)
    assert (yield bench.store.forwards.take_call()) == 0


@pytest_twisted.inlineCallbacks
def test_a_reply_of_a_worker_that_died_goes_out_when_its_lease_is_over(bench):
    yield bench.opens()
    yield bench.answers('Hello', 'k3jd82hs7ahq92m1')
    yield claim(bench.store.replies)
    yield set_back(bench)
    bench.clock.advance(15.1)
    again = yield claim(bench.store.replies)
    assert isinstance(again, ReplyAttempt) and again.look


@pytest_twisted.inlineCallbacks
def test_a_reply_is_overdue_when_it_would_have_been(make_bench):
    bench = yield make_bench(ack_timeout=60.0)
    yield bench.opens()
    yield bench.published()
    yield set_back(bench)
    bench.clock.advance(61)
    assert (yield bench.store.replies.overdue(10, 'why')) == [1, 1]


@pytest_twisted.inlineCallbacks
def test_who_waits_longest_still_goes_first(bench):
    yield bench.says('first', who='+27820001001')
    bench.clock.advance(1)
    yield set_back(bench)
    yield bench.says('second', who='+27820001002')
    assert (yield claim(bench.store.forwards)).from_addr == '+27820001001'


@pytest_twisted.inlineCallbacks
def test_the_age_of_what_waits_goes_on_and_when_it_came_is_told_in_redis_time(bench):
    yield bench.says('help')
    yield set_back(bench)
    bench.clock.advance(700)
    assert (yield bench.store.figures())['oldest'] == pytest.approx(700, abs=1)
    yield bench.says('me too', who='+27820001002')
    yield claim(bench.store.forwards)
    claimed = yield claim(bench.store.forwards)
    assert claimed.stored_at == pytest.approx(bench.clock.seconds(), abs=0.01)


@pytest_twisted.inlineCallbacks
def test_what_snappy_tells_of_a_ticket_after_it_is_news(bench):
    yield bench.opens()
    told = TicketEvent(name='ticket.tagged', nonce='k3jd82hs7ahq92m1', ticket_id='',
                       at=bench.clock.seconds(), status='waiting', tags=('a',))
    assert (yield bench.store.record_ticket_event(told)) is Accepted.STORED
    yield set_back(bench)
    told = TicketEvent(name='ticket.tagged', nonce='k3jd82hs7ahq92m1', ticket_id='',
                       at=bench.clock.seconds(), status='replied', tags=('b',))
    assert (yield bench.store.record_ticket_event(told)) is Accepted.STORED
    ticket = (yield bench.store.recent_tickets())[0]
    assert (ticket['status'], ticket['tags']) == ('replied', ['b'])


@pytest_twisted.inlineCallbacks
def test_a_clock_that_went_back_is_told_for_an_hour(bench):
    yield bench.store.examine()
    assert bench.store.flaws == ()
    yield set_back(bench, 0.5)
    yield bench.store.examine()
    assert bench.store.flaws == ()
    yield set_back(bench, 100)
    bench.clock.advance(HOUR - 10)
    yield bench.store.figures()
    yield bench.store.examine()
    [flaw] = bench.store.flaws
    assert flaw.kind == 'clock_back' and 'set back by 100 seconds' in flaw.text
    bench.clock.advance(20)
    yield bench.store.figures()
    yield bench.store.examine()
    assert bench.store.flaws == ()


@given(steps=st.lists(st.tuples(
    st.sampled_from(['leased', 'delayed', 'outage']), st.floats(0, 100),
    st.sampled_from([-86400.0, -3600.0, -2.0, -0.2, 0.2, 3600.0, 86400.0])), max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_clock_does_nothing_lies_further_ahead_than_it_was_put(redis_port, steps):
    clock = task.Clock()
    clock.advance(1416000000.0)
    store = blocking_store(redis_port, 'clock-%s' % (uuid.uuid4().hex,), clock.seconds,
                           rate_limit=10 ** 6)
    lane = store.forwards
    for number, (kind, delay, step) in enumerate(steps):
        says(store, '+2782000%d' % (number,))
        attempt = claimed(lane)
        if kind != 'leased':
            assert now(lane.retry(attempt, delay, outage=kind == 'outage'))
        now(lane.take_call())
        clock.advance(step)
        now(lane.take_call())
        clock.advance(15.3 if kind == 'leased' else delay + 0.3)
        again = claimed(lane)
        if kind == 'leased' and isinstance(again, Wait):  # until what was called has settled
            clock.advance(15.3)
            again = claimed(lane)
        assert again.id == attempt.id
        assert now(lane.finish(again, 'n%d' % (number,), 'hash'))


def says(store, person):
    stored = now(store.accept_inbound(inbound('of %s' % (person,), person, sent_at=0.0)))
    assert stored.outcome is Accepted.STORED
