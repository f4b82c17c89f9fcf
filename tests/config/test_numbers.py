"""The country of numbers is one that there is, and what makes no sense is told."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tests.config.test_config import config, errors
from vumi_snappy.content.numbers import TRANSPORT_TYPES, Numbers


def test_without_a_word_every_address_stays_as_it_is():
    assert config().numbers == Numbers('', frozenset(TRANSPORT_TYPES))


def test_a_country_and_types_of_transports_are_taken():
    assert config(normalise_numbers=b'ZA', number_transport_types=['sms', 'mms']).numbers == (
        Numbers('ZA', frozenset(['sms', 'mms'])))


@pytest.mark.parametrize('given', ['', 'XX', 'za', 'ZAF', '27', 27, False, ['ZA'], '001'])
def test_a_country_that_there_is_not_is_refused(given):
    assert "'normalise_numbers' must be the code of a country" in errors(normalise_numbers=given)


@pytest.mark.parametrize('given', ['sms', [''], [7], {'sms': True}])
def test_types_of_transports_are_a_list(given):
    assert "'number_transport_types' must be a list" in errors(number_transport_types=given)
