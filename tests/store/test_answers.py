"""What the worker answers of itself is decided once, as the message is stored, and kept."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store import conftest
from tests.store.conftest import claim, inbound
from vumi_snappy.records import (
    Accepted, Answer, AnswerAttempt, AnswerKind, AnswerState, ReplyAttempt, ReplyState,
    Subscription, TicketUse, Wait)

HOUR = 3600.0
STOP, START = (dict(tickets=TicketUse.LIVE_ONLY, subscription=wish) for wish in (
    Subscription.OPT_OUT, Subscription.OPT_IN))
THANKS = Answer(AnswerKind.AUTO_REPLY, 'Thank you', automatic=True, once_every=24 * HOUR,
                only_new_ticket=True)
CLOSED = Answer(AnswerKind.OUT_OF_HOURS, 'We are closed', automatic=True, once_every=12 * HOUR)
PROMPT = Answer(AnswerKind.SESSION_PROMPT, 'How can we help?')
BYE = Answer(AnswerKind.SESSION_END, 'We have it', session_event='close')
GONE = Answer(AnswerKind.OPTED_OUT, 'No more', only_if_changed=True)
BACK = Answer(AnswerKind.OPTED_IN, 'Welcome back', only_if_changed=True)


def asks(bench, text, answers, message_id='m1', who='+27820001001', **fields):
    return bench.store.accept_inbound(inbound(
        message_id, who, content=text, answers=answers,
        envelope={'message_id': message_id, 'from_addr': who, 'endpoint': 'default'}, **fields))


@defer.inlineCallbacks
def published(bench):
    """The answers that wait, each published."""
    found = []
    while True:
        attempt = yield claim(bench.store.replies)
        if isinstance(attempt, Wait):
            defer.returnValue(found)
        found.append(attempt)
        yield bench.store.replies.finish(attempt.message_id)


def ask(bench, command, answer):
    return bench.store.connection.send(
        command, '%s:answer:%s' % (bench.prefix, answer.message_id))


def kinds(attempts):
    return [attempt.kind for attempt in attempts]


@pytest_twisted.inlineCallbacks
def test_an_answer_is_stored_with_the_message_and_leaves_as_a_reply_to_it(bench):
    yield asks(bench, 'Help', [THANKS])
    attempt = yield claim(bench.store.replies)
    assert isinstance(attempt, AnswerAttempt)
    assert (attempt.kind, attempt.text) == (AnswerKind.AUTO_REPLY, 'Thank you')
    assert attempt.envelope['message_id'] == 'm1'
    assert (len(attempt.message_id), attempt.session_event) == (32, None)
    yield bench.store.replies.finish(attempt.message_id)
    [ticket] = yield bench.store.recent_tickets()
    assert [(a['kind'], a['text'], a['state']) for a in ticket['answers']] == [
        ('auto_reply', 'Thank you', 'published')]
    assert [h['what'] for h in ticket['history'] if h.get('answer') == 1] == [
        'answer stored', 'published']


@pytest_twisted.inlineCallbacks
def test_a_message_that_comes_again_is_answered_once(bench):
    said = []
    for _ in range(3):
        said.append((yield asks(bench, '', [PROMPT], tickets=TicketUse.NONE)).outcome)
    assert said == [Accepted.STORED, Accepted.DUPLICATE, Accepted.DUPLICATE]
    assert len((yield published(bench))) == 1


@pytest_twisted.inlineCallbacks
def test_a_message_that_is_only_answered_opens_no_ticket_and_joins_none(bench):
    yield bench.opens('Help')
    yield asks(bench, '', [PROMPT], tickets=TicketUse.NONE)
    [ticket] = yield bench.store.recent_tickets()
    assert (len(ticket['messages']), ticket['answers']) == (1, [])
    [attempt] = yield published(bench)
    assert (attempt.kind, attempt.ticket) == (AnswerKind.SESSION_PROMPT, '')


@pytest_twisted.inlineCallbacks
def test_an_answer_without_a_ticket_is_parked_and_put_back_like_any_other(bench):
    yield asks(bench, '', [PROMPT], tickets=TicketUse.NONE)
    attempt = yield claim(bench.store.replies)
    yield bench.store.replies.retry(attempt, 0, why='a fault')
    attempt = yield claim(bench.store.replies)
    yield bench.store.replies.park(attempt, 'a fault')
    [parked] = yield bench.store.parked()
    assert (parked['ticket'], parked['addr'], parked['reason']) == ('', '+27820001001', 'a fault')
    assert (yield bench.store.unpark(parked['id']))
    assert kinds((yield published(bench))) == [AnswerKind.SESSION_PROMPT]
    # And leaves nothing behind that looks like a ticket.
    assert (yield bench.store.recent_tickets()) == []
    assert (yield bench.store.connection.send('EXISTS', bench.prefix + ':ticket:')) == 0


@pytest_twisted.inlineCallbacks
def test_a_parked_answer_can_be_dropped(bench):
    yield asks(bench, '', [PROMPT], tickets=TicketUse.NONE)
    attempt = yield claim(bench.store.replies)
    pid = yield bench.store.replies.park(attempt, 'a fault')
    assert pid
    [parked] = yield bench.store.parked()
    yield bench.store.unpark(parked['id'], drop=True, reason='late')
    assert (yield published(bench)) == []
    assert (yield ask(bench, 'EXISTS', attempt)) == 0


@pytest_twisted.inlineCallbacks
def test_a_parked_answer_shows_on_its_ticket(bench):
    yield asks(bench, 'Help', [THANKS])
    attempt = yield claim(bench.store.replies)
    yield bench.store.replies.park(attempt, 'a fault')
    [ticket] = yield bench.store.recent_tickets()
    assert (ticket['state'], ticket['answers'][0]['state']) == ('parked', 'parked')


@pytest_twisted.inlineCallbacks
def test_answers_and_replies_of_a_person_leave_in_order(bench):
    yield bench.opens('Help')
    yield bench.answers('<p>Hi</p>', 'k3jd82hs7ahq92m1')
    yield asks(bench, 'And now?', [CLOSED])
    first = yield claim(bench.store.replies)
    assert isinstance(first, ReplyAttempt)
    assert isinstance((yield claim(bench.store.replies)), Wait)
    yield bench.store.replies.finish(first.message_id)
    assert kinds((yield published(bench))) == [AnswerKind.OUT_OF_HOURS]


@pytest_twisted.inlineCallbacks
def test_a_worker_that_died_with_an_answer_leaves_it_to_be_looked_for(bench):
    yield asks(bench, 'Help', [THANKS])
    first = yield claim(bench.store.replies)
    bench.clock.advance(16)
    again = yield claim(bench.store.replies)
    assert (first.look, again.look) == (False, True)
    assert again.message_id == first.message_id


@pytest_twisted.inlineCallbacks
def test_the_auto_reply_is_for_a_message_that_opens_a_ticket(bench):
    yield bench.opens('Help')
    yield asks(bench, 'Are you there?', [THANKS])
    assert (yield published(bench)) == []


@pytest.mark.parametrize('later, how_many', [(24 * HOUR - 1, 1), (24 * HOUR, 2)])
@pytest_twisted.inlineCallbacks
def test_an_automatic_answer_comes_once_in_its_period(make_bench, later, how_many):
    bench = yield make_bench(new_ticket_after=0)
    yield asks(bench, 'Help', [THANKS])
    bench.clock.advance(later)
    yield asks(bench, 'Help again', [THANKS], message_id='m2')
    assert len((yield published(bench))) == how_many


@pytest_twisted.inlineCallbacks
def test_the_period_is_each_persons_and_each_kinds_own(make_bench):
    bench = yield make_bench(new_ticket_after=0)
    yield asks(bench, 'Help', [THANKS])
    yield asks(bench, 'Help', [THANKS], message_id='m2', who='+27820001002')
    yield asks(bench, 'Help', [CLOSED], message_id='m3')
    assert len((yield published(bench))) == 3


@pytest_twisted.inlineCallbacks
def test_one_person_gets_few_automatic_answers_an_hour_whatever_is_configured(make_bench):
    bench = yield make_bench(new_ticket_after=0)
    always = Answer(AnswerKind.AUTO_REPLY, 'Thank you', automatic=True, only_new_ticket=True)
    for n in range(10):
        bench.clock.advance(60)
        yield asks(bench, 'Thank you', [always], message_id='m%d' % n)
    assert len((yield published(bench))) == 3
    bench.clock.advance(HOUR)
    yield asks(bench, 'Thank you', [always], message_id='later')
    assert len((yield published(bench))) == 1


@pytest_twisted.inlineCallbacks
def test_a_session_is_always_answered(bench):
    for n in range(10):
        yield asks(bench, '', [PROMPT], message_id='m%d' % n, tickets=TicketUse.NONE)
        yield asks(bench, 'Help', [BYE], message_id='n%d' % n)
    attempts = yield published(bench)
    assert kinds(attempts) == [AnswerKind.SESSION_PROMPT, AnswerKind.SESSION_END] * 10
    assert [a.session_event for a in attempts] == [None, 'close'] * 10


@pytest_twisted.inlineCallbacks
def test_who_opts_out_is_told_once(bench):
    for n in range(3):
        yield asks(bench, 'STOP', [GONE], message_id='m%d' % n, **STOP)
    assert kinds((yield published(bench))) == [AnswerKind.OPTED_OUT]
    assert (yield bench.store.recent_tickets()) == []


@pytest_twisted.inlineCallbacks
def test_an_agent_with_a_live_ticket_sees_that_somebody_opted_out(bench):
    yield bench.opens('Help')
    yield asks(bench, 'STOP', [GONE], **STOP)
    [ticket] = yield bench.store.recent_tickets()
    assert [m['text'] for m in ticket['messages']] == ['Help', 'STOP']
    assert 'opted out' in [h['what'] for h in ticket['history']]


@pytest_twisted.inlineCallbacks
def test_who_is_unsubscribed_gets_no_automatic_answers_until_opted_in_again(bench):
    yield asks(bench, 'STOP', [], message_id='m1', **STOP)
    yield asks(bench, 'Help', [THANKS, CLOSED], message_id='m2')
    assert (yield published(bench)) == []
    yield asks(bench, 'START', [BACK], message_id='m3', **START)
    yield asks(bench, 'Hello?', [CLOSED], message_id='m4')
    assert kinds((yield published(bench))) == [AnswerKind.OPTED_IN, AnswerKind.OUT_OF_HOURS]


@pytest_twisted.inlineCallbacks
def test_a_reply_tells_when_it_is_claimed_whether_the_person_is_unsubscribed(bench):
    yield bench.opens('Help')
    yield bench.answers('<p>Hi</p>', 'k3jd82hs7ahq92m1')
    # Stored before the person opted out, claimed after it; and not by the channel, but the person.
    yield bench.store.accept_inbound(inbound(
        endpoint='ussd', transport_type='ussd', content='STOP', envelope={},
        **STOP))
    claimed = yield claim(bench.store.replies)
    assert claimed.opted_out
    yield bench.store.replies.retry(claimed, 0)
    yield asks(bench, 'START', [], message_id='m2', **START)
    claimed = yield claim(bench.store.replies)
    assert not claimed.opted_out


@pytest_twisted.inlineCallbacks
def test_an_operator_can_see_and_change_who_is_unsubscribed(bench):
    who = '+27820001001'
    assert (yield bench.store.subscriptions.since(who)) is None
    assert (yield bench.store.subscriptions.change(who, Subscription.OPT_OUT, 'lerato'))
    bench.clock.advance(HOUR)
    assert not (yield bench.store.subscriptions.change(who, Subscription.OPT_OUT, 'lerato'))
    [entry] = yield bench.store.operators.audits()
    assert (entry['who'], entry['what']) == ('lerato', 'opted a person out')
    assert who not in entry['detail']
    assert (yield bench.store.subscriptions.since(who)) == conftest.START
    # It is the same list that people change themselves.
    yield asks(bench, 'START', [BACK], **START)
    assert kinds((yield published(bench))) == [AnswerKind.OPTED_IN]
    assert (yield bench.store.subscriptions.since(who)) is None
    assert not (yield bench.store.subscriptions.change(who, Subscription.OPT_IN))


@pytest_twisted.inlineCallbacks
def test_who_never_opted_out_is_not_welcomed_back(bench):
    yield asks(bench, 'START', [BACK], **START)
    assert (yield published(bench)) == []


@pytest_twisted.inlineCallbacks
def test_a_failed_answer_is_kept_with_the_ticket_but_is_nothing_for_the_agent(make_bench):
    bench = yield make_bench(notices=True)
    yield asks(bench, 'Help', [THANKS])
    yield bench.forwarded()
    [answer] = yield published(bench)
    said = yield bench.store.record_event(answer.message_id, ReplyState.FAILED, 'no credit')
    assert said == (AnswerState.FAILED, False)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['answers'][0]['state'] == 'failed'
    assert ticket['history'][-1]['detail'] == 'no credit'
    assert isinstance((yield claim(bench.store.forwards)), Wait)


@pytest_twisted.inlineCallbacks
def test_an_ack_proves_that_an_answer_is_on_the_bus(bench):
    yield asks(bench, 'Help', [THANKS])
    answer = yield claim(bench.store.replies)
    yield bench.store.record_event(answer.message_id, ReplyState.ACKED)
    bench.clock.advance(100)
    assert isinstance((yield claim(bench.store.replies)), Wait)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['answers'][0]['state'] == 'acked'
    assert not (yield bench.store.replies.finish(answer.message_id))


@pytest_twisted.inlineCallbacks
def test_what_is_said_of_an_answer_takes_no_other_off_the_queue(bench):
    yield asks(bench, '', [PROMPT], message_id='m1', tickets=TicketUse.NONE)
    [first] = yield published(bench)
    yield asks(bench, '', [PROMPT], message_id='m2', tickets=TicketUse.NONE)
    yield bench.store.record_event(first.message_id, ReplyState.ACKED)
    yield bench.store.record_event(first.message_id, ReplyState.FAILED)
    [second] = yield published(bench)
    assert second.envelope['message_id'] == 'm2'


@pytest_twisted.inlineCallbacks
def test_answers_are_forgotten_with_their_ticket_and_keep_it_while_they_wait(bench):
    yield asks(bench, 'Help', [THANKS])
    yield bench.forwarded()
    bench.clock.advance(1000 * HOUR)
    assert (yield bench.store.sweep(HOUR, 10, 0)) == [0, 1]
    [answer] = yield published(bench)
    assert (yield bench.store.sweep(HOUR, 10, 0)) == [1, 0]
    assert (yield ask(bench, 'EXISTS', answer)) == 0


@pytest_twisted.inlineCallbacks
def test_an_answer_without_a_ticket_is_forgotten_when_no_event_can_come_any_more(bench):
    yield asks(bench, '', [PROMPT], tickets=TicketUse.NONE)
    [answer] = yield published(bench)
    assert 0 < (yield ask(bench, 'TTL', answer)) <= 30 * 86400


@pytest_twisted.inlineCallbacks
def test_what_is_said_of_an_answer_that_nobody_has_published_changes_nothing(bench):
    yield asks(bench, 'Help', [THANKS], message_id='m1')
    message_id = (yield bench.store.recent_tickets())[0]['answers'][0]['message_id']
    assert (yield bench.store.record_event(message_id, ReplyState.ACKED)) == (None, False)
    [answer] = yield published(bench)
    assert answer.message_id == message_id
