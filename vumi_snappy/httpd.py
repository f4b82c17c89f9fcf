"""An HTTP server that strangers may talk to.

Twisted 20.3's server takes bodies of any size from any number of senders who take any time, and
answers pipelined requests in any order (CVE-2023-46137).  `GuardedSite` bounds all of it by its
`Limits`, leaves the reading of a request's head to `httphead`, and says nothing of itself.  It
logs no requests: their paths can hold a secret.  The worker builds it; what it serves is the
webhook's and the console's.  A form in a body is left for the resource to parse:
``request.args`` holds the query alone.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from collections import OrderedDict
from typing import Any, Callable, Dict, Optional, Text  # noqa: F401

from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.web.http import RESPONSES, HTTPChannel, datetimeToString
from twisted.web.server import Request, Site

from vumi_snappy.httphead import Limits, Refused, RequestHead
from vumi_snappy.web import RETRY_AFTER, Answer, fault  # noqa: F401

__all__ = ['GuardedSite', 'Limits']

log = Logger()

#: Seconds that a refused caller is given to read why, before the connection is cut.
_LINGER = 2.0
#: Seconds between two lines in the log about refused requests.
_SAY_AGAIN = 60.0


def _refusal(status, said):
    # type: (int, Dict[Text, Any]) -> bytes
    body = json.dumps(said)
    reason = RESPONSES.get(status, b'Refused').decode('ascii')
    later = 'Retry-After: %d\r\n' % (RETRY_AFTER,) if status == 503 else ''
    return ('HTTP/1.1 %d %s\r\nContent-Type: application/json; charset=utf-8\r\n'
            'Content-Length: %d\r\n%sConnection: close\r\n\r\n%s'
            % (status, reason, len(body), later, body)).encode('ascii')


class GuardedRequest(Request):
    """A request that tells strangers nothing of the server, and the log nothing of its path."""

    _content_type = None  # type: Any

    def __repr__(self):
        return str('<%s at 0x%x>') % (self.__class__.__name__, id(self))

    def requestReceived(self, command, path, version):
        # Twisted would parse a form, or a multipart body, before anyone has asked who sends it.
        self._content_type = self.requestHeaders.getRawHeaders(b'content-type')
        self.requestHeaders.removeHeader(b'content-type')
        Request.requestReceived(self, command, path, version)

    def process(self):
        if self._content_type is not None:
            self.requestHeaders.setRawHeaders(b'content-type', self._content_type)
        Request.process(self)

    def write(self, data):
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b'server')
        Request.write(self, data)

    def answer(self, answer):
        # type: (Optional[Answer]) -> None
        """Send a whole `Answer`, or None if its caller has gone away, as `write` and `finish` would.

        They look at each header several times, which takes longer than all that led to it.
        """
        if answer is None or self._disconnected:
            return
        self.setResponseCode(answer.status)
        self.startedWriting = 1
        lines = [b' '.join((self.clientproto, ('%d' % (answer.status,)).encode('ascii'),
                            self.code_message)), b'Date: ' + datetimeToString()]
        lines += [b': '.join(header) for header in answer.headers]
        if self.responseHeaders.hasHeader(b'connection'):
            lines.append(b'Connection: close')  # as the caller has asked
        lines += [b'', answer.body]
        self.channel.write(b'\r\n'.join(lines))
        self.finish()

    def processingFailed(self, reason):
        log.error('A page failed: {fault}', fault=fault(reason))
        if self.startedWriting:
            self.loseConnection()
        elif not self._disconnected:
            self.setResponseCode(500)
            self.setHeader(b'content-length', b'0')
            self.finish()
        return reason


class GuardedChannel(HTTPChannel):
    """One connection: it waits for a request, reads it, has it answered, and waits again."""

    limits = Limits()
    clock = None  # type: Any
    _alarm = None  # type: Any
    _head = None  # type: Optional[RequestHead]
    _ending = False
    _drained = 0

    def connectionMade(self):
        self.MAX_LENGTH = self.totalHeadersSize = self.limits.max_header
        self.maxHeaders = self.limits.max_headers
        HTTPChannel.connectionMade(self)
        self._wait(self.limits.request_time)

    def connectionLost(self, reason):
        self._ending = True
        self._set_alarm(None)
        self.site.channel_gone(self)
        HTTPChannel.connectionLost(self, reason)

    # Where a connection stands.

    def _set_alarm(self, seconds, *call):
        # type: (Optional[float], *Any) -> None
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None if seconds is None else self.clock.callLater(seconds, *call)

    def _wait(self, seconds):
        # type: (float) -> None
        self._head = None
        self.site.channel_waits(self)
        self._set_alarm(seconds, self.loseConnection)

    def _begin(self):
        # type: () -> None
        if self._head is None:
            self._head = RequestHead(self.limits)
            self.site.channel_works(self)
            # Not to be put off by what comes: a trickle is how a server is held up.
            self._set_alarm(self.limits.request_time, self.refuse, 408,
                            'the request did not come in time')

    def loseConnection(self):
        """Close when what is written has been read, or after a while."""
        if not self._ending:
            self._ending = True
            self.site.channel_works(self)
            self._set_alarm(self.limits.idle_time, self.transport.abortConnection)
            HTTPChannel.loseConnection(self)

    def refuse(self, status, why):
        # type: (int, Text) -> None
        """Answer and close; nothing more of this connection is looked at."""
        if self._ending:
            return
        self._ending = True
        self._set_alarm(_LINGER, self.transport.abortConnection)
        self.clearLineBuffer()  # to walk through thousands of lines takes time
        self.site.refused(self, status, why)
        self.transport.write(_refusal(status, self.site.refusal(status, why)))
        self._networkProducer.unregisterProducer()
        if self.isSecure():
            self.transport.loseConnection()
        else:
            # To close with bytes unread is to reset, and a reset overtakes the answer.
            self.transport.loseWriteConnection()
            self._networkProducer.resumeProducing()

    def _drain(self, data):
        # type: (bytes) -> None
        self._drained += len(data)
        if self._drained > self.limits.max_body:
            self.transport.abortConnection()

    # What Twisted's channel is told.

    def dataReceived(self, data):
        if self._ending:
            self._drain(data)
            return
        if not self._handlingRequest:
            self._begin()
        HTTPChannel.dataReceived(self, data)

    def lineReceived(self, line):
        if self._ending:
            return
        self._begin()
        try:
            self._head.read(line)
        except Refused as no:
            self.refuse(no.status, no.why)
        else:
            HTTPChannel.lineReceived(self, line)

    def lineLengthExceeded(self, line):
        self.refuse(431, 'the head of the request is too large')

    def rawDataReceived(self, data):
        if self._ending:
            return
        if self._handlingRequest:
            self._dataBuffer.append(data)
        else:
            HTTPChannel.rawDataReceived(self, data)

    def _finishRequestBody(self, data):
        # What follows the body comes first: a request that is answered at once looks for it.
        self._dataBuffer.append(data)
        self.allContentReceived()

    def allContentReceived(self):
        self._set_alarm(None)
        # The next request stays unread until this one is answered: answers go in order.
        self.setRawMode()
        HTTPChannel.allContentReceived(self)

    def requestDone(self, request):
        if self.site.stopping:
            self.persistent = False
        if self.persistent and not self._ending:
            self._wait(self.limits.idle_time)
        HTTPChannel.requestDone(self, request)

    def _respondToBadRequestAndDisconnect(self):
        self.refuse(400, 'the request is malformed')


class _TurnedAway(Protocol):
    """A connection for which there is no room."""

    def connectionMade(self):
        why = 'there are too many connections, come again'
        self.factory.refused(self, 503, why)
        self.transport.write(_refusal(503, self.factory.refusal(503, why)))
        self.transport.loseConnection()


class GuardedSite(Site):
    """Serves `resource` within `limits`; `reactor` gives the time (seconds).

    `on_refused(status)` is told of each request that is refused before `resource` sees it;
    `refusal(status, why)` makes what such a request is answered with, as values of JSON.
    When all connections are taken, the one that has waited longest for a request makes room; when
    none is waiting, the new one is turned away with a 503.
    """

    protocol = GuardedChannel
    noisy = False
    displayTracebacks = False

    def __init__(self, resource, reactor, limits=Limits(), on_refused=None,
                 refusal=lambda status, why: {'error': why}):
        # type: (Any, Any, Limits, Optional[Callable[[int], None]], Callable[[int, Text], Dict[Text, Any]]) -> None  # noqa: E501
        Site.__init__(self, resource, requestFactory=GuardedRequest, timeout=None,
                      reactor=reactor)
        #: Whether the listener is closed; connections end with the answer they wait for.
        self.stopping = False
        self._limits = limits
        self._clock = reactor
        self._on_refused = on_refused
        self.refusal = refusal
        self._open = set()  # type: set
        self._waiting = OrderedDict()  # type: OrderedDict
        self._said_at = None  # type: Optional[float]
        self._unsaid = 0

    @property
    def connections(self):
        # type: () -> int
        """How many connections are open now."""
        return len(self._open)

    def startFactory(self):
        self.stopping = False
        Site.startFactory(self)

    def stopFactory(self):
        self.stopping = True
        for channel in list(self._waiting):
            channel.loseConnection()
        Site.stopFactory(self)

    def buildProtocol(self, addr):
        if len(self._open) >= self._limits.connections:
            if not self._waiting:
                turned_away = _TurnedAway()
                turned_away.factory = self
                return turned_away
            longest, _ = self._waiting.popitem(last=False)
            self._open.discard(longest)
            longest.transport.abortConnection()
        channel = Site.buildProtocol(self, addr)
        channel.limits = self._limits
        channel.clock = self._clock
        self._open.add(channel)
        return channel

    def channel_waits(self, channel):
        # type: (GuardedChannel) -> None
        """`channel` has no request under way."""
        self._waiting[channel] = True

    def channel_works(self, channel):
        # type: (GuardedChannel) -> None
        """`channel` has a request under way, or ends."""
        self._waiting.pop(channel, None)

    def channel_gone(self, channel):
        # type: (GuardedChannel) -> None
        """`channel` is closed."""
        self._waiting.pop(channel, None)
        self._open.discard(channel)

    def refused(self, protocol, status, why):
        # type: (Protocol, int, Text) -> None
        """Tell that a request was refused; in the log not often, strangers can cause it."""
        if self._on_refused is not None:
            self._on_refused(status)
        now = self._clock.seconds()
        if self._said_at is not None and now - self._said_at < _SAY_AGAIN:
            self._unsaid += 1
            return
        log.warn('Refused a request from {address}: {why} ({more} more since this was last said)',
                 address=getattr(protocol.transport.getPeer(), 'host', 'a local socket'),
                 why=why, more=self._unsaid)
        self._said_at, self._unsaid = now, 0

    def log(self, request):
        """Nothing: the path can hold the webhook's secret."""
