"""Strangers can not make the server read, wait, hold or tell more than its limits."""
from __future__ import absolute_import, division, print_function, unicode_literals

import socket
from contextlib import closing

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from tests.http.doubles import Echo, Listening, fed, kept_logs, request, statuses, wait_until
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.server import GuardedSite

SMALL = Limits(max_body=1000, max_header=600, max_headers=5, request_time=15, idle_time=30,
               connections=3)


class Server(object):
    """A site with small limits on a clock that the test moves, and what it logged."""

    def __init__(self, limits):
        self.clock = Clock()
        self.echo = Echo()
        self.refused = []
        self.site = GuardedSite(self.echo, self.clock, limits, on_refused=self.refused.append)
        self.logged = []
        self._listening = Listening(self.site)
        self.connect, self.send = self._listening.connect, self._listening.send
        self.ask = self._listening.ask
        self.number = self._listening.number
        self.stop_listening = self._listening.port.stopListening

    def pass_time(self, seconds):
        for _ in range(int(seconds * 4)):
            self.clock.advance(0.25)

    def has_connections(self, number):
        return wait_until(lambda: self.site.connections == number,
                          lambda: '%d connections' % (self.site.connections,))

    def is_asked(self, requests=1):
        """Waits until so many requests are there that wait for the test."""
        return wait_until(lambda: len(self.echo.waiting) == requests, lambda: 'no request')

    @defer.inlineCallbacks
    def gets(self, status, data):
        """Whether the answer to `data` has that status; fires with it."""
        answer = yield self.ask(data)
        assert answer.status == status
        defer.returnValue(answer)


@pytest.fixture
def server(request):
    server = Server(getattr(request, 'param', SMALL))
    globalLogPublisher.addObserver(server.logged.append)
    yield server
    globalLogPublisher.removeObserver(server.logged.append)
    pytest_twisted.blockon(server._listening.stop())


@pytest_twisted.inlineCallbacks
def test_a_plain_request_is_answered_and_its_connection_kept(server):
    raw = yield server.connect()
    for body in (b'one', b'two'):
        raw.send(request(path=b'/snappy', body=body))
        answer = yield raw.answer()
        assert (answer.status, answer.body) == (200, b'/snappy|' + body)
    assert not raw.closed


@pytest_twisted.inlineCallbacks
def test_the_server_does_not_tell_what_it_is(server):
    for asked in (request(), request(path=b'/broken'), b'garbage\r\n'):
        answer = yield server.ask(asked)
        assert 'server' not in answer.headers
        assert b'wisted' not in answer.body
    assert len(server.echo.seen) == 2


@pytest_twisted.inlineCallbacks
def test_a_page_that_fails_tells_nobody_why_and_the_log_only_where(server):
    answer = yield server.ask(request(path=b'/broken'))
    assert (answer.status, answer.body) == (500, b'')
    logs = kept_logs(server.logged)
    assert 'RuntimeError in render' in logs
    assert 'sesam' not in logs


@pytest_twisted.inlineCallbacks
def test_no_path_is_ever_logged(server):
    for asked in (request(path=b'/snappy/sesam'), request(path=b'/broken?sesam'),
                  request(path=b'/sesam', headers=[b'Transfer-Encoding: chunked']),
                  b'POST /sesam HTTP/3.0\r\n\r\n', request(path=b'/sesam/%ff')):
        yield server.ask(asked)
    assert 'sesam' not in kept_logs(server.logged)
    assert 'sesam' not in ''.join('%r' % (each,) for each in server.echo.waiting)


def test_a_request_shows_no_path_where_it_is_printed():
    site = GuardedSite(Echo(), Clock())
    channel, _ = fed(site, request(path=b'/later/sesam'))
    assert 'sesam' not in repr(channel.requests[0])


# What is not read at all.

@pytest.mark.parametrize('header, status', [
    (b'Content-Length: +5', 400), (b'Content-Length: 0x5', 400), (b'Content-Length: 5, 5', 400),
    (b'Content-Length: 5\r\nContent-Length: 5', 400),
    (b'Content-Length: 5\r\nContent-Length: 6', 400),
    (b'Transfer-Encoding: chunked', 501), (b'Transfer-Encoding: identity', 501),
    (b'Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0', 501),  # Twisted would take it
    (b'Content-Length: 5\r\nTransfer-Encoding: chunked', 501),
    (b'X: a\r\n folded', 400), (b'X : a', 400), (b'no colon', 400),
    (b'Content-Length: 1001', 413), (b'Content-Length: 209715200', 413),
])
@pytest_twisted.inlineCallbacks
def test_what_is_no_plain_request_is_refused_with_the_reason_and_closed(server, header, status):
    raw = yield server.send(b'POST /snappy HTTP/1.1\r\nHost: localhost\r\n' + header
                            + b'\r\n\r\nhello')
    answer = yield raw.answer()
    assert answer.status == status
    assert answer.json['error']
    yield raw.until_closed()
    yield server.has_connections(0)
    assert server.echo.seen == []
    assert server.refused == [status]


@pytest_twisted.inlineCallbacks
def test_a_body_may_be_as_long_as_the_limit_to_the_byte(server):
    answer = yield server.gets(200, request(body=b'x' * 1000))
    assert len(answer.body) == 1002
    yield server.gets(413, request(body=b'x' * 1001))
    assert [len(body) for _, _, body in server.echo.seen] == [1000]


@pytest_twisted.inlineCallbacks
def test_a_body_that_is_too_long_is_refused_before_it_comes(server):
    yield server.gets(413, b'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n')


@pytest.mark.parametrize('server', [Limits(max_body=300000)], indirect=True)
@pytest_twisted.inlineCallbacks
def test_who_sends_the_body_all_the_same_still_learns_why_it_is_refused(server):
    for _ in range(20):  # a reset would overtake the answer in some of them
        yield server.gets(413, request(body=b'x' * 300001))


@pytest.mark.parametrize('asked, endless', [
    (request(body=b'x' * 1001)[:-1001], True), (b'garbage\r\n', False)])
@pytest_twisted.inlineCallbacks
def test_who_goes_on_sending_after_a_refusal_or_does_not_close_is_cut_off(server, asked, endless):
    with closing(socket.create_connection(('127.0.0.1', server.number))) as client:
        client.sendall(asked)
        yield wait_until(lambda: 'Refused' in kept_logs(server.logged), lambda: 'not refused')
        if endless:
            client.sendall(b'x' * 1000)
        assert server.site.connections == 1
        if endless:
            client.sendall(b'x')
        else:
            server.pass_time(2)
        yield server.has_connections(0)


@pytest.mark.parametrize('head', [
    b'GET /' + b'x' * 600,
    b'GET /' + b'x' * 600 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'x' * 600,
    b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'x' * 300 + b'\r\nY: ' + b'y' * 300 + b'\r\n',
    b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 6,
])
@pytest_twisted.inlineCallbacks
def test_a_head_that_is_too_large_is_refused(server, head):
    yield server.gets(431, head)
    assert server.refused == [431]


@pytest_twisted.inlineCallbacks
def test_a_form_is_not_parsed_before_anyone_has_asked_who_sends_it(server):
    raw = yield server.send(request(path=b'/later?a=1', body=b'b=2&c=3',
                                    headers=[b'Content-Type: application/x-www-form-urlencoded']))
    yield server.is_asked()
    asked = server.echo.waiting[0]
    assert asked.args == {b'a': [b'1']}
    assert asked.getHeader(b'content-type') == b'application/x-www-form-urlencoded'
    server.echo.let_go()
    yield raw.answer()
    answer = yield server.ask(request(body=b'--x', headers=[
        b'Content-Type: multipart/form-data; boundary=']))
    assert answer.body == b'/|--x'


@pytest_twisted.inlineCallbacks
def test_who_asks_first_is_told_to_go_on_or_not(server):
    raw = yield server.send(request(body=b'hello', headers=[b'Expect: 100-continue'])[:-5])
    yield raw.until(b'HTTP/1.1 100 ')
    raw.got = b''
    raw.send(b'hello')
    answer = yield raw.answer()
    assert answer.body == b'/|hello'
    yield server.gets(413, request(body=b'x' * 1001, headers=[b'Expect: 100-continue'])[:-1001])


# Time.

@pytest_twisted.inlineCallbacks
def test_a_head_that_trickles_in_is_given_up_in_spite_of_its_steadiness(server):
    raw = yield server.connect()
    for n, byte in enumerate(b'POST / HTTP/1.1'):
        raw.send(byte if isinstance(byte, bytes) else bytes((byte,)))
        yield wait_until(lambda: read_by(server) == n + 1, lambda: 'read %r' % read_by(server))
        assert not raw.closed
        server.pass_time(1)
    assert (yield raw.answer()).status == 408
    yield raw.until_closed()


def read_by(server):
    """How many bytes of a first line the server's only connection has read."""
    return sum(len(channel._buffer) for channel in server.site._open)


@pytest_twisted.inlineCallbacks
def test_a_body_that_trickles_in_is_given_up_in_the_time_of_the_whole_request(server):
    raw = yield server.send(request(body=b'x' * 100)[:-100])
    yield wait_until(lambda: any(c.requests for c in server.site._open), lambda: 'no head')
    server.pass_time(10)
    raw.send(b'x' * 50)
    yield wait_until(lambda: [c for c in server.site._open
                              if c._transferDecoder.contentLength == 50], lambda: 'not read')
    server.pass_time(4.75)
    assert not raw.closed and not raw.got
    server.pass_time(0.25)
    assert (yield raw.answer()).status == 408
    assert (server.echo.seen, server.refused) == ([], [408])


@pytest_twisted.inlineCallbacks
def test_an_answer_may_take_longer_than_a_request(server):
    raw = yield server.send(request(path=b'/later'))
    yield server.is_asked()
    server.pass_time(100)
    server.echo.let_go()
    assert (yield raw.answer()).status == 200


@pytest_twisted.inlineCallbacks
def test_a_connection_that_says_nothing_is_closed_without_a_word(server):
    raw = yield server.connect()
    yield server.has_connections(1)
    server.pass_time(15)
    assert (yield raw.until_closed()) == b''


@pytest_twisted.inlineCallbacks
def test_a_kept_connection_is_closed_when_it_stays_idle(server):
    raw = yield server.connect()
    for _ in range(2):
        raw.send(request())
        yield raw.answer()
        server.pass_time(29.75)
        assert not raw.closed
    server.pass_time(0.25)
    assert (yield raw.until_closed()) == b''


@pytest_twisted.inlineCallbacks
def test_who_does_not_read_the_answer_is_cut_off(server):
    raw = yield server.connect()
    raw.transport.pauseProducing()
    raw.send(request(path=b'/huge'))
    yield wait_until(lambda: server.echo.seen, lambda: 'no request')
    server.pass_time(59.75)
    assert server.site.connections == 1
    server.pass_time(0.25)
    yield server.has_connections(0)


# Numbers.

@pytest_twisted.inlineCallbacks
def test_when_all_connections_are_at_work_a_new_one_is_told_to_try_again_later(server):
    raws = []
    for n in range(3):
        raws.append((yield server.send(request(path=b'/later'))))
        yield server.is_asked(n + 1)
    yield server.gets(503, b'')
    assert server.refused == [503]
    server.echo.let_go()
    yield raws[0].answer()
    raws[0].transport.loseConnection()
    yield server.has_connections(2)
    yield server.gets(200, request())


@pytest_twisted.inlineCallbacks
def test_who_waits_longest_without_a_request_makes_room(server):
    raws = []
    for n in range(3):
        raws.append((yield server.connect()))
        yield server.has_connections(n + 1)
    raws[0].send(request())  # it waits for its next request since now
    yield raws[0].answer()
    for _ in range(2):
        yield server.gets(200, request())
    yield raws[1].until_closed()
    assert server.site.connections <= 3
    assert not raws[0].closed


@pytest_twisted.inlineCallbacks
def test_a_closed_connection_is_forgotten_however_it_ended(server):
    for asked in (request(), b'garbage\r\n', b'POST / HT', request(path=b'/broken'),
                  request(path=b'/later'), request(path=b'/later') + request(path=b'/later')):
        raw = yield server.send(asked)
        yield server.has_connections(1)
        raw.transport.abortConnection()
        yield server.has_connections(0)
    assert [each for each in server.clock.getDelayedCalls()
            if 'updateLogDateTime' not in '%s' % (each,)] == []


@pytest_twisted.inlineCallbacks
def test_refusals_are_told_in_the_log_but_not_one_by_one(server):
    for _ in range(5):
        yield server.ask(b'garbage\r\n')
    server.pass_time(60)
    yield server.ask(b'garbage\r\n')
    told = [line for line in kept_logs(server.logged).split('\n') if 'Refused' in line]
    assert len(told) == 2
    assert 'from 127.0.0.1: The first line is not an HTTP/1.x request' in told[0]
    assert '4 more' in told[1]


@pytest_twisted.inlineCallbacks
def test_when_the_listener_is_closed_connections_end_with_their_answer(server):
    idle = yield server.connect()
    working = yield server.send(request(path=b'/later'))
    yield server.is_asked()
    yield server.stop_listening()
    yield idle.until_closed()
    server.echo.let_go()
    assert (yield working.answer()).status == 200
    yield working.until_closed()


# Several requests on a connection.

@pytest_twisted.inlineCallbacks
def test_requests_sent_in_one_go_are_answered_one_after_the_other(server):
    raw = yield server.send(
        request(path=b'/later/1', method=b'GET') + request(path=b'/later/2', body=b'xy')
        + request(path=b'/3', body=b'z') + request(path=b'/4', method=b'GET'))
    yield server.is_asked()
    assert len(server.echo.seen) == 1
    server.echo.let_go()
    yield raw.until(b'/later/1')
    yield server.is_asked()
    assert len(server.echo.seen) == 2
    server.echo.let_go()
    yield raw.until(b'/4|')
    assert [path for _, path, _ in server.echo.seen] == [b'/later/1', b'/later/2', b'/3', b'/4']
    assert raw.got.index(b'/later/2') < raw.got.index(b'/3|z') < raw.got.index(b'/4|')


@pytest_twisted.inlineCallbacks
def test_thousands_of_requests_sent_in_one_go_are_answered(server):
    raw = yield server.send(
        request(method=b'GET', path=b'/x') * 3000 + request(path=b'/last', body=b'!'))
    yield raw.until(b'/last|!')
    assert len(server.echo.seen) == 3001


@pytest_twisted.inlineCallbacks
def test_what_follows_a_refused_request_is_not_looked_at(server):
    raw = yield server.send(request(path=b'/1') + request(headers=[b'Transfer-Encoding: chunked'])
                            + request(path=b'/3'))
    got = yield raw.until_closed()
    assert got.count(b'HTTP/1.1 ') == 2
    assert [path for _, path, _ in server.echo.seen] == [b'/1']


def test_lines_after_a_refusal_are_not_even_walked_through():
    site = GuardedSite(Echo(), Clock())
    channel, _ = fed(site)
    walked = []
    read = channel.lineReceived
    channel.lineReceived = lambda line: walked.append(line) or read(line)
    channel.dataReceived(b'garbage\r\n' + b'\r\n' * 1000)
    assert walked == [b'garbage']


@pytest.mark.parametrize('asked', [
    b'POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi',
    request(body=b'hi', headers=[b'Connection: close'])])
@pytest_twisted.inlineCallbacks
def test_a_connection_that_is_not_to_be_kept_is_closed(server, asked):
    raw = yield server.send(asked)
    assert b'/|hi' in (yield raw.until_closed())


@given(st.lists(st.binary(max_size=30) | st.sampled_from([
    b'GET / HTTP/1.1\r\n', b'POST /broken HTTP/1.1\r\n', b'Host: x\r\n', b'\r\n', b'\r', b'\n',
    b'Content-Length: 3\r\n', b'Content-Length: 9\r\n', b'Transfer-Encoding: chunked\r\n',
    b'abc', b'Connection: close\r\n', b'Expect: 100-continue\r\n', b'GET /later HTTP/1.1\r\n',
    request(body=b'abc'), request(method=b'GET')]), max_size=12))
def test_whatever_is_sent_is_answered_or_refused_and_nothing_else(pieces):
    site = GuardedSite(Echo(), Clock(), Limits(max_header=200, max_headers=4, max_body=5))
    channel, transport = fed(site, *pieces)
    assert statuses(transport) <= {100, 200, 400, 413, 431, 500, 501}
    channel.connectionLost(None)
    assert site.connections == 0
