"""A call to another system: one request and its response over HTTP, bounded in time and size.

Owns the agent: one persistent pool, no redirects, no cookies, no proxy.  Promises that every
exchange fires within its timeout, and that its error says whether the request can have been acted
upon: `Unreachable` (never sent) or `Unanswered` (sent, at least in part).
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
from typing import Any, Callable, List, Optional, Text, Tuple  # noqa: F401

import attr
from treq.client import HTTPClient
from twisted.internet import defer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import RequestNotSent
from twisted.web.client import Agent, HTTPConnectionPool, PotentialDataLoss, ResponseDone
from twisted.web.http_headers import Headers  # noqa: F401
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from vumi_snappy.http.call_errors import CallError, Unanswered, Unreachable
from vumi_snappy.http.connections import Connections

#: Seconds that an idle connection is kept.  A server that hangs up just when we write leaves us
#: not knowing whether the note was taken, so we hang up first: Apache does it after 5 seconds.
IDLE = 4.0


class End(enum.Enum):
    """How the body of a response ended."""

    WHOLE = 'whole'
    TOO_LARGE = 'too large'
    CUT_OFF = 'cut off'


@attr.s(frozen=True, slots=True)
class ClientResponse(object):
    """What came back: HTTP status, headers, and as much of the body as `end` says."""

    status = attr.ib()  # type: int
    headers = attr.ib()  # type: Headers
    body = attr.ib(repr=False)  # type: bytes
    end = attr.ib()  # type: End


class Wire(object):
    """Sends requests.

    `timeout`: seconds for a whole exchange, from connecting to the last byte.  `most_idle`:
    connections kept for the next request.  `max_answer`: bytes of a body that are read.
    """

    def __init__(self, reactor, timeout, most_idle, max_answer):
        # type: (Any, float, int, int) -> None
        self._reactor = reactor
        self._timeout = timeout
        self._most = max_answer
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._pool.maxPersistentPerHost = most_idle
        self._pool.cachedConnectionTimeout = IDLE
        self._agent = Agent.usingEndpointFactory(
            reactor, Connections(reactor, timeout), pool=self._pool)
        self._running = set()  # type: set

    def exchange(self, method, url, headers, data, auth, listed=None):
        # type: (Text, bytes, Headers, Optional[bytes], Optional[Tuple], Any) -> defer.Deferred
        """Fires with a `ClientResponse`.

        `listed` is fed (by ``feed(bytes)``) with the body of a 2xx as it comes, and may let it be
        larger (``most``); the response has the beginning then.  Twisted's pool repeats a GET whose
        kept connection turns out to be dead, and nothing else.
        Errors: `Unreachable`, `Unanswered`; `CancelledError` when the caller cancelled it.
        """
        exchange = _Exchange(self._reactor, self._timeout, lambda: self._request(
            method, url, headers, data, auth, listed))
        self._running.add(exchange)

        def ended(result):
            self._running.discard(exchange)
            return result
        return exchange.result.addBoth(ended)

    def close(self):
        # type: () -> defer.Deferred
        """End the exchanges; fires when the idle connections are closed, within seconds."""
        for exchange in list(self._running):
            exchange.end('the client was closed')
        return self._pool.closeCachedConnections()

    @defer.inlineCallbacks
    def _request(self, method, url, headers, data, auth, listed):
        # A client of its own for each call, whose cookies go with it (Snappy sets a session).
        response = yield HTTPClient(self._agent, data_to_body_producer=WholeBody).request(
            method, url, headers=headers, data=data, auth=auth, allow_redirects=False,
            unbuffered=True)
        body = _Body(self._most, listed if response.code // 100 == 2 else None)
        response.deliverBody(body)
        content, end = yield body.done
        defer.returnValue(ClientResponse(response.code, response.headers, content, end))


class _Exchange(object):
    """An exchange under way: its `result`, and the way to end it early."""

    def __init__(self, reactor, timeout, begin):
        # type: (Any, float, Callable[[], defer.Deferred]) -> None
        self._why = ''
        self._cancelled = False
        self.result = defer.Deferred(self._cancel)
        self._alarm = reactor.callLater(timeout, self.end, 'no answer within %g seconds'
                                        % (timeout,))
        self._inner = begin()
        self._inner.addBoth(self._ended)

    def end(self, why):
        # type: (Text) -> None
        """End it by an error that says `why`."""
        self._why = why
        self._inner.cancel()
        if not self.result.called:  # something inside ignores its cancellation
            self._ended(Failure(Unanswered(why)))

    def _cancel(self, _result):
        self._cancelled = True
        self._inner.cancel()

    def _ended(self, outcome):
        # type: (Any) -> None
        if self._alarm.active():
            self._alarm.cancel()
        if self._cancelled or self.result.called:
            return
        if isinstance(outcome, Failure):
            self.result.errback(self._error(outcome))
        elif outcome.end is End.CUT_OFF and outcome.status // 100 == 2:
            # Any other status says what became of the request, whatever its body says.
            self.result.errback(Unanswered(self._why or 'the answer was cut off'))
        else:
            self.result.callback(outcome)

    def _error(self, reason):
        # type: (Failure) -> CallError
        if reason.check(Unreachable):
            return Unreachable(self._why or '%s' % (reason.value,))
        if reason.check(RequestNotSent):
            return Unreachable(self._why or 'the connection was gone')
        return Unanswered(self._why or 'the connection was lost before an answer came')


class _Body(Protocol):
    """Collects the body of a response, up to `most` bytes; `done` fires with it and its `End`.

    `listed` is fed with all of it, as far as it can take it.
    """

    def __init__(self, most, listed):
        # type: (int, Any) -> None
        self._most = most
        self._listed = listed
        self.done = defer.Deferred(lambda _: self._finish(End.CUT_OFF))
        self._parts, self._size = [], 0  # type: List[bytes], int

    def dataReceived(self, data):
        # type: (bytes) -> None
        if self.done.called:
            return
        self._parts.append(data[:max(self._most - self._size, 0)])
        self._size += len(data)
        most = self._most
        if self._listed is not None:
            self._listed.feed(data)
            most = max(most, self._listed.most)
        if self._size > most:
            self._finish(End.TOO_LARGE)

    def connectionLost(self, reason=connectionDone):
        # type: (Failure) -> None
        # Without a length, the end of the connection is that of the body.
        whole = reason.check(ResponseDone, PotentialDataLoss)
        self._finish(End.WHOLE if whole else End.CUT_OFF)

    def _finish(self, end):
        # type: (End) -> None
        if self.done.called:
            return
        self.done.callback((b''.join(self._parts), end))
        if end is not End.WHOLE:
            self.transport.loseConnection()


@implementer(IBodyProducer)
class WholeBody(object):
    """A request's body, written at once behind its headers.

    treq's own producer writes it in a later turn: a packet of its own, which may wait for the
    other side's delayed acknowledgement.
    """

    def __init__(self, body):
        # type: (bytes) -> None
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer):
        # type: (Any) -> defer.Deferred
        consumer.write(self._body)
        return defer.succeed(None)

    def pauseProducing(self):
        # type: () -> None
        """Nothing: it is all written by then."""

    resumeProducing = stopProducing = pauseProducing
