# -*- coding: utf-8 -*-
"""The stand-in's API behaves as Snappy's was recorded, over a real socket."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
import treq
from twisted.internet import defer

from tests.standin.conftest import PERSON, draft


@pytest_twisted.inlineCallbacks
def test_a_note_opens_a_ticket_and_the_answer_is_its_bare_nonce(caller):
    response, nonce = yield caller.call('POST', '/note', json=draft(message='مرحبا'))
    assert response.headers.getRawHeaders('content-type') == ['text/html; charset=UTF-8']
    assert 'snappy_session' in response.headers.getRawHeaders('set-cookie')[0]
    assert len(nonce) == 16
    ticket = yield caller.ask('GET', '/ticket/%s' % (nonce.decode('ascii'),))
    assert (ticket['default_subject'], ticket['status'], ticket['summary']) == (
        'Support', 'waiting', 'مرحبا')
    assert ticket['contacts'][0]['first_name'] == '+27820001001'
    assert ticket['contacts'][0]['last_name'] == 'Zulu'


@pytest_twisted.inlineCallbacks
def test_a_note_with_an_id_is_appended_and_notes_come_newest_first(caller):
    nonce = yield caller.note('one')
    assert (yield caller.note('two', id=nonce)) == nonce
    for path in ('/ticket/%s/notes' % nonce, '/ticket/%s/notes/' % nonce, '/ticket/1001/notes'):
        notes = yield caller.ask('GET', path)
        assert [note['content'] for note in notes] == ['two', 'one']
    for path in ('/ticket/1001', '/ticket/%s/' % nonce):
        assert (yield caller.ask('GET', path))['nonce'] == nonce


@pytest.mark.parametrize('form', [
    {'json': {'tags': ['#cards', 'lost']}},
    {'json': {'tags': '["#cards", "lost"]'}},
    {'data': {'tags': '["#cards", "lost"]'}}])
@pytest_twisted.inlineCallbacks
def test_tags_are_taken_in_both_encodings_and_replace_what_was(caller, form):
    nonce = yield caller.note(tags=['before'])
    _, answer = yield caller.call('POST', '/ticket/%s/tags' % nonce, **form)
    assert answer == b'OK'
    assert (yield caller.ask('GET', '/ticket/%s' % nonce))['tags'] == ['#cards', 'lost']


@pytest_twisted.inlineCallbacks
def test_tickets_are_found_by_list_status_and_search(caller):
    nonce = yield caller.note('a lost umbrella')
    other = yield caller.note('something else', tags=['@agent'])
    yield caller.ask('PUT', '/ticket/%s/status' % other, json={'status': 'replied'})

    @defer.inlineCallbacks
    def listed(path):
        tickets = yield caller.ask('GET', path)
        defer.returnValue([ticket['nonce'] for ticket in tickets])
    for place in ('/mailbox/1', '/account/1'):
        assert (yield listed(place + '/waiting')) == [nonce]
        assert (yield listed(place + '/inbox')) == [other, nonce]
        assert (yield listed(place + '/inbox?limit=1')) == [other]
        assert (yield listed(place + '/yours')) == [other]
    found = yield caller.ask('GET', '/account/1/search?query=UMBRELLA&page=1')
    assert found['meta'] == {'total': 1, 'page': '1'}
    assert found['data'][0]['nonce'] == nonce
    assert (yield caller.ask('GET', '/account/1/search?query=umbrella&page=2'))['data'] == []


@pytest_twisted.inlineCallbacks
def test_the_account_tells_of_itself(caller):
    [account] = yield caller.ask('GET', '/accounts')
    [mailbox] = yield caller.ask('GET', '/account/%d/mailboxes' % account['id'])
    staff = yield caller.ask('GET', '/account/%d/staff' % account['id'])
    assert mailbox['id'] == 1
    assert [(each['id'], each['username']) for each in staff] == [(1, 'agent'), (2, 'second')]
    yield caller.note()
    contact = yield caller.ask('GET', '/account/1/contacts/%s' % PERSON[0]['address'])
    assert contact['value'] == PERSON[0]['address']
    assert (yield caller.ask('GET', '/account/1/contacts/%d' % contact['id'])) == contact


@pytest_twisted.inlineCallbacks
def test_a_deleted_ticket_is_gone_and_its_number_is_not_given_again(caller):
    nonce = yield caller.note()
    yield caller.gets(200, 'DELETE', '/ticket/%s' % nonce)
    yield caller.note('another')
    for method, path, body in [('GET', '/ticket/1001', None),
                               ('GET', '/ticket/%s/notes' % nonce, None),
                               ('POST', '/note', draft(id=nonce))]:
        yield caller.gets(404, method, path, json=body)
    assert (yield caller.ask('GET', '/account/1/search?query=lost'))['data'] == []


@pytest.mark.parametrize('method, path, body, status', [
    ('POST', '/note', body, 422) for body in (
        draft(**{'from': [{'name': 'no address'}]}), draft(**{'from': [{'address': {'@': 1}}]}),
        draft(staff_id=1), draft(staff_id=77, to=PERSON), draft(mailbox_id=9), draft(message=''),
        draft(message=['x']), draft(subject=7), draft(scope='secret'), draft(status='closed'),
        draft(tags='#cards'), draft(id={}), ['a list'])
] + [
    ('POST', '/note', draft(id=name), 404) for name in ('gone', '\u00b2')
] + [
    ('GET', path, None, 404) for path in (
        '/ticket/gone', '/ticket/99999999999999999999', '/account/7/mailboxes',
        '/mailbox/7/waiting', '/mailbox/1/elsewhere', '/account/1/contacts/nobody', '/nothing')
] + [
    ('GET', '/account/1/search?query=x&page=two', None, 422)])
@pytest_twisted.inlineCallbacks
def test_what_snappy_would_not_take_is_refused(caller, method, path, body, status):
    _, answer = yield caller.gets(status, method, path, json=body)
    assert json.loads(answer.decode('utf-8'))['error']
    assert caller.standin.desk.tickets() == []


@pytest.mark.parametrize('what, body', [
    ('tags', {'tags': 'no JSON'}), ('tags', {'tags': [1]}), ('tags', {}), ('tags', 'x'),
    ('status', {'status': 'closed'}), ('status', ['replied'])])
@pytest_twisted.inlineCallbacks
def test_tags_and_statuses_that_are_none_are_refused(caller, what, body):
    nonce = yield caller.note()
    method = 'POST' if what == 'tags' else 'PUT'
    yield caller.gets(422, method, '/ticket/%s/%s' % (nonce, what), json=body)


@pytest.mark.parametrize('raw', [b'', b'{', b'\xff\xfe', b'[' * 100000, b'%ff=%ff&a'])
@pytest_twisted.inlineCallbacks
def test_bodies_that_can_not_be_read_are_refused(caller, raw):
    yield caller.gets(422, 'POST', '/note', data=raw)


@pytest_twisted.inlineCallbacks
def test_a_wrong_key_is_refused_and_does_nothing(caller):
    for key in ('wrong', '', 'standin-key2'):
        yield caller.gets(401, 'POST', '/note', key=key, json=draft())
    for header in ('Basic', 'Basic !', 'Basic /w==', 'Bearer standin-key'):
        response = yield treq.get(caller.standin.url + '/accounts', persistent=False,
                                  headers={'Authorization': header})
        assert response.code == 401
        yield treq.content(response)
    assert caller.standin.desk.tickets() == []
    assert [call['key_is_right'] for call in caller.standin.ledger.calls()] == [False] * 7


@pytest.mark.parametrize('told', [True, False])
@pytest_twisted.inlineCallbacks
def test_over_the_limit_there_is_a_429_with_or_without_retry_after(make_caller, told):
    caller = yield make_caller(rate_limit=3, retry_after=told)
    statuses = []
    for _ in range(4):
        response, _ = yield caller.call('POST', '/note', json=draft())
        statuses.append(response.code)
    assert statuses == [200, 200, 200, 429]
    assert len(caller.standin.desk.tickets()) == 3
    header = response.headers.getRawHeaders('retry-after')
    assert (header is not None and 0 < int(header[0]) <= 60) if told else header is None


@pytest_twisted.inlineCallbacks
def test_the_ledger_tells_every_call_and_never_the_key(caller):
    nonce = yield caller.note('one')
    yield caller.note('two', id=nonce)
    yield caller.call('GET', '/account/1/search?query=umbrella')
    calls = caller.standin.ledger.calls()
    assert [(call['path'], call['work'], call['nonce'], call['status'], call['answered'])
            for call in calls] == [
        ('/note', 'ticket opened', nonce, 200, True), ('/note', 'note added', nonce, 200, True),
        ('/account/1/search', '', '', 200, True)]
    assert (calls[1]['body']['message'], calls[2]['query']) == ('two', 'query=umbrella')
    assert 'standin-key' not in json.dumps(calls)
