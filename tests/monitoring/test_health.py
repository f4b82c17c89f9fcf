"""The health page is true, also when something is wrong; elsewhere on the listener is nothing."""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from functools import partial

import pytest
import pytest_twisted
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from tests.http.doubles import Counts, Listening, RecordingStore, kept_logs, request
from tests.outbound.test_webhook import FORM, SECRET, basic, quoted
from tests.snappy.test_hook import body, note
from vumi_snappy import __version__
from vumi_snappy.http.routing import Routes
from vumi_snappy.http.server import GuardedSite
from vumi_snappy.monitoring.health import Check, CheckState, HealthResource
from vumi_snappy.outbound.webhook import WebhookResource

OK = Check(CheckState.OK)


class Web(object):
    """Webhook and health on one listener; the test says how things are."""

    def __init__(self, web_path='/snappy', health_path='/health/', worker='bouncer-1'):
        self.clock = Clock()
        self.clock.advance(1400000000)
        self.states = OrderedDict([('store', OK), ('bus', OK), ('snappy', OK)])
        self.counts = Counts()
        self.store = RecordingStore()
        routes = Routes()
        WebhookResource(self.store, [SECRET], web_path, self.counts, Clock()).add_to(routes)
        HealthResource([(name, partial(self._check, name)) for name in self.states],
                       self.clock, worker).add_to(routes, health_path)
        self._listening = Listening(GuardedSite(routes, Clock()))
        self.connect, self.stop = self._listening.connect, self._listening.stop

    def _check(self, name):
        if isinstance(self.states[name], Exception):
            raise self.states[name]
        return self.states[name]

    def get(self, path=b'/health/', method=b'GET', headers=()):
        return self._listening.ask(request(method, path, headers=headers))

    def post(self, path, headers=()):
        return self._listening.ask(request(b'POST', path, body(note()), list(headers) + [FORM]))


@pytest.fixture
def serve():
    webs = []

    def start(**kwargs):
        web = Web(**kwargs)
        webs.append(web)
        return web
    yield start
    for web in webs:
        pytest_twisted.blockon(web.stop())


@pytest.mark.parametrize('path', [b'/health/', b'/health', b'/health/?verbose=1'])
@pytest_twisted.inlineCallbacks
def test_all_is_well(serve, path):
    answer = yield serve().get(path)
    assert answer.status == 200
    assert answer.json == {
        'status': 'ok', 'version': __version__, 'worker': 'bouncer-1', 'checks': {
            'store': {'status': 'ok', 'text': ''}, 'bus': {'status': 'ok', 'text': ''},
            'snappy': {'status': 'ok', 'text': ''}}}
    assert answer.headers['content-type'] == 'application/json; charset=utf-8'
    assert answer.headers['cache-control'] == 'no-store'


@pytest_twisted.inlineCallbacks
def test_what_is_down_is_told_with_its_reason_and_since_when(serve):
    web = serve()
    web.states['bus'] = Check(CheckState.DOWN, 'not connected to RabbitMQ', 1399999990.5)
    web.states['snappy'] = Check(CheckState.DEGRADED, 'slow')
    answer = yield web.get()
    assert (answer.status, answer.json['status']) == (503, 'down')
    assert answer.json['checks']['bus'] == {
        'status': 'down', 'text': 'not connected to RabbitMQ', 'since': '2014-05-13T16:53:10Z',
        'seconds': 9}


@pytest_twisted.inlineCallbacks
def test_a_check_that_fails_is_down_and_no_500(serve):
    web = serve()
    web.states['bus'] = KeyError('sesam')
    answer = yield web.get()
    assert answer.status == 503
    assert answer.json['checks']['bus']['text'] == 'it could not be checked (KeyError)'


@pytest_twisted.inlineCallbacks
def test_the_page_shows_the_state_of_this_moment(serve):
    web = serve()
    for state, status in ((CheckState.DOWN, 503), (CheckState.OK, 200), (CheckState.DEGRADED, 200),
                          (CheckState.DOWN, 503)):
        web.states['store'] = Check(state)
        answer = yield web.get()
        assert (answer.status, answer.json['status']) == (status, state.value)


@pytest_twisted.inlineCallbacks
def test_webhooks_may_be_sent_while_the_store_is_well_whatever_else_is_down(serve):
    web = serve()
    web.states['bus'] = web.states['snappy'] = Check(CheckState.DOWN)
    web.states['store'] = Check(CheckState.DEGRADED, 'not durable')
    answer = yield web.get(b'/health/ready')
    assert (answer.status, answer.json) == (200, {'status': 'ready', 'text': 'not durable'})
    web.states['store'] = Check(CheckState.DOWN, 'Redis: away')
    answer = yield web.get(b'/health/ready')
    assert (answer.status, answer.json) == (503, {'status': 'not ready', 'text': 'Redis: away'})


@pytest.mark.parametrize('path', [b'/health/', b'/health', b'/health/ready'])
@pytest_twisted.inlineCallbacks
def test_a_monitor_may_ask_for_the_head_alone(serve, path):
    raw = yield serve().connect()
    raw.send(request(b'HEAD', path, headers=[b'Connection: close']))
    got = yield raw.until_closed()
    assert got.startswith(b'HTTP/1.1 200 ')
    assert got.endswith(b'\r\n\r\n')


@pytest_twisted.inlineCallbacks
def test_health_can_only_be_asked_for(serve):
    answer = yield serve().post(b'/health/')
    assert (answer.status, answer.headers['allow']) == (405, 'GET, HEAD')


@pytest_twisted.inlineCallbacks
def test_asking_is_not_logged(serve):
    web, logged = serve(), []
    globalLogPublisher.addObserver(logged.append)
    try:
        for path in (b'/health/', b'/health/ready', b'/nowhere'):
            yield web.get(path)
    finally:
        globalLogPublisher.removeObserver(logged.append)
    assert kept_logs(logged) == ''


@pytest.mark.parametrize('path', [
    b'/', b'/health/x', b'/healthy', b'/health/ready/', b'/health//', b'/favicon.ico', b'/..',
    b'/snapp', b'/health/%00'])
@pytest_twisted.inlineCallbacks
def test_elsewhere_on_the_listener_there_is_nothing(serve, path):
    answer = yield serve().get(path)
    assert (answer.status, answer.json) == (404, {'error': 'There is nothing here.'})


@pytest.mark.parametrize('web_path, health_path', [
    ('/snappy', '/health/'), ('/', '/health/'), ('/snappy', '/'), ('/a', '/a/health'),
    ('/a/b', '/a')])
@pytest_twisted.inlineCallbacks
def test_webhook_and_health_share_a_listener_wherever_they_are(serve, web_path, health_path):
    web = serve(web_path=web_path, health_path=health_path)
    below = web_path.rstrip('/').encode('ascii') + b'/'
    for path, headers in ((web_path.encode('ascii'), [basic(SECRET)]),
                          (below + quoted(SECRET), [])):
        answer = yield web.post(path, headers)
        assert answer.status == 200
    assert len(web.store.notes) == 2
    for path in (health_path, health_path.rstrip('/') + '/ready'):
        answer = yield web.get(path.encode('ascii'))
        assert (answer.status, 'status' in answer.json) == (200, True)
