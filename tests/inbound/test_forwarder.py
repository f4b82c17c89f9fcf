"""What Snappy answers, and what becomes of the person's message for it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from hypothesis import given, strategies as st

from tests.flow import NONCE
from tests.store.conftest import claim
from vumi_snappy.http.call_errors import (
    BadAnswer, NotFound, Refused, ServerFault, Unanswered, Unreachable)
from vumi_snappy.inbound.delivery_notices import notice_text
from vumi_snappy.inbound.joining import joined_text
from vumi_snappy.lanes.backoff import Backoff
from vumi_snappy.records import ForwardAttempt, JobKind, ReplyState, Wait, WaitingMessage
from vumi_snappy.snappy import Scope


@pytest_twisted.inlineCallbacks
def test_a_message_opens_a_ticket_in_the_persons_own_name(flow):
    yield flow.bench.says('My card is lost')
    flow.bench.clock.advance(2)
    yield flow.turn()
    [draft] = flow.snappy.posted
    assert draft.body() == {
        'mailbox_id': 1, 'subject': 'Support for +27820001001', 'message': 'My card is lost',
        'from': [{'name': '+27820001001', 'address': '27820001001@sms.example.org'}]}
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')
    assert flow.counts.counted == {'tickets.opened': 1}
    assert [round(took) for took in flow.counts.times['inbound.to_ticket']] == [2]


@pytest_twisted.inlineCallbacks
def test_a_second_message_is_added_to_the_ticket(flow):
    yield flow.bench.says('one')
    yield flow.turn()
    yield flow.bench.says('two')
    yield flow.turn()
    assert [(draft.nonce, draft.message) for draft in flow.snappy.posted] == [
        (None, 'one'), (NONCE, 'two')]


@pytest_twisted.inlineCallbacks
def test_the_extras_follow_a_new_ticket_as_a_private_note(flow):
    yield flow.bench.says('one', extras='helper_metadata.clinic: 12')
    yield flow.turn()
    yield flow.turn()
    private = flow.snappy.posted[1]
    assert (private.scope, private.staff_id, private.nonce) == (Scope.PRIVATE, 7, NONCE)
    assert private.message == 'helper_metadata.clinic: 12'


@pytest.mark.parametrize('error', [
    Unreachable('refused'), Unanswered('timeout'), ServerFault('500', 500), BadAnswer('<html>')])
@pytest_twisted.inlineCallbacks
def test_a_passing_trouble_is_tried_again(flow, error):
    yield flow.bench.says('Help')
    flow.snappy.answers = [error]
    yield flow.turn()
    assert isinstance((yield flow.turn()), Wait)
    flow.bench.clock.advance(31)
    yield flow.turn()
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'
    assert len(flow.snappy.on_desk) == 1


@pytest.mark.parametrize('error, seconds', [
    (ServerFault('500', 500), 2), (BadAnswer('<html>', 200), 2), (ServerFault('504', 504), 31),
    (Unanswered('timeout'), 31), (BadAnswer('<html>'), 31)])
@pytest_twisted.inlineCallbacks
def test_it_is_looked_for_as_soon_as_the_call_can_have_no_more_effect(flow, error, seconds):
    yield flow.bench.says('Help')
    flow.snappy.answers, flow.snappy.does_the_work = [error], True
    yield flow.turn()
    flow.bench.clock.advance(seconds - 1.5)
    if seconds > 2:
        assert isinstance((yield flow.turn()), Wait)
    flow.bench.clock.advance(1.5)
    yield flow.turn()
    assert len(flow.snappy.posted) == 1
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')


@pytest.mark.parametrize('was_added', [True, False])
@pytest_twisted.inlineCallbacks
def test_a_note_of_unknown_outcome_is_there_once_also_with_the_words_of_one_before(
        flow, was_added):
    yield flow.bench.says('yes')
    yield flow.turn()
    yield flow.bench.says('yes')  # the same words again, a note of its own
    flow.snappy.answers, flow.snappy.does_the_work = [Unanswered('timeout')], was_added
    yield flow.turn()
    flow.bench.clock.advance(31)
    yield flow.turn()
    assert [draft.message for draft in flow.snappy.on_desk] == ['yes', 'yes']
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_what_snappy_refuses_is_parked_with_its_answer(flow):
    yield flow.bench.says('Help')
    flow.snappy.answers = [Refused('Snappy answered 422', 422, 'subject is too long')] * 2
    yield flow.turn()
    [parked] = yield flow.bench.store.parked()
    assert parked['reason'] == 'Snappy refused it (422)'
    assert parked['answer'] == 'subject is too long'


@pytest_twisted.inlineCallbacks
def test_an_undelivered_reply_becomes_one_private_note_and_a_tag(flow):
    yield flow.bench.says('Help')
    yield flow.turn()
    reply = yield flow.bench.published('<p>Come <b>in</b></p>')
    for _ in range(2):  # a nack may come again
        yield flow.bench.store.record_event(
            reply.message_id, ReplyState.FAILED, 'no credit')
    for _ in range(4):
        yield flow.turn()
    [_, notice] = flow.snappy.posted
    assert (notice.scope, notice.staff_id) == (Scope.PRIVATE, 7)
    assert notice.message == (
        'This reply was not delivered to +27\u2026001: no credit\n\n"Come in"')
    assert flow.snappy.tags == ['#cards', '#undelivered']
    assert flow.snappy.status == 'waiting'
    ticket = yield flow.ticket()
    assert (ticket['replies'][0]['state'], ticket['state']) == ('failed', 'settled')


@pytest_twisted.inlineCallbacks
def test_an_agent_is_told_that_a_refused_reply_was_not_sent(flow):
    yield flow.bench.says('Help')
    yield flow.turn()
    yield flow.bench.answers('<p>Come in</p>', NONCE)
    reply = yield claim(flow.bench.store.replies)
    yield flow.bench.store.replies.refuse(reply, 'they do not want messages any more')
    yield flow.turn()
    assert flow.snappy.posted[-1].message == (
        'This reply was not sent to +27\u2026001: they do not want messages any more'
        '\n\n"Come in"')


@pytest.mark.parametrize('error', [
    ServerFault('500', 500), ServerFault('503', 503, retry_after=1.0)])
@pytest_twisted.inlineCallbacks
def test_a_private_note_of_several_lines_is_found_though_html_folded_them(flow, error):
    yield flow.bench.says('one', extras='clinic: 12\nward: B & C')
    yield flow.turn()
    flow.snappy.answers, flow.snappy.does_the_work = [error], True
    yield flow.turn()
    flow.bench.clock.advance(31)
    yield flow.turn()
    assert [draft.scope for draft in flow.snappy.on_desk] == [Scope.PUBLIC, Scope.PRIVATE]
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_worker_that_was_frozen_does_not_act_on_a_lease_that_it_lost(flow):
    yield flow.bench.says('Help')
    attempt = yield claim(flow.bench.store.forwards)
    flow.bench.clock.advance(40)  # and the other worker has it
    other = yield claim(flow.bench.store.forwards)
    assert other.id == attempt.id
    claimed_long_ago = flow.forwarder._still_ours(attempt, flow.bench.clock.seconds() - 40)
    assert (yield claimed_long_ago) is False


def test_one_message_goes_as_it_is_and_several_behind_their_times():
    one = WaitingMessage(sent_at=1416000000.0, text='Hello\n\u0645', message_id='a')
    two = WaitingMessage(sent_at=1416000061.0, text='again', message_id='b')
    assert joined_text([one]) == 'Hello\n\u0645'
    assert joined_text([one, two]) == (
        '[2014-11-14 21:20 UTC]\nHello\n\u0645\n\n[2014-11-14 21:21 UTC]\nagain')


@given(st.integers(0, 10 ** 6), st.floats(0, 1))
def test_delays_grow_and_stay_within_their_bounds(tries, chance):
    rules = Backoff(initial=1, factor=3, longest=3600)
    assert 0.5 <= rules.delay(0, chance) <= 1
    assert rules.delay(tries, chance) <= 3600
    assert rules.delay(tries + 1, chance) >= rules.delay(tries, chance)


@pytest.mark.parametrize('error', [
    NotFound('gone', status=404), Refused('no such status', status=400)])
@pytest_twisted.inlineCallbacks
def test_a_snappy_that_allows_no_such_status_leaves_a_word_in_the_history_and_no_more(flow, error):
    yield flow.undelivered(2)
    flow.snappy.status_answers = [error] * 2
    yield flow.turn()
    assert flow.snappy.status == 'replied'
    assert (yield flow.bench.store.parked()) == []
    ticket = yield flow.ticket()
    assert (ticket['history'][-1]['what'], ticket['history'][-1]['detail']) == (
        'status left out', 'Snappy refused it (%d)' % (error.status,))
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_status_that_could_not_be_set_now_is_set_later(flow):
    yield flow.undelivered(2)
    flow.snappy.status_answers = [ServerFault('down', status=500)]
    yield flow.turn()
    flow.bench.clock.advance(60)
    yield flow.turn()
    assert flow.snappy.status == 'waiting'


@pytest_twisted.inlineCallbacks
def test_a_status_that_can_not_be_set_for_hours_is_left_out(flow):
    yield flow.undelivered(2)
    flow.snappy.status_answers = [ServerFault('down', status=500)] * 10
    for _ in range(10):
        yield flow.turn()
        flow.bench.clock.advance(900)
    assert (yield flow.bench.store.parked()) == []
    ticket = yield flow.ticket()
    assert ticket['history'][-1]['what'] == 'status left out'


@pytest.mark.parametrize('outcome, notice', [
    (ReplyState.UNCONFIRMED,
     'It is not known whether this reply reached +27\u2026001: the network has not confirmed it'
     '\n\n"Come in"'),
    (ReplyState.ACKED, 'The network has taken this reply to +27\u2026001 after all.\n\n"Come in"'),
    (ReplyState.DELIVERED, 'This reply was delivered to +27\u2026001.\n\n"Come in"')])
def test_each_outcome_has_words_of_its_own(outcome, notice):
    text = '' if outcome is ReplyState.DELIVERED else 'the network has not confirmed it'
    attempt = ForwardAttempt(
        thread='t', token='k', id='1', kind=JobKind.DELIVERY_NOTICE, look=False, tries=0,
        first_at=0.0, ticket='1', nonce=NONCE, subject='s', contact_address='c',
        from_addr='+27820001001', stored_at=0.0, messages=[], text=text, about='<p>Come in</p>',
        outcome=outcome)
    assert notice_text(attempt) == notice
