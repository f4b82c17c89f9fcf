# -*- coding: utf-8 -*-
"""Patterns in the scripts take time in proportion to their text: all else in Redis waits."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
import pytest_twisted

from tests.store.redis_keys import LUA, sources

CALL = re.compile(r'[:.](?:gsub|gmatch|match|find)\(')
#: From each place on that it may begin at, this looks through all the rest when it fails.
GREEDY = re.compile(r'(?!\^).*(?:\[\^[^\]]*\]|(?<!%)\.)[*+-]')


def slow(source):
    """The patterns of a script that take the square of their text's length."""
    return [pattern for line in re.sub('--.*', '', source).splitlines() if CALL.search(line)
            for pattern in re.findall("'([^']*)'", line) if GREEDY.match(pattern)]


def test_no_pattern_takes_the_square_of_its_texts_length():
    assert [(name, slow(source)) for name, source in sources(LUA, '.lua') if slow(source)] == []
    assert slow("html:gsub('<[^>]*>', ''):gsub('&[#%w]+;', '')") == ['<[^>]*>']
    assert slow("string.match(x, '<.->')") == ['<.->']


@pytest_twisted.inlineCallbacks
@pytest.mark.parametrize('html', [
    '<p>a</p>', 'a<b', 'a<b<c>d', '<<<>>>', '>a<', '', '<', '>', 'a<>b<', '&amp;<b> x</b>&lt',
    '<' * 40000, '<a' * 20000 + '>b'])
def test_tags_are_taken_out_as_the_pattern_did(bench, html):
    script = 'local P, now = "", 0\n%s\nreturn bare(ARGV[1])' % (
        dict(sources(LUA, '.lua'))['_replies'],)
    said = yield bench.store.connection.send('EVAL', script.encode('utf-8'), '0', html)
    expected = re.sub('<[^>]*>', '', html) if html.count('<') < 1000 else (
        'b' if html.endswith('b') else html)
    assert said.decode('utf-8') == re.sub(r'&[#\w]+;|\s+', '', expected)
