# -*- coding: utf-8 -*-
"""What the demo's page shows of what the store, the phones and the help desk know."""
from __future__ import absolute_import, division, print_function, unicode_literals

from tools.demo.view import Sent, page_state
from tools.network import TextMessage

NUMBER = '+27820001001'
STORED, FORWARDED, PARKED = 'stored', 'forwarded', 'parked'


def event(at, what, detail='', **ref):
    return dict(ref, at=at, what=what, detail=detail)


def ticket(messages=(), replies=(), history=(), number='1', answers=()):
    return {'ticket': number, 'nonce': 'k3j5', 'from_addr': NUMBER, 'history': list(history),
            'messages': [{'id': 'm%d' % n, 'number': n, 'text': 'text %d' % n, 'state': state}
                         for n, state in enumerate(messages, 1)],
            'replies': [{'id': 'r%d' % n, 'number': n, 'html': '<p>Hi <b>you</b></p>',
                         'state': state} for n, state in enumerate(replies, 1)],
            'answers': [{'number': n, 'text': 'Thank you', 'state': state}
                        for n, state in enumerate(answers, 1)]}


def shown(sent=(), received=(), tickets=(), desk=()):
    return page_state(list(sent), list(received), list(tickets), list(desk), [], 'An Agent')


def steps(journey):
    return [(step['name'], step['done'], step['after']) for step in journey['steps']]


def test_a_message_goes_from_the_phone_to_a_ticket():
    state = shown(
        [Sent('m1', NUMBER, 'text 1', 100.0, True)],
        tickets=[ticket([FORWARDED], history=[
            event(100.02, 'stored', message=1), event(100.5, 'forwarded', message=1)])])
    journey, = state['journeys']
    assert steps(journey) == [('Sent by the phone', True, 0.0), ('Stored in Redis', True, 0.02),
                              ('Ticket opened', True, 0.5)]
    assert (journey['state'], journey['took'], journey['text']) == ('done', 0.5, 'text 1')
    assert state['phones'][NUMBER][0]['state'] == 'forwarded'


def test_a_later_message_is_added_to_the_ticket():
    journeys = shown(tickets=[ticket([FORWARDED, FORWARDED], history=[
        event(1, 'stored', message=1), event(2, 'forwarded', message=1),
        event(3, 'stored', message=2),
        event(4, 'forwarded', 'joined with 1 more', message=2)])])['journeys']
    assert [each['steps'][-1]['name'] for each in journeys] == [
        'Added to the ticket', 'Ticket opened']
    assert journeys[0]['steps'][-1]['detail'] == 'joined with 1 more'


def test_what_is_not_in_the_store_yet_waits_on_the_bus():
    state = shown([Sent('m1', NUMBER, 'hello', 100.0, True)])
    journey, = state['journeys']
    assert [each[:2] for each in steps(journey)] == [
        ('Sent by the phone', True), ('Stored in Redis', False), ('With the help desk', False)]
    assert journey['state'] == 'moving'
    assert state['phones'][NUMBER][0]['state'] == 'sent'


def test_what_the_transport_did_not_take_is_told_at_once():
    state = shown([Sent('m1', NUMBER, 'hello', 100.0, False)])
    assert state['journeys'][0]['state'] == 'bad'
    assert state['phones'][NUMBER][0]['state'] == 'failed'


def test_an_auto_reply_goes_back_by_itself():
    journey, = shown(tickets=[ticket(answers=['acked'], history=[
        event(1, 'answer stored', 'auto_reply', answer=1), event(1.2, 'published', answer=1),
        event(1.3, 'acked', answer=1)])])['journeys']
    assert steps(journey) == [
        ('Stored in Redis', True, 0.0), ('Published on the bus', True, 0.2),
        ('Sent by the transport', True, 0.3), ('Delivered', False, None)]
    assert (journey['kind'], journey['text']) == ('answer', 'Thank you')


def test_a_message_that_waits_tells_why():
    journey, = shown(tickets=[ticket(['sending'], history=[
        event(1, 'stored', message=1), event(2, 'trying again', 'Unreachable', message=1)])
    ])['journeys']
    assert journey['steps'][-1]['detail'] == 'trying again: Unreachable'
    assert (journey['state'], journey['took']) == ('moving', None)


def test_a_message_that_was_put_aside_tells_why():
    journey, = shown(tickets=[ticket([PARKED], history=[
        event(1, 'stored', message=1), event(2, 'parked', 'refused', message=1)])])['journeys']
    last = journey['steps'][-1]
    assert (last['name'], last['bad'], last['detail']) == ('Put aside', True, 'refused')
    assert journey['state'] == 'bad'


def test_a_message_that_was_put_back_is_no_longer_bad():
    journey, = shown(tickets=[ticket([FORWARDED], history=[
        event(1, 'stored', message=1), event(2, 'parked', 'refused', message=1),
        event(3, 'put back', message=1), event(4, 'forwarded', message=1)])])['journeys']
    assert journey['state'] == 'done'
    assert not any(step['bad'] for step in journey['steps'])


def test_a_reply_goes_from_the_help_desk_to_the_phone():
    history = [event(10, 'reply stored', reply=1), event(10.1, 'published', reply=1),
               event(10.3, 'acked', reply=1)]
    journey, = shown(tickets=[ticket(replies=['acked'], history=history)])['journeys']
    assert steps(journey) == [
        ('Stored in Redis', True, 0.0), ('Published on the bus', True, 0.1),
        ('Sent by the transport', True, 0.3), ('Delivered', False, None)]
    assert (journey['text'], journey['state']) == ('Hi you', 'moving')
    history.append(event(11, 'delivered', reply=1))
    journey, = shown(tickets=[ticket(replies=['delivered'], history=history)])['journeys']
    assert (journey['state'], journey['took']) == ('done', 1.0)


def test_a_reply_that_was_refused_tells_why():
    journey, = shown(tickets=[ticket(replies=['failed'], history=[
        event(10, 'reply stored', reply=1), event(10.1, 'published', reply=1),
        event(10.3, 'failed', 'Unexpected status code: 503', reply=1)])])['journeys']
    assert [each['name'] for each in journey['steps']] == [
        'Stored in Redis', 'Published on the bus', 'Not delivered']
    assert journey['steps'][-1]['detail'] == 'Unexpected status code: 503'


def test_the_newest_journey_comes_first():
    journeys = shown([Sent('x', NUMBER, 'last', 50.0, True)], tickets=[
        ticket([FORWARDED], replies=['acked'], history=[
            event(1, 'stored', message=1), event(2, 'forwarded', message=1),
            event(9, 'reply stored', reply=1)])])['journeys']
    assert [each['text'] for each in journeys] == ['last', 'Hi you', 'text 1']


def test_a_phone_shows_both_sides_in_the_order_of_time():
    got = TextMessage('r1', 'n1', NUMBER, 'answer', 'm1', None, {}, 150.0)
    state = shown([Sent('m1', NUMBER, 'one', 100.0, True), Sent('m2', NUMBER, 'two', 200.0)],
                  [got])
    assert [(each['text'], each['mine']) for each in state['phones'][NUMBER]] == [
        ('one', True), ('answer', False), ('two', True)]


def test_a_ticket_of_the_help_desk_has_its_notes_oldest_first():
    def note(number, scope, content, **by):
        return dict({'id': number, 'created_at': number, 'scope': scope, 'content': content,
                     'created_by_staff_id': None,
                     'creator': {'first_name': NUMBER, 'last_name': ''}}, **by)
    staff = {'created_by_staff_id': 1, 'creator': {'first_name': 'An', 'last_name': 'Agent'}}
    found, = shown(desk=[{
        'nonce': 'k3j5', 'default_subject': 'Support', 'status': 'replied', 'last_reply_at': 2,
        'contacts': [{'first_name': NUMBER, 'value': '27820001001@sms.example.org'}],
        'notes': [note(3, 'private', '<p>psst</p>', **staff),
                  note(2, 'public', '<p>Hi <i>there</i></p>', **staff),
                  note(1, 'public', 'My <card>')]}])['tickets']
    assert (found['number'], found['at']) == (NUMBER, 3)
    assert [(each['by'], each['author'], each['plain'], each['private'])
            for each in found['notes']] == [
        ('customer', NUMBER, 'My <card>', False), ('staff', 'An Agent', 'Hi there', False),
        ('staff', 'An Agent', 'psst', True)]


def test_the_version_changes_with_the_state_and_only_then():
    same = [shown([Sent('m1', NUMBER, 'one', 100.0)])['version'] for _ in range(2)]
    other = shown([Sent('m1', NUMBER, 'one', 100.0, True)])['version']
    assert same[0] == same[1] != other
