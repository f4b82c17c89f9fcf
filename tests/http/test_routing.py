"""Handlers answer by values; what has no route, and what fails, tells strangers nothing."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from tests.http.doubles import Listening, kept_logs, request, wait_until
from vumi_snappy.http.responses import HttpError, Response
from vumi_snappy.http.routing import Routes
from vumi_snappy.http.server import GuardedSite

PAGE = Response.of(201, {'said': 'Gr\xfc\xdfe'})
#: The first one skips Klein's routing, the others do not.
PATHS = pytest.mark.parametrize('path', [b'/quick', b'//quick', b'/slow/x'])


class Served(object):
    """Routes on a real port: a page, handlers that wait for the test, and handlers that fail."""

    def __init__(self):
        self.waiting, self.logged = [], []
        routes = Routes()
        routes.add('/page', lambda request: PAGE, 'GET', 'POST')
        routes.add('/quick', self.wait, 'POST')
        routes.add('/slow/<name>', self.wait, 'POST')
        for path in ('/broken', '/broken/<name>'):
            routes.add(path, self.broken, 'GET')
        routes.add('/teapot', self.refuse, 'GET')
        self.listening = Listening(GuardedSite(routes, Clock()))

    def wait(self, request, name=None):
        waiting = defer.Deferred(lambda _: self.waiting.append('cancelled'))
        self.waiting.append(waiting)
        return waiting

    def broken(self, request, name=None):
        raise KeyError('sesam')

    def refuse(self, request):
        return defer.fail(HttpError(418, 'short and stout', headers=((b'X-Spout', b'1'),)))

    @defer.inlineCallbacks
    def ask(self, path, headers=(), version=b'1.1'):
        raw = yield self.listening.send(
            request(b'POST', path, b'x', headers).replace(b'HTTP/1.1', b'HTTP/' + version))
        yield wait_until(lambda: self.waiting, lambda: 'not asked')
        defer.returnValue((raw, self.waiting.pop()))


@pytest.fixture
def served():
    served = Served()
    globalLogPublisher.addObserver(served.logged.append)
    yield served
    globalLogPublisher.removeObserver(served.logged.append)
    pytest_twisted.blockon(served.listening.stop())


@pytest_twisted.inlineCallbacks
def test_a_response_is_json_that_nobody_keeps_or_takes_for_something_else(served):
    got = yield served.listening.ask(request(b'GET', b'/page'))
    assert (got.status, got.json) == (201, {'said': 'Gr\xfc\xdfe'})
    assert got.headers['cache-control'] == 'no-store'
    assert got.headers['x-content-type-options'] == 'nosniff'
    assert got.headers['content-type'] == 'application/json; charset=utf-8'


@pytest_twisted.inlineCallbacks
def test_the_response_to_a_head_has_the_headers_alone(served):
    raw = yield served.listening.send(request(b'HEAD', b'/page') + request(b'GET', b'/page'))
    for bodiless in (True, False):
        got = yield raw.answer(bodiless)
        assert (got.status, got.headers['content-length']) == (201, '27')


@pytest.mark.parametrize('path', [b'/broken', b'/broken/later'])
@pytest_twisted.inlineCallbacks
def test_a_handler_that_fails_asks_to_try_again_and_is_logged_by_type_and_place(served, path):
    got = yield served.listening.ask(request(b'GET', path))
    assert (got.status, got.headers['retry-after']) == (503, '30')
    assert b'sesam' not in got.body
    assert 'KeyError in broken (' in kept_logs(served.logged)
    assert 'sesam' not in kept_logs(served.logged)


@pytest_twisted.inlineCallbacks
def test_an_http_error_of_a_handler_is_answered_as_it_says(served):
    got = yield served.listening.ask(request(b'GET', b'/teapot'))
    assert (got.status, got.json, got.headers['x-spout']) == (
        418, {'error': 'short and stout'}, '1')
    assert 'failed' not in kept_logs(served.logged)


@pytest_twisted.inlineCallbacks
def test_a_method_that_a_path_does_not_have_is_told_which_ones_it_has(served):
    got = yield served.listening.ask(request(b'PUT', b'/page'))
    assert (got.status, got.headers['allow']) == (405, 'GET, HEAD, POST')
    assert got.json == {'error': 'Use one of these methods: GET, HEAD, POST.'}


@pytest.mark.parametrize('method, path', [
    (b'GET', b'/'), (b'GET', b'/none'), (b'GET', b'/page/'), (b'GET', b'/page/x'),
    (b'GET', b'/page//'), (b'POST', b'/quick/'), (b'POST', b'/quick/x')])
@pytest_twisted.inlineCallbacks
def test_where_there_is_no_route_there_is_nothing(served, method, path):
    got = yield served.listening.ask(request(method, path))
    assert (got.status, got.json) == (404, {'error': 'There is nothing here.'})
    assert not served.waiting


@PATHS
@pytest_twisted.inlineCallbacks
def test_a_response_may_come_later_and_the_connection_stays(served, path):
    raw, waiting = yield served.ask(path)
    waiting.callback(PAGE)
    later = yield raw.answer()
    raw.send(request(b'POST', b'/page'))
    at_once = yield raw.answer()
    del later.headers['date'], at_once.headers['date']
    assert (later.status, later.headers, later.body) == (
        at_once.status, at_once.headers, at_once.body)


@pytest.mark.parametrize('headers, version', [([b'Connection: close'], b'1.1'), ([], b'1.0')])
@PATHS
@pytest_twisted.inlineCallbacks
def test_a_connection_that_is_to_end_ends_with_its_response(served, path, headers, version):
    raw, waiting = yield served.ask(path, headers, version)
    waiting.callback(Response.of(200, {'last': True}))
    got = yield raw.until_closed()
    assert got.startswith(b'HTTP/' + version + b' 200 OK\r\n')
    assert got.endswith(b'\r\n\r\n{"last": true}')
    assert (b'Connection: close\r\n' in got) == (version == b'1.1')


@PATHS
@pytest_twisted.inlineCallbacks
def test_responses_go_out_in_the_order_of_their_requests(served, path):
    raw, first = yield served.ask(path)
    raw.send(request(b'POST', path, b'y'))
    first.callback(Response.of(200, {'n': 1}))
    yield wait_until(lambda: served.waiting, lambda: 'not asked')
    served.waiting.pop().callback(Response.of(200, {'n': 2}))
    answers = [(yield raw.answer()), (yield raw.answer())]
    assert [each.json['n'] for each in answers] == [1, 2]


@PATHS
@pytest_twisted.inlineCallbacks
def test_what_fails_later_asks_to_try_again(served, path):
    raw, waiting = yield served.ask(path)
    waiting.errback(KeyError('sesam'))
    got = yield raw.answer()
    assert (got.status, got.headers['retry-after']) == (503, '30')
    assert 'KeyError' in kept_logs(served.logged)
    assert 'sesam' not in kept_logs(served.logged) + got.head


@PATHS
@pytest_twisted.inlineCallbacks
def test_what_nobody_waits_for_any_more_is_cancelled_and_no_fault(served, path):
    raw, _ = yield served.ask(path)
    raw.transport.abortConnection()
    yield wait_until(lambda: served.waiting, lambda: 'not cancelled')
    assert served.waiting == ['cancelled']
    logs = kept_logs(served.logged)
    assert 'failed' not in logs and 'could not be served' not in logs and 'Cancelled' not in logs
