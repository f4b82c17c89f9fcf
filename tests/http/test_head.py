"""A request's head is plain and small, or refused with the reason."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vumi_snappy.http.head import RequestHead
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.responses import HttpError

PLAIN = [b'POST /snappy HTTP/1.1', b'Host: localhost:8020', b'Content-Length: 10', b'']


def read(lines, **limits):
    head = RequestHead(Limits(**limits))
    for line in lines:
        head.read(line)


def refusal(lines, **limits):
    with pytest.raises(HttpError) as caught:
        read(lines, **limits)
    return caught.value.status, caught.value.message


@pytest.mark.parametrize('lines', [
    PLAIN,
    [b''] + PLAIN,
    [b'GET /health/?verbose=1 HTTP/1.0', b''],
    [b'POST /%D8%B4%DA%A9 HTTP/1.1', b'host:[::1]:8020', b'X-Empty:', b'X-Tab:\ta\tb', b''],
    [b'POST / HTTP/1.1', b'Host:', b'Content-Length:  0007 ', b''],
    [b'POST / HTTP/1.1', b'Host: x', b'X-Name: \xc3\xa9', b''],
])
def test_a_plain_head_is_read(lines):
    read(lines)


@pytest.mark.parametrize('line', [
    b'POST /', b'POST / HTTP/2.0', b'POST / HTTP/1.2', b'POST / HTTP/01.1', b'POST  / HTTP/1.1',
    b'POST\t/ HTTP/1.1', b' POST / HTTP/1.1', b'POST / HTTP/1.1 ', b'POST / HTTP/1.1\n',
    b'POST http://localhost/ HTTP/1.1', b'CONNECT localhost:1 HTTP/1.1', b'OPTIONS * HTTP/1.1',
    b'P(ST / HTTP/1.1', b'POST /\x00 HTTP/1.1', b'POST /\xff HTTP/1.1', b'PRI * HTTP/2.0',
    b'\x16\x03\x01\x02\x00\x01', b'POST /\x0b HTTP/1.1'])
def test_a_first_line_that_is_no_request_for_a_path_is_refused(line):
    assert refusal([line])[0] == 400


def test_a_path_that_is_no_utf_8_is_refused():
    for path in (b'/%ff', b'/%ED%A0%80'):
        assert refusal([b'POST ' + path + b' HTTP/1.1'])[0] == 400


def test_only_one_empty_line_is_forgiven():
    assert refusal([b'', b''])[0] == 400


@pytest.mark.parametrize('line', [
    b'Content-Length: +5', b'Content-Length: -5', b'Content-Length: 0x5', b'Content-Length: 5,5',
    b'Content-Length: 5 5', b'Content-Length:', b'Content-Length: 5\x0b',
    b'Content-Length: \xd9\xa5', b'Content-Length : 5', b'Content-Length', b': 5', b' folded',
    b'\tfolded', b'X-Bare: a\nTransfer-Encoding: chunked', b'X-Bare: a\rb', b'X-Null: \x00',
    b'X-(: a', b'Host: a b', b'Host: \xff', b'Host: a/b', b'Host: @'])
def test_a_header_that_two_programs_may_read_differently_is_refused(line):
    assert refusal([b'POST / HTTP/1.1', line])[0] == 400


@pytest.mark.parametrize('value', [
    b'chunked', b'Chunked', b'identity', b'gzip, chunked', b'', b'\x0bchunked'])
def test_any_transfer_encoding_is_refused(value):
    assert refusal([b'POST / HTTP/1.1', b'transfer-Encoding: ' + value])[0] in (400, 501)


@pytest.mark.parametrize('second', [b'Content-Length: 10', b'content-length: 11'])
def test_a_second_length_is_refused_even_when_it_says_the_same(second):
    assert refusal(PLAIN[:3] + [second]) == (
        400, 'The header Content-Length is malformed or given twice.')


def test_a_second_host_is_refused_and_so_is_none():
    assert refusal(PLAIN[:2] + [b'Host: other'])[0] == 400
    assert refusal([PLAIN[0], b''])[0] == 400


def test_a_body_may_have_just_so_many_bytes():
    read([b'POST / HTTP/1.1', b'Content-Length: 1000'], max_body=1000)
    assert refusal([b'POST / HTTP/1.1', b'Content-Length: 1001'], max_body=1000) == (
        413, 'The body is larger than 1000 bytes.')
    assert refusal([b'POST / HTTP/1.1', b'Content-Length: ' + b'9' * 4000])[0] == 413


def test_a_head_may_have_just_so_many_bytes():
    size = sum(len(line) + 2 for line in PLAIN)
    read(PLAIN, max_header=size)
    assert refusal(PLAIN, max_header=size - 1)[0] == 431


def test_a_head_may_have_just_so_many_headers():
    lines = PLAIN[:2] + [b'X: y'] * 9
    read(lines + [b''], max_headers=10)
    assert refusal(lines + [b'X: y'], max_headers=10)[0] == 431


@given(st.lists(st.binary(max_size=40) | st.sampled_from(PLAIN), max_size=8))
def test_garbage_is_read_or_refused_and_nothing_else(lines):
    try:
        read(lines)
    except HttpError as error:
        assert error.status in (400, 413, 431, 501)
