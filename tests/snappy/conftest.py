"""Snappy's client before servers on real sockets, with a clock that the tests move."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
import pytest_twisted
from twisted.internet import defer, reactor, task
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHostnameResolver, IReactorPluggableNameResolver
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from zope.interface import implementer

from tests.snappy.raw import RawServer
from vumi_snappy.snappy import NoteDraft, SnappyClient

#: When the tests take place: 1994-11-06 08:49:37 UTC, the moment of the HTTP specification.
NOW = 784111777.0

DRAFT = NoteDraft(mailbox_id=7, subject='Support for +27820001001', message='My card is lost',
                  from_name='+27820001001', from_address='27820001001@sms.example.org')

# What Twisted always says of listening ports.
_OF_SERVERS = re.compile(r'starting on [0-9]+|Port [0-9]+ Closed')


@implementer(IHostnameResolver)
class _Names(object):
    """Knows localhost by one address, whatever the machine says of it.

    Most have two, and before the second one is tried, time has to pass.
    """

    @staticmethod
    def resolveHostName(receiver, name, portNumber=0, **_how):
        assert name in ('localhost', '127.0.0.1')
        receiver.resolutionBegan(None)
        receiver.addressResolved(IPv4Address(str('TCP'), str('127.0.0.1'), portNumber))
        receiver.resolutionComplete()


@implementer(IReactorPluggableNameResolver)
class ClockedReactor(object):
    """The real reactor, but time passes only when a test says so."""

    nameResolver = _Names()

    def __init__(self):
        self.clock = task.Clock()
        self.clock.advance(NOW)
        self.callLater = self.clock.callLater
        self.seconds = self.clock.seconds
        self.getDelayedCalls = self.clock.getDelayedCalls

    def __getattr__(self, name):
        return getattr(reactor, name)


class Stage(object):
    """Servers and clients that are cleared away when the test is over."""

    def __init__(self):
        self.reactor = ClockedReactor()
        self.clock = self.reactor.clock
        self.calls = []
        self._ends = []

    def serve(self, behave, context=None):
        server = RawServer(behave).start(context)
        self._ends.append(server.stop)
        return server

    def post(self, behave, context=None, **options):
        """Post a note by a new client, `poster`, to a new server, `server`."""
        self.server = self.serve(behave, context)
        self.poster = self.client(self.server.port, **options)
        return self.poster.post_note(DRAFT)

    def client(self, port, scheme='http', host='127.0.0.1', path='/api/v1', **options):
        client = SnappyClient(
            self.reactor, '%s://%s:%d%s' % (scheme, host, port, path), 'k3y-of-the-account',
            on_call=lambda *told: self.calls.append(told), **options)
        self._ends.append(client.close)
        return client

    @defer.inlineCallbacks
    def clear(self):
        for end in reversed(self._ends):
            yield end()


@pytest.fixture
def stage():
    stage = Stage()
    yield stage
    pytest_twisted.blockon(stage.clear())


@pytest.fixture(autouse=True)
def nothing_logged():
    """The client keeps out of the log, Twisted's factories and unhandled errors too."""
    logged = []

    def observe(event):
        text = '%s' % (event.get('log_text', ''),)
        if not (event['log_level'] < LogLevel.info or _OF_SERVERS.search(text)):
            logged.append(event)
    globalLogPublisher.addObserver(observe)
    yield logged
    globalLogPublisher.removeObserver(observe)
    assert [formatEvent(event) for event in logged] == []
