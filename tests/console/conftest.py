# -*- coding: utf-8 -*-
"""A console over a real store, and a browser without a screen."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
import pytest_twisted
from passlib.hash import pbkdf2_sha256
from six.moves.urllib.parse import urlencode
from twisted.internet import defer, reactor

from tests.http.doubles import Listening, request
from tests.store.conftest import bench, make_bench  # noqa: F401
from vumi_snappy.console.site import Console
from vumi_snappy.operations.operations import Operations
from vumi_snappy.operations.users import Role, User

PASSWORD = 'pässword 1'
#: As hash_password makes them, in less time.
HASH = '%s' % (pbkdf2_sha256.using(rounds=10).hash(PASSWORD),)
USERS = {'lerato': User('lerato', HASH, Role.OPERATE), 'thabo': User('thabo', HASH, Role.READ)}


def coded(fields):
    """Fields as a browser sends them: a dict, or pairs."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    return urlencode([(name.encode('utf-8'), value.encode('utf-8'))
                      for name, value in pairs]).encode('ascii')


class Browser(object):
    """Sends requests to the console at `listening`, and keeps its cookies."""

    def __init__(self, listening):
        self._listening = listening
        self.cookies = {}
        self.csrf = ''

    @defer.inlineCallbacks
    def ask(self, method, path, body=b'', headers=()):
        sent = list(headers)
        if self.cookies:
            sent.append(b'Cookie: ' + b'; '.join(
                b'%s=%s' % pair for pair in sorted(self.cookies.items())))
        answer = yield self._listening.ask(request(method, path.encode('utf-8'), body, sent))
        for line in re.findall(r'set-cookie: (\S+?)=(\w*)', answer.head, re.I):
            self.cookies[line[0].encode('ascii')] = line[1].encode('ascii')
        answer.text = answer.body.decode('utf-8')
        defer.returnValue(answer)

    def get(self, path, headers=()):
        return self.ask(b'GET', path, headers=headers)

    def post(self, path, fields, headers=()):
        return self.ask(b'POST', path, coded(fields), [
            b'Content-Type: application/x-www-form-urlencoded'] + list(headers))

    @defer.inlineCallbacks
    def log_in(self, name='lerato', password=PASSWORD, headers=(), **more):
        page = yield self.get('/login', headers)
        token = re.search('name="token" value="([0-9a-f]+)"', page.text).group(1)
        answer = yield self.post('/login', dict(
            {'name': name, 'password': password, 'token': token}, **more), headers)
        if answer.status == 303:
            page = yield self.get('/', headers)
            self.csrf = re.search('name="csrf" value="([0-9a-f]+)"', page.text).group(1)
        defer.returnValue(answer)


@pytest.fixture
def make_listening(bench):  # noqa: F811
    """A function that gives a console on a free port, over the bench's store."""
    made = []

    def make(users=USERS, **options):
        store = options.pop('store', bench.store)
        operations = Operations(store, **{name: options.pop(name) for name in (
            'rate_limit', 'link', 'checks') if name in options})
        console = Console(reactor, operations, store.operators, users, **dict(
            {'hours': 12.0, 'proxies': (), 'tokens': {}, 'worker': ''}, **options))
        made.append(Listening(console.site()))
        return made[-1]
    yield make
    for listening in made:
        pytest_twisted.blockon(listening.stop())


@pytest.fixture
def stranger(make_listening):
    """A browser that is not logged in."""
    return Browser(make_listening())


@pytest.fixture
def browser(stranger):
    """A browser in which an operator is logged in."""
    pytest_twisted.blockon(stranger.log_in())
    return stranger
