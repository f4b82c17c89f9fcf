"""What the client asks, and what it makes of answers, on real sockets."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json

import pytest
import pytest_twisted
from twisted.internet import defer
from twisted.logger import formatEvent

from tests.snappy.conftest import DRAFT, NOW
from tests.snappy.raw import NONCE, hang, http
from vumi_snappy import __version__
from vumi_snappy.http.call_errors import (
    BadAnswer, BadCredentials, CallError, NotFound, RateLimited, Refused, ServerFault, Unanswered,
    Unreachable)
from vumi_snappy.snappy import NoteDraft, Scope


@defer.inlineCallbacks
def error_of(call):
    """Fires with the error of a call; a value is a failure of the test."""
    try:
        value = yield call
    except CallError as error:
        defer.returnValue(error)
    pytest.fail('the call succeeded with %r' % (value,))


def body_of(request):
    return json.loads(request.partition(b'\r\n\r\n')[2].decode('utf-8'))


# What is asked.

@pytest_twisted.inlineCallbacks
def test_a_customers_note_is_posted_as_recorded_and_its_bare_answer_is_the_nonce(stage):
    nonce = yield stage.post(http(NONCE, Content_Type='text/html; charset=UTF-8'))
    assert nonce == 'k3jd82hs7ahq92m1'
    request, = stage.server.requests
    assert request.startswith(b'POST /api/v1/note HTTP/1.1\r\n')
    assert b'Content-Type: application/json; charset=utf-8\r\n' in request
    assert b'User-Agent: vumi-snappy/' + __version__.encode('ascii') + b'\r\n' in request
    key = base64.b64encode(b'k3y-of-the-account:x')
    assert b'Authorization: Basic ' + key + b'\r\n' in request
    assert body_of(request) == {
        'mailbox_id': 7, 'subject': 'Support for +27820001001', 'message': 'My card is lost',
        'from': [{'name': '+27820001001', 'address': '27820001001@sms.example.org'}]}


@pytest_twisted.inlineCallbacks
def test_a_private_note_is_appended_in_a_staff_members_name(stage):
    server = stage.serve(http(NONCE))
    yield stage.client(server.port).post_note(NoteDraft(
        mailbox_id=7, subject='s', message='network: MTN', nonce='k3jd82hs7ahq92m1', staff_id=3,
        to_name='Internal Information', to_address='27820001001@sms.example.org',
        scope=Scope.PRIVATE, tags=['#bank']))
    assert body_of(server.requests[0]) == {
        'mailbox_id': 7, 'subject': 's', 'message': 'network: MTN', 'id': 'k3jd82hs7ahq92m1',
        'staff_id': 3, 'scope': 'private', 'tags': ['#bank'],
        'to': [{'name': 'Internal Information', 'address': '27820001001@sms.example.org'}]}


@pytest_twisted.inlineCallbacks
def test_controls_in_a_persons_text_do_not_reach_snappy(stage):
    server = stage.serve(http(NONCE))
    draft = NoteDraft(mailbox_id=7, subject='for\x00 me', message='a\x00b\x1b\nc',
                      from_name='T\x00')
    yield stage.client(server.port).post_note(draft)
    sent = body_of(server.requests[0])
    assert (sent['subject'], sent['message']) == ('for\ufffd me', 'a\ufffdb\ufffd\nc')
    assert sent['from'][0]['name'] == 'T\ufffd'


@pytest_twisted.inlineCallbacks
def test_half_an_emoji_does_not_spoil_the_note_and_whole_ones_arrive(stage):
    server = stage.serve(http(NONCE))
    draft = NoteDraft(mailbox_id=7, subject='s', message='a\ud83d b\ude00 c\U0001f600')
    yield stage.client(server.port).post_note(draft)
    assert body_of(server.requests[0])['message'] == 'a\ufffd b\ufffd c\U0001f600'
    assert draft.message == 'a\ufffd b\ufffd c\U0001f600'


@pytest.mark.parametrize('ask, line, answer', [
    (lambda c: c.get_notes('k3jd82hs7ahq92m1'), 'GET /api/v1/ticket/k3jd82hs7ahq92m1/notes',
     '[]'),
    (lambda c: c.get_ticket('k3jd82hs7ahq92m1'), 'GET /api/v1/ticket/k3jd82hs7ahq92m1',
     '{"id": 1}'),
    (lambda c: c.search(4, 'a+b@c.d & \u0436', 2),
     'GET /api/v1/account/4/search?query=a%2Bb%40c.d%20%26%20%D0%B6&page=2', '{"data": []}'),
    (lambda c: c.waiting(7), 'GET /api/v1/mailbox/7/waiting', '[]'),
    (lambda c: c.inbox(7), 'GET /api/v1/mailbox/7/inbox', '[]'),
    (lambda c: c.accounts(), 'GET /api/v1/accounts', '[]'),
    (lambda c: c.mailboxes(4), 'GET /api/v1/account/4/mailboxes', '[]'),
    (lambda c: c.staff(4), 'GET /api/v1/account/4/staff', '[]'),
    (lambda c: c.set_tags('k3jd82hs7ahq92m1', ['#bank', '@thandi']),
     'POST /api/v1/ticket/k3jd82hs7ahq92m1/tags', 'OK'),
    (lambda c: c.set_status('k3jd82hs7ahq92m1', 'waiting'),
     'PUT /api/v1/ticket/k3jd82hs7ahq92m1/status', '')])
@pytest_twisted.inlineCallbacks
def test_each_call_has_the_path_of_snappys_documents(stage, ask, line, answer):
    server = stage.serve(http(answer.encode('utf-8')))
    yield ask(stage.client(server.port, path='/api/v1/'))
    assert server.requests[0].startswith(line.encode('ascii') + b' HTTP/1.1\r\n')


@pytest_twisted.inlineCallbacks
def test_tags_and_status_are_json(stage):
    server = stage.serve(http(b'OK'))
    client = stage.client(server.port)
    yield client.set_tags('k3jd82hs7ahq92m1', ('#bank', 'lost'))
    yield client.set_status('k3jd82hs7ahq92m1', 'waiting')
    assert [body_of(request) for request in server.requests] == [
        {'tags': ['#bank', 'lost']}, {'status': 'waiting'}]


@pytest.mark.parametrize('nonce', ['', '..', 'a/b', 'a?b', 'a b', '\u0436', 'a\r\nHost: b'])
@pytest_twisted.inlineCallbacks
def test_a_nonce_that_is_none_asks_for_nothing_else(stage, nonce):
    server = stage.serve(http(b'[]'))
    assert isinstance((yield error_of(stage.client(server.port).get_notes(nonce))), NotFound)
    assert server.requests == []


@pytest_twisted.inlineCallbacks
def test_the_session_that_snappy_offers_is_not_sent_back(stage):
    yield stage.post(http(NONCE, Set_Cookie='snappy_session=abc; path=/'))
    yield stage.poster.post_note(DRAFT)
    assert not any(b'cookie' in request.lower() for request in stage.server.requests)


@pytest_twisted.inlineCallbacks
def test_one_connection_serves_one_call_after_another(stage):
    yield stage.post(http(NONCE))
    for _ in range(4):
        yield stage.poster.post_note(DRAFT)
    assert (len(stage.server.requests), stage.server.accepted) == (5, 1)


# What the answers mean.

@pytest.mark.parametrize('status, kind, temporary, unknown', [
    (status, kind, temporary, unknown) for kind, temporary, unknown, statuses in [
        (Refused, False, False, (400, 402, 413, 422)),
        (BadCredentials, False, False, (401, 403)), (NotFound, False, False, (404,)),
        (Unanswered, True, True, (408,)), (RateLimited, True, False, (429,)),
        (ServerFault, True, True, (500, 502, 503, 520)),
        (BadAnswer, True, False, (301, 302, 304)), (BadAnswer, True, True, (600,))]
    for status in statuses])
@pytest_twisted.inlineCallbacks
def test_a_status_says_what_to_do(stage, status, kind, temporary, unknown):
    error = yield error_of(stage.post(http(b'' if status == 304 else b'no', status)))
    assert type(error) is kind
    assert (error.temporary, error.outcome_unknown, error.status) == (temporary, unknown, status)


@pytest.mark.parametrize('said, seconds', [
    ('120', 120.0), ('0', 0.0), (' 7 ', 7.0), ('86400', 300.0), ('9999999999', 300.0),
    ('Sun, 06 Nov 1994 08:51:37 GMT', 120.0), ('Sunday, 06-Nov-94 08:51:37 GMT', 120.0),
    ('Sun Nov  6 08:51:37 1994', 120.0), ('Sun, 06 Nov 1994 08:00:00 GMT', 0.0),
    ('Sun, 06 Nov 2044 08:51:37 GMT', 300.0)])
@pytest.mark.parametrize('status, kind', [(429, RateLimited), (503, ServerFault)])
@pytest_twisted.inlineCallbacks
def test_retry_after_is_obeyed_in_every_form_for_minutes_at_most(
        stage, status, kind, said, seconds):
    assert stage.reactor.seconds() == NOW
    error = yield error_of(stage.post(http(b'slowly', status, Retry_After=said)))
    assert type(error) is kind
    assert error.retry_after == seconds
    # Only a 429 says that nothing was done.
    assert error.outcome_unknown is (status == 503)


@pytest.mark.parametrize('said', ['', 'soon', '-5', '1e3', 'Sun, 99 Foo 1994 08:51:37 GMT', 'Sun',
                                  'Sun, 06 Nov 1994 08:51 GMT', '06-13-94-1 a b'])
@pytest_twisted.inlineCallbacks
def test_a_senseless_retry_after_is_as_good_as_none(stage, said):
    error = yield error_of(stage.post(http(b'slowly', 429, Retry_After=said)))
    assert type(error) is RateLimited
    assert error.retry_after is None


@pytest.mark.parametrize('body', [
    b'', b'<html>Please log in</html>', b'{"nonce": "k3jd82hs7ahq92m1"}', b'null', b'OK',
    b'two words', b'\xff\xfe', b'k3jd82hs7ahq92m1\nk3jd82hs7ahq92m1'])
@pytest_twisted.inlineCallbacks
def test_a_success_that_is_no_nonce_leaves_the_outcome_unknown(stage, body):
    error = yield error_of(stage.post(http(body)))
    assert type(error) is BadAnswer
    assert error.temporary and error.outcome_unknown and error.status == 200
    assert error.answer == body.decode('utf-8', 'replace').replace('\n', ' ')


@pytest_twisted.inlineCallbacks
def test_an_error_list_is_not_mistaken_for_no_tickets(stage):
    server = stage.serve(http(b'{"error": {"id": 1}}'))
    error = yield error_of(stage.client(server.port).search(4, 'x'))
    assert type(error) is BadAnswer


@pytest_twisted.inlineCallbacks
def test_redirects_are_not_followed(stage):
    elsewhere = stage.serve(http(NONCE))
    error = yield error_of(stage.post(http(
        b'', 302, Location='http://127.0.0.1:%d/note' % (elsewhere.port,))))
    assert type(error) is BadAnswer
    assert elsewhere.requests == []


@pytest_twisted.inlineCallbacks
def test_the_operator_sees_the_answer_short_on_one_line_and_without_the_key(stage):
    coded = base64.b64encode(b'k3y-of-the-account:x').decode('ascii')
    said = 'Bad\r\n\x1b[31m key: k3y-of-the-account, %s. ' % (coded,) + 'x' * 2000
    error = yield error_of(stage.post(http(said.encode('utf-8'), 401)))
    assert error.answer.startswith('Bad [31m key: (key), (key). xxx')
    assert len(error.answer) == 500
    assert 'k3y' not in '%s %r %s' % (error, error, vars(error))


@pytest_twisted.inlineCallbacks
def test_a_key_in_the_middle_of_the_cut_is_not_shown_in_part(stage):
    said = b' ' * 600 + b'x' * 490 + b'k3y-of-the-account'
    error = yield error_of(stage.post(http(said, 401)))
    assert 'k3y' not in error.answer


# How many at once, and who watches.

@pytest_twisted.inlineCallbacks
def test_no_more_than_concurrency_calls_run_at_once(stage):
    held = []
    server = stage.serve(lambda conversation, request: held.append(conversation))
    client = stage.client(server.port, concurrency=2)
    calls = [client.post_note(DRAFT) for _ in range(5)]
    yield server.until(lambda: len(server.requests) == 2)
    assert len(server.connections) == 2
    for came in (3, 4, 5, 5, 5):
        held.pop(0).say(http(NONCE))
        yield server.until(lambda: len(server.requests) == came)
        assert len(server.connections) <= 2
    assert (yield defer.gatherResults(calls)) == ['k3jd82hs7ahq92m1'] * 5


@pytest_twisted.inlineCallbacks
def test_the_observer_is_told_of_each_call_by_name_time_and_error(stage):
    statuses = [200, 500]

    def behave(conversation, request):
        stage.clock.advance(1.5)
        conversation.say(http(NONCE, statuses.pop(0)))
    server = stage.serve(behave)
    client = stage.client(server.port)
    yield client.post_note(DRAFT)
    yield error_of(client.get_notes('k3jd82hs7ahq92m1'))
    assert [(name, seconds, type(error)) for name, seconds, error in stage.calls] == [
        ('post_note', 1.5, type(None)), ('get_notes', 1.5, ServerFault)]


@pytest_twisted.inlineCallbacks
def test_an_observer_that_fails_does_not_lose_the_nonce(stage, nothing_logged):
    yield stage.post(http(NONCE))
    stage.poster._on_call = lambda *told: 1 // 0
    assert (yield stage.poster.post_note(DRAFT)) == 'k3jd82hs7ahq92m1'
    [event] = nothing_logged
    assert formatEvent(event).startswith(
        'A call to Snappy could not be counted: ZeroDivisionError in ')
    del nothing_logged[:]


def test_an_address_of_ipv6_is_one_too(stage):
    assert stage.client(8030, host='[::1]')._base == b'http://[::1]:8030/api/v1'


@pytest_twisted.inlineCallbacks
def test_close_ends_what_runs_and_what_waits_and_says_which_may_have_worked(stage):
    runs = stage.post(hang, concurrency=1)
    client, server = stage.poster, stage.server
    waiting = [client.post_note(DRAFT) for _ in range(300)]
    yield server.until(lambda: server.requests)
    yield client.close()
    assert isinstance((yield error_of(runs)), Unanswered)
    for each in waiting + [client.post_note(DRAFT)]:
        assert isinstance((yield error_of(each)), Unreachable)
    yield server.until(lambda: not server.connections)
    assert len(server.requests) == 1


@pytest_twisted.inlineCallbacks
def test_close_closes_idle_connections(stage):
    yield stage.post(http(NONCE))
    yield stage.poster.close()
    yield stage.server.until(lambda: not stage.server.connections)
    assert stage.clock.getDelayedCalls() == []


@pytest_twisted.inlineCallbacks
def test_a_caller_that_cancels_gets_its_own_error_and_frees_the_place(stage):
    call = stage.post([hang, http(NONCE)], concurrency=1)
    waits = stage.poster.post_note(DRAFT)
    yield stage.server.until(lambda: stage.server.requests)
    waits.cancel()
    call.cancel()
    for each in (call, waits):
        with pytest.raises(defer.CancelledError):
            yield each
    assert (yield stage.poster.post_note(DRAFT)) == 'k3jd82hs7ahq92m1'
