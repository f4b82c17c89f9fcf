"""One request and its answer over HTTP, bounded in time and size.

Owns the agent: one persistent pool, no redirects, no cookies, no proxy.  Promises that every
exchange fires within its timeout, and that its error says whether the request can have been acted
upon: `Unreachable` (never sent) or `Unanswered` (sent, at least in part).  The client and `extras`
use it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

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

from vumi_snappy.snappy.connections import Connections
from vumi_snappy.snappy.errors import SnappyError, Unanswered, Unreachable

#: Seconds that an idle connection is kept.  A server that hangs up just when we write leaves us
#: not knowing whether the note was taken, so we hang up first: Apache does it after 5 seconds.
IDLE = 4.0


class End(enum.Enum):
    """How the body of an answer ended."""

    WHOLE = 'whole'
    TOO_LARGE = 'too large'
    CUT_OFF = 'cut off'


@attr.s(frozen=True, slots=True)
class Answer(object):
    """What came back: HTTP status, headers, and as much of the body as `end` says."""

    status = attr.ib()  # type: int
    headers = attr.ib()  # type: Headers
    body = attr.ib(repr=False)  # type: bytes
    end = attr.ib()  # type: End


class Wire(object):
    """Exchanges requests for answers.

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

    def exchange(self, method, url, headers, data, auth):
        # type: (Text, bytes, Headers, Optional[bytes], Optional[Tuple[bytes, bytes]]) -> defer.Deferred  # noqa: E501
        """Fires with an `Answer`.

        Twisted's pool repeats a GET whose kept connection turns out to be dead, and nothing else.
        Errors: `Unreachable`, `Unanswered`; `CancelledError` when the caller cancelled it.
        """
        under_way = _Exchange(self._reactor, self._timeout, lambda: self._converse(
            method, url, headers, data, auth))
        self._running.add(under_way)

        def over(result):
            self._running.discard(under_way)
            return result
        return under_way.result.addBoth(over)

    def close(self):
        # type: () -> defer.Deferred
        """Cut short what runs; fires when the idle connections are closed, within seconds."""
        for under_way in list(self._running):
            under_way.cut('the client was closed')
        return self._pool.closeCachedConnections()

    @defer.inlineCallbacks
    def _converse(self, method, url, headers, data, auth):
        # A client of its own for each call, whose cookies go with it (Snappy sets a session).
        response = yield HTTPClient(self._agent, data_to_body_producer=WholeBody).request(
            method, url, headers=headers, data=data, auth=auth, allow_redirects=False,
            unbuffered=True)
        body = _Body(self._most)
        response.deliverBody(body)
        content, end = yield body.done
        defer.returnValue(Answer(response.code, response.headers, content, end))


class _Exchange(object):
    """An exchange under way: its `result`, and the ways to end it early."""

    def __init__(self, reactor, timeout, begin):
        # type: (Any, float, Callable[[], defer.Deferred]) -> None
        self._why = ''
        self._cancelled = False
        self.result = defer.Deferred(self._cancel)
        self._alarm = reactor.callLater(timeout, self.cut, 'no answer within %g seconds'
                                        % (timeout,))
        self._inner = begin()
        self._inner.addBoth(self._over)

    def cut(self, why):
        # type: (Text) -> None
        """End it, saying `why`."""
        self._why = why
        self._inner.cancel()
        if not self.result.called:  # something inside ignores its cancellation
            self._over(Failure(Unanswered(why)))

    def _cancel(self, _result):
        self._cancelled = True
        self._inner.cancel()

    def _over(self, outcome):
        # type: (Any) -> None
        if self._alarm.active():
            self._alarm.cancel()
        if self._cancelled or self.result.called:
            return
        if isinstance(outcome, Failure):
            self.result.errback(self._in_words(outcome))
        elif outcome.end is End.CUT_OFF and outcome.status // 100 == 2:
            # Any other status tells what became of the request, whatever the body says.
            self.result.errback(Unanswered(self._why or 'the answer was cut off'))
        else:
            self.result.callback(outcome)

    def _in_words(self, reason):
        # type: (Failure) -> SnappyError
        if reason.check(Unreachable, RequestNotSent):
            return Unreachable(self._why or (
                '%s' % (reason.value,) if reason.check(Unreachable)
                else 'the connection was gone'))
        return Unanswered(self._why or 'the connection was lost before an answer came')


class _Body(Protocol):
    """Collects the body of an answer, up to `most` bytes; `done` fires with it and its `End`."""

    def __init__(self, most):
        # type: (int) -> None
        self._most = most
        self.done = defer.Deferred(lambda _: self._finish(End.CUT_OFF))
        self._parts, self._size = [], 0  # type: List[bytes], int

    def dataReceived(self, data):
        # type: (bytes) -> None
        """See `IProtocol`."""
        if self.done.called:
            return
        room = self._most - self._size
        self._parts.append(data[:room])
        self._size += len(data)
        if self._size > self._most:
            self._finish(End.TOO_LARGE)

    def connectionLost(self, reason=connectionDone):
        # type: (Failure) -> None
        """See `IProtocol`.  Without a length, the end of the connection is that of the answer."""
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
        """See `IBodyProducer`."""
        consumer.write(self._body)
        return defer.succeed(None)

    def pauseProducing(self):
        # type: () -> None
        """See `IBodyProducer`; it is all written by then."""

    resumeProducing = stopProducing = pauseProducing
