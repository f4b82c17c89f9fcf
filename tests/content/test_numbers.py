"""A number is one, however it is written; what is none stays as it is."""
from __future__ import absolute_import, division, print_function, unicode_literals

import phonenumbers
import pytest
from hypothesis import assume, given, strategies as st

from vumi_snappy.content.numbers import TRANSPORT_TYPES, Numbers

NOMSA = '+27820001001'
ZA = Numbers('ZA')
REGIONS = st.sampled_from(['ZA', 'KE', 'US', 'GB', 'IT', 'ES', 'NO', 'SG', 'BR', 'AR', 'CI', 'IN'])


def one(address, region='ZA', transport_type='sms'):
    return Numbers(region).of_message(address, transport_type)[0]


@pytest.mark.parametrize('address', [
    '+27820001001', '27820001001', '0027820001001', '0820001001', 'whatsapp:+27820001001',
    'whatsapp:27820001001', 'tel:+27820001001', 'tel:0820001001'])
def test_every_spelling_of_a_number_is_one_person(address):
    assert one(address) == NOMSA
    assert address in ZA.spellings(NOMSA)


@pytest.mark.parametrize('address, number', [
    ('+254712345678', '+254712345678'), ('254712345678', '+254712345678'),
    ('00254712345678', '+254712345678'), ('whatsapp:254712345678', '+254712345678')])
def test_numbers_of_other_countries_are_told_by_their_code(address, number):
    assert one(address) == number


@pytest.mark.parametrize('address', [
    '', '+', '12345', '30331', '+12345', '*120*8864#', 'Promo', 'MTN', '1-800-FLOWERS',
    'nomsa@example.org', '820001001', '082000', '082911', '+270820001001', '4711000000001234',
    '100006543210987', '10155555555555555', ' 0820001001', '082 000 1001', '0820001001\n',
    '+27820001001;ext=5', '\u0660\u0668\u0662\u0660\u0660\u0660\u0661\u0660\u0660\u0661',
    'whatsapp:', 'tel:112', 'sip:0820001001', 'whatsapp:whatsapp:+27820001001',
    'f2b7a1a0-9a52-4d0c-8f1c-000000000000', '9' * 5000])
def test_what_is_no_number_stays_as_it_is(address):
    assert ZA.of_message(address, 'sms') == [address]


@pytest.mark.parametrize('transport_type', ['telegram', 'facebook', 'mxit', 'email', ''])
def test_the_ids_of_other_transports_are_no_numbers(transport_type):
    assert one('27820001001', transport_type=transport_type) == '27820001001'
    # But for what says so itself: Twilio's WhatsApp may come over any.
    assert one('whatsapp:+27820001001', transport_type=transport_type) == NOMSA


@pytest.mark.parametrize('transport_type', TRANSPORT_TYPES)
def test_numbers_are_what_sms_ussd_voice_and_whatsapp_have(transport_type):
    assert one('0820001001', transport_type=transport_type) == NOMSA


def test_a_deployment_names_the_transports_itself():
    numbers = Numbers('ZA', frozenset(['mms']))
    assert numbers.of_message('0820001001', 'mms')[0] == NOMSA
    assert numbers.of_message('0820001001', 'sms') == ['0820001001']


def test_without_a_region_every_address_stays_as_it_is():
    for address in ('0820001001', 'whatsapp:+27820001001', NOMSA):
        assert Numbers().of_message(address, 'sms') == Numbers().spellings(address) == [address]


def test_digits_that_may_be_two_numbers_are_neither():
    # Of Arkansas, as it is dialled there; or of Belize, without its plus.
    assert one('5012221234', 'US') == '5012221234'
    assert one('+5012221234', 'US') == '+5012221234'
    assert '5012221234' not in Numbers('US').spellings('+5012221234')
    assert '5012221234' not in Numbers('US').spellings('+15012221234')


@given(REGIONS, st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.integers(0, 8))
def test_every_spelling_gives_the_same_spellings_in_any_country(region, home, kind):
    example = phonenumbers.example_number_for_type(home, kind)
    assume(example is not None)
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    numbers = Numbers(region)
    spelled = numbers.spellings(number)
    assert spelled[0] == number
    for each in spelled:
        assert numbers.spellings(each) == spelled


@given(REGIONS, st.text(alphabet='0123456789+*#: whatsptel', max_size=22))
def test_it_is_idempotent_whatever_comes(region, address):
    first = one(address, region)
    assert one(first, region) == first
    assert first == address or address in Numbers(region).spellings(first)
