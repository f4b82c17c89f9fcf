"""What arrives is stored whole, once, on the right ticket."""
from __future__ import absolute_import, division, print_function, unicode_literals

from functools import partial

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import NONCE, claim, inbound, together
from vumi_snappy.records import (
    Accepted, Answer, AnswerKind, JobKind, ReplyState, TicketUse, Wait)
from vumi_snappy.store import HeldBack, StoreRefused
from vumi_snappy.store.identity import thread_id

HOUR = 3600.0
NOMSA, YUSUF = '+27820001001', '+27820001002'


@pytest_twisted.inlineCallbacks
def test_a_first_message_makes_a_ticket_with_its_text_and_history(bench):
    yield bench.says('My card is lost \U0001f600')
    [ticket] = yield bench.store.recent_tickets()
    assert [m['text'] for m in ticket['messages']] == ['My card is lost \U0001f600']
    assert ticket['from_addr'] == '+27820001001'
    assert ticket['state'] == 'waiting'
    assert [h['what'] for h in ticket['history']] == ['stored']


@pytest.mark.parametrize('hours, kind, tickets', [
    (71.99, JobKind.ADD_NOTE, 1), (72, JobKind.OPEN_TICKET, 2)])
@pytest_twisted.inlineCallbacks
def test_a_message_joins_the_live_ticket_or_opens_one_after_a_long_silence(
        bench, hours, kind, tickets):
    yield bench.opens()
    bench.clock.advance(hours * HOUR)
    yield bench.says('Are you there?')
    attempt = yield claim(bench.store.forwards)
    assert (attempt.kind, attempt.nonce) == (kind, NONCE if tickets == 1 else '')
    assert len((yield bench.store.recent_tickets())) == tickets


@pytest_twisted.inlineCallbacks
def test_an_agents_reply_breaks_the_silence(bench):
    yield bench.opens()
    bench.clock.advance(60 * HOUR)
    yield bench.answers('<p>Yes</p>', 'k3jd82hs7ahq92m1')
    bench.clock.advance(60 * HOUR)
    yield bench.says('Thank you')
    attempt = yield claim(bench.store.forwards)
    assert attempt.kind is JobKind.ADD_NOTE


@pytest_twisted.inlineCallbacks
def test_with_no_silence_allowed_each_message_opens_a_ticket(make_bench):
    bench = yield make_bench(new_ticket_after=0)
    yield bench.opens()
    yield bench.says('Again')
    attempt = yield claim(bench.store.forwards)
    assert attempt.kind is JobKind.OPEN_TICKET


@pytest_twisted.inlineCallbacks
def test_what_a_transport_says_moves_a_reply_on_but_never_back(bench):
    yield bench.opens()
    reply = yield bench.published()
    for state in (ReplyState.DELIVERED, ReplyState.ACKED):
        yield bench.store.record_event(reply.message_id, state)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['replies'][0]['state'] == 'delivered'
    assert [h['what'] for h in ticket['history'] if 'reply' in h] == [
        'reply stored', 'published', 'delivered', 'acked']


@pytest_twisted.inlineCallbacks
def test_an_ack_proves_that_a_reply_is_on_the_bus(bench):
    # The worker died between the broker's confirmation and its own bookkeeping.
    yield bench.opens()
    yield bench.answers('<p>Hi</p>', 'k3jd82hs7ahq92m1')
    reply = yield claim(bench.store.replies)
    state, published = yield bench.store.record_event(reply.message_id, ReplyState.ACKED)
    assert (state, published) == (ReplyState.ACKED, True)
    bench.clock.advance(100)
    assert isinstance((yield claim(bench.store.replies)), Wait)


@pytest_twisted.inlineCallbacks
def test_an_event_for_a_message_of_somebody_else_changes_nothing(bench):
    assert (yield bench.store.record_event('not-ours', ReplyState.ACKED)) == (None, False)


@defer.inlineCallbacks
def break_data_of(bench, who):
    """Have a message of theirs fail in the script, when half of it is written."""
    thread = thread_id('default', 'sms', who)
    key = '%s:s:q:%s' % (bench.prefix, thread)
    yield bench.store.connection.send('SET', key, 'no list')
    defer.returnValue(key)


@pytest_twisted.inlineCallbacks
def test_many_at_once_are_stored_each_on_its_ticket_in_their_order(bench):
    outcomes = yield together(bench.store.accept_inbound, [
        inbound('a1', NOMSA, content='one'), inbound('b1', YUSUF, content='two'),
        inbound('a2', NOMSA, content='three \ud800'), inbound('a1', NOMSA, content='one'),
        inbound('a3', NOMSA, content='')])
    assert [each.outcome for each in outcomes] == [
        Accepted.STORED, Accepted.STORED, Accepted.STORED, Accepted.DUPLICATE, Accepted.STORED]
    tickets = {each['from_addr']: each for each in (yield bench.store.recent_tickets())}
    assert [m['text'] for m in tickets[NOMSA]['messages']] == ['one', 'three \ud800', '']
    assert [m['text'] for m in tickets[YUSUF]['messages']] == ['two']
    first, second = (yield claim(bench.store.forwards)), (yield claim(bench.store.forwards))
    assert sorted([m.text for m in each.messages] for each in (first, second)) == [
        ['one', 'three \ud800', ''], ['two']]


@pytest_twisted.inlineCallbacks
def test_whichever_lane_has_new_work_is_woken(bench):
    answer = Answer(AnswerKind.AUTO_REPLY, 'Thank you', only_new_ticket=True)
    dialled = Answer(AnswerKind.SESSION_PROMPT, 'What is it?')
    woken = []
    for name in ('forwards', 'lookups', 'replies'):
        getattr(bench.store, name).wake = partial(woken.append, name)
    for message, busy in [
            (inbound('m1', NOMSA, answers=[answer], lookup='http://127.0.0.1/'),
             ['forwards', 'lookups', 'replies']),
            (inbound('m2', NOMSA, answers=[answer], lookup='http://127.0.0.1/'),
             ['forwards']),
            (inbound('m3', YUSUF, answers=[dialled], tickets=TicketUse.NONE), ['replies']),
            (inbound('m4', YUSUF, tickets=TicketUse.LIVE_ONLY), []),
            (inbound('m1', NOMSA), [])]:
        yield bench.store.accept_inbound(message)
        assert woken == busy
        del woken[:]
    lookup = yield claim(bench.store.lookups)
    yield bench.store.lookups.finish(lookup, 'extra', 'found')
    assert woken == ['forwards']


@pytest_twisted.inlineCallbacks
def test_a_message_that_cannot_be_stored_holds_back_what_its_person_wrote_and_nobody_else(bench):
    key = yield break_data_of(bench, NOMSA)
    batch = [inbound('b1', YUSUF, content='one'), inbound('a1', NOMSA, content='two'),
             inbound('b2', YUSUF, content='three'), inbound('a2', NOMSA, content='four')]
    outcomes = yield together(bench.store.accept_inbound, batch)
    assert [getattr(each, 'type', None) for each in outcomes] == [
        None, StoreRefused, None, HeldBack]
    assert [each.outcome for each in outcomes[::2]] == [Accepted.STORED, Accepted.STORED]
    # Not taken for stored when it comes again.
    yield bench.store.connection.send('DEL', key)
    again = yield together(bench.store.accept_inbound, batch)
    assert [each.outcome for each in again] == [
        Accepted.DUPLICATE, Accepted.STORED, Accepted.DUPLICATE, Accepted.STORED]
