"""JSON from outside is read by one reader, and none of it costs more than its length."""
from __future__ import absolute_import, division, print_function, unicode_literals

import ast
import io
import json
import os
import time

import pytest
from hypothesis import given, strategies as st

import vumi_snappy
from tests.bus.samples import INBOUND, body
from vumi_snappy.bus import Malformed
from vumi_snappy.bus.bodies import parse
from vumi_snappy.content.foreign_json import DEEPEST, BadJson, object_at, read, text_of
from vumi_snappy.http.call_errors import BadAnswer
from vumi_snappy.snappy.parsing import parse_done
from vumi_snappy.vumi.message import TransportUserMessage

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10 ** 18, 10 ** 18) | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner,
                                                                max_size=4), max_leaves=20)


@given(JSON)
def test_what_is_json_is_read_as_the_standard_library_reads_it(value):
    for raw in (json.dumps(value), json.dumps(value, ensure_ascii=False).encode('utf-8')):
        assert read(raw) == value


@pytest.mark.parametrize('raw', [
    b'', b'x', b'{', b'"\n"', b'\xff', b'NaN', b'-Infinity', b'1e999', b'[1] 2',
    b'9' * 21, b'-' + b'9' * 21, b'0.' + b'1' * 100, b'1e' + b'1' * 100, b'9' * 1300000,
    b'0.' + b'3' * 1300000, b'[' * 102 + b']' * 102, b'{"a":' * 102 + b'1' + b'}' * 102,
    b'[' * 1000000])
def test_what_is_none_or_beyond_the_bounds_is_told_at_once(raw):
    began = time.time()
    with pytest.raises(BadJson):
        read(raw)
    assert time.time() - began < 1.0  # 1.3 million digits took half a minute


def test_a_text_that_is_too_large_is_not_even_begun():
    with pytest.raises(BadJson) as caught:
        read(b'[' + b' ' * 100 + b']', longest=100)
    assert '100 bytes' in '%s' % (caught.value,)


def test_brackets_in_strings_are_no_depth():
    assert read('"%s"' % ('[' * 1000,)) == '[' * 1000
    wide = [[], {}] * 1000
    assert read(json.dumps(wide)) == wide
    just = b'[' * DEEPEST + b']' * DEEPEST
    assert read(just)


def test_raw_line_feeds_are_kept_where_they_may_come():
    assert read('"a\nb"', line_feeds=True) == 'a\nb'


@pytest.mark.parametrize('raw, value', [
    ('{"a\\ud83d": ["b\\uDE00", "\\ud83d\\ude00"]}', {'a\ufffd': ['b\ufffd', '\U0001f600']}),
    ('"x\ud800"', 'x\ufffd'), (b'"x\xed\xa0\x80"', 'x\ufffd'),
    ('"\\\\ud800"', '\\ud800'), ('"\ud55c"', '\ud55c')])
def test_half_a_character_is_replaced_wherever_it_stands(raw, value):
    assert read(raw) == value
    if isinstance(value, dict):
        assert object_at('[' + raw + ']', 1) == (value, len(raw) + 1)


def test_an_object_within_a_text_has_the_same_bound_on_its_depth():
    assert object_at('{"a": ' + '[' * (DEEPEST - 2) + ']' * (DEEPEST - 2) + '}', 0) is not None
    assert object_at('{"a": ' + '[' * (DEEPEST + 2) + ']' * (DEEPEST + 2) + '}', 0) is None


def test_a_text_may_come_as_a_number():
    assert (text_of('a'), text_of(7), text_of(10 ** 19)) == ('a', '7', '1%s' % ('0' * 19,))
    for value in (True, 1.0, None, [], {}):
        with pytest.raises(ValueError):
            text_of(value)


def test_a_message_on_the_bus_and_an_answer_block_nobody():
    began = time.time()
    many = b'9' * 1300000
    with pytest.raises(Malformed):
        parse(TransportUserMessage, body(INBOUND, content=1).replace(
            b'"content": 1', b'"content": ' + many))
    with pytest.raises(BadAnswer):
        parse_done(b'{"id": ' + many + b'}')
    assert time.time() - began < 1.0


#: Who reads JSON without it: the stand-in, which runs for tests and demos, and what reads
#: nothing but what we ourselves have written into Redis.
OWN = ('content/foreign_json.py', 'standin/', 'store/', 'operations/problems.py',
       'vumi/own/message.py')
READERS = ('loads', 'load', 'JSONDecoder', 'from_json', 'json_content', 'raw_decode')
METHODS = ('from_json', 'json_content')


def test_nobody_else_reads_json_from_outside():
    root = os.path.dirname(os.path.abspath(vumi_snappy.__file__))
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            place = os.path.relpath(path, root)
            if not name.endswith('.py') or place.startswith(OWN):
                continue
            with io.open(path, 'rb') as source:
                tree = ast.parse(source.read())
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (
                        node.value.id in ('json', 'simplejson', 'message_class')
                        and node.attr in READERS):
                    found.append('%s:%d %s.%s' % (place, node.lineno, node.value.id, node.attr))
                elif isinstance(node, ast.ImportFrom) and node.module in ('json', 'simplejson'):
                    found.append('%s:%d from json import' % (place, node.lineno))
                elif isinstance(node, ast.Attribute) and node.attr in METHODS:
                    found.append('%s:%d .%s' % (place, node.lineno, node.attr))
    assert found == []
