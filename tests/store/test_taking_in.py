"""What arrives is stored whole, once, on the right ticket."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted
from twisted.internet import defer

from vumi_snappy.records import (
    Accepted, Answer, AnswerKind, Inbound, JobKind, ReplyState, TicketUse, Wait)
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


@pytest_twisted.inlineCallbacks
def test_a_redelivered_message_is_recognised_by_its_message_id(bench):
    first = yield bench.says('Help', message_id='m1')
    again = yield bench.says('Help', message_id='m1')
    assert (first, again) == (Accepted.STORED, Accepted.DUPLICATE)
    [ticket] = yield bench.store.recent_tickets()
    assert len(ticket['messages']) == 1


@pytest_twisted.inlineCallbacks
def test_a_second_message_joins_the_live_ticket(bench):
    yield bench.opens()
    bench.clock.advance(HOUR)
    yield bench.says('Are you there?')
    attempt = yield bench.store.forwards.claim()
    assert attempt.kind is JobKind.ADD_NOTE
    assert attempt.nonce == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_after_a_long_silence_a_message_opens_a_new_ticket(bench):
    yield bench.opens()
    bench.clock.advance(72 * HOUR)
    yield bench.says('Something else')
    attempt = yield bench.store.forwards.claim()
    assert attempt.kind is JobKind.OPEN_TICKET
    assert len((yield bench.store.recent_tickets())) == 2


@pytest_twisted.inlineCallbacks
def test_an_agents_reply_breaks_the_silence(bench):
    yield bench.opens()
    bench.clock.advance(60 * HOUR)
    yield bench.answers('<p>Yes</p>', 'k3jd82hs7ahq92m1')
    bench.clock.advance(60 * HOUR)
    yield bench.says('Thank you')
    attempt = yield bench.store.forwards.claim()
    assert attempt.kind is JobKind.ADD_NOTE


@pytest_twisted.inlineCallbacks
def test_with_no_silence_allowed_each_message_opens_a_ticket(make_bench):
    bench = yield make_bench(new_ticket_after=0)
    yield bench.opens()
    yield bench.says('Again')
    attempt = yield bench.store.forwards.claim()
    assert attempt.kind is JobKind.OPEN_TICKET


@pytest_twisted.inlineCallbacks
def test_a_reply_is_stored_once_however_often_the_hook_calls(bench):
    yield bench.opens()
    said = []
    for _ in range(3):
        said.append((yield bench.answers('<p>Hi</p>', 'k3jd82hs7ahq92m1', note_id='77')))
    assert said == [Accepted.STORED, Accepted.DUPLICATE, Accepted.DUPLICATE]
    [ticket] = yield bench.store.recent_tickets()
    assert [r['html'] for r in ticket['replies']] == ['<p>Hi</p>']


@pytest_twisted.inlineCallbacks
def test_a_reply_on_a_ticket_that_we_did_not_open_is_not_stored(bench):
    yield bench.opens()
    said = yield bench.answers('<p>Hi</p>', 'somebodyelses000')
    assert said is Accepted.UNKNOWN_TICKET
    assert isinstance((yield bench.store.replies.claim()), Wait)


@pytest_twisted.inlineCallbacks
def test_a_reply_that_is_quicker_than_the_answer_with_the_nonce_is_kept(bench):
    yield bench.says('Help')
    attempt = yield bench.store.forwards.claim()
    said = yield bench.answers('<p>Here I am</p>', 'k3jd82hs7ahq92m1', note_id='77')
    assert said is Accepted.STORED
    assert isinstance((yield bench.store.replies.claim()), Wait)
    yield bench.store.forwards.finish(attempt, 'k3jd82hs7ahq92m1', 'hash')
    reply = yield bench.store.replies.claim()
    assert reply.html == '<p>Here I am</p>'
    assert (yield bench.answers('<p>Here I am</p>', 'k3jd82hs7ahq92m1', note_id='77')) \
        is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_what_a_transport_says_moves_a_reply_on_but_never_back(bench):
    yield bench.opens()
    yield bench.answers('<p>Hi</p>', 'k3jd82hs7ahq92m1')
    reply = yield bench.store.replies.claim()
    yield bench.store.replies.finish(reply.ticket, reply.number)
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
    reply = yield bench.store.replies.claim()
    state, published = yield bench.store.record_event(reply.message_id, ReplyState.ACKED)
    assert (state, published) == (ReplyState.ACKED, True)
    bench.clock.advance(100)
    assert isinstance((yield bench.store.replies.claim()), Wait)


@pytest_twisted.inlineCallbacks
def test_an_event_for_a_message_of_somebody_else_changes_nothing(bench):
    assert (yield bench.store.record_event('not-ours', ReplyState.ACKED)) == (None, False)


def inbound(bench, message_id, who, text='Help', **more):
    return Inbound(
        message_id=message_id, from_addr=who, endpoint='default', transport_type='sms',
        content=text, sent_at=bench.clock.seconds(), subject='Support', contact_address='c',
        envelope={'from_addr': who}, **more)


@defer.inlineCallbacks
def break_data_of(bench, who):
    """Have a message of theirs fail in the script, when half of it is written."""
    thread = thread_id('default', 'sms', who)
    key = '%s:s:q:%s' % (bench.prefix, thread)
    yield bench.store.connection.send('SET', key, 'no list')
    defer.returnValue(key)


@pytest_twisted.inlineCallbacks
def test_many_at_once_are_stored_each_on_its_ticket_in_their_order(bench):
    outcomes = yield bench.store.accept_all_inbound([
        inbound(bench, 'a1', NOMSA, 'one'), inbound(bench, 'b1', YUSUF, 'two'),
        inbound(bench, 'a2', NOMSA, 'three \ud800'), inbound(bench, 'a1', NOMSA, 'one'),
        inbound(bench, 'a3', NOMSA, '')])
    assert [each.said for each in outcomes] == [
        Accepted.STORED, Accepted.STORED, Accepted.STORED, Accepted.DUPLICATE, Accepted.STORED]
    tickets = {each['from_addr']: each for each in (yield bench.store.recent_tickets())}
    assert [m['text'] for m in tickets[NOMSA]['messages']] == ['one', 'three \ud800', '']
    assert [m['text'] for m in tickets[YUSUF]['messages']] == ['two']
    first, second = (yield bench.store.forwards.claim()), (yield bench.store.forwards.claim())
    assert sorted([m.text for m in each.messages] for each in (first, second)) == [
        ['one', 'three \ud800', ''], ['two']]


@pytest_twisted.inlineCallbacks
def test_it_is_told_where_there_is_new_work(bench):
    answer = Answer(AnswerKind.AUTO_REPLY, 'Thank you', only_new_ticket=True)
    dialled = Answer(AnswerKind.SESSION_PROMPT, 'What is it?')
    outcomes = yield bench.store.accept_all_inbound([
        inbound(bench, 'm1', NOMSA, answers=[answer], lookup='http://127.0.0.1/'),
        inbound(bench, 'm2', NOMSA, answers=[answer], lookup='http://127.0.0.1/'),
        inbound(bench, 'm3', YUSUF, answers=[dialled], tickets=TicketUse.NONE),
        inbound(bench, 'm4', YUSUF, tickets=TicketUse.LIVE_ONLY),
        inbound(bench, 'm1', NOMSA)])
    assert [each.lanes for each in outcomes] == ['sxb', 's', 'b', '', '']


@pytest_twisted.inlineCallbacks
def test_a_message_that_cannot_be_stored_holds_back_what_its_person_wrote_and_nobody_else(bench):
    key = yield break_data_of(bench, NOMSA)
    batch = [inbound(bench, 'b1', YUSUF, 'one'), inbound(bench, 'a1', NOMSA, 'two'),
             inbound(bench, 'b2', YUSUF, 'three'), inbound(bench, 'a2', NOMSA, 'four')]
    outcomes = yield bench.store.accept_all_inbound(batch)
    assert [getattr(each, 'type', None) for each in outcomes] == [
        None, StoreRefused, None, HeldBack]
    assert [each.said for each in outcomes[::2]] == [Accepted.STORED, Accepted.STORED]
    # Not taken for stored when it comes again.
    yield bench.store.connection.send('DEL', key)
    again = yield bench.store.accept_all_inbound(batch)
    assert [each.said for each in again] == [
        Accepted.DUPLICATE, Accepted.STORED, Accepted.DUPLICATE, Accepted.STORED]


@pytest_twisted.inlineCallbacks
def test_a_single_message_that_cannot_be_stored_is_an_error(bench):
    yield break_data_of(bench, NOMSA)
    with pytest.raises(StoreRefused):
        yield bench.says('Help', who=NOMSA)
