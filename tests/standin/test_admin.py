"""The stand-in can be steered, and tells what it saw, over HTTP."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
import treq

from tests.standin.conftest import draft

ORIGIN = 'http://127.0.0.1:9000'


@pytest_twisted.inlineCallbacks
def test_an_agent_answers_and_tags(make_caller, receiver):
    caller = yield make_caller()
    nonce = yield caller.note()
    _, hook, _ = yield caller.admin('POST', 'hook', {'url': receiver.url})
    assert (hook['url'], hook['under_way']) == (receiver.url, 0)
    status, answer, _ = yield caller.admin(
        'POST', 'tickets/%s/reply' % nonce, {'content': '<p>Hi</p>', 'staff_id': 2})
    assert (status, answer['note']['creator']['username']) == (200, 'second')
    yield caller.admin('POST', 'tickets/%s/reply' % nonce,
                       {'content': 'Difficult', 'scope': 'private'})
    _, tagged, _ = yield caller.admin('POST', 'tickets/%s/tags' % nonce, {'tags': ['#cards']})
    assert tagged['ticket']['tags'] == ['#cards']
    yield receiver.until(4)
    assert receiver.events() == [
        'message.outgoing', 'message.private', 'tags.changed', 'ticket.replied']
    _, told, _ = yield caller.admin('GET', 'deliveries?since=1&limit=2')
    assert [each['number'] for each in told['deliveries']] == [2, 3]


@pytest_twisted.inlineCallbacks
def test_tickets_are_told_with_their_notes_or_without(caller):
    nonce = yield caller.note('one')
    yield caller.note('two', id=nonce)
    yield caller.note('another')
    _, told, _ = yield caller.admin('GET', 'tickets')
    assert [[note['content'] for note in ticket['notes']] for ticket in told['tickets']] == [
        ['another'], ['two', 'one']]
    assert [each['username'] for each in told['staff']] == ['agent', 'second']
    _, told, _ = yield caller.admin('GET', 'tickets?notes=0&limit=1')
    assert ['notes' in ticket for ticket in told['tickets']] == [False]
    _, told, _ = yield caller.admin('GET', 'tickets/%s' % nonce)
    assert [note['content'] for note in told['ticket']['notes']] == ['two', 'one']


@pytest_twisted.inlineCallbacks
def test_faults_are_set_and_ended(caller):
    _, added, _ = yield caller.admin(
        'POST', 'faults', {'effect': 'status', 'status': 503, 'retry_after': 2})
    yield caller.admin('POST', 'faults', {'effect': 'hang', 'path': '^/nowhere'})
    response, _ = yield caller.call('POST', '/note', json=draft())
    assert (response.code, response.headers.getRawHeaders('retry-after')) == (503, ['2'])
    _, left, _ = yield caller.admin('DELETE', 'faults?number=%d' % added['number'])
    assert [each['effect'] for each in left['faults']] == ['hang']
    yield caller.note()
    assert (yield caller.admin('DELETE', 'faults'))[1] == {'faults': []}


@pytest_twisted.inlineCallbacks
def test_the_ledger_is_told_and_cleared(caller):
    yield caller.note('one')
    yield caller.call('GET', '/accounts', key='wrong')
    _, told, _ = yield caller.admin('GET', 'ledger')
    assert told['count'] == 2
    assert [(call['number'], call['method'], call['key_is_right']) for call in told['calls']] == [
        (1, 'POST', True), (2, 'GET', False)]
    _, told, _ = yield caller.admin('GET', 'ledger?since=1')
    assert [call['path'] for call in told['calls']] == ['/accounts']
    yield caller.admin('DELETE', 'ledger?until=1')
    assert [call['number'] for call in (yield caller.admin('GET', 'ledger'))[1]['calls']] == [2]
    yield caller.admin('DELETE', 'ledger')
    assert (yield caller.admin('GET', 'ledger'))[1] == {'count': 2, 'calls': []}


@pytest_twisted.inlineCallbacks
def test_a_reset_forgets_everything_but_the_webhook(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url, rate_limit=2)
    yield caller.note()
    yield caller.note()
    yield caller.admin('POST', 'faults', {'effect': 'hang'})
    yield caller.admin('POST', 'reset')
    for what in ('tickets', 'faults', 'deliveries'):
        assert (yield caller.admin('GET', what))[1][what] == []
    assert (yield caller.admin('GET', 'ledger'))[1]['calls'] == []
    assert (yield caller.admin('GET', 'hook'))[1]['url'] == receiver.url
    yield caller.note()


@pytest.mark.parametrize('method, path, body, status', [
    ('POST', 'tickets/1001/reply', body, 400) for body in (
        {'content': ''}, {'content': ['x']}, {'content': 'x', 'scope': 'secret'},
        {'content': 'x', 'staff_id': 99}, ['x'])
] + [
    ('POST', 'tickets/gone/reply', {'content': 'x'}, 404), ('GET', 'tickets/gone', None, 404),
    ('POST', 'tickets/1001/tags', {'tags': 'x'}, 400), ('GET', 'tickets?limit=-1', None, 400),
    ('GET', 'ledger?since=x', None, 400), ('POST', 'faults', {'effect': 'nothing'}, 400),
    ('POST', 'hook', {'url': 'nowhere'}, 400), ('GET', 'nothing', None, 404),
    ('DELETE', 'tickets', None, 404)])
@pytest_twisted.inlineCallbacks
def test_what_is_not_valid_is_an_error(caller, method, path, body, status):
    yield caller.note()
    found, answer, _ = yield caller.admin(method, path, body)
    assert (found, bool(answer['error'])) == (status, True)
    assert len(caller.standin.desk.notes(caller.standin.desk.ticket(1001))) == 1


@pytest_twisted.inlineCallbacks
def test_the_agents_page_is_served_with_all_it_needs(caller):
    for path, word in (('', b'Help desk'), ('desk.js', b'import'), ('icon.svg', b'<svg')):
        response = yield treq.get('http://127.0.0.1:%d/%s' % (caller.standin.port, path),
                                  persistent=False)
        assert word in (yield treq.content(response))
        assert b"default-src 'self'" in response.headers.getRawHeaders(
            b'content-security-policy')


@pytest_twisted.inlineCallbacks
def test_only_pages_of_this_machine_may_steer_it(make_caller):
    caller = yield make_caller(allow_origins=[ORIGIN])
    own = 'http://127.0.0.1:%d' % caller.standin.port
    for origin, status in [(own, 200), (ORIGIN, 200), ('https://evil.example', 403),
                           ('http://127.0.0.1:9001', 403), ('null', 403)]:
        found, _, response = yield caller.admin(
            'POST', 'reset', {}, headers={'Origin': origin})
        assert (origin, found) == (origin, status)
        allowed = response.headers.getRawHeaders('access-control-allow-origin')
        assert allowed == ([ORIGIN] if origin == ORIGIN else None)


@pytest_twisted.inlineCallbacks
def test_a_name_that_was_made_to_lead_here_does_not_help(caller):
    found, _, _ = yield caller.admin('POST', 'reset', {}, headers={
        'Origin': 'http://evil.example', 'Host': 'evil.example'})
    assert found == 403


@pytest_twisted.inlineCallbacks
def test_a_browser_may_ask_before_it_calls(make_caller):
    caller = yield make_caller(allow_origins=[ORIGIN])
    found, _, response = yield caller.admin('OPTIONS', 'tickets/1/reply', headers={
        'Origin': ORIGIN, 'Access-Control-Request-Method': 'POST'})
    assert found == 200
    assert response.headers.getRawHeaders('access-control-allow-headers') == ['Content-Type']
    assert json.dumps(caller.standin.ledger.calls()) == '[]'
