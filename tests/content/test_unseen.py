# -*- coding: utf-8 -*-
"""Characters that nobody sees neither cost a second SMS nor make a reply of their own."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content import Encoding, html_to_text, segments
from vumi_snappy.content.unseen import settled, without_unseen

UNSEEN = ['\u200b', '\ufeff', '\xad', '\u2060', '\u034f', '\u2063', '\u206a', '\ufffc',
          '\x85', '\u200c', '\u200d', '\u200e', '\u202a\u202c', '\u2066\u2069', '\ufe0f', '\ufe0e',
          '\U000e0061', '\U000e0100']


@pytest.mark.parametrize('unseen', UNSEEN)
@pytest.mark.parametrize('html', [
    'Take{0} one tablet', 'Take {0}one', '<p>{0}Take</p>', '{0}', 'Take{0}{0}',
    '<b>Take</b>{0} 1'])
def test_what_nobody_sees_is_not_paid_for(unseen, html):
    text = html_to_text(html.format(unseen))
    assert segments(text).encoding is Encoding.GSM_7
    assert text.split() == html_to_text(html.format('')).split()


@pytest.mark.parametrize('unseen', UNSEEN + [
    '&ZeroWidthSpace;', '&#xFEFF;', '&shy;', '&NoBreak;', '\u115f\u1160', '\u3164', '\u2800',
    '&zwnj;&nbsp;&zwnj;', '\u200f\u202b', '\u180e'])
@pytest.mark.parametrize('html', [
    '{0}', '<p>{0}</p>', '<p>{0} <br>{0}</p>', '<pre>{0}\n{0}</pre>'])
def test_a_reply_of_nothing_else_is_empty(unseen, html):
    assert html_to_text(html.format(unseen)) == ''


@pytest.mark.parametrize('seen', [
    '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',  # Persian: two parts of a word
    '\u0647\u200d',  # Arabic: the form that is joined, at a word's end
    '\u0915\u094d\u200d\u0937', '\u0d28\u0d4d\u200d',  # Indic: half forms
    '\U0001f468\u200d\U0001f469\u200d\U0001f467', '\u2764\ufe0f\u200d\U0001f525',
    '\U0001f3f4\U000e0067\U000e0062\U000e007f', '2\ufe0f\u20e3', '\u2764\ufe0f', '\xa9\ufe0f',
    '\u8fbb\U000e0100', '\u05d0 (1) \u200e', '\u200f5 / 6'])
def test_what_is_seen_depends_on_some(seen):
    assert html_to_text('<p>Hi %s</p>' % (seen,)) == 'Hi ' + seen


def test_a_number_that_was_copied_from_an_address_book_is_plain():
    assert html_to_text('<p>Call \u202a+27 82 000 1001\u202c</p>') == 'Call +27 82 000 1001'


def test_an_editor_keeps_an_empty_line_by_what_nobody_sees():
    assert html_to_text('<div>a</div><div>\u200b</div><div>b</div>') == 'a\n\nb'
    assert html_to_text('<div>a</div><div>\u200b<b>b</b></div>') == 'a\nb'
    assert html_to_text('<div>a</div><div>&nbsp;<b>b</b></div>') == 'a\nb'


@given(st.text(max_size=60))
def test_a_text_is_settled_once(text):
    once = settled(without_unseen(text))
    assert settled(without_unseen(once)) == once


@given(st.text('ab1 \u200b\u200c\u200d\ufe0f\u20e3\u0628\u200e\u200f\U0001f3f4\U000e0061'))
def test_nothing_that_is_seen_is_lost(text):
    def seen(text):
        return [each for each in text if each in 'ab1 \u20e3\u0628\U0001f3f4'] if text.strip(
            ' \u200b\u200c\u200d\ufe0f\u200e\u200f\U000e0061') else []
    assert seen(settled(without_unseen(text))) == seen(text)
