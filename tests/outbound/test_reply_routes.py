"""A reply goes back the way the message came while that is open, and another way where told to."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.outbound.reply_routes import ReplyRoutes

NOW = 1416000000.0
SMS = {
    'message_id': 'last', 'from_addr': '+27820001001', 'to_addr': '12345', 'group': None,
    'provider': 'mtn', 'transport_name': 'sms_transport', 'transport_type': 'sms',
    'transport_metadata': {'shard': 3}, 'helper_metadata': {'tag': {'tag': ['pool', '1']}},
    'endpoint': 'sms_endpoint', 'received_at': NOW, 'in_session': False, 'session_over': False}
USSD = dict(SMS, transport_name='ussd_transport', transport_type='ussd', to_addr='*120*8864#',
            transport_metadata={'session_id': '7'}, endpoint='ussd_endpoint', in_session=True)


def way(last, later=0.0, **rules):
    return ReplyRoutes(**rules).route(last, NOW + later)


def test_a_fresh_message_is_replied_to_with_all_that_its_transport_knows_it_by():
    route = way(SMS, 60)
    assert route.endpoint == 'sms_endpoint'
    assert route.fields == {
        'to_addr': '+27820001001', 'from_addr': '12345', 'in_reply_to': 'last', 'group': None,
        'provider': 'mtn', 'transport_name': 'sms_transport', 'transport_type': 'sms',
        'transport_metadata': {'shard': 3}, 'helper_metadata': SMS['helper_metadata']}


def test_an_old_one_is_not_replied_to_but_its_person_is_written_to_the_same_way():
    assert way(SMS, 86400).fields['in_reply_to'] == 'last'
    old = way(SMS, 86401)
    assert old.fields == dict(way(SMS).fields, in_reply_to=None)
    assert old.endpoint == 'sms_endpoint'


def test_how_old_is_said_by_transport_type():
    within = {'default': 10.0, 'xmpp': 100.0}
    assert way(SMS, 11, reply_to_within=within).fields['in_reply_to'] is None
    chat = dict(SMS, transport_type='xmpp')
    assert way(chat, 11, reply_to_within=within).fields['in_reply_to'] == 'last'
    assert way(dict(SMS, transport_type=None), 11,
               reply_to_within=within).fields['in_reply_to'] is None


def test_an_open_session_is_answered_in():
    assert way(USSD, 100).fields['in_reply_to'] == 'last'
    assert way(USSD, 100).fields['transport_metadata'] == {'session_id': '7'}


@pytest.mark.parametrize('last, later', [(USSD, 121), (dict(USSD, session_over=True), 1)])
def test_nothing_of_a_session_that_is_over_goes_along(last, later):
    route = way(last, later)
    assert route.fields['in_reply_to'] is None
    assert route.fields['transport_metadata'] == {}
    assert route.fields['to_addr'] == '+27820001001'
    assert route.endpoint == 'ussd_endpoint'


def test_a_transport_type_is_mapped_to_another_endpoint_whose_transport_fills_in_the_rest():
    route = way(USSD, endpoints={'ussd': 'sms'})
    assert route.endpoint == 'sms'
    assert route.fields == {
        'to_addr': '+27820001001', 'from_addr': None, 'in_reply_to': None,
        'transport_name': None, 'transport_type': None, 'transport_metadata': {},
        'helper_metadata': {}}


def test_what_vumis_send_to_says_of_that_endpoint_is_on_the_message():
    said = {'transport_name': 'sms_transport', 'transport_type': 'sms', 'from_addr': '12345'}
    route = way(USSD, endpoints={'ussd': 'sms'}, send_to={'sms': said, 'other': {'group': 'x'}})
    assert {name: route.fields[name] for name in said} == said
    assert 'group' not in route.fields
    assert way(SMS, endpoints={'ussd': 'sms'}, send_to={'sms': said}).endpoint == 'sms_endpoint'


def test_nobody_but_the_person_gets_it_whatever_send_to_says():
    route = way(USSD, endpoints={'ussd': 'sms'}, send_to={'sms': {'to_addr': '+27829999999'}})
    assert route.fields['to_addr'] == '+27820001001'


def test_an_envelope_from_before_is_taken_as_fresh():
    old = {name: SMS[name] for name in SMS
           if name not in ('received_at', 'in_session', 'session_over')}
    assert way(old, 10 ** 6).fields['in_reply_to'] == 'last'
