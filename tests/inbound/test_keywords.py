# -*- coding: utf-8 -*-
"""Only a message that is the keyword, and nothing else, is a keyword."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.inbound.keywords import Keywords, fold
from vumi_snappy.records import Subscription

WORDS = Keywords.of({'en': ['STOP', 'opt  out'], 'tr': ['İPTAL'], 'de': ['Schluß'],
                     'el': ['ΤΕΛΟΣ'], 'am': ['አቁም']}, {'en': ['START']})
OUT = Subscription.OPT_OUT


@pytest.mark.parametrize('text, language', [
    ('STOP', 'en'), ('stop', 'en'), (' Stop!\n', 'en'), ('"stop."', 'en'), ('¡Stop!', 'en'),
    ('\u200fstop\u200f', 'en'), ('ＳＴＯＰ', 'en'), ('«stop»', 'en'), ('Opt out', 'en'),
    ('OPT\nOUT.', 'en'), ('iptal', 'tr'), ('IPTAL', 'tr'), ('İptal', 'tr'), ('ıptal', 'tr'),
    ('SCHLUSS', 'de'), ('schluß', 'de'), ('τέλος'.replace('έ', 'ε'), 'el'), ('አቁም።', 'am')])
def test_the_word_alone_counts_in_any_case_and_with_whatever_surrounds_it(text, language):
    assert WORDS.meaning(text) == (OUT, language)


@pytest.mark.parametrize('text', [
    '', '...', 'please stop', 'stop it', 'nonstop', 'st op', 's.t.o.p', 'stop start', 'optout',
    'stop' + '!' * 1000])
def test_anything_else_does_not(text):
    assert WORDS.meaning(text) is None


def test_the_other_list_says_the_opposite():
    assert WORDS.meaning('start') == (Subscription.OPT_IN, 'en')


def test_without_words_nothing_is_one():
    assert Keywords().meaning('STOP') is None


def test_a_word_of_two_languages_is_the_first_ones():
    assert Keywords.of({'sv': ['stopp'], 'de': ['Stopp']}, {}).meaning('stopp') == (OUT, 'de')


@pytest.mark.parametrize('opt_out, opt_in, why', [
    ('stop', 'Stop!', 'the opposite'), ('!', 'start', 'without a letter or digit')])
def test_a_word_can_not_say_both_nor_be_like_every_empty_message(opt_out, opt_in, why):
    with pytest.raises(ValueError) as refused:
        Keywords.of({'en': [opt_out]}, {'de': [opt_in]})
    assert why in str(refused.value)


@given(st.text(max_size=50))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


AROUND = st.text(' \t\n.,!?"\'()-\u200e\xa0', max_size=9)


@given(st.sampled_from(['STOP', 'opt out', 'አቁም']), AROUND, AROUND)
def test_any_punctuation_around_a_word_is_passed_over(word, before, after):
    assert WORDS.meaning(before + word + after)[0] is OUT
