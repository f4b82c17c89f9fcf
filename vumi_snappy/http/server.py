"""An HTTP server for the open network.

`GuardedSite` bounds the number of connections, and by `GuardedChannel` what each may do.  It logs
no requests: their paths can hold a secret.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Callable, Optional  # noqa: F401

from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.web.server import Site

from vumi_snappy.http.channel import GuardedChannel
from vumi_snappy.http.large_bodies import LargeBodies
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.request import GuardedRequest
from vumi_snappy.http.responses import HttpError, Response, error_response  # noqa: F401

log = Logger()

#: Seconds between two lines in the log about refused requests.
_LOG_AGAIN = 60.0


class _NoRoom(Protocol):
    """A connection for which there is no room."""

    def connectionMade(self):
        self.transport.write(self.factory.refusal(self, HttpError(
            503, 'Too many connections are open: try again later.')))
        self.transport.loseConnection()


class GuardedSite(Site):
    """Serves `resource` within `limits`; `reactor` gives the time (seconds).

    `may_send_more(path, headers)` is as `LargeBodies` takes it.  `on_refused(status)` is called
    for each request that is refused before `resource` sees it; `respond(error)` is its response.
    When all connections are taken, the one that has waited longest for a request is closed; when
    none is waiting, the new one is refused with a 503.
    """

    protocol = GuardedChannel
    noisy = False
    displayTracebacks = False

    def __init__(self, resource, reactor, limits=Limits(), on_refused=lambda status: None,
                 respond=error_response, may_send_more=lambda path, headers: None):
        # type: (Any, Any, Limits, Callable[[int], None], Callable[[HttpError], Response], Callable[[bytes, Any], Optional[bool]]) -> None  # noqa: E501
        Site.__init__(self, resource, requestFactory=GuardedRequest, timeout=None,
                      reactor=reactor)
        #: Whether the listener is closed; connections end with the response they wait for.
        self.stopping = False
        self.large_bodies = LargeBodies(limits, may_send_more)
        self._limits = limits
        self._clock = reactor
        self._on_refused = on_refused
        self._respond = respond
        self._open = set()  # type: set
        self._waiting = OrderedDict()  # type: OrderedDict
        self._logged_at = None  # type: Optional[float]
        self._not_logged = 0

    @property
    def connections(self):
        # type: () -> int
        """How many connections are open now."""
        return len(self._open)

    def stopFactory(self):
        self.stopping = True
        for channel in list(self._waiting):
            channel.loseConnection()
        Site.stopFactory(self)

    def buildProtocol(self, addr):
        if len(self._open) >= self._limits.connections:
            if not self._waiting:
                refused = _NoRoom()
                refused.factory = self
                return refused
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

    def refusal(self, protocol, error):
        # type: (Protocol, HttpError) -> bytes
        """The response to a request that is refused; it is counted, and logged at most once a
        minute: strangers can cause many."""
        self._on_refused(error.status)
        now = self._clock.seconds()
        if self._logged_at is not None and now - self._logged_at < _LOG_AGAIN:
            self._not_logged += 1
        else:
            log.warn('Refused a request from {address}: {why} ({more} more since the last such'
                     ' line)', address=getattr(protocol.transport.getPeer(), 'host',
                                               'a local socket'),
                     why=error.message, more=self._not_logged)
            self._logged_at, self._not_logged = now, 0
        return self._respond(error).to_bytes(b'HTTP/1.1', (b'Connection', b'close'))

    def log(self, request):
        """Nothing: the path can hold the webhook's secret."""
