"""An HTTP server that strangers may talk to.

Twisted 20.3's server takes ``Content-Length: +5``, chunk sizes like ``0x3`` and bodies of any
size, and lets a sender take any time.  `GuardedSite` refuses what is not plain HTTP/1.x with a
plain body (any Transfer-Encoding, too: nothing that calls us needs one), and bounds size, time and
the number of connections.  It logs no requests: their paths can hold a secret.  The worker builds
it; what it serves is the webhook's and the console's.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import Any, Optional, Text  # noqa: F401

import attr
from twisted.web.http import HTTPChannel
from twisted.web.resource import IResource  # noqa: F401
from twisted.web.server import Request, Site

_LENGTH = re.compile(br'^[0-9]{1,12}$')
_TOKEN = re.compile(br"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
_VERSION = re.compile(br'^HTTP/1\.[01]$')

_REASONS = {400: b'Bad Request', 408: b'Request Timeout', 413: b'Request Entity Too Large',
            431: b'Request Header Fields Too Large', 501: b'Not Implemented',
            503: b'Service Unavailable'}


@attr.s(frozen=True, slots=True)
class Limits(object):
    """What a caller may use: bytes, seconds and numbers."""

    max_body = attr.ib(default=1024 * 1024)  # type: int
    max_header = attr.ib(default=16 * 1024)  # type: int
    max_headers = attr.ib(default=100)  # type: int
    #: For the headers and the body together, however slowly they come.
    request_time = attr.ib(default=15.0)  # type: float
    #: For the next request on a connection that is kept.
    idle_time = attr.ib(default=30.0)  # type: float
    connections = attr.ib(default=200)  # type: int


class _Request(Request):
    """A request that tells nothing about the server."""

    def __init__(self, *args, **kwargs):
        Request.__init__(self, *args, **kwargs)
        self.responseHeaders.removeHeader(b'server')

    def process(self):
        self.responseHeaders.removeHeader(b'server')
        Request.process(self)


class GuardedChannel(HTTPChannel):
    """One connection."""

    _alarm = None  # type: Any
    _refused = False
    limits = Limits()
    clock = None  # type: Any
    counted = False

    def connectionMade(self):
        self.totalHeadersSize = self.limits.max_header
        self.maxHeaders = self.limits.max_headers
        self.MAX_LENGTH = self.limits.max_header
        HTTPChannel.connectionMade(self)
        self._begin()

    def connectionLost(self, reason):
        self._end()
        self.site.connection_closed(self)
        HTTPChannel.connectionLost(self, reason)

    def refuse(self, status):
        # type: (int) -> None
        """Answer and close; nothing more of this connection is read."""
        if self._refused:
            return
        self._refused = True
        self._end()
        self.dataReceived = self.lineReceived = self.rawDataReceived = lambda *_: None
        reason = _REASONS[status]
        self.transport.write(
            b'HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
            % (status, reason) if bytes is str else
            ('HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
             % (status, reason.decode('ascii'))).encode('ascii'))
        self.loseConnection()

    def _respondToBadRequestAndDisconnect(self):
        too_large = self._receivedHeaderSize > self.totalHeadersSize
        too_many = self._receivedHeaderCount > self.maxHeaders
        self.refuse(431 if too_large or too_many else 400)

    def lineLengthExceeded(self, line):
        self.refuse(431)

    def lineReceived(self, line):
        # Folded headers and bare control characters are how requests are smuggled.
        if line[:1] in (b' ', b'\t') or b'\r' in line or b'\x00' in line:
            self.refuse(400)
            return
        HTTPChannel.lineReceived(self, line)

    def headerReceived(self, line):
        name, colon, value = line.partition(b':')
        name = name.lower()
        value = value.strip(b' \t')
        if not colon or not _TOKEN.match(name):
            self.refuse(400)
        elif name == b'transfer-encoding':
            self.refuse(501)
        elif name == b'content-length' and (
                not _LENGTH.match(value) or self._transferDecoder is not None):
            self.refuse(400)
        elif name == b'content-length' and int(value) > self.limits.max_body:
            self.refuse(413)
        if self._refused:
            return False
        return HTTPChannel.headerReceived(self, line)

    def allHeadersReceived(self):
        if self._refused:
            return
        if not _VERSION.match(self._version):
            self.refuse(400)
            return
        HTTPChannel.allHeadersReceived(self)

    def setRawMode(self):
        if not self._refused:
            HTTPChannel.setRawMode(self)

    def allContentReceived(self):
        if self._refused:
            return
        self._end()
        HTTPChannel.allContentReceived(self)

    def requestDone(self, request):
        HTTPChannel.requestDone(self, request)
        if not self._handlingRequest:
            self._begin(self.limits.idle_time)

    def _begin(self, extra=0.0):
        self._end()
        self._alarm = self.clock.callLater(
            self.limits.request_time + extra, self.refuse, 408)

    def _end(self):
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None


class GuardedSite(Site):
    """Serves `resource` (an `IResource`) within `limits`; `reactor` gives the time."""

    noisy = False
    displayTracebacks = False

    def __init__(self, resource, reactor, limits=Limits()):
        # type: (Any, Any, Limits) -> None
        Site.__init__(self, resource, requestFactory=_Request, timeout=limits.idle_time,
                      reactor=reactor)
        self.protocol = GuardedChannel
        self._limits = limits
        self._clock = reactor
        self._open = 0

    def buildProtocol(self, addr):
        channel = Site.buildProtocol(self, addr)
        channel.limits = self._limits
        channel.clock = self._clock
        if self._open >= self._limits.connections:
            channel.connectionMade = lambda: channel.transport.loseConnection()
            channel.connectionLost = lambda reason: None
            return channel
        self._open += 1
        channel.counted = True
        return channel

    def connection_closed(self, channel):
        # type: (GuardedChannel) -> None
        """A connection that was counted is closed."""
        if channel.counted:
            channel.counted = False
            self._open -= 1

    def log(self, request):
        """Nothing: the path can hold the webhook's secret."""

    def _openLogFile(self, path):
        return None
