"""Typography is made plain where, and only where, that makes a text cheaper to send."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from hypothesis import given, strategies as st

from vumi_snappy.content import Encoding, fold_typography, segments


def test_quotes_dashes_the_ellipsis_and_hard_spaces_become_plain():
    assert fold_typography('\u201cIt\u2019s\u201d \u2013 wait\u2026\u00a0now') == (
        '"It\'s" - wait... now')


def test_what_the_alphabet_has_is_kept():
    assert fold_typography('caf\u00e9 \u20ac5\u2019') == "caf\u00e9 \u20ac5'"


def test_a_text_that_stays_expensive_is_left_as_it_is():
    assert fold_typography('\u201cHi\u201d \U0001f44b') == '\u201cHi\u201d \U0001f44b'


@given(st.text())
def test_a_text_is_changed_only_if_it_is_cheap_afterwards(text):
    folded = fold_typography(text)
    assert folded == text or segments(folded).encoding is Encoding.GSM_7
