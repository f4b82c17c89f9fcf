"""What a message on the bus means for the store."""
from __future__ import absolute_import, division, print_function, unicode_literals

import datetime

import pytest
from twisted.internet import defer
from twisted.python import failure

from tests.config.test_config import config
from vumi_snappy.bus import Malformed
from vumi_snappy.bus.metrics import COUNTERS
from vumi_snappy.inbound.intake import Intake
from vumi_snappy.records import (
    Accepted, AnswerKind, InboundOutcome, Posted, Subscription, TicketUse)
from vumi_snappy.vumi.message import TransportUserMessage


#: A Sunday.
NOW = 1416137000.0


class Recorder(object):
    """A store and metrics that remember."""

    def __init__(self, says=Accepted.STORED):
        self.accepted, self.counted, self.says = [], [], says

    def accept_inbound(self, inbound):
        self.accepted.append(inbound)
        return defer.succeed(InboundOutcome(self.says, '17'))

    def count(self, name):
        assert name in COUNTERS
        self.counted.append(name)


def message(**fields):
    given = dict(
        to_addr='12345', from_addr='+27820001001', transport_name='sms_transport',
        transport_type='sms', content='My card is lost', message_id='m1', provider='mtn',
        timestamp=datetime.datetime(2014, 11, 14, 21, 20, 0, 500000),
        transport_metadata={'shard': 3}, helper_metadata={'clinic': {'code': '12'}})
    given.update(fields)
    return TransportUserMessage(**given)


def take(given, recorder=None, **options):
    recorder = recorder or Recorder()
    intake = Intake(recorder, config(**options), recorder, lambda: NOW)
    results = []
    prepared = intake.take(given)
    assert recorder.accepted == []
    defer.maybeDeferred(prepared.finish).addBoth(results.append)
    if isinstance(results[0], failure.Failure):
        results[0].raiseException()
    return recorder


def test_a_message_is_stored_with_all_that_a_reply_needs():
    given = message()
    given.set_routing_endpoint('sms_endpoint')
    recorder = take(given)
    [inbound] = recorder.accepted
    assert (inbound.message_id, inbound.content) == ('m1', 'My card is lost')
    assert inbound.sent_at == 1416000000.5
    assert inbound.subject == 'Support for +27820001001'
    assert inbound.contact_address == '27820001001@sms.example.org'
    assert inbound.endpoint == 'sms_endpoint'
    assert inbound.envelope == {
        'to_addr': '12345', 'from_addr': '+27820001001', 'transport_name': 'sms_transport',
        'transport_type': 'sms', 'transport_metadata': {'shard': 3}, 'group': None,
        'helper_metadata': {'clinic': {'code': '12'}}, 'provider': 'mtn', 'message_id': 'm1',
        'endpoint': 'sms_endpoint', 'received_at': NOW, 'in_session': False,
        'session_over': False}
    assert recorder.counted == ['inbound.received']


@pytest.mark.parametrize('from_addr', ['0820001001', 'whatsapp:+27820001001'])
def test_a_number_has_one_spelling_for_all_but_the_reply(from_addr):
    given = message(from_addr=from_addr)
    [inbound] = take(given, normalise_numbers='ZA', extras_url='https://x.example.org/{from_addr}',
                     extras_fields=['clinic'], snappy_staff_id=1).accepted
    assert inbound.from_addr == '+27820001001'
    assert inbound.subject == 'Support for +27820001001'
    assert inbound.contact_address == '27820001001@sms.example.org'
    assert inbound.lookup == 'https://x.example.org/%2B27820001001'
    assert '27820001001' in inbound.spellings and '+27820001001' not in inbound.spellings
    assert inbound.envelope['from_addr'] == given['from_addr'] == from_addr


@pytest.mark.parametrize('content', ['', '  \n'])
def test_a_blank_message_is_counted_logged_and_opens_nothing(content, logged):
    recorder = take(message(content=content))
    assert recorder.accepted == []
    assert recorder.counted == ['inbound.received', 'inbound.empty']
    assert 'Message m1: it has no text: nothing is stored.' in logged


PICTURE = {'message': {'type': 'image', 'image': {
    'id': 'b1c6', 'mime_type': 'image/jpeg', 'link': 'https://media.example.org/b1c6'}}}


@pytest.mark.parametrize('content, event', [
    (None, None), ('', None), (' ', None), (None, 'new'), (None, 'resume')])
def test_a_picture_without_text_makes_a_ticket_that_says_so(content, event):
    [inbound] = take(
        message(content=content, session_event=event, transport_metadata=PICTURE)).accepted
    assert inbound.tickets is TicketUse.OPEN
    assert inbound.content == '[picture: image/jpeg, https://media.example.org/b1c6]'


def test_a_picture_is_told_behind_what_is_said_with_it():
    [inbound] = take(message(transport_metadata=PICTURE)).accepted
    assert inbound.content == (
        'My card is lost\n\n[picture: image/jpeg, https://media.example.org/b1c6]')


def test_what_a_transport_can_not_put_into_text_makes_a_ticket_whatever_it_is():
    [inbound] = take(message(content=None, transport_metadata={'shard': 3})).accepted
    assert inbound.content == '[a message without text, of which its transport tells nothing]'


@pytest.mark.parametrize('fields', [
    {'transport_metadata': {'wechat': {'MsgType': 'event', 'Event': 'SCAN', 'EventKey': '7'}}},
    # Telegram makes one with each letter that is typed.
    {'helper_metadata': {'message_type': 'inline_query', 'details': {'query': 'hel'}}},
    {'session_event': 'close', 'transport_metadata': {}},
    {'session_event': 'close', 'transport_metadata': PICTURE}])
def test_an_event_or_the_end_of_a_session_opens_nothing(fields):
    assert take(message(content=None, **fields)).accepted == []


def test_a_picture_with_a_keyword_opts_out_all_the_same():
    [inbound] = take(
        message(content='STOP', transport_metadata=PICTURE), opt_out_keywords=['stop'],
        opt_in_keywords=['start']).accepted
    assert inbound.subscription is Subscription.OPT_OUT


@pytest.mark.parametrize('event, content, tickets, kind', [
    ('resume', 'My card is lost', TicketUse.OPEN, AnswerKind.SESSION_END),
    ('new', None, TicketUse.NONE, AnswerKind.SESSION_PROMPT)])
def test_a_message_of_a_session_is_stored_with_its_answer(event, content, tickets, kind):
    recorder = take(message(session_event=event, content=content, transport_type='ussd'))
    [inbound] = recorder.accepted
    assert (inbound.tickets, inbound.content) == (tickets, content or '')
    assert [answer.kind for answer in inbound.answers] == [kind]


def test_at_night_a_message_is_answered_with_the_hours():
    hours = {'time_zone': 'UTC', 'monday-friday': '08:00-17:00'}
    recorder = take(message(), opening_hours=hours, auto_reply='Thank you',
                    out_of_hours_reply='We are closed')
    assert [answer.text for answer in recorder.accepted[0].answers] == ['We are closed']


def test_a_robot_is_heard_but_not_answered():
    recorder = take(message(from_addr='MTN-Info'), auto_reply='Thank you')
    assert recorder.accepted[0].answers == ()
    assert recorder.counted == ['inbound.received', 'answers.withheld']


def test_a_message_that_came_before_is_counted_as_such():
    recorder = take(message(), Recorder(Accepted.DUPLICATE))
    assert recorder.counted == ['inbound.received', 'inbound.duplicate']


def test_a_message_from_nobody_is_malformed():
    with pytest.raises(Malformed):
        take(message(from_addr=''))


def test_extras_are_told_by_name_and_left_out_when_missing():
    recorder = take(message(), extras=['helper_metadata.clinic.code', 'helper_metadata.ward'],
                    snappy_staff_id=7)
    assert recorder.accepted[0].extras == 'helper_metadata.clinic.code: 12'


LOOKED_UP = {'snappy_staff_id': 7, 'extras_fields': ['a'],
             'extras_url': 'https://x/{transport_metadata.shard}/{from_addr}?q={content}'}


@pytest.mark.parametrize('fields, url', [
    ({}, 'https://x/3/%2B27820001001?q=My%20card%20is%20lost'),
    ({'content': 'a/../b?c#d&e=\u00fc'},
     'https://x/3/%2B27820001001?q=a%2F..%2Fb%3Fc%23d%26e%3D%C3%BC'),
    ({'from_addr': '..'}, ''), ({'transport_metadata': {}}, '')])
def test_where_to_look_a_person_up_is_stored_with_every_value_escaped(fields, url):
    recorder = take(message(**fields), **LOOKED_UP)
    assert recorder.accepted[0].lookup == url


def test_nobody_is_looked_up_unless_it_is_asked_for():
    recorder = take(message())
    assert recorder.accepted[0].lookup == ''


def test_the_store_being_away_is_told_to_the_bus():
    class Away(Recorder):
        def accept_inbound(self, inbound):
            return defer.fail(RuntimeError('away'))
    with pytest.raises(RuntimeError):
        take(message(), Away())


def test_a_reply_will_know_whether_the_session_goes_on_after_our_answer():
    closing = take(message(session_event='resume', content='Help')).accepted[0].envelope
    assert (closing['in_session'], closing['session_over']) == (True, True)
    open_still = take(message(session_event='resume', content='Help'),
                      session_reply='').accepted[0].envelope
    assert (open_still['in_session'], open_still['session_over']) == (True, False)


# What came by the Django bouncer's API.

def post(told=(), recorder=None, fields=(), **options):
    recorder = recorder or Recorder()
    given = dict(dict(message_id='m1', from_addr='+27820001001', to_addr='12345', content='Help',
                      transport_name='sms_transport', transport_type='sms',
                      helper_metadata={'tag': 'pool'}), **dict(fields))
    results = []
    Intake(recorder, config(**options), recorder, lambda: NOW).take_posted(
        given, 'line', Posted('conversation', 'contact'), told).addCallback(results.append)
    return recorder, results[0]


def test_a_posted_message_is_stored_with_all_that_a_reply_needs():
    recorder, said = post()
    [inbound] = recorder.accepted
    assert said == '17'
    assert (inbound.message_id, inbound.content, inbound.endpoint) == ('m1', 'Help', 'line')
    assert inbound.posted == Posted('conversation', 'contact')
    # It is in reply to nothing that the bus knows, and says nothing there of the contact.
    assert inbound.envelope == {
        'to_addr': '12345', 'from_addr': '+27820001001', 'transport_name': 'sms_transport',
        'transport_type': 'sms', 'transport_metadata': {}, 'group': None,
        'helper_metadata': {'tag': 'pool'}, 'provider': None, 'message_id': None,
        'endpoint': 'line', 'received_at': NOW, 'in_session': False, 'session_over': False}
    assert recorder.counted == ['inbound.received']


def test_the_agent_is_told_what_was_posted_besides_where_notes_are_written():
    told = [('tag', 'urgent'), ('operator', '3')]
    recorder, _ = post(told, snappy_staff_id=1, extras=['helper_metadata.bouncer.contact_key'])
    assert recorder.accepted[0].extras == (
        'helper_metadata.bouncer.contact_key: contact\ntag: urgent\noperator: 3')
    assert post(told)[0].accepted[0].extras == ''


def test_a_person_is_looked_up_by_the_contacts_key():
    recorder, _ = post(snappy_staff_id=1, extras_fields=['a'], extras_url=(
        'https://x/{helper_metadata.bouncer.conversation}/{helper_metadata.bouncer.contact_key}'))
    assert recorder.accepted[0].lookup == 'https://x/conversation/contact'


def test_a_posted_message_is_answered_as_any_other():
    recorder, _ = post(auto_reply='Thank you')
    assert [each.kind for each in recorder.accepted[0].answers] == [AnswerKind.AUTO_REPLY]
    recorder, _ = post(auto_reply='Thank you', fields={'from_addr': '12345'}.items())
    assert recorder.accepted[0].answers == ()
    assert recorder.counted == ['inbound.received', 'answers.withheld']


def test_a_posted_message_that_was_stored_before_has_its_ticket():
    assert post(recorder=Recorder(says=Accepted.DUPLICATE))[1] == '17'


def test_who_differs_in_what_the_contact_address_tells_is_somebody_else():
    one, two = [take(message(to_addr=to), contact_address='{from_addr}.{to_addr}@x.example.org'
                     ).accepted[0] for to in ('8001', '8002')]
    assert one.apart and two.apart and one.apart != two.apart
    recorder = take(message(), contact_address='{from_addr}.{transport_name}@x.example.org')
    [usual] = recorder.accepted
    assert usual.apart == ''
