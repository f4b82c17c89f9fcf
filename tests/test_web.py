"""What has no page, and what fails, is answered in JSON and tells strangers nothing."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted
from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from tests.web_doubles import Listening, kept_logs, request, wait_until
from vumi_snappy.httpd import GuardedSite
from vumi_snappy.web import Answer, Direct, answer, new_app


def app():
    app = new_app()

    @app.route('/page', methods=['GET', 'POST'])
    def page(request):
        return answer(request, 201, {'said': 'Gr\xfc\xdfe'})

    @app.route('/broken')
    def broken(request):
        raise KeyError('sesam')

    @app.route('/broken/later')
    def broken_later(request):
        return defer.fail(KeyError('sesam'))
    return app


@pytest.fixture
def listening():
    listening = Listening(GuardedSite(app().resource(), Clock()))
    yield listening
    pytest_twisted.blockon(listening.stop())


@pytest_twisted.inlineCallbacks
def test_a_page_answers_in_json_that_nobody_keeps_or_takes_for_something_else(listening):
    got = yield listening.ask(request(b'GET', b'/page'))
    assert (got.status, got.json) == (201, {'said': 'Gr\xfc\xdfe'})
    assert got.headers['cache-control'] == 'no-store'
    assert got.headers['x-content-type-options'] == 'nosniff'
    assert got.headers['content-type'] == 'application/json; charset=utf-8'


@pytest.mark.parametrize('path', [b'/broken', b'/broken/later'])
@pytest_twisted.inlineCallbacks
def test_a_page_that_fails_asks_to_come_again_and_is_logged_by_type_and_place(listening, path):
    logged = []
    globalLogPublisher.addObserver(logged.append)
    try:
        got = yield listening.ask(request(b'GET', path))
    finally:
        globalLogPublisher.removeObserver(logged.append)
    assert (got.status, got.headers['retry-after']) == (503, '30')
    assert b'sesam' not in got.body
    assert 'KeyError' in kept_logs(logged)
    assert 'sesam' not in kept_logs(logged)
    if path == b'/broken':
        assert 'in broken (' in kept_logs(logged)


@pytest_twisted.inlineCallbacks
def test_a_method_that_a_page_does_not_take_is_told_which_ones_it_takes(listening):
    got = yield listening.ask(request(b'PUT', b'/page'))
    assert (got.status, got.headers['allow']) == (405, 'GET, HEAD, POST')
    assert got.json == {'error': 'only GET, HEAD, POST is taken here'}


@pytest.mark.parametrize('path', [b'/', b'/none', b'/page/', b'/page/x', b'/page//'])
@pytest_twisted.inlineCallbacks
def test_where_there_is_no_page_there_is_nothing(listening, path):
    got = yield listening.ask(request(b'GET', path))
    assert (got.status, got.json) == (404, {'error': 'there is nothing here'})


# What goes past the routes.

class DirectApp(object):
    """An app on a real port, of which POST /quick goes past the routes to `waiting`."""

    def __init__(self):
        self.waiting = []
        self.listening = Listening(GuardedSite(Direct(app(), {'/quick': self.take}), Clock()))
        self.logged = []

    def take(self, request):
        said = defer.Deferred(lambda _: self.waiting.append('cancelled'))
        self.waiting.append(said)
        return said


@pytest.fixture
def direct():
    direct = DirectApp()
    globalLogPublisher.addObserver(direct.logged.append)
    yield direct
    globalLogPublisher.removeObserver(direct.logged.append)
    pytest_twisted.blockon(direct.listening.stop())


@defer.inlineCallbacks
def asked(direct, headers=(), version=b'1.1'):
    raw = yield direct.listening.connect()
    raw.send(request(b'POST', b'/quick', b'x', headers).replace(b'HTTP/1.1', b'HTTP/' + version))
    yield wait_until(lambda: direct.waiting, lambda: 'not asked')
    defer.returnValue((raw, direct.waiting.pop()))


@pytest_twisted.inlineCallbacks
def test_a_direct_answer_has_the_headers_of_a_routed_one_and_the_connection_stays(direct):
    raw, said = yield asked(direct)
    said.callback(Answer.of(201, {'said': 'Gr\xfc\xdfe'}))
    quick = yield raw.answer()
    assert (quick.status, quick.json) == (201, {'said': 'Gr\xfc\xdfe'})
    raw.send(request(b'POST', b'/page'))
    routed = yield raw.answer()
    del quick.headers['date'], routed.headers['date']
    assert quick.headers == routed.headers
    assert quick.head.splitlines()[0] == routed.head.splitlines()[0]


@pytest.mark.parametrize('headers, version', [([b'Connection: close'], b'1.1'), ([], b'1.0')])
@pytest_twisted.inlineCallbacks
def test_a_connection_that_is_to_end_ends_with_its_direct_answer(direct, headers, version):
    raw, said = yield asked(direct, headers, version)
    said.callback(Answer.of(200, {'last': True}))
    got = yield raw.until_closed()
    assert got.startswith(b'HTTP/' + version + b' 200 OK\r\n')
    assert got.endswith(b'\r\n\r\n{"last": true}')
    assert (b'Connection: close\r\n' in got) == (version == b'1.1')


@pytest_twisted.inlineCallbacks
def test_direct_answers_go_out_in_the_order_of_their_requests(direct):
    raw, first = yield asked(direct)
    raw.send(request(b'POST', b'/quick', b'y'))
    first.callback(Answer.of(200, {'n': 1}))
    yield wait_until(lambda: direct.waiting, lambda: 'not asked')
    direct.waiting.pop().callback(Answer.of(200, {'n': 2}))
    answers = [(yield raw.answer()), (yield raw.answer())]
    assert [each.json['n'] for each in answers] == [1, 2]


@pytest_twisted.inlineCallbacks
def test_what_fails_behind_a_direct_path_asks_to_come_again(direct):
    raw, said = yield asked(direct)
    said.errback(KeyError('sesam'))
    got = yield raw.answer()
    assert (got.status, got.headers['retry-after']) == (503, '30')
    assert 'KeyError' in kept_logs(direct.logged)
    assert 'sesam' not in kept_logs(direct.logged) + got.head


@pytest_twisted.inlineCallbacks
def test_what_nobody_waits_for_any_more_is_cancelled_and_no_fault(direct):
    raw, _ = yield asked(direct)
    raw.transport.abortConnection()
    yield wait_until(lambda: direct.waiting, lambda: 'not cancelled')
    assert direct.waiting == ['cancelled']
    assert 'failed' not in kept_logs(direct.logged)


@pytest.mark.parametrize('method, path', [
    (b'GET', b'/quick'), (b'POST', b'/quick/'), (b'POST', b'/quick/x'), (b'POST', b'//quick')])
@pytest_twisted.inlineCallbacks
def test_everything_else_finds_its_route_or_none(direct, method, path):
    got = yield direct.listening.ask(request(method, path))
    assert got.status == 404
    assert not direct.waiting
