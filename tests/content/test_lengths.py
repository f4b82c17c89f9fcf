# -*- coding: utf-8 -*-
"""What texts cost as SMS, by the rules of GSM 03.38 and 03.40."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content import Encoding, SegmentCount, fold_typography, segments


@pytest.mark.parametrize('text, encoding, units, count', [
    ('', Encoding.GSM_7, 0, 1),
    ('a' * 160, Encoding.GSM_7, 160, 1),
    ('a' * 161, Encoding.GSM_7, 161, 2),
    ('a' * 306, Encoding.GSM_7, 306, 2),
    ('a' * 307, Encoding.GSM_7, 307, 3),
    ('Übergröße à 5€ {x}', Encoding.GSM_7, 21, 1),  # three of the extension table
    ('€' * 80, Encoding.GSM_7, 160, 1),
    ('€' * 81, Encoding.GSM_7, 162, 2),
    ('ж' * 70, Encoding.UCS_2, 70, 1),
    ('ж' * 71, Encoding.UCS_2, 71, 2),
    ('ж' * 134, Encoding.UCS_2, 134, 2),
    ('ж' * 135, Encoding.UCS_2, 135, 3),
    ('😀' * 35, Encoding.UCS_2, 70, 1),
    ('😀' * 36, Encoding.UCS_2, 72, 2),
    ('a’b', Encoding.UCS_2, 3, 1)])
def test_a_text_is_counted_as_it_is_charged(text, encoding, units, count):
    assert segments(text) == SegmentCount(encoding, units, count)


@given(st.text(max_size=400))
def test_any_text_can_be_counted(text):
    counted = segments(text)
    most = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}[counted.encoding]
    assert (counted.segments == 1) == (counted.units <= most)


@pytest.mark.parametrize('text, folded', [
    ('\u201cIt\u2019s\u201d \u2013 wait\u2026\u00a0now', '"It\'s" - wait... now'),
    ('caf\u00e9 \u20ac5\u2019', "caf\u00e9 \u20ac5'"),  # what the alphabet has is kept
    ('\u201cHi\u201d \U0001f44b', '\u201cHi\u201d \U0001f44b')])  # it stays expensive
def test_typography_becomes_plain_where_that_makes_a_text_cheaper(text, folded):
    assert fold_typography(text) == folded


@given(st.text())
def test_a_text_is_folded_only_if_it_is_cheap_afterwards(text):
    folded = fold_typography(text)
    assert folded == text or segments(folded).encoding is Encoding.GSM_7
