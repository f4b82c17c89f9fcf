"""404, 401 and 403 are believed when Snappy itself says so, not something in front of it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.flow import NONCE
from tests.store.conftest import claim
from vumi_snappy.http.call_errors import (
    BadCredentials, NotFound, RateLimited, Refused, ServerFault, Unanswered)
from vumi_snappy.records import Accepted, JobKind, Wait

NOMSA, YUSUF = '+27820001001', '+27820001002'
SID = '1189'


def refused(status=401):
    return BadCredentials('Snappy answered %d' % (status,), status, 'blocked by a filter')


def not_found():
    return NotFound('Snappy answered 404', 404)


@defer.inlineCallbacks
def open_one(flow, who=NOMSA):
    yield flow.bench.says('Help', who=who)
    yield flow.turn()


@defer.inlineCallbacks
def reply_on(flow, nonce, html='<p>Come in</p>', note_id=None):
    """Fires with whom an agent's reply on the ticket `nonce` goes to, or what became of it."""
    outcome = yield flow.bench.answers(html, nonce, note_id)
    if outcome is not Accepted.STORED:
        defer.returnValue(outcome)
    reply = yield claim(flow.bench.store.replies)
    yield flow.bench.store.replies.finish(reply.message_id)
    defer.returnValue(reply.envelope['from_addr'])


# 404

@pytest_twisted.inlineCallbacks
def test_a_404_of_something_in_front_of_snappy_loses_no_ticket(flow):
    yield open_one(flow)
    yield flow.bench.says('Still here?')
    flow.snappy.in_front = not_found()
    for _ in range(3):
        yield flow.turn()
        flow.bench.clock.advance(1)
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'waiting')
    assert (yield reply_on(flow, NONCE)) == NOMSA
    flow.snappy.in_front = None
    for _ in range(2):
        flow.bench.clock.advance(31)
        yield flow.turn()
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')
    assert [draft.message for draft in flow.snappy.on_desk] == ['Help', 'Still here?']


@pytest.mark.parametrize('error', [not_found(), refused()])
@pytest_twisted.inlineCallbacks
def test_a_refusal_that_passes_while_snappy_is_asked_is_not_believed_either(flow, error):
    yield open_one(flow)
    yield flow.bench.says('Still here?')
    flow.snappy.answers = [error]
    yield flow.turn()
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')
    assert 'mailboxes' in flow.snappy.asked
    assert (yield flow.bench.store.parked()) == []


@pytest.mark.parametrize('other', ['a mailbox', 'none'])
@pytest_twisted.inlineCallbacks
def test_what_does_not_know_our_mailbox_is_not_our_snappy(flow, other):
    yield open_one(flow)
    yield flow.bench.says('Still here?')
    flow.snappy.mailboxes = lambda account: defer.succeed(
        [{'id': 99}] if other == 'a mailbox' else [])
    flow.snappy.answers = [not_found()] * 5
    for _ in range(3):
        yield flow.turn()
        flow.bench.clock.advance(31)
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'waiting')
    assert (yield flow.bench.store.parked()) == []


@pytest.mark.parametrize('kind', ['tags', 'status', 'notice'])
@pytest_twisted.inlineCallbacks
def test_no_job_is_given_up_for_a_404_of_something_in_front(flow, kind):
    yield flow.undelivered(['notice', 'tags', 'status'].index(kind))
    flow.snappy.in_front = not_found()
    yield flow.turn()
    flow.snappy.in_front = None
    for _ in range(4):
        flow.bench.clock.advance(31)
        yield flow.turn()
    assert (yield flow.bench.store.parked()) == []
    assert flow.snappy.tags == ['#cards', '#undelivered']
    assert flow.snappy.status == 'waiting'
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_404_for_the_notes_of_a_found_ticket_opens_no_second_one(flow):
    yield flow.bench.says('Help')
    flow.snappy.answers, flow.snappy.does_the_work = [Unanswered('timeout')], True
    yield flow.turn()
    notes, answers = flow.snappy.get_notes, [not_found()]
    flow.snappy.get_notes = lambda nonce, wanted: (
        defer.fail(answers.pop()) if answers else notes(nonce, wanted))
    flow.bench.clock.advance(31)
    yield flow.turn()
    assert len(flow.snappy.posted) == 1
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')


@pytest_twisted.inlineCallbacks
def test_replies_on_a_ticket_that_was_replaced_still_reach_their_person(flow):
    yield open_one(flow)
    yield replace(flow)
    ticket = yield flow.ticket()
    assert ticket['nonce'] == 'n000000000000002'
    assert (yield reply_on(flow, NONCE, note_id='1')) == NOMSA
    assert (yield reply_on(flow, 'n000000000000002', note_id='2')) == NOMSA
    assert (yield reply_on(flow, NONCE, note_id='1')) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_they_do_when_the_person_has_a_newer_ticket_and_before_there_is_another(flow):
    yield open_one(flow)
    yield open_one(flow, YUSUF)
    yield flow.bench.says('Still here?')
    attempt = yield claim(flow.bench.store.forwards)
    yield flow.bench.store.forwards.ticket_gone(attempt)
    assert (yield reply_on(flow, NONCE)) == NOMSA
    yield flow.forwarder.handle(attempt)
    flow.bench.clock.advance(100 * 3600)
    yield open_one(flow)
    assert (yield flow.ticket())['nonce'] == 'n000000000000003'
    assert (yield reply_on(flow, NONCE)) == NOMSA


@pytest_twisted.inlineCallbacks
def test_all_names_of_a_ticket_are_forgotten_with_it(flow):
    yield open_one(flow)
    yield replace(flow)
    yield flow.bench.store.lists.forget(NOMSA)
    assert (yield flow.bench.store.ticket_of_nonce(NONCE)) is None
    keys = yield flow.bench.store.connection.send('KEYS', flow.bench.prefix + ':*')
    assert [key for key in keys if b'nonce:' in key or b'sid:' in key] == []


def replace(flow):
    """Somebody deletes the ticket at Snappy; the person's next words open another."""
    flow.snappy.answers = [not_found(), not_found()]
    d = flow.bench.says('Still here?')
    for _ in range(2):
        d.addCallback(lambda _: flow.turn())
    return d


# 401 and 403, and what else says that a call is refused

@pytest.mark.parametrize('status', [400, 405, 410, 451])
@pytest_twisted.inlineCallbacks
def test_what_something_in_front_refuses_for_a_moment_is_not_parked(flow, status):
    yield flow.bench.says('Help')
    flow.snappy.in_front = Refused('Snappy answered %d' % (status,), status)
    yield flow.turn()
    flow.snappy.in_front = None
    flow.bench.clock.advance(31)
    yield flow.turn()
    assert (yield flow.bench.store.parked()) == []
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'


@pytest.mark.parametrize('status', [401, 403])
@pytest_twisted.inlineCallbacks
def test_a_text_that_a_filter_refuses_is_parked_and_holds_up_nobody(flow, status):
    yield flow.bench.says('a text that a filter dislikes')
    flow.snappy.answers = [refused(status)] * 2
    yield flow.turn()
    [parked] = yield flow.bench.store.parked()
    assert parked['reason'] == 'Snappy refused this text with %d, though it takes the API key' % (
        status,)
    assert parked['answer'] == 'blocked by a filter'
    assert (yield flow.bench.store.figures())['breaker'] == ''
    yield flow.bench.says('another')
    attempt = yield flow.turn()
    assert (attempt.kind, [m.text for m in attempt.messages]) == (
        JobKind.OPEN_TICKET, ['another'])


@pytest_twisted.inlineCallbacks
def test_a_key_that_is_refused_everywhere_holds_everybody(flow):
    yield flow.bench.says('one')
    yield flow.bench.says('two', who=YUSUF)
    flow.snappy.in_front = refused()
    yield flow.turn()
    held = yield flow.turn()
    assert held.why == 'BadCredentials'
    assert (yield flow.bench.store.parked()) == []
    flow.snappy.in_front = None
    for _ in range(4):
        flow.bench.clock.advance(5)
        yield flow.turn()
    assert len(flow.snappy.on_desk) == 2


@pytest.mark.parametrize('error', [
    refused(), RateLimited('Snappy answered 429', 429, retry_after=60.0), not_found(),
    ServerFault('Snappy answered 503', 503, retry_after=60.0),
    ServerFault('Snappy answered 500', 500)])
@pytest_twisted.inlineCallbacks
def test_every_way_of_trying_again_comes_to_an_end(flow, error):
    yield flow.bench.says('Help')
    flow.snappy.in_front = error
    for _ in range(70):
        yield flow.turn()
        flow.bench.clock.advance(65)
    [parked] = yield flow.bench.store.parked()
    assert parked['reason'].startswith('it still failed after 1 hours (')
    ticket = yield flow.ticket()
    assert ticket['messages'][0]['text'] == 'Help'


# 503 and Retry-After

@pytest_twisted.inlineCallbacks
def test_a_503_that_names_a_time_says_nothing_of_what_was_done(flow):
    yield flow.bench.says('Help')
    flow.snappy.answers, flow.snappy.does_the_work = [
        ServerFault('Snappy answered 503', 503, retry_after=20.0)], True
    yield flow.turn()
    held = yield flow.turn()
    assert isinstance(held, Wait) and 19 < held.seconds <= 20
    for _ in range(2):
        flow.bench.clock.advance(20)
        yield flow.turn()
    assert len(flow.snappy.posted) == 1
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')


@pytest_twisted.inlineCallbacks
def test_after_a_retry_after_one_call_goes_alone(flow):
    for n in range(3):
        yield flow.bench.says('Help', who='+2782000100%d' % n)
    flow.snappy.answers = [RateLimited('Snappy answered 429', 429, retry_after=20.0)]
    yield flow.turn()
    assert 19 < (yield flow.turn()).seconds <= 20
    flow.bench.clock.advance(20.1)
    probe = yield claim(flow.bench.store.forwards)
    alone = yield claim(flow.bench.store.forwards)
    assert isinstance(alone, Wait) and alone.why == 'RateLimited'
    yield flow.forwarder.handle(probe)
    for _ in range(2):
        assert not isinstance((yield flow.turn()), Wait)
