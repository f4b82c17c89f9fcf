# -*- coding: utf-8 -*-
"""Subjects and contact addresses, made of a message's fields."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content.templates import (
    Template, TemplateError, check_contact_template, contact_address, local_part)

FIELDS = {'from_addr': '+27820001001', 'to_addr': '12345', 'provider': None,
          'helper_metadata': {'clinic': {'code': 12}}, 'transport_metadata': {
              'raw': b'caf\xc3\xa9\xff', 'list': ['a'], 'none': None, 'flag': True,
              'big': 10 ** 30}}


@pytest.mark.parametrize('text, rendered', [
    ('Support for {from_addr}', 'Support for +27820001001'),
    ('{helper_metadata.clinic.code}@{to_addr}', '12@12345'),
    ('{provider}{transport_metadata.nothing.here}', ''),
    ('{{{to_addr}}}', '{12345}'),
    ('no fields', 'no fields'),
    ('{transport_metadata.raw}', 'caf\xe9\ufffd'),
    ('{transport_metadata.list}{transport_metadata.none}{transport_metadata.flag}', 'True'),
    ('{transport_metadata.big}', '%d' % (10 ** 30,)),
    ('{to_addr}{content}', '12345'),
    ('{transport_metadata.list.0}{transport_metadata.raw.upper}', ''),
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
    ('{ from_addr }', '{ from_addr }, which no message has'),
    ('{from_addr!r}', 'which no message has'),
    ('{helper_metadata.a.}', 'which no message has'),
    ('{session_event}', 'it may hold {from_addr}, {to_addr}, {transport_name}, {transport_type},'
     ' {provider}, {content} and {helper_metadata....}, {transport_metadata....}'),
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


@pytest.mark.parametrize('value, part', [
    ('+27820001001', '27820001001'),
    ('27820001001', '_327820001001'),
    ('12345', '_312345'),
    ('+27 82', '_2b27_2082'),
    ('thandi', 'thandi'),
    ('Thandi', '_54handi'),
    ('thandi@example.org', 'thandi_40example_2eorg'),
    ('a_b-c', 'a_5fb-c'),
    ('\u0436', '_d0_b6'),
    ('', '_'),
    ('a' * 64, 'a' * 64),
    ('a' * 65, 'a' * 36 + '_hmnjwdrelxhvlcqmy45xkrk37dj')])
def test_a_value_is_written_into_an_address_like_this_for_ever(value, part):
    """A change would make every person a new contact."""
    assert local_part(value) == part


ADDRESSES = st.text(max_size=20) | st.from_regex(r'\A[+_]?[0-9]{1,12}\Z') | st.text(
    alphabet='aA=_+.0', max_size=6) | st.sampled_from(['a', 'A', '1', '+1', '_']).map(
        lambda each: each * 70)


@given(ADDRESSES, ADDRESSES)
def test_two_people_never_share_an_address(one, other):
    assert (local_part(one) == local_part(other)) == (one == other)
    # not even in a mail system that does not tell upper from lower case
    assert (local_part(one).lower() == local_part(other).lower()) == (one == other)


@given(st.text(max_size=200))
def test_every_address_looks_like_one(address):
    assert re.match(r'[0-9a-z_-]{1,64}\Z', local_part(address))


SEVERAL = Template.parse('help+{from_addr}.{transport_metadata.x}@sms.example.org')


@given(ADDRESSES, ADDRESSES, ADDRESSES, ADDRESSES)
def test_two_fields_keep_apart_what_one_would(one, x, other, y):
    fields = [{'from_addr': one, 'transport_metadata': {'x': x}},
              {'from_addr': other, 'transport_metadata': {'x': y}}]
    first, second = [contact_address(SEVERAL, each) for each in fields]
    assert (first == second) == (fields[0] == fields[1])


@given(st.text(max_size=100), st.sampled_from([
    '{from_addr}@vumi.invalid', 'help+{from_addr}@example.org',
    'sms.{transport_name}.{from_addr}@sms.Example-1.org']))
def test_a_good_template_always_gives_an_address(value, text):
    template = Template.parse(text)
    check_contact_template(template)
    address = contact_address(template, {'from_addr': value, 'transport_name': value})
    local, _, domain = address.partition('@')
    assert re.match(r'[0-9A-Za-z_+-]+(\.[0-9A-Za-z_+-]+)*\Z', local) and len(local) <= 64
    assert domain in ('vumi.invalid', 'example.org', 'sms.Example-1.org')


@pytest.mark.parametrize('text, told', [
    ('help@example.org', 'must hold {from_addr}'),
    ('{to_addr}@example.org', 'must hold {from_addr}'),
    ('{from_addr}.{content}@example.org', 'has {content}'),
    ('{from_addr}', 'must hold one @'),
    ('{from_addr}@a@example.org', 'must hold one @'),
    ('a@{from_addr}@example.org', 'must hold one @'),
    ('help@{from_addr}.example.org', 'must hold one @'),
    ('{from_addr}@', 'not with "@"'),
    ('{from_addr}@localhost', 'not with "@localhost"'),
    ('{from_addr}@exa mple.org', 'not with'),
    ('{from_addr}@-example.org', 'not with'),
    ('{from_addr}@example..org', 'not with'),
    ('a b{from_addr}@example.org', 'no mail address can have'),
    ('.{from_addr}@example.org', 'no mail address can have'),
    ('{from_addr}.@example.org', 'no mail address can have'),
    ('a..{from_addr}@example.org', 'no mail address can have'),
    ('{from_addr}{to_addr}@example.org', 'one of . + ='),
    ('{from_addr}-{to_addr}@example.org', 'one of . + ='),
    ('a' * 40 + '{from_addr}@example.org', 'is too long'),
    ('{from_addr}.{to_addr}.{provider}@example.org', 'is too long')])
def test_a_template_that_would_mix_people_up_or_is_no_address_is_told(text, told):
    with pytest.raises(TemplateError) as caught:
        check_contact_template(Template.parse(text))
    assert told in '%s' % (caught.value,)
