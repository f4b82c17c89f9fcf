"""Bytes that no client would send are answered in JSON all the same."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.console.api.conftest import SECRETS
from tests.operations.conftest import parked
from tests.http.doubles import request
from vumi_snappy.console.api.routes import ROUTES
from vumi_snappy.console.api.site import CODES

ROUTES_OF_OURS = st.sampled_from([
    (route.method.encode('ascii'), route.path.format(number='1', id='1').encode('ascii'))
    for route in ROUTES])
METHODS = st.sampled_from([b'GET', b'POST', b'PUT', b'DELETE', b'HEAD', b'OPTIONS', b'#', b'get'])
#: Bytes of a target, and of a header.  (Wrong tokens are answered ever later: not here.)
PRINTED = st.lists(st.integers(33, 126), max_size=30).map(lambda raw: bytes(bytearray(raw)))
HEADERS = st.lists(st.tuples(
    st.sampled_from([b'Content-Type', b'Content-Type', b'Cookie', b'Accept', b'Host', b'Range',
                     b'X-Forwarded-For', b'Connection']),
    st.one_of(PRINTED, st.binary(max_size=20), st.sampled_from(
        [b'application/json', b'text/html', b'127.0.0.1', b'bytes=0-1']))),
    max_size=3)
BODIES = st.one_of(st.just(b''), st.binary(max_size=40), st.sampled_from(
    [b'{}', b'[[[[', b'{"reason": "\\u0000"}', b'{"reason": 1e999}', b'{"items": {}}']))


REQUESTS = st.tuples(
    st.one_of(ROUTES_OF_OURS, ROUTES_OF_OURS, st.tuples(METHODS, PRINTED), st.tuples(
        METHODS, ROUTES_OF_OURS.map(lambda pair: pair[1]))),
    st.one_of(st.just(b''), PRINTED.map(lambda raw: b'?' + raw), st.binary(max_size=9)),
    HEADERS, BODIES)


def wild_requests():
    """Requests, the same ones each time: to wait for answers is not for Hypothesis."""
    found = []

    @given(REQUESTS)
    @settings(max_examples=200, derandomize=True, database=None)
    def collect(wild):
        found.append(wild)
    collect()
    return found


@pytest_twisted.inlineCallbacks
def test_whatever_bytes_come_the_answer_is_json_and_as_described(bench, program, told):
    yield parked(bench)
    statuses = set()
    for wild in wild_requests():
        (method, path), query, headers, body = wild
        lines = [b'Authorization: Bearer ' + SECRETS['sync'].encode('ascii')]
        lines.extend(b'%s: %s' % pair for pair in headers)
        answer = yield program.listening.ask(request(
            method, b'/api/v1' + path + query, body, lines))
        statuses.add(answer.status)
        assert answer.status == 200 or answer.status in CODES and answer.status != 503, wild
        assert answer.headers['content-type'] == 'application/json; charset=utf-8', wild
        if method != b'HEAD' and answer.status != 200:
            assert answer.json['code'] == CODES[answer.status], wild
    # They were not all alike.
    assert statuses >= {200, 400, 404, 405, 415}
    assert 'A request could not be served' not in told()
    assert (yield program.get('/parked')).status == 200
