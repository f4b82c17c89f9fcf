"""What has no page, and what fails, is answered in JSON and tells strangers nothing."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted
from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from tests.web_doubles import Listening, kept_logs, request
from vumi_snappy.httpd import GuardedSite
from vumi_snappy.web import answer, new_app


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
