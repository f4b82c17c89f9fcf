# -*- coding: utf-8 -*-
"""What a log may show of people's addresses."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content import mask_address


@pytest.mark.parametrize('address, shown', [
    ('+27820001001', '+27…001'), ('12345', '…'), ('', '…'), ('082000100', '…'),
    ('thandi@example.org', 't…@example.org'), ('ab@example.org', '…@example.org')])
def test_a_log_shows_only_the_ends_of_an_address(address, shown):
    assert mask_address(address) == shown


@given(st.text(alphabet='0123456789+abc@.', max_size=30).filter(lambda text: '@' not in text))
def test_at_least_four_characters_stay_hidden(address):
    assert len(mask_address(address)) - 1 <= max(len(address) - 4, 0)
