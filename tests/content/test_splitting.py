# -*- coding: utf-8 -*-
"""A long reply becomes numbered messages of which nothing is lost and no character is broken."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from hypothesis import given, settings, strategies as st

from vumi_snappy.content import segments, split_text
from vumi_snappy.content.graphemes import begins_within, cuts

FAMILY = '\U0001f468\u200d\U0001f469\u200d\U0001f467'
WAVE = '\U0001f44b\U0001f3fd'
FLAG = '\U0001f1ff\U0001f1e6'
#: What never begins a part: marks of scripts that are younger than Python 2.7's Unicode, too.
BELONGS = {
    'thai_sara_am': '\u0e01\u0e33', 'lao_am': '\u0e81\u0eb3',
    'half_width_voiced': '\uff76\uff9e', 'half_width_semi_voiced': '\uff8a\uff9f',
    'adlam': '\U0001e900\U0001e944', 'arabic_small_high': '\u0628\u08d4',
    'arabic_open_fatha': '\u0628\u08e4', 'ethiopic': '\u1200\u135d',
    'arabic_number_sign': '\u0600\u0661', 'jamo': '\u1100\u1100\u1161',
    'keycap': '#\ufe0f\u20e3', 'joined_selector': '\u2764\ufe0f\u200d\U0001f525',
    'flag_of_tags': '\U0001f3f4\U000e0067\U000e0062\U000e007f'}
PIECES = sorted(BELONGS.values()) + [
          'word', 'longer-word', ' ', '  ', '\n', 'e\u0301', FAMILY,
          '\u0928\u092e\u0938\u094d\u0924\u0947', WAVE, FLAG, '{', '\u20ac',
          '\u4f60\u597d', 'x' * 90, '\u1109\u1161\u11bc',
          '\u0645\u0631\u062d\u0628\u0627', '\u00a0', '\u2019', '2\ufe0f\u20e3']
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map(''.join),
    st.text(max_size=400))


def bare(part):
    return re.sub(r'^\(\d+/\d+\) ', '', part)


def black(text):
    """All but the white space."""
    return ''.join(text.split())


def test_a_text_that_fits_is_left_alone():
    assert split_text('We are on our way.', 1, 5) == ['We are on our way.']


def test_a_longer_one_is_numbered_and_cut_between_words():
    parts = split_text('The clinic is open. ' * 10, 1, 5)
    assert [part[:18] for part in parts] == ['(1/2) The clinic i', '(2/2) open. The cl']
    assert parts[0].endswith(' is')
    assert [segments(part).segments for part in parts] == [1, 1]


def test_a_paragraph_ends_with_its_part():
    parts = split_text('a' * 150 + '\n\n' + 'b' * 100, 1, 5)
    assert parts == ['(1/2) ' + 'a' * 150, '(2/2) ' + 'b' * 100]


def test_a_word_that_no_message_holds_is_cut_all_the_same():
    parts = split_text('x' * 200, 1, 5)
    assert ''.join(bare(part) for part in parts) == 'x' * 200


def test_a_space_that_does_not_break_keeps_its_words_together():
    parts = split_text('a ' * 74 + 'R\u00e0\u00a0100', 1, 9)
    assert all('R\u00e0' not in part or '100' in part for part in parts)


def test_more_messages_than_allowed_are_none():
    assert split_text('The clinic is open. ' * 100, 1, 3) is None
    assert split_text('x' * 10 ** 6, 1, 99) is None


def test_ten_messages_and_more_have_room_for_their_numbers():
    parts = split_text('The clinic is open. ' * 100, 1, 20)
    assert len(parts) == 14
    assert parts[13].startswith('(14/14) ')
    assert all(segments(part).segments == 1 for part in parts)


def test_a_heap_of_marks_that_no_message_holds_is_not_broken():
    assert split_text('a' + '\u0301' * 100, 1, 5) is None


@pytest.mark.parametrize('whole', [FAMILY, WAVE, FLAG, 'e\u0301', '\u1109\u1161\u11bc', '\r\n',
                                   '\u0938\u094d\u0924\u0947', '2\ufe0f\u20e3', '\u2764\ufe0f'])
def test_what_readers_see_as_one_character_is_not_cut(whole):
    assert cuts(whole * 2) == [0, len(whole), 2 * len(whole)]


@pytest.mark.parametrize('script', sorted(BELONGS))
def test_no_part_begins_with_what_belongs_to_the_character_before(script):
    whole = BELONGS[script]
    assert cuts(whole * 2) == [0, len(whole), 2 * len(whole)]
    for words in range(60, 76):
        parts = split_text('x' * words + whole + 'x' * 70, 1, 9)
        assert sum(whole in part for part in parts) == 1


def test_a_mark_on_a_space_keeps_its_space():
    parts = split_text('x' * 60 + ' \u0301' + 'x' * 30, 1, 9)
    assert [bare(part)[:2] for part in parts] == ['xx', ' \u0301']


def test_surrogates_stay_in_pairs():
    assert cuts('a\ud83d\ude00b') in ([0, 1, 3, 4], [0, 1, 2, 3])


@given(text=texts, max_segments=st.integers(1, 3), max_parts=st.integers(1, 30))
@settings(deadline=None, max_examples=300)
def test_nothing_is_lost_and_every_part_keeps_to_the_limit(text, max_segments, max_parts):
    parts = split_text(text, max_segments, max_parts)
    if parts is None:
        return
    assert 1 <= len(parts) <= max_parts
    assert all(segments(part).segments <= max_segments for part in parts)
    if len(parts) == 1:
        assert parts == [text.strip()]
        return
    assert [part.split(')')[0] for part in parts] == [
        '(%d/%d' % (n, len(parts)) for n in range(1, len(parts) + 1)]
    assert black(''.join(bare(part) for part in parts)) == black(text)
    assert not any(begins_within(bare(part)) for part in parts[1:])


@given(text=texts)
@settings(deadline=None, max_examples=300)
def test_no_part_ends_within_a_character(text):
    text = text.strip()
    parts = split_text(text, 1, 99)
    allowed, place = set(cuts(text)), 0
    for part in parts or ():
        place = text.index(bare(part), place) if len(parts) > 1 else place
        assert place in allowed
        place += len(bare(part))
        assert place in allowed


@given(text=texts)
@settings(deadline=None, max_examples=200)
def test_a_reply_of_ordinary_characters_is_always_split(text):
    assert split_text('%s %s' % (text.replace('\u0301', ''), 'word ' * 100), 2, 99) is not None
