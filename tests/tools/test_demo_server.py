"""The demo's web server serves its page to this machine and takes orders from no other site."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os

import pytest
import pytest_twisted
import treq
from twisted.internet import defer, reactor
from twisted.web.client import Agent

from tools.demo import server as module
from tools.demo.server import DemoServer

NUMBER = '+27820001001'


class FakeWatcher(object):
    def __init__(self):
        self.sent, self.plugs, self.takes = [], [], True

    def state(self, since, within):
        return defer.succeed(None if since == 'v1' else {'version': 'v1'})

    def send(self, number, text):
        self.sent.append((number, text))
        return defer.succeed(self.takes)

    def plug(self, part, plugged):
        self.plugs.append((part, plugged))
        return defer.succeed(None)


class FakeStandin(object):
    def __init__(self):
        self.replies = []

    def reply(self, nonce, html, scope):
        self.replies.append((nonce, html, scope))


class Site(object):
    """The server on a real socket, and what stands behind it."""

    def __init__(self):
        self.watcher, self.standin = FakeWatcher(), FakeStandin()
        self.server = DemoServer(reactor, self.watcher, self.standin)
        self.address = self.server.start()

    @defer.inlineCallbacks
    def ask(self, method, path, body=None, headers=None):
        """Status, headers and text of the answer."""
        headers = dict({'Content-Type': 'application/json'}, **(headers or {}))
        answer = yield treq.request(
            method, (self.address.rstrip('/') + path).encode('ascii'), agent=Agent(reactor),
            headers={str(name): str(value) for name, value in headers.items()},
            data=body if isinstance(body, bytes) else json.dumps(body).encode('utf-8'))
        text = yield answer.content()
        defer.returnValue((answer.code, answer.headers, text.decode('utf-8')))


@pytest.fixture
def site():
    site = Site()
    yield site
    pytest_twisted.blockon(site.server.stop())


@pytest_twisted.inlineCallbacks
def test_every_file_of_the_page_is_served_under_a_strict_policy(site):
    for name in os.listdir(module._FOLDER) + ['']:
        status, headers, text = yield site.ask('GET', '/page/' + name if name else '/')
        policy, = headers.getRawHeaders('Content-Security-Policy')
        assert (status, bool(text)) == (200, True), name
        assert "default-src 'none'" in policy and 'unsafe' not in policy


@pytest_twisted.inlineCallbacks
@pytest.mark.parametrize('path', [
    '/page/none.js', '/page/..%2Fserver.py', '/page/%2E%2E/server.py', '/other'])
def test_nothing_else_is_served(site, path):
    assert (yield site.ask('GET', path))[0] == 404


@pytest_twisted.inlineCallbacks
def test_news_are_told_and_so_is_that_there_are_none(site):
    status, _, text = yield site.ask('GET', '/api/state')
    assert (status, json.loads(text)) == (200, {'version': 'v1'})
    assert (yield site.ask('GET', '/api/state?since=v1'))[0] == 204


@pytest_twisted.inlineCallbacks
def test_what_people_do_is_passed_on(site):
    assert (yield site.ask('POST', '/api/phone', {'from': NUMBER, 'text': 'Hi'}))[0] == 200
    assert (yield site.ask('POST', '/api/desk', {
        'ticket': 'k3j5', 'html': '<p>Hi</p>', 'private': True}))[0] == 200
    assert (yield site.ask('POST', '/api/plug', {'part': 'snappy', 'plugged': False}))[0] == 200
    assert site.watcher.sent == [(NUMBER, 'Hi')]
    assert site.standin.replies == [('k3j5', '<p>Hi</p>', 'private')]
    assert site.watcher.plugs == [('snappy', False)]
    assert (yield site.ask('POST', '/api/plug', {'part': 'phones', 'plugged': True}))[0] == 200


@pytest_twisted.inlineCallbacks
def test_a_message_that_the_transport_does_not_take_is_told(site):
    site.watcher.takes = False
    status, _, text = yield site.ask('POST', '/api/phone', {'from': NUMBER, 'text': 'Hi'})
    assert (status, json.loads(text)) == (
        502, {'error': "Vumi's transport did not take the message."})


@pytest_twisted.inlineCallbacks
@pytest.mark.parametrize('path, body, headers, status', [
    ('/api/phone', {'from': NUMBER, 'text': 'Hi'}, {'Host': 'evil.example.org'}, 403),
    ('/api/phone', {'from': NUMBER, 'text': 'Hi'}, {'Content-Type': 'text/plain'}, 415),
    ('/api/phone', b'{"from": "x', None, 400), ('/api/phone', ['Hi'], None, 400),
    ('/api/phone', {'from': NUMBER, 'text': 'x' * 70000}, None, 413),
    ('/api/phone', {'from': '+1', 'text': 'Hi'}, None, 400),
    ('/api/phone', {'from': NUMBER, 'text': ' '}, None, 400),
    ('/api/phone', {'from': NUMBER, 'text': 'x' * 1501}, None, 400),
    ('/api/desk', {'ticket': 'k3j5', 'html': ' '}, None, 400),
    ('/api/desk', {'html': 'Hi'}, None, 400),
    ('/api/plug', {'part': 'redis', 'plugged': False}, None, 400),
    ('/api/plug', {'part': 'worker', 'plugged': 'no'}, None, 400)])
def test_what_makes_no_sense_or_comes_from_elsewhere_is_refused(
        site, path, body, headers, status):
    found, _, text = yield site.ask('POST', path, body, headers)
    assert found == status
    assert json.loads(text)['error']
    assert (site.watcher.sent, site.standin.replies, site.watcher.plugs) == ([], [], [])


@pytest_twisted.inlineCallbacks
def test_a_page_of_another_name_is_not_even_shown(site):
    assert (yield site.ask('GET', '/', headers={'Host': 'evil.example.org'}))[0] == 403
