# -*- coding: utf-8 -*-
"""What others wrote can be kept and sent on, and shows where something could not."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content import safe_text, utf8_text, whole_text


@pytest.mark.parametrize('text, safe', [
    ('a\x00b', 'a\ufffdb'), ('\x1b\x07\x7f', '\ufffd\ufffd\ufffd'),
    ('a\tb\nc\r\nd', 'a\tb\nc\r\nd'),
    ('a\x0bb\x0cc', 'a\nb\nc'), ('it\x92s \x93so\x94\x81', 'it\u2019s \u201cso\u201d\ufffd'),
    ('a\ud83d b\ude00', 'a\ufffd b\ufffd'), ('\U0001f600\u200d\u0634', '\U0001f600\u200d\u0634'),
    ('\ufffe\uffff', '\ufffd\ufffd')])
def test_what_can_not_be_sent_on_is_replaced(text, safe):
    assert safe_text(text) == safe


def test_to_be_kept_a_text_needs_no_more_than_whole_characters():
    assert whole_text('a\x00\x1f\x92\ud83d b\U0001f600') == 'a\x00\x1f\x92\ufffd b\U0001f600'


@pytest.mark.parametrize('raw, text', [
    (b'\xed\xa0\x80 hi', '\ufffd hi'), (b'a\xed\xb0\x80b', 'a\ufffdb'),
    (b'\xed\xa0\xbd\xed\xb8\x80', '\U0001f600'),
    (b'\xed\xa0\xbd\xed\xa0\xbd\xed\xb8\x80', '\ufffd\U0001f600'),
    (b'\xed\x95\x9c \xf0\x9f\x98\x80', '\ud55c \U0001f600'), (b'', '')])
def test_halves_of_characters_in_utf8_make_a_whole_one_or_are_replaced(raw, text):
    assert utf8_text(raw) == text


def test_what_is_no_utf8_is_refused():
    for raw in (b'\xff', b'caf\xe9', b'\xed\xa0'):
        with pytest.raises(UnicodeDecodeError):
            utf8_text(raw)


@given(st.text(alphabet=st.characters()))
def test_any_text_becomes_one_for_json_and_xml(text):
    safe = safe_text(text)
    assert len(safe) == len(text)
    assert not re.search('[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]', safe)
    assert safe.encode('utf-8').decode('utf-8') == safe
    assert safe_text(safe) == safe
