# -*- coding: utf-8 -*-
"""An agent's HTML as a person reads it on a phone."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content import html_to_text, mask_address


@pytest.mark.parametrize('html, text', [
    ('<p>Your card is on its way.</p>\n', 'Your card is on its way.'),
    ('<p>Hi <b>there</b> &amp; bye</p>', 'Hi there & bye'),
    ('<p>one</p>\n<p>two</p>', 'one\n\ntwo'),
    ('<p>one<br>two<br/>three</p>', 'one\ntwo\nthree'),
    ('<div>one</div><div>two</div>', 'one\ntwo'),
    ('<p>  many \n spaces </p>', 'many spaces'),
    ('<ul><li>a</li><li>b <i>c</i></li></ul>', '- a\n- b c'),
    ('<ol><li>first</li><li>second</li></ol>', '1. first\n2. second'),
    ('<p>before</p><ul><li>a</li></ul><p>after</p>', 'before\n\n- a\n\nafter'),
    ('<blockquote>they said</blockquote><p>we say</p>', '> they said\n\nwe say'),
    ('<a href="https://x.org/map">the map</a>', 'the map (https://x.org/map)'),
    ('<a href="https://x.org/">x.org</a>', 'x.org'),
    ('<a href="https://x.org">https://x.org</a>', 'https://x.org'),
    ('<a href="mailto:a@x.org">write us</a>', 'write us (a@x.org)'),
    ('<a href="tel:+2712">+2712</a>', '+2712'),
    ('<a href="javascript:alert(1)">click</a>', 'click'),
    ('<img src="x" alt="a map">', '[a map]'),
    ('<img src="x">', '[image]'),
    ('ok<script>alert(1)</script><style>p{}</style><!-- secret -->', 'ok'),
    ('<pre>a\n  b</pre>', 'a\n  b'),
    ('<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'),
    ('&nbsp;&lt;3 &#8364;', '\xa0<3 €'),
])
def test_markup_becomes_text(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize('plain', [
    'plain text', 'two\nlines', 'I <3 you', 'a < b and c > d', '5 & 6', 'x <- y'])
def test_what_is_no_html_stays_as_it_is(plain):
    assert html_to_text(plain) == plain


@pytest.mark.parametrize('said', [
    'مرحبا بكم', 'नमस्ते', 'ስላም', '👩\u200d⚕️ 👋🏽', 'Zoë ‘curly’ – dash', '\u200fשלום\u200e'])
def test_every_script_survives(said):
    assert html_to_text('<p>%s</p>\n' % (said,)) == said


def test_deep_nesting_is_no_trouble():
    assert html_to_text('<b>' * 20000 + 'deep' + '</b>' * 20000) == 'deep'


@given(st.text(max_size=200))
def test_no_text_raises(text):
    html_to_text(text)


@given(st.lists(st.sampled_from(['<p>', '</p>', '<b>', '<li>', '<a href="x">', '</a>', '<',
                                 '<pre>', '&', '&amp;', '<!--', '-->', '<blockquote>', '\n']),
                max_size=30))
def test_broken_markup_raises_nothing_and_leaves_no_tags(pieces):
    text = html_to_text('word '.join(pieces))
    assert not re.search(r'</?(p|b|li|a|pre|blockquote)[ >]', text)


@given(st.lists(st.from_regex(r'\A[a-z]{1,8}\Z'), min_size=1, max_size=10),
       st.sampled_from(['p', 'div', 'li', 'b', 'td', 'blockquote', 'h1']))
def test_words_survive_in_order(words, tag):
    html = ''.join('<%s>%s</%s> ' % (tag, word, tag) for word in words)
    assert re.findall('[a-z]+', html_to_text(html)) == words


@pytest.mark.parametrize('address, shown', [
    ('+27820001001', '+27…001'), ('12345', '…'), ('', '…'),
    ('thandi@example.org', 't…@example.org'), ('ab@example.org', '…@example.org')])
def test_a_log_shows_only_the_ends_of_an_address(address, shown):
    assert mask_address(address) == shown
