# -*- coding: utf-8 -*-
"""Subjects and contact addresses, made of a message's fields."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.templates import Template, TemplateError, contact_address, local_part

FIELDS = {'from_addr': '+27820001001', 'to_addr': '12345', 'provider': None,
          'helper_metadata': {'clinic': {'code': 12}}, 'transport_metadata': {}}


@pytest.mark.parametrize('text, rendered', [
    ('Support for {from_addr}', 'Support for +27820001001'),
    ('{helper_metadata.clinic.code}@{to_addr}', '12@12345'),
    ('{provider}{transport_metadata.nothing.here}', ''),
    ('{{{to_addr}}}', '{12345}'),
    ('no fields', 'no fields'),
])
def test_a_template_is_filled_in(text, rendered):
    assert Template.parse(text).render(FIELDS) == rendered


@pytest.mark.parametrize('text, told', [
    ('{name}', '{name}, which no message has'),
    ('{from_addr.__class__}', 'which no message has'),
    ('{helper_metadata}', 'which no message has'),
    ('{helper_metadata..x}', 'which no message has'),
    ('{}', 'which no message has'),
    ('{from_addr', 'single "{"'),
    ('from_addr}', 'single "}"'),
])
def test_a_mistake_is_told(text, told):
    with pytest.raises(TemplateError) as caught:
        Template.parse(text)
    assert told in '%s' % (caught.value,)


@given(st.text(alphabet='ab{}._ ', max_size=30))
def test_any_text_is_a_template_or_a_mistake(text):
    try:
        Template.parse(text).render(FIELDS)
    except TemplateError:
        pass


def test_a_number_is_an_address_without_its_plus():
    template = Template.parse('{from_addr}@sms.example.org')
    assert contact_address(template, FIELDS) == '27820001001@sms.example.org'


ADDRESSES = st.text(max_size=20) | st.from_regex(r'\A[+_]?[0-9]{1,12}\Z') | st.text(
    alphabet='aA=_+.0', max_size=6)


@given(ADDRESSES.filter(bool), ADDRESSES.filter(bool))
def test_two_people_never_share_an_address(one, other):
    assert (local_part(one) == local_part(other)) == (one == other)
    # not even in a mail system that does not tell upper from lower case
    assert (local_part(one).lower() == local_part(other).lower()) == (one == other)


@given(st.text(min_size=1, max_size=200))
def test_every_address_looks_like_one(address):
    assert re.match(r'^[0-9a-z=_-]{1,64}$', local_part(address))
