"""Long lists are read object by object as they come, and only what is wanted of them is kept."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from hypothesis import given, strategies as st

from tests.snappy.test_parsing import NOTE, TICKET, dumped
from vumi_snappy.http.call_errors import BadAnswer, TooLarge
from vumi_snappy.snappy.listed import MOST_LISTED, MOST_OBJECT, Listed
from vumi_snappy.snappy.parsing import note_from, parse_notes, parse_tickets, ticket_from


def read(body, chunk=0, one=ticket_from, whole=parse_tickets, wanted=lambda _: True):
    """What comes of a body that arrives in pieces of `chunk` bytes."""
    listed = Listed(one, whole, wanted)
    for start in range(0, len(body), chunk or len(body) or 1):
        listed.feed(body[start:start + (chunk or len(body))])
    return listed.result(body)


@pytest.mark.parametrize('body', [
    b'[]', b' [ ] \n', b'\xef\xbb\xbf[]', dumped([TICKET]), dumped([TICKET, dict(TICKET, id=7)]),
    b'[\n' + dumped(TICKET) + b'\n,\t' + dumped(TICKET) + b'\n]\n',
    dumped({'meta': {'total': 1, 'page': '1'}, 'data': [TICKET]}), dumped({'0': TICKET})])
@pytest.mark.parametrize('chunk', [0, 1, 7, 100])
def test_a_list_is_read_alike_however_it_is_cut(body, chunk):
    assert read(body, chunk) == parse_tickets(body)


@given(st.lists(st.text(), max_size=5), st.integers(1, 40), st.booleans())
def test_texts_of_any_kind_come_out_whole(texts, chunk, escaped):
    body = json.dumps([dict(NOTE, id=n, content=text) for n, text in enumerate(texts)],
                      ensure_ascii=escaped).encode('utf-8', 'replace')
    assert read(body, chunk, note_from, parse_notes) == parse_notes(body)


def test_only_what_is_wanted_is_kept():
    body = dumped([dict(TICKET, id=n) for n in range(20)])
    assert [each.id for each in read(body, 50, wanted=lambda ticket: ticket.id == '13')] == ['13']
    assert read(dumped({'data': [TICKET]}), wanted=lambda ticket: False) == []


def test_raw_line_feeds_inside_strings_are_kept_here_too():
    assert read(b'[{"id": 1, "content": "bye\nline2"}]', 3, note_from, parse_notes)[0].content == (
        'bye\nline2')


@pytest.mark.parametrize('body', [
    b'[', b'[{"id": 1}', b'[{"id": 1},', b'[{"id": 1},]', b'[{"id": 1} {"id": 2}]', b'[,]', b'[]]',
    b'[{"id": 1}]x', b'[{"id": 1}, 7]', b'["no"]', b'[[{"id": 1}]]', b'[{"id": "x"}]',
    b'[{"id": 1', b'[{"id": 1}\xff]', b'[{]', b'[{"a":' + b'[' * 100000,
    b'[{"id": ' + b'9' * 100000 + b'}]',
    b'[{"id": 1}, {"error": "no"}]', b'no list', b''])
@pytest.mark.parametrize('chunk', [0, 5])
def test_what_can_not_be_told_from_an_error_is_no_list(body, chunk):
    with pytest.raises(BadAnswer):
        read(body, chunk and max(chunk, len(body) // 100))


def test_an_object_that_never_ends_is_too_large():
    with pytest.raises(TooLarge):
        read(b'[{"summary": "' + b'x' * (2 * MOST_OBJECT) + b'"}]', 65536)


def test_it_says_how_much_it_takes_while_it_is_an_array():
    listed = Listed(ticket_from, parse_tickets, lambda _: True)
    assert listed.most == MOST_LISTED
    listed.feed(b'  ')
    assert listed.most == MOST_LISTED
    listed.feed(b' [')
    assert listed.most == MOST_LISTED
    listed = Listed(ticket_from, parse_tickets, lambda _: True)
    listed.feed(b' <html>[')
    assert listed.most == 0
