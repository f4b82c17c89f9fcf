"""What is taken is what the description allows, and the other way."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from vumi_snappy.console.api.routes import ROUTES
from vumi_snappy.console.api.values import Choice, Fields, Many, TextOf, Whole, Wrong

#: What bodies are made of, right and wrong.
WORDS = st.sampled_from(['address', 'items', 'reason', 'yes', 'opted_out', 'kind', 'id', 'more'])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5),
    st.sampled_from(['parked', 'undelivered', '1', '12:3', '+27820001001', 'x' * 201, 'x' * 301]))
ITEMS = st.fixed_dictionaries({'kind': st.sampled_from(['parked', 'undelivered', 'lost']),
                               'id': st.sampled_from(['1', '1:1', ':', '1' * 16, 1])})
BODIES = st.dictionaries(WORDS, st.one_of(
    LEAVES, st.lists(st.one_of(ITEMS, LEAVES), max_size=3), ITEMS), max_size=4)
TAKEN = [route.body for route in ROUTES if route.body is not None]
ASKED = [each for route in ROUTES for each in route.query]


def takes(check, value):
    try:
        check(value)
    except Wrong as wrong:
        assert wrong.must.startswith(('must ', 'is '))
        return False
    return True


@given(BODIES)
def test_a_body_is_taken_exactly_where_its_schema_allows_it(body):
    for fields in TAKEN:
        schema = json.loads(json.dumps(fields.schema))
        # To JSON's schemas 1 is no boolean, but to Python it is the same as True.
        assert takes(fields.check, body) == Draft4Validator(schema).is_valid(body) or 1 in map(
            lambda each: each if type(each) in (int, float) else 0, body.values())


@given(st.one_of(st.text(max_size=6), st.integers(-2, 2000000).map('{}'.format),
                 st.dates().map('{}'.format), st.sampled_from(
                     ['waiting', '#tag', '1416000000.1,1', '1416000000,', '2026-02-30', '007'])))
def test_a_parameter_is_taken_exactly_where_its_schema_allows_it(text):
    for each in ASKED:
        schema = each.value.schema
        value = text
        if schema['type'] == 'integer':
            if not text.isdigit() or not text.encode('ascii', 'ignore'):
                assert not takes(each.value.parse, text)
                continue
            value = int(text)
        if schema.get('format') == 'date' and text.startswith('2026-02-30'):
            continue  # a day by its looks alone
        assert takes(each.value.parse, text) == Draft4Validator(schema).is_valid(value), each.name


def test_a_character_beyond_the_basic_plane_counts_once():
    assert takes(TextOf(1).check, '\U0001f4a9')


@pytest.mark.parametrize('value, must', [
    (TextOf(5), 'must have 1 to 5 characters'),
    (Whole(1, 9), 'must be a whole number from 1 to 9'),
    (Choice('a', 'b'), 'must be a or b')])
def test_what_it_must_be_is_told(value, must):
    with pytest.raises(Wrong) as wrong:
        value.parse('too long')
    assert wrong.value.must == must


def test_where_it_is_wrong_is_told():
    deep = Fields({'list': Many(Many(Fields({'x': Choice('y')}), 2), 2)})
    for given_, field in [
            ({}, 'list'), ({'list': []}, 'list'), ({'list': [[{'x': 'y'}], 1]}, 'list[1]'),
            ({'list': [[{'x': 'y'}, {'x': 'z'}]]}, 'list[0][1].x'),
            ({'list': [[{'x': 'y', 'w': 1}]]}, 'list[0][0].w')]:
        with pytest.raises(Wrong) as wrong:
            deep.check(given_)
        assert wrong.value.field == field
