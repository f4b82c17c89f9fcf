"""What comes again is recognised for long enough, and is not remembered for ever."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from hypothesis import given, settings, strategies as st

from benchmarks.blocking_store import blocking_store, now
from tests.store.conftest import START, claim, inbound
from vumi_snappy.records import Accepted, Answer, AnswerKind, ReplyState

DAY = 86400.0
NONCE = 'k3jd82hs7ahq92m1'


@pytest.mark.parametrize('days', [0.001, 9, 10, 11, 19, 29, 29.999])
@pytest_twisted.inlineCallbacks
def test_a_message_and_a_note_are_recognised_for_thirty_days(bench, days):
    yield bench.opens(message_id='m1')
    yield bench.answers('<p>Yes</p>', NONCE, 'note1')
    bench.clock.advance(days * DAY)
    assert (yield bench.says('Help', message_id='m1')) is Accepted.DUPLICATE
    assert (yield bench.answers('<p>Yes</p>', NONCE, 'note1')) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_two_people_whose_messages_have_one_id_are_both_taken_in(bench):
    # As with a transport that uses its provider's ids, which count from 1 for each person.
    answer = Answer(AnswerKind.AUTO_REPLY, 'Thank you')
    for who in ('+27820001001', '+27820001002'):
        assert (yield bench.says('Help', who, '1', answers=[answer])) is Accepted.STORED
    assert (yield bench.says('Help', '+27820001002', '1')) is Accepted.DUPLICATE
    tickets = yield bench.store.recent_tickets()
    assert sorted((each['from_addr'], len(each['messages'])) for each in tickets) == [
        ('+27820001001', 1), ('+27820001002', 1)]
    # Each is answered, too.
    given = [(yield claim(bench.store.replies)), (yield claim(bench.store.replies))]
    assert sorted(each.envelope['from_addr'] for each in given) == [
        '+27820001001', '+27820001002']
    assert given[0].message_id != given[1].message_id


@pytest_twisted.inlineCallbacks
def test_one_person_is_known_apart_on_two_transports_with_the_same_ids(bench):
    assert (yield bench.says('Help', message_id='1', transport='sms_a')) is Accepted.STORED
    assert (yield bench.says('Hello', message_id='1', transport='sms_b')) is Accepted.STORED
    assert (yield bench.says('Help', message_id='1', transport='sms_a')) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_a_message_is_recognised_when_the_clock_goes_back_into_the_period_before(bench):
    bench.clock.advance((START // (10 * DAY) + 1) * 10 * DAY - START + 0.5)
    yield bench.opens(message_id='m1')
    bench.clock.advance(-1)
    assert (yield bench.says('Help', message_id='m1')) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_what_a_transport_says_after_weeks_finds_its_reply(bench):
    yield bench.opens()
    reply = yield bench.published()
    bench.clock.advance(29 * DAY)
    moved, _ = yield bench.store.record_event(reply.message_id, ReplyState.DELIVERED)
    assert moved is ReplyState.DELIVERED


@pytest.mark.parametrize('into_period', [0, 3, 9])
@pytest_twisted.inlineCallbacks
def test_ids_go_thirty_days_after_the_last_that_their_hash_can_get(bench, into_period):
    began = START // (10 * DAY) * 10 * DAY
    bench.clock.advance(began + (10 + into_period) * DAY - START)
    yield bench.says('Help', message_id='m1')
    [key] = yield bench.store.connection.send('KEYS', bench.prefix + ':seen:m/*')
    left = yield bench.store.connection.send('TTL', key)
    assert left == pytest.approx((10 - into_period + 30) * DAY, abs=2)


@pytest_twisted.inlineCallbacks
def test_the_ids_of_a_forgotten_tickets_replies_go_with_it(bench):
    yield bench.opens()
    yield bench.answers('<p>Yes</p>', NONCE)
    bench.clock.advance(12 * DAY)
    yield bench.store.lists.forget('+27820001001')
    assert (yield bench.store.connection.send('KEYS', bench.prefix + ':published*')) == []


@settings(max_examples=30, deadline=None)
@given(ids=st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=8, unique=True))
def test_any_id_is_taken_for_itself_alone(redis_port, ids):
    store = blocking_store(redis_port, 'seen-any', lambda: START)
    try:
        for expected in (Accepted.STORED, Accepted.DUPLICATE):
            for each in ids:
                stored = now(store.accept_inbound(inbound(each)))
                assert stored.outcome is expected
    finally:
        for key in now(store.connection.send('KEYS', 'seen-any:*')):
            now(store.connection.send('DEL', key))
