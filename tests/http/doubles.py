"""A raw socket to our HTTP servers; a store and an observer that remember what they are told."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

from twisted.internet import defer, reactor, task
from twisted.internet.address import IPv4Address
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.logger import formatEvent
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from vumi_snappy.bus.metrics import COUNTERS
from vumi_snappy.http.routing import Routes
from vumi_snappy.records import Accepted

#: Seconds after which a test gives up: what it waits for takes milliseconds.
PATIENCE = 10.0


class Raw(Protocol):
    """A connection that sends what it is told, and keeps what comes."""

    def __init__(self):
        self.got = b''
        self.closed = False

    def dataReceived(self, data):
        self.got += data

    def connectionLost(self, reason):
        self.closed = True

    def send(self, data):
        self.transport.write(data)

    def until(self, seen):
        """Wait until the bytes `seen` have come."""
        return wait_until(lambda: seen in self.got, lambda: 'got only %r' % (self.got,))

    def until_closed(self):
        """Wait until the other side has closed; gives all that came."""
        return wait_until(lambda: self.closed, lambda: 'open, got %r' % (self.got,)).addCallback(
            lambda _: self.got)

    @defer.inlineCallbacks
    def answer(self, bodiless=False):
        """The next whole answer, as `Answer`; that to a HEAD is `bodiless`."""
        yield self.until(b'\r\n\r\n')
        head, _, _ = self.got.partition(b'\r\n\r\n')
        answer = Answer(head)
        length = len(head) + 4
        if not bodiless:
            length += int(answer.headers.get('content-length', '0'))
        yield wait_until(lambda: len(self.got) >= length, lambda: 'got only %r' % (self.got,))
        answer.body = self.got[len(head) + 4:length]
        self.got = self.got[length:]
        defer.returnValue(answer)


class Answer(object):
    """An answer: its `status`, its `head` as text, its `headers` by their small names."""

    def __init__(self, head):
        self.head = head.decode('ascii')
        lines = self.head.split('\r\n')
        self.status = int(lines[0].split(' ')[1])
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(': ')
            self.headers[name.lower()] = value

    @property
    def json(self):
        return json.loads(self.body.decode('utf-8'))


@defer.inlineCallbacks
def wait_until(true, told):
    """Let the reactor turn until `true()`; fails with `told()` when it takes too long."""
    give_up_at = reactor.seconds() + PATIENCE
    while not true():
        if reactor.seconds() > give_up_at:
            raise AssertionError(told())
        yield task.deferLater(reactor, 0.001, lambda: None)


class Listening(object):
    """A site on a free port of the loopback, and raw connections to it."""

    def __init__(self, site):
        self.site = site
        self.port = reactor.listenTCP(0, site, interface='127.0.0.1')
        self.number = self.port.getHost().port
        self._raws = []

    def connect(self):
        endpoint = TCP4ClientEndpoint(reactor, '127.0.0.1', self.number, timeout=PATIENCE)
        return connectProtocol(endpoint, Raw()).addCallback(self._connected)

    def _connected(self, raw):
        self._raws.append(raw)
        return raw

    @defer.inlineCallbacks
    def send(self, data):
        """Send `data` on a connection of its own, which is given."""
        raw = yield self.connect()
        raw.send(data)
        defer.returnValue(raw)

    @defer.inlineCallbacks
    def ask(self, data):
        """Send `data` on a connection of its own; gives the answer."""
        raw = yield self.send(data)
        answer = yield raw.answer(bodiless=data.startswith(b'HEAD '))
        defer.returnValue(answer)

    @defer.inlineCallbacks
    def stop(self):
        yield self.port.stopListening()
        for raw in self._raws:
            raw.transport.abortConnection()
        yield wait_until(lambda: all(raw.closed for raw in self._raws), lambda: 'not closed')


class Transport(StringTransport):
    """A connection in memory."""

    def loseWriteConnection(self):
        """What is sent after this is still read."""

    def abortConnection(self):
        self.disconnecting = True


def fed(site, *pieces):
    """A channel of `site` that was sent `pieces`, and its transport."""
    channel = site.buildProtocol(IPv4Address('TCP', '127.0.0.1', 1))
    transport = Transport()
    channel.makeConnection(transport)
    for piece in pieces:
        if not transport.disconnecting:
            channel.dataReceived(piece)
    return channel, transport


def statuses(transport):
    """The statuses of the answers that were written to `transport`."""
    return {int(line.split(b' ')[1]) for line in transport.value().split(b'\r\n')
            if line.startswith(b'HTTP/1.')}


def request(method=b'POST', path=b'/', body=b'', headers=()):
    """The bytes of a whole request."""
    lines = [method + b' ' + path + b' HTTP/1.1', b'Host: localhost'] + list(headers)
    if body or method == b'POST':
        lines.append(('Content-Length: %d' % (len(body),)).encode('ascii'))
    return b'\r\n'.join(lines) + b'\r\n\r\n' + body


def served(part):
    """The resource of one part that adds itself to routes."""
    routes = Routes()
    part.add_to(routes)
    return routes


class Echo(Resource):
    """Answers with what it was sent; a path below /later waits until the test lets it go."""

    isLeaf = True

    def __init__(self):
        Resource.__init__(self)
        self.seen = []
        self.waiting = []

    def render(self, request):
        body = request.content.read()
        self.seen.append((request.method, request.path, body))
        if request.path == b'/broken':
            raise RuntimeError('sesam')
        if request.path == b'/huge':
            return b'x' * 10000000
        if request.path.startswith(b'/later'):
            self.waiting.append(request)
            return NOT_DONE_YET
        return request.path + b'|' + body

    def let_go(self, n=0):
        request = self.waiting.pop(n)
        request.write(request.path)
        request.finish()


class RecordingStore(object):
    """Keeps notes and ticket events as the real store would; `answers` are what it says instead,
    used up one by one: an `Accepted`, an exception, or a Deferred."""

    def __init__(self):
        self.notes = []
        self.events = []
        self.answers = []

    def record_ticket_event(self, event):
        return self._keep(self.events, event)

    def accept_reply(self, note):
        return self._keep(self.notes, note)

    def _keep(self, kept, what):
        said = self.answers.pop(0) if self.answers else Accepted.STORED
        if isinstance(said, Exception):
            return defer.fail(said)
        kept.append(what)
        return said if isinstance(said, defer.Deferred) else defer.succeed(said)


class Counts(object):
    """Metrics that keep what was counted, in order."""

    def __init__(self):
        self.told = []

    def count(self, name):
        assert name in COUNTERS
        self.told.append(name)


def kept_logs(observed):
    """The texts of all log events in `observed`, but for those of the tests' own connections."""
    texts = ['%s %r' % (formatEvent(event), event.get('failure')) for event in observed]
    return '\n'.join(text for text in texts if 'OneShotFactory' not in text)
