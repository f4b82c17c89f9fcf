"""What arrives is stored whole, once, on the right ticket."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest_twisted

from vumi_snappy.records import Accepted, JobKind, ReplyState, Wait

HOUR = 3600.0


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
