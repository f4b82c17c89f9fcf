# -*- coding: utf-8 -*-
"""Words that were struck out are not sent, and raised digits stay apart: it may be a dose."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content import html_to_text
from vumi_snappy.content.positions import END, LEFT_OUT, LOWERED, RAISED, spell


@pytest.mark.parametrize('two', [
    '<s>2</s>', '<strike>2</strike>', '<del>2</del>', '<DEL cite="x">2</DEL>',
    '<span style="text-decoration: line-through">2</span>',
    '<span style="TEXT-DECORATION:LINE-THROUGH;">2</span>',
    '<span style="color:red;text-decoration:underline line-through 2px #f00">2</span>',
    '<span style="text-decoration-line: line-through">2</span>',
    '<span style="-webkit-text-decoration: line-through">2</span>',
    '<span style="text-decoration:none;text-decoration-line:line-through">2</span>',
    '<span style="text-decoration:line-through !important;text-decoration:none">2</span>',
    '<span style="text-decoration:/* ; */line-through">2</span>',
    '<span style="text-line-through:double">2</span>',
    '<span style="text-decoration:line-through"><b>2</b></span>',
    '<span style="text-decoration:line-through"><b style="text-decoration:none">2</b></span>',
    '<s><span style="text-decoration:underline">2</span></s>',
    '<s>2<br></s>', '<s><img alt="2"></s>', '<s><q>2</q></s>',
    '<s>2 <a href="https://x.org">2</a></s>',
    '<a href="https://x.org"><s>2</s></a>', '<s><sup>2</sup></s>',
    '<span style="display:none">2</span>', '<span style="visibility:hidden">2</span>',
    '<span style="opacity: 0.0">2</span>', '<span hidden>2</span>', '<template>2</template>',
    '<dialog>2</dialog>', '<datalist><option>2</option></datalist>'])
def test_words_that_are_struck_out_or_hidden_are_left_out(two):
    assert html_to_text('<p>Take %s 1 tablet</p>' % (two,)).split() == ['Take', '1', 'tablet']


@pytest.mark.parametrize('two', [
    '<ins>2</ins>', '<u>2</u>', '<s style="text-decoration:none">2</s>',
    '<span style="text-decoration:line-through;text-decoration:none">2</span>',
    '<span style="text-decoration:underline">2</span>',
    '<s><span style="display:inline-block">2</span></s>',
    '<span style="visibility:hidden"><b style="visibility:visible">2</b></span>',
    '<span style="opacity:0.5">2</span>', '<dialog open>2</dialog>',
    '<span style="font-family:line-through">2</span>'])
def test_words_that_a_reader_sees_stay(two):
    assert html_to_text('<p>Take %s tablets</p>' % (two,)).split() == ['Take', '2', 'tablets']


@pytest.mark.parametrize('html, text', [
    ('Take <s>2</s> 1 tablet', 'Take 1 tablet'),
    ('Take <del>2</del><ins>1</ins> tablet', 'Take 1 tablet'),
    ('1<s>0</s> mg', '1 mg'),
    ('10<s>0</s>5 mg', '10 5 mg'),
    ('2<s> x daily</s>3 x', '2 3 x'),
    ('colo<s>u</s>r', 'color'),
    ('<ol><li><s>x</s></li><li>y</li></ol>', '2. y'),
    ('<s><p>a</p></s><p>b</p>', 'b'),
    ('<s>all of it</s>', '')])
def test_what_is_left_reads_as_it_stands(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize('html, text', [
    ('10<sup>6</sup>', '10^6'),
    ('10<sup>6</sup>/ml', '10^6/ml'),
    ('10<sup>-6</sup>', '10^-6'),
    ('10<sup>6</sup>5', '10^6 5'),
    ('10 <sup>6</sup>', '10 ^6'),
    ('10<sup> 6</sup>', '10 ^6'),
    ('x<sup>n+1</sup>', 'x^(n+1)'),
    ('10<sup>2<sup>3</sup></sup>', '10^(2^3)'),
    ('m<sup>2</sup>', 'm^2'),
    ('H<sub>2</sub>O', 'H_2O'),
    ('CO<sub>2</sub> and B<sub>12</sub>', 'CO_2 and B_12'),
    ('1<sub>2</sub>3', '1_2 3'),
    ('10<span style="font-size:0.6em; vertical-align: super">6</span>', '10^6'),
    ('10<sup><span style="vertical-align:super">6</span></sup>', '10^6'),
    ('H<span style="vertical-align:sub">2</span>O', 'H_2O'),
    ('10<span style="font-variant-position:super">6</span>', '10^6'),
    ('37<sup>0</sup>C', '37^0C'),
    # fractions
    ('1<sup>1</sup>/<sub>2</sub> tablets', '1 1/2 tablets'),
    ('1 <sup>1</sup>&frasl;<sub>2</sub> tablets', '1 1/2 tablets'),
    ('<sup>1</sup>/<sub>2</sub> a tablet', '1/2 a tablet'),
    # words and footnotes
    ('the 1<sup>st</sup> dose, the 2<sup>nd</sup>dose', 'the 1st dose, the 2nd dose'),
    ('daily<sup>1</sup>, 5.<sup>1</sup>', 'daily^1, 5.^1'),
    ('daily<sup>*</sup>', 'daily*'),
    ('<p>daily</p><p><sup>1</sup> by mouth</p>', 'daily\n\n1 by mouth'),
    ('<a href="https://x.org">10<sup>6</sup></a>', '10^6 (https://x.org)'),
    ('<a href="https://x.org/2">x.org/<sup>2</sup></a>', 'x.org/^2'),
    ('a<sup></sup>b<sub> </sub>c', 'ab c'),
    ('10<sup><s>6</s>7</sup>', '10^7'),
    ('<table><tr><td style="vertical-align:super">1</td></tr></table>', '1')])
def test_raised_and_lowered_characters_stay_apart(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize('html, text', [
    ('<span style="display:block">10</span><span style="display:block">5</span>', '10\n5'),
    ('<a style="display: flex">10</a>5', '10\n5'),
    ('<span style="display:inline-block;width:5em">10</span>5', '10 5'),
    ('10<span style="float:right">5</span>', '10 5'),
    ('10<span style="margin-left:2em">5</span>', '10 5'),
    ('<span style="border:1px solid">1</span><span style="border:1px solid">2</span>', '1 2'),
    ('<span style="padding:2px">Take</span>n', 'Taken'),
    ('<math><msup><mn>10</mn><mn>6</mn></msup></math>', '10^6'),
    ('<math><msub><mi>x</mi><mn>6</mn></msub></math>', 'x_6'),
    ('<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>', 'x_1^2'),
    ('<math><mn>1</mn><mfrac><mn>1</mn><mn>2</mn></mfrac></math>', '1 1/2'),
    ('<math><semantics><mn>1</mn><annotation>1</annotation></semantics></math>', '1')])
def test_what_stands_apart_in_a_browser_does_so_in_a_text(html, text):
    assert html_to_text(html) == text


def test_the_deepest_nesting_is_looked_through_only_so_often():
    for tag in ('<sup>1', '<sub>1', '<sup>1<sub>', '<sup>1<s>2</s>'):
        shown = html_to_text(tag * 2000)
        assert len(re.findall('[(]', shown)) < 10
        assert not re.search('[0-9]{2}', shown)


@pytest.mark.parametrize('sheet, text', [
    ('.c1{text-decoration:line-through}', 'Take 1'),
    ('p{margin:0} /* x */ span.c1 , .x { color:red; text-decoration: line-through }', 'Take 1'),
    ('@import "x"; .C1{TEXT-DECORATION:LINE-THROUGH}', 'Take 1'),
    ('span{text-decoration:line-through}.c1{text-decoration:none}', 'Take 2 1'),
    ('.c2{text-decoration:line-through}', 'Take 2 1'),
    ('@media print{.c1{text-decoration:line-through}}', 'Take 2 1'),
    ('.c1{display:none}', 'Take 2 1'),
    ('div .c1{text-decoration:line-through}', 'Take 2 1'),
    ('}}}.c1{{{', 'Take 2 1')])
def test_a_sheet_that_a_word_processor_wrote_is_followed_where_it_strikes_out(sheet, text):
    html = '<style>%s</style><p>Take <span class="c1 y">2</span> 1</p>' % (sheet,)
    assert html_to_text(html) == text
    assert html_to_text('<style>.c2{vertical-align:super}</style>10<b class="c2">6</b>') == '10^6'


def test_marks_of_ours_in_a_note_are_none():
    assert html_to_text('<p>1&#16;0\x100&#x12; <img alt="a&#16;b"></p>') == '100 [ab]'


@given(st.lists(st.sampled_from([RAISED, LOWERED, END, LEFT_OUT, '1', '2', 'a', ' ', '/', '\n',
                                 '(']), max_size=30).map(''.join))
def test_no_order_of_marks_loses_a_word_or_leaves_a_mark(text):
    shown = spell(text)
    assert not re.search('[\x10-\x13]', shown)
    assert re.sub(r'[\s^_()]', '', shown) == re.sub(r'[\s(\x10-\x13]', '', text)


@given(st.lists(st.sampled_from(['sup', 'sub', 's', 'b', 'i']), min_size=1, max_size=5))
def test_digits_that_stand_apart_never_become_one_number(tags):
    opened = ''.join('<%s>' % (tag,) for tag in tags)
    closed = ''.join('</%s>' % (tag,) for tag in reversed(tags))
    shown = html_to_text('<p>1%s2%s3</p>' % (opened, closed))
    if set(tags) & {'sup', 'sub', 's'}:
        assert not re.search('[0-9]{2}', shown)
    assert re.findall('[0-9]', shown) == ['1', '3'] if 's' in tags else ['1', '2', '3']
