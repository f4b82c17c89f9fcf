"""What the API does with its parts; what it answers is compared with the released bouncer's in
tests/integration/test_bouncer_conformance.py."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.django_bouncer.api.conftest import LINE, TICKET
from tests.http.doubles import wait_until
from tests.snappy.test_hook import NOTE, body, note
from vumi_snappy.records import Accepted, Posted
from vumi_snappy.store.errors import StoreUnavailable
from vumi_snappy.store.posted import TooMany

FORM = [b'Content-Type: application/x-www-form-urlencoded']


@pytest_twisted.inlineCallbacks
def test_what_is_posted_is_given_to_the_intake_with_its_line(api):
    answer = yield api.post(tag='urgent', operator=3, colour='blue')
    assert answer.status == 201
    fields, endpoint, posted, told = api.asked[0]
    assert len(fields.pop('message_id')) == 32
    assert fields == dict(LINE, from_addr='+27820001001', content='Help')
    assert (endpoint, posted) == ('default', Posted('line', 'contact'))
    assert told == [('tag', 'urgent'), ('operator', '3')]
    assert (answer.json['colour'], api.counted) == ('blue', ['posted'])


@pytest_twisted.inlineCallbacks
def test_a_ticket_is_told_of_with_all_that_was_said(api):
    answer = yield api.post()
    assert answer.json == {
        'id': 17, 'resource_uri': '/api/v1/snappybouncer/ticket/17/', 'contact_key': 'contact',
        'conversation': '/api/v1/snappybouncer/conversation/1/', 'msisdn': '+27820001001',
        'message': 'One\n\nTwo', 'response': 'A & b\n\nC', 'support_nonce': 'nonce',
        'support_id': 5, 'created_at': '2014-11-14T21:20:00.250000',
        'updated_at': '2014-11-14T21:20:01'}
    assert answer.headers['location'] == 'http://localhost/api/v1/snappybouncer/ticket/17/'


@pytest_twisted.inlineCallbacks
def test_what_opens_no_ticket_is_taken_without_a_number(api):
    api.number = ''
    answer = yield api.post(message='STOP')
    assert answer.status == 201
    assert (answer.json['id'], answer.json['message']) == (None, 'STOP')
    assert answer.headers['location'] == 'http://localhost/api/v1/snappybouncer/ticket/'


@pytest.mark.parametrize('becomes', ['unreadable', 'forgotten'])
@pytest_twisted.inlineCallbacks
def test_what_is_stored_is_not_asked_for_again_when_it_can_not_be_read_back(api, becomes):
    if becomes == 'unreadable':
        api.tickets = lambda numbers: defer.fail(StoreUnavailable('away'))
    else:
        api.number = '99'
    answer = yield api.post()
    number = int(api.number)
    assert answer.status == 201
    assert (answer.json['id'], answer.json['message']) == (number, 'Help')
    assert answer.json['resource_uri'] == '/api/v1/snappybouncer/ticket/%d/' % (number,)


@pytest_twisted.inlineCallbacks
def test_nothing_is_promised_while_the_store_is_away(api):
    api.fails = StoreUnavailable('away')
    for asked in (api.post(), api.ask(b'GET', 'ticket/'), api.ask(b'GET', 'ticket/17/')):
        answer = yield asked
        assert (answer.status, answer.headers['retry-after']) == (503, '30')
        assert answer.json == {'error': 'The store is not available: try again later.'}


@pytest_twisted.inlineCallbacks
def test_a_page_of_tickets_is_asked_for_as_it_is_needed(api):
    answer = yield api.ask(b'GET', 'ticket/?limit=5&offset=20&contact_key=a%2Cb&msisdn__in=1,2')
    assert api.asked == [('page', 20, 5, ['a,b'], ['1', '2'])]
    assert answer.json['meta'] == {
        'limit': 5, 'offset': 20, 'total_count': 41,
        'previous': '/api/v1/snappybouncer/ticket/?username=sandbox&api_key=the-key'
                    '&contact_key=a%2Cb&msisdn__in=1%2C2&limit=5&offset=15',
        'next': '/api/v1/snappybouncer/ticket/?username=sandbox&api_key=the-key'
                '&contact_key=a%2Cb&msisdn__in=1%2C2&limit=5&offset=25'}


@pytest_twisted.inlineCallbacks
def test_while_a_long_page_is_made_others_have_their_turns(api):
    api.page = lambda *_: defer.succeed((300, [TICKET] * 300))
    later, pauses = api.clock.callLater, []

    def call_later(delay, *call, **more):
        pauses.append(delay)
        return later(delay, *call, **more)
    api.clock.callLater = call_later
    asked = api.ask(b'GET', 'ticket/?limit=0')
    yield wait_until(api.clock.getDelayedCalls, lambda: 'no pause')
    assert not asked.called
    api.clock.advance(0)
    assert len((yield asked).json['objects']) == 300
    assert pauses.count(0) == 8


@pytest_twisted.inlineCallbacks
def test_a_filter_that_fits_too_many_is_refused_with_what_to_do(api):
    api.fails = TooMany()
    answer = yield api.ask(b'GET', 'ticket/?contact_key__in=a,b')
    assert (answer.status, api.counted) == (400, ['refused'])
    assert 'name fewer contacts' in answer.json['error']


@pytest_twisted.inlineCallbacks
def test_a_conversation_is_found_by_its_key_in_any_letters(api):
    answer = yield api.ask(b'GET', 'conversation/key/b%C3%A9/')
    assert answer.json['id'] == 2


@pytest_twisted.inlineCallbacks
def test_sets_have_a_bound(api):
    answer = yield api.ask(b'GET', 'ticket/set/%s/' % (';'.join(['1'] * 1001),))
    assert (answer.status, api.asked) == (400, [])


@pytest.mark.parametrize('path', ['ticket/%C3%B2/', 'ticket/%C2%B2/', 'ticket/-1/',
                                  'ticket/%s/' % ('9' * 16,), 'ticket/set/%C2%B2/'])
@pytest_twisted.inlineCallbacks
def test_what_is_no_number_is_nothing(api, path):
    answer = yield api.ask(b'GET', path)
    assert (answer.status, api.asked) == (404, [])


# Who may call, and from where.

@pytest_twisted.inlineCallbacks
def test_who_guesses_is_held_back_and_nothing_is_asked_for_them(api):
    for _ in range(3):
        answer = yield api.ask(b'GET', 'ticket/', key=b'?username=sandbox&api_key=wrong')
        assert answer.status == 401
    fourth = api.ask(b'POST', 'listener/', key=b'?username=sandbox&api_key=wrong')
    yield wait_until(api.clock.getDelayedCalls, lambda: 'it is not held back')
    assert not fourth.called
    api.clock.advance(0.25)
    assert (yield fourth).status == 401
    assert api.asked == []


@pytest_twisted.inlineCallbacks
def test_the_api_and_the_hook_are_each_taken_from_networks_of_their_own(make_api):
    api = make_api(networks=['192.0.2.0/24'], hook_networks=['127.0.0.1'])
    assert (yield api.ask(b'GET', 'ticket/')).status == 403
    assert (yield api.ask(b'POST', 'listener/', body(note()), FORM)).status == 201
    api = make_api(networks=['127.0.0.1'], hook_networks=['192.0.2.0/24'])
    assert (yield api.ask(b'GET', 'ticket/')).status == 200
    assert (yield api.ask(b'POST', 'listener/', body(note()), FORM)).status == 403
    assert api.store.notes == []


@pytest_twisted.inlineCallbacks
def test_addresses_are_those_that_the_caller_can_reach(make_api):
    api = make_api(trusted_proxies=['127.0.0.1'])
    answer = yield api.ask(b'GET', 'ticket/17', headers=[b'X-Forwarded-Proto: https'])
    assert (answer.status, answer.headers['location']) == (
        301, 'https://localhost/api/v1/snappybouncer/ticket/17/?username=sandbox&api_key=the-key')
    # Not everybody is believed.
    answer = yield make_api().ask(b'GET', 'ticket/17', headers=[b'X-Forwarded-Proto: https'])
    assert answer.headers['location'].startswith('http://localhost/')


# What Snappy's hook brings.

@pytest_twisted.inlineCallbacks
def test_a_reply_is_stored_before_the_hook_is_told_so(api):
    answer = yield api.ask(b'POST', 'listener/', body(note()), FORM)
    assert (answer.status, answer.body) == (201, b'')
    assert [each.note_id for each in api.store.notes] == ['%s' % (NOTE['id'],)]


@pytest_twisted.inlineCallbacks
def test_a_reply_may_come_as_json(api):
    data = json.dumps({'note': NOTE})
    answer = yield api.ask(
        b'POST', 'listener/', json.dumps({'event': 'message.outgoing', 'data': data}).encode(
            'ascii'), [b'Content-Type: application/json'])
    assert (answer.status, len(api.store.notes)) == (201, 1)


@pytest_twisted.inlineCallbacks
def test_a_reply_on_an_unknown_ticket_is_to_be_brought_again(api):
    api.store.answers.append(Accepted.UNKNOWN_TICKET)
    answer = yield api.ask(b'POST', 'listener/', body(note()), FORM)
    assert (answer.status, answer.headers['content-type']) == (404, 'application/json')


@pytest_twisted.inlineCallbacks
def test_a_hook_whose_body_can_not_be_read_is_counted(api):
    answer = yield api.ask(
        b'POST', 'listener/', b'{', [b'Content-Type: application/json'])
    assert (answer.status, api.counted) == (400, ['refused'])


@pytest_twisted.inlineCallbacks
def test_a_private_note_is_taken_and_goes_nowhere(api):
    answer = yield api.ask(b'POST', 'listener/', body(note(scope='private')), FORM)
    assert (answer.status, api.store.notes) == (201, [])


@pytest_twisted.inlineCallbacks
def test_the_hook_is_told_to_come_again_while_the_store_is_away(api):
    api.store.answers.append(StoreUnavailable('away'))
    answer = yield api.ask(b'POST', 'listener/', body(note()), FORM)
    assert (answer.status, answer.headers['retry-after']) == (503, '30')
