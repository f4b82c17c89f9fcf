"""An automatic answer is withheld from whatever looks like another robot."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.inbound.robots import robots_sign

OWN = ['Thank you, an agent will answer you soon.', 'OK']


def sign(**fields):
    message = dict(from_addr='+27820001001', to_addr='12345', transport_type='sms',
                   content='My card is lost', helper_metadata={}, transport_metadata={})
    message.update(fields)
    return robots_sign(message, OWN)


@pytest.mark.parametrize('fields', [
    {}, {'from_addr': '0820001001'}, {'from_addr': '+27 (82) 000-1001'},
    {'from_addr': 'thandi@example.org', 'transport_type': 'xmpp'},
    {'from_addr': 'Thandi', 'transport_type': None},
    {'content': 'OK then, and now?'}, {'content': None},
    {'helper_metadata': {'auto_submitted': 'no', 'bot': False, 'automatic': None}},
    {'transport_metadata': {'precedence': 'first-class', 'shard': 3, 'autocomplete': True}},
    {'helper_metadata': None, 'transport_metadata': ['auto_submitted']}])
def test_a_person(fields):
    assert sign(**fields) == ''


@pytest.mark.parametrize('fields, told', [
    ({'from_addr': '12345'}, 'own address'),
    ({'from_addr': 'MTN-Info'}, 'telephone number'),
    ({'from_addr': '30303'}, 'telephone number'),
    ({'content': 'thank you, AN AGENT will answer you  soon'}, 'own words'),
    ({'content': 'Re: Thank you, an agent will answer you soon. -- I am on leave'}, 'own words'),
    ({'content': 'ok'}, 'own words'),
    ({'transport_metadata': {'Auto-Submitted': 'auto-replied'}}, 'metadata'),
    ({'helper_metadata': {'mail': {'headers': {'Precedence': 'bulk'}}}}, 'metadata'),
    ({'helper_metadata': {'telegram': {'from': {'is_bot': True}}}}, 'metadata'),
])
def test_a_robot(fields, told):
    assert told in sign(**fields)


def test_metadata_without_end_is_looked_through_so_far():
    deep = {'auto_reply': True}
    for _ in range(10000):
        deep = {'more': deep}
    assert sign(helper_metadata=deep) == ''
