# -*- coding: utf-8 -*-
"""An agent's HTML as a person reads it on a phone."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
import six
from hypothesis import given, strategies as st

from vumi_snappy.content import html_to_text
from vumi_snappy.content.markup import LONGEST, MOST_TAGS

_UNSEEN = ((0x61c, 0x61c), (0x180b, 0x180f), (0x2065, 0x2069), (0xfdd0, 0xfdef), (0xfe00, 0xfe0f),
           (0xfff0, 0xfffc), (0xfffe, 0xffff), (0xe0000, 0xe0fff))
#: Characters that a reader sees, and spaces: what nobody sees is test_unseen.py's.
SEEN = st.characters(
    blacklist_categories=('Cc', 'Cf', 'Zl', 'Zp'),
    blacklist_characters='\xa0\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0' + ''.join(
        six.unichr(code) for first, last in _UNSEEN for code in range(first, last + 1)))


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
    ('&nbsp;&lt;3 &#8364;', '<3 €'),
    # entities
    ('<p>it&apos;s &#39;&#x27;&quot; &hellip; &#150;</p>', 'it\'s \'\'" … –'),
    ('<p>&#128512; &#55357;&#56832;</p>', '😀 😀'),
    ('<p>AT&T &nosuch; x?a=1&copy=2 &amp;lt; &#99999999;</p>',
     'AT&T &nosuch; x?a=1&copy=2 &lt; &#99999999;'),
    ('Hi &amp; bye', 'Hi & bye'),
    ('<p>&check;&bull;&rarr;&NewLine;&lbrack;x&rsqb; &commat;</p>', '\u2713\u2022\u2192 [x] @'),
    ('<p>&CounterClockwiseContourIntegral;&NotEqualTilde;</p>', '\u2233\u2242\u0338'),
    ('5 &lt 6, 7 &gt 3 &amp so on: &copy 2 &#8364 &#x20AC',
     '5 < 6, 7 > 3 & so on: \xa9 2 \u20ac \u20ac'),
    ('<img alt="caf&eacute; &check;"><a href="mailto:a&commat;x.org">b</a>',
     '[caf\xe9 \u2713]b (a@x.org)'),
    # white space
    ('<p>10&nbsp;km</p>', '10 km'),
    ('<b>a</b> <i>b</i>\n<u>c</u>', 'a b c'),
    ('<b>a</b><i>b</i>', 'ab'),
    ('a <b> b </b> c', 'a b c'),
    ('<div>a</div><div><br></div><div>b</div>', 'a\n\nb'),
    ('<p>a</p><p>&nbsp;</p><p>b</p>', 'a\n\nb'),
    ('<p>a</p><p><br></p><p>b</p>', 'a\n\nb'),
    ('a<br><br><br><br>b', 'a\n\nb'),
    ('<div>a<br></div><div>b</div>', 'a\nb'),
    ('<br><p>a</p><br>', 'a'),
    ('<p>one</p>two', 'one\n\ntwo'),
    ('<pre>\nfirst\n\n\n   last</pre>x', 'first\n\n\n   last\n\nx'),
    ('<pre>a <b>b</b> <i>c</i>\r\nd\re</pre>', 'a b c\nd\ne'),
    ('<h1>Title</h1><div>text</div>', 'Title\n\ntext'),
    # white space that a style keeps
    ('<div style="white-space: pre-wrap">a\n  b</div>', 'a\n  b'),
    ('<div style="white-space:pre">a\n\n\nb</div>c', 'a\n\n\nb\nc'),
    ('<div style="WHITE-SPACE:BREAK-SPACES">a\nb</div>', 'a\nb'),
    ('<div style="white-space:pre-line">a   b\n  c\n</div>d', 'a b\nc\nd'),
    ('<div style="white-space-collapse:preserve">a\nb</div>', 'a\nb'),
    ('<div style="white-space:pre-wrap"><p>a\nb <b>c\nd</b></p></div>', 'a\nb c\nd'),
    ('<div style="white-space:pre"><p style="white-space:normal">a\nb</p></div>', 'a b'),
    ('a <span style="white-space:pre-wrap">b\nc</span> d', 'a b\nc d'),
    ('<pre style="white-space:normal">a\nb</pre>', 'a b'),
    ('<textarea>a\nb</textarea>', 'a\nb'),
    ('a\u2028b<pre>c\u2029d</pre>', 'a b\n\nc\nd'),
    # lists and quotes
    ('<ul><li>a<ul><li>b</li><li>c<br>d</li></ul></li><li>e</li></ul>',
     '- a\n  - b\n  - c\n    d\n- e'),
    ('<ol start="3"><li>x<li value="9">y<li>z</ol>', '3. x\n9. y\n10. z'),
    ('<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>', '1. a\n   - b\n2. c'),
    ('<ul><li></li><li>a</li></ul>', '- a'),
    ('<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d',
     '> a\n> b\n\n> > c\n\nd'),
    ('He said <q>hi</q>.', 'He said "hi".'),
    # links
    ('<a href="https://www.x.org/a/">X.org/a</a>', 'X.org/a'),
    ('<a href="tel:+27 82-000 1001">+27820001001</a>', '+27820001001'),
    ('<a href="mailto:A@x.org?subject=hi">a@x.org</a>', 'a@x.org'),
    ('<a href="sms:12345?body=x">Text us</a>', 'Text us (12345)'),
    ('<a href="https://x.org/?a=1&amp;b=2">go</a>!', 'go (https://x.org/?a=1&b=2)!'),
    ('<a href="https://x.org"><p>text</p></a><p>more</p>', 'text (https://x.org)\n\nmore'),
    ('<a href="https://x.org">a <a href="https://y.org">b</a></a> c',
     'a (https://x.org) b (https://y.org) c'),
    ('<a href="https://x.org"></a>', 'https://x.org'),
    ('<a href="//x.org/y">y</a>', 'y (https://x.org/y)'),
    ('<a href="#top">a</a> <a href="/in">b</a> <a>c</a> <a href="data:x">d</a>', 'a b c d'),
    ('<a href="tel:%2B27820001001">call</a>', 'call (+27820001001)'),
    ('<a href="tel:%2B27%2082%20000%201001">+27820001001</a>', '+27820001001'),
    ('<a href="mailto:a%2Bb@x.org?subject=hi%20there">write</a>', 'write (a+b@x.org)'),
    ('<a href="www.x.org/map">the map</a>', 'the map (www.x.org/map)'),
    ('<a href="x.org">the map</a> <a href="x.org:80/a">b</a>', 'the map (x.org) b (x.org:80/a)'),
    ('<a href="help@x.org">write</a> <a href="page">c</a>', 'write (help@x.org) c'),
    ('<a href="www.x.org">x.org</a> <a href="file:///x.org">d</a>', 'x.org d'),
    # objects
    ('<img alt="1\ufe0f\u20e3"> call, <img alt="#\u20e3"> end',
     '1\ufe0f\u20e3 call, #\u20e3 end'),
    ('<img alt="\u062e\u0631\u064a\u0637\u0629">', '[\u062e\u0631\u064a\u0637\u0629]'),
    ('<a href="https://x.org/a.png"><img src="a.png"></a>', '[image] (https://x.org/a.png)'),
    ('<img alt="👋🏽"> hi', '👋🏽 hi'),
    ('a<img alt="">b<img src="dot" width="1" height="1">c', 'abc'),
    ('<video><p>your browser is old</p></video><iframe src="x"></iframe>', '[video][attachment]'),
    # what is not shown
    ('<head><title>no</title></head><body>yes</body>', 'yes'),
    ('<p hidden>no</p><span style="color:red; DISPLAY : none">no</span>yes', 'yes'),
    ('<!DOCTYPE html><?xml version="1.0"?><![if !supportLists]>yes<![endif]><p>a</p>',
     'yes\n\na'),
    ('a<!-- <p>no</p> -->b<!-- c', 'ab<!-- c'),
    # what agents paste
    ('<p class="MsoNormal">a<o:p></o:p>b</p>', 'ab'),
    ('<p class=x\'>Hello it\'s <b>me</b></p>', 'Hello it\'s me'),
    ('<p>John <john@example.org> <http://x.org/a> wrote</p>',
     'John <john@example.org> <http://x.org/a> wrote'),
    ('<p title="a > b">text', 'text'),
    ('<b>unclosed <a href="x', 'unclosed <a href="x'),
    ('<P>OLD</P><BR/><DIV CLASS="x">HTML</DIV>', 'OLD\n\nHTML'),
])
def test_markup_becomes_text(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize('plain', [
    'plain text', 'two\nlines', 'I <3 you', 'a < b and c > d', '5 & 6', 'x <- y',
    'four\n\n\n\nlines  two  spaces', 'if a<b then', 'Thandi <thandi@example.org>', '<heart>',
    'https://x.org/?a=1&copy=2', 'a <!-- b', '<![', '&#', '</', 'x <y z="1> & more'])
def test_what_is_no_html_stays_as_it_is(plain):
    assert html_to_text(plain) == plain


@pytest.mark.parametrize('said', [
    'مرحبا بكم', 'नमस्ते', 'ስላም', '👩\u200d⚕️ 👋🏽', 'Zoë ‘curly’ – dash', '\u200fשלום\u200e'])
def test_every_script_survives(said):
    assert html_to_text('<p>%s</p>\n' % (said,)) == said


@pytest.mark.parametrize('html, start', [
    ('<b>' * 30000 + 'deep' + '</b>' * 30000, 'deep'),
    ('<blockquote>' * 4000 + 'deep', '> > > > > > > > deep'),
    ('<ul><li>' * 4000 + 'deep', '- - - - - - - - deep')])
def test_deep_nesting_is_no_trouble(html, start):
    assert html_to_text(html) == start


@pytest.mark.parametrize('piece', [
    '<a ', '<a href="', "<a b='", '<a "', '<a "x>" ', '<!--', '<!', '<![', '<?', '</', '</a', '<',
    '&', '&#', '<b>', '</b>', '<ul><li>x', '<a href="http://x.org">x', '<blockquote>x<br>',
    '<b></i>', '<script>', '<textarea>', '<pre>', '<![CDATA[', '<sub>a.', '<sup>1',
    '<s>x', '<b style="text-decoration:', '<b style="/*;', 'data:', '\u200d', '\ufe0f', '&#1'])
def test_the_worst_that_can_be_sent_ends(piece):
    """Python's own parser takes minutes over some of these, and raises over others."""
    html_to_text(piece * (LONGEST // 5 // len(piece)))


def test_an_embedded_picture_is_not_sent_as_text():
    text = html_to_text('<p>look <img src="data:image/png;base64,%s"> there</p>' % (
        'iVBORw0KGgo' * LONGEST,))
    assert text == 'look [image] there'


def test_what_is_too_long_is_cut_between_tags():
    text = html_to_text('<p>' + 'x' * (LONGEST - 10) + '<a href="https://x.org/">here</a></p>')
    assert text == 'x' * (LONGEST - 10)


def test_too_many_tags_are_taken_for_spaces():
    assert html_to_text('<b>x</b>' * MOST_TAGS).split() == (
        ['x' * (MOST_TAGS // 2)] + ['x'] * (MOST_TAGS // 2))


def test_a_text_that_names_a_file_or_an_address_is_just_a_text(tmpdir, recwarn):
    here = tmpdir.join('a.txt')
    here.write('secret')
    for text in (str(here).encode('ascii').decode('ascii'), 'https://x.org/a'):
        assert html_to_text(text) == text
    assert not recwarn.list


@pytest.mark.parametrize('html, marker, text', [
    ('<p>Yes.</p><p>--</p><p>Thandi</p>', '--', 'Yes.'),
    ('<div>Yes.</div><div>-- </div>Thandi', ' --', 'Yes.'),
    ('Yes.\n--\nThandi', '--', 'Yes.'),
    ('<p>Yes -- no</p><p>--x</p>', '--', 'Yes -- no\n\n--x'),
    ('<p>--</p><p>a</p>', '--', ''),
    ('<p>a</p>', '', 'a')])
def test_what_is_below_the_marker_is_cut(html, marker, text):
    assert html_to_text(html, marker) == text


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


@given(st.text(alphabet='<>/!-?&#;"\'=[] \nabpx1\xa0\ud83d\ude00', max_size=60))
def test_no_markup_raises(text):
    shown = html_to_text(text)
    assert shown == shown.strip('\n ')
    assert not re.search('[\ud800-\udfff]', shown)


@given(st.text(SEEN, max_size=60).filter(lambda text: not re.search('[<>&]', text)))
def test_a_text_between_tags_is_the_text(text):
    expected = re.sub(r' +', ' ', text).strip(' ').encode('utf-16-le', 'surrogatepass').decode(
        'utf-16-le', 'replace')
    assert html_to_text('<p>%s</p>\n' % (text,)) == expected


@given(st.text(SEEN, max_size=60).filter(lambda text: '&' not in text))
def test_a_text_that_is_escaped_comes_back(text):
    coded = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
    expected = re.sub(r' +', ' ', text).strip(' ').encode('utf-16-le', 'surrogatepass').decode(
        'utf-16-le', 'replace')
    assert html_to_text('<p>%s</p>' % (coded,)) == expected
