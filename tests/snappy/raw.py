"""A server that says exactly the bytes that a test wants, on a real socket."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

from twisted.internet import defer, reactor
from twisted.internet.protocol import Factory, Protocol

NONCE = b'k3jd82hs7ahq92m1'


def http(body, status=200, **headers):
    """An HTTP answer, as bytes."""
    lines = [b'HTTP/1.1 %d Whatever' % (status,), b'Content-Length: %d' % (len(body),)]
    lines.extend(b'%s: %s' % (name.replace('_', '-').encode('ascii'), value.encode('ascii'))
                 for name, value in sorted(headers.items()))
    return b'\r\n'.join(lines) + b'\r\n\r\n' + body


def hang(conversation, request):
    """Never answer."""


def reset(conversation, request):
    conversation.reset()


def closing(answer):
    """Answer, and close the connection."""
    def behave(conversation, request):
        conversation.say(answer)
        conversation.close()
    return behave


def _behaviour(behave):
    if isinstance(behave, bytes):
        return lambda conversation, request: conversation.say(behave)
    if isinstance(behave, list):
        left = [_behaviour(each) for each in behave]
        return lambda conversation, request: left.pop(0)(conversation, request)
    return behave


class _Conversation(Protocol):
    """One connection; hands each whole request to the server's `behave`."""

    def connectionMade(self):
        self.received = b''
        self.server.connections.append(self)
        self.server.accepted += 1
        self.server.happened()

    def dataReceived(self, data):
        self.received += data
        while True:
            head, end, rest = self.received.partition(b'\r\n\r\n')
            said = re.search(br'(?i)content-length: (\d+)', head)
            length = int(said.group(1)) if said else 0
            if not end or len(rest) < length:
                self.server.happened()
                return
            request, self.received = head + end + rest[:length], rest[length:]
            self.server.requests.append(request)
            self.server.behave(self, request)
            self.server.happened()

    def connectionLost(self, reason):
        self.server.connections.remove(self)
        self.server.happened()

    def say(self, data):
        """Write bytes."""
        self.transport.write(data)

    def close(self):
        """End the connection in good order."""
        self.transport.loseConnection()

    def reset(self):
        """Break the connection off."""
        self.transport.abortConnection()


class RawServer(object):
    """Listens on a free port of the loopback, and does what `behave`, the test's, says: a function
    of a conversation and a request, the bytes that answer every request, or a list of such things,
    one per request.

    `requests` are those that came, whole; `connections` those that are open; `accepted` how many
    there were.
    """

    def __init__(self, behave):
        self.behave = _behaviour(behave)
        self.requests = []
        self.connections = []
        self.accepted = 0
        self._waiters = []

    def start(self, context=None):
        factory = Factory()
        factory.noisy = False

        def build(_address):
            conversation = _Conversation()
            conversation.server = self
            return conversation
        factory.buildProtocol = build
        if context is None:
            self._listener = reactor.listenTCP(0, factory, interface='127.0.0.1')
        else:
            self._listener = reactor.listenSSL(0, factory, context, interface='127.0.0.1')
        self.port = self._listener.getHost().port
        return self

    @defer.inlineCallbacks
    def stop(self):
        yield self._listener.stopListening()
        for conversation in list(self.connections):
            conversation.reset()
        yield self.until(lambda: not self.connections)

    def until(self, condition):
        """Fires when `condition()` is true after something happened here."""
        if condition():
            return defer.succeed(None)
        d = defer.Deferred()
        self._waiters.append((condition, d))
        return d.addTimeout(30, reactor)  # so that a test that fails does not hang

    def happened(self):
        for waiter in list(self._waiters):
            if waiter[0]():
                self._waiters.remove(waiter)
                waiter[1].callback(None)
