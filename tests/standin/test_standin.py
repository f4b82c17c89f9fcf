# -*- coding: utf-8 -*-
"""The stand-in behaves as Snappy was recorded, over a real socket."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json

import pytest
import pytest_twisted
import treq
from klein import Klein
from twisted.internet import defer, reactor, task
from twisted.web.client import ResponseNeverReceived
from twisted.web.server import Site

from vumi_snappy.standin.service import StandIn

KEY = 'standin-key'
PERSON = [{'name': '+27820001001 Zulu', 'address': '27820001001@sms.example.org'}]


class Caller(object):
    """Calls a stand-in as an integration with Snappy does."""

    def __init__(self, standin):
        self.standin = standin

    @defer.inlineCallbacks
    def call(self, method, path, key=KEY, **kwargs):
        response = yield treq.request(
            method, (self.standin.url + path).encode('utf-8'), auth=(key, 'x'),
            persistent=False, **kwargs)
        body = yield treq.content(response)
        defer.returnValue((response, body))

    @defer.inlineCallbacks
    def ask(self, method, path, **kwargs):
        _, body = yield self.call(method, path, **kwargs)
        defer.returnValue(json.loads(body.decode('utf-8')))

    @defer.inlineCallbacks
    def note(self, message='My card is lost', **fields):
        body = dict({'mailbox_id': 1, 'subject': 'Support', 'message': message, 'from': PERSON},
                    **fields)
        response, nonce = yield self.call('POST', '/note', json=body)
        assert response.code == 200, nonce
        defer.returnValue(nonce.decode('ascii'))


@pytest.fixture
def make_caller():
    made = []

    def make(**options):
        standin = StandIn(reactor, api_key=KEY, **options)
        made.append(standin)
        return standin.start().addCallback(Caller)
    yield make
    for standin in made:
        pytest_twisted.blockon(standin.stop())


@pytest.fixture
def caller(make_caller):
    return pytest_twisted.blockon(make_caller())


@pytest_twisted.inlineCallbacks
def test_a_note_opens_a_ticket_and_the_answer_is_its_bare_nonce(caller):
    response, nonce = yield caller.call('POST', '/note', json={
        'mailbox_id': 1, 'subject': 'Support', 'message': 'مرحبا', 'from': PERSON})
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


@pytest_twisted.inlineCallbacks
def test_staff_text_comes_back_as_html(caller):
    nonce = yield caller.note()
    yield caller.note('for the team', id=nonce, scope='private', staff_id=1, to=PERSON)
    [private, _] = yield caller.ask('GET', '/ticket/%s/notes' % nonce)
    assert (private['content'], private['scope'], private['using_html']) == (
        '<p>for the team</p>\n', 'private', 0)


@pytest_twisted.inlineCallbacks
def test_one_address_is_one_contact(caller):
    yield caller.note()
    yield caller.note()
    assert len(caller.standin.desk.contacts) == 1
    contact = yield caller.ask('GET', '/account/1/contacts/%s' % PERSON[0]['address'])
    assert contact['value'] == PERSON[0]['address']


@pytest.mark.parametrize('body', [{'tags': ['#cards']}, {'tags': '["#cards"]'}])
@pytest_twisted.inlineCallbacks
def test_tags_are_taken_in_both_encodings(caller, body):
    nonce = yield caller.note()
    _, answer = yield caller.call('POST', '/ticket/%s/tags' % nonce, json=body)
    assert answer == b'OK'
    assert (yield caller.ask('GET', '/ticket/%s' % nonce))['tags'] == ['#cards']


@pytest_twisted.inlineCallbacks
def test_tickets_are_found_by_list_status_and_search(caller):
    nonce = yield caller.note('a lost umbrella')
    other = yield caller.note('something else')
    yield caller.ask('PUT', '/ticket/%s/status' % other, json={'status': 'replied'})
    waiting = yield caller.ask('GET', '/mailbox/1/waiting')
    assert [ticket['nonce'] for ticket in waiting] == [nonce]
    found = yield caller.ask('GET', '/account/1/search?query=umbrella&page=1')
    assert (found['meta']['total'], found['data'][0]['nonce']) == (1, nonce)
    assert len((yield caller.ask('GET', '/mailbox/1/inbox'))) == 2


@pytest.mark.parametrize('method, path, body, status', [
    ('POST', '/note', {'mailbox_id': 1, 'message': 'x', 'from': [{'address': 'none'}]}, 422),
    ('POST', '/note', {'mailbox_id': 9, 'message': 'x', 'from': PERSON}, 422),
    ('POST', '/note', {'mailbox_id': 1, 'from': PERSON}, 422),
    ('POST', '/note', {'mailbox_id': 1, 'message': 'x', 'from': PERSON, 'id': 'gone'}, 404),
    ('GET', '/ticket/gone', None, 404),
    ('GET', '/nothing', None, 404)])
@pytest_twisted.inlineCallbacks
def test_what_snappy_would_not_take_is_refused(caller, method, path, body, status):
    response, _ = yield caller.call(method, path, json=body)
    assert response.code == status


@pytest_twisted.inlineCallbacks
def test_a_wrong_key_is_refused_and_does_nothing(caller):
    response, _ = yield caller.call('POST', '/note', key='wrong', json={
        'mailbox_id': 1, 'message': 'x', 'from': PERSON})
    assert response.code == 401
    assert caller.standin.desk.tickets() == []


@pytest_twisted.inlineCallbacks
def test_over_the_limit_there_is_a_429(make_caller):
    caller = yield make_caller(rate_limit=3)
    statuses = []
    for _ in range(4):
        response, _ = yield caller.call('GET', '/accounts')
        statuses.append(response.code)
    assert statuses == [200, 200, 200, 429]
    assert int(response.headers.getRawHeaders('retry-after')[0]) in range(50, 62)


@pytest_twisted.inlineCallbacks
def test_the_ledger_tells_every_call_and_never_the_key(caller):
    nonce = yield caller.note('one')
    yield caller.note('two', id=nonce)
    calls = caller.standin.ledger.calls()
    assert [(call['work'], call['nonce'], call['status']) for call in calls] == [
        ('ticket opened', nonce, 200), ('note added', nonce, 200)]
    assert KEY not in json.dumps(calls)
    assert len(caller.standin.ledger.calls(since=1)) == 1


@pytest.mark.parametrize('fault, works', [
    (dict(effect='reset_before'), False), (dict(effect='reset_after'), True)])
@pytest_twisted.inlineCallbacks
def test_a_connection_can_be_cut_before_or_after_the_work(caller, fault, works):
    caller.standin.faults.add(dict(fault, times=1))
    with pytest.raises(ResponseNeverReceived):
        yield caller.note()
    assert len(caller.standin.desk.tickets()) == (1 if works else 0)
    yield caller.note()


@pytest.mark.parametrize('fault, status, works', [
    (dict(effect='status', status=500), 500, False),
    (dict(effect='status', status=429, retry_after='7'), 429, False),
    (dict(effect='status_after', status=502), 502, True),
    (dict(effect='garbage', body='<html>maintenance</html>'), 200, True)])
@pytest_twisted.inlineCallbacks
def test_answers_can_be_made_to_lie(caller, fault, status, works):
    caller.standin.faults.add(dict(fault, method='POST', path='^/note'))
    response, _ = yield caller.call('POST', '/note', json={
        'mailbox_id': 1, 'message': 'x', 'from': PERSON})
    assert response.code == status
    assert len(caller.standin.desk.tickets()) == (1 if works else 0)
    if 'retry_after' in fault:
        assert response.headers.getRawHeaders('retry-after') == ['7']


@pytest.mark.parametrize('effect, works', [('hang', False), ('hang_after', True)])
@pytest_twisted.inlineCallbacks
def test_a_call_can_hang(caller, effect, works):
    caller.standin.faults.add({'effect': effect})
    hanging = caller.note()
    yield task.deferLater(reactor, 0.2, lambda: None)
    assert not hanging.called
    assert len(caller.standin.desk.tickets()) == (1 if works else 0)
    hanging.addErrback(lambda _: None)
    hanging.cancel()
    yield hanging


class Receiver(object):
    """A webhook receiver that answers as a test says."""

    def __init__(self):
        self.got, self.statuses = [], []
        app = Klein()

        @app.route('/hook', methods=['POST'])
        def hook(request):
            self.got.append((
                request.getUser(), request.getPassword(),
                {name: values for name, values in request.args.items()}))
            request.setResponseCode(self.statuses.pop(0) if self.statuses else 200)
            return b''
        site = Site(app.resource())
        site.log = lambda request: None
        self.port = reactor.listenTCP(0, site, interface='127.0.0.1')
        self.url = 'http://anyone:s3cret@127.0.0.1:%d/hook' % self.port.getHost().port

    def events(self):
        return [fields[b'event'][0].decode('ascii') for _, _, fields in self.got]

    @defer.inlineCallbacks
    def until(self, count):
        for _ in range(500):
            if len(self.got) >= count:
                return
            yield task.deferLater(reactor, 0.01, lambda: None)
        raise AssertionError(self.got)


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    pytest_twisted.blockon(defer.maybeDeferred(made.port.stopListening))


@pytest_twisted.inlineCallbacks
def test_an_agents_answer_fires_the_webhook_as_recorded(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url)
    nonce = yield caller.note()
    yield receiver.until(2)
    assert sorted(receiver.events()) == ['message.incoming', 'ticket.created']
    response = yield treq.post(
        'http://127.0.0.1:%d/_standin/tickets/%s/reply' % (caller.standin.port, nonce),
        json={'content': '<p>Hi</p>'}, persistent=False)
    assert response.code == 200
    yield treq.content(response)
    yield receiver.until(4)
    user, password, fields = next(each for each in receiver.got
                                  if each[2][b'event'] == [b'message.outgoing'])
    assert (user, password, sorted(fields)) == (b'anyone', b's3cret', [b'data', b'event'])
    note = json.loads(fields[b'data'][0].decode('utf-8'))['note']
    assert (note['ticket']['nonce'], note['content']) == (nonce, '<p>Hi</p>')
    assert 'remember_token' in note['creator']
    assert 'contacts' not in note and 'mailbox' not in note['ticket']


@pytest_twisted.inlineCallbacks
def test_a_delivery_that_is_not_accepted_is_tried_again(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url)
    receiver.statuses = [503]
    caller.standin.hooks.send('message.outgoing', {'note': {}})
    yield receiver.until(2)
    yield task.deferLater(reactor, 0.05, lambda: None)
    [delivery] = caller.standin.hooks.listed()
    assert delivery['statuses'] == [503, 200]
    assert delivery['accepted']


@pytest_twisted.inlineCallbacks
def test_line_feeds_can_stand_raw_in_the_json(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url, raw_line_feeds=True)
    caller.standin.hooks.send('message.outgoing', {'note': {'content': 'bye\nline2'}})
    yield receiver.until(1)
    data = receiver.got[0][2][b'data'][0]
    assert b'bye\nline2' in data
    assert json.loads(data.decode('utf-8'), strict=False)['note']['content'] == 'bye\nline2'


@pytest_twisted.inlineCallbacks
def test_deliveries_can_be_doubled(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url)
    caller.standin.hooks.duplicate = 1.0
    caller.standin.hooks.send('message.outgoing', {'note': {}})
    yield receiver.until(2)
    assert receiver.got[0] == receiver.got[1]


@pytest_twisted.inlineCallbacks
def test_the_agents_page_is_served(caller):
    for path, word in (('', b'Stand-in help desk'), ('desk.js', b'use strict')):
        response = yield treq.get('http://127.0.0.1:%d/%s' % (caller.standin.port, path),
                                  persistent=False)
        assert word in (yield treq.content(response))
