"""A program that asks the API of a console over a real store, by a real socket."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from twisted.internet import defer
from twisted.logger import globalLogPublisher

from tests.console.api.described import Described
from tests.console.conftest import make_listening  # noqa: F401
from tests.http.doubles import kept_logs, request
from tests.store.conftest import bench, make_bench  # noqa: F401
from vumi_snappy.console.api.description import description
from vumi_snappy.operations.tokens import Token, hash_token, make_token
from vumi_snappy.operations.users import Role

SECRETS = {'sync': make_token(), 'dashboard': make_token()}
TOKENS = {'sync': Token('sync', hash_token(SECRETS['sync']), Role.OPERATE),
          'dashboard': Token('dashboard', hash_token(SECRETS['dashboard']), Role.READ)}
JSON = b'Content-Type: application/json'


#: What is described; whatever is answered is checked against it.
described = Described(json.loads(json.dumps(description())))


class Program(object):
    """Asks the API at `listening` with the token called `name` (None: without any).

    Fails where an answer is not as the description says.
    """

    def __init__(self, listening, name='sync'):
        self.listening = listening
        self._headers = [] if name is None else [
            b'Authorization: Bearer ' + SECRETS[name].encode('ascii')]

    @defer.inlineCallbacks
    def ask(self, method, path, body=None, headers=()):
        """The answer to a request below /api/v1; a `body` that is no bytes is sent as JSON."""
        sent = self._headers + list(headers)
        if body is not None and not isinstance(body, bytes):
            body, sent = json.dumps(body).encode('utf-8'), sent + [JSON]
        answer = yield self.listening.ask(request(
            method.encode('ascii'), b'/api/v1' + path.encode('utf-8'), body or b'', sent))
        described.check(method, '/api/v1' + path, answer.status, answer.headers, answer.json)
        defer.returnValue(answer)

    def get(self, path, headers=()):
        return self.ask('GET', path, headers=headers)

    def post(self, path, body=None, headers=()):
        return self.ask('POST', path, body, headers)


@pytest.fixture
def make_program(make_listening):  # noqa: F811
    """A function that gives a program with the token of that name."""
    def make(name='sync', **options):
        return Program(make_listening(tokens=TOKENS, **options), name)
    return make


@pytest.fixture
def program(make_program):
    """A program whose token may change something."""
    return make_program()


@pytest.fixture
def told():
    """What is logged."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield lambda: kept_logs(events)
    globalLogPublisher.removeObserver(events.append)
