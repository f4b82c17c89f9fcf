"""Redis's protocol, with a bound on the time of every answer, and a way in.

Owns one socket's life: who we are (AUTH), which database, and that a late answer is never taken
for the answer to a later request.  The store's connection and `sentinel` use it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import deque
from typing import Any, Callable, Optional, Text  # noqa: F401

from twisted.internet import defer, error, protocol
from twisted.python import failure

from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store.errors import StoreUnavailable
from vumi_snappy.store.resp import RedisClient


class RedisProtocol(RedisClient):
    """A client with a clock on the oldest unanswered request.

    A connection that was too slow once is dropped for good: `dropped` is called with the reason.
    `ready` fires when Redis knows us, or fails as it refused us.
    """

    def __init__(self, clock, timeout, dropped, db=0, username=None, password=None):
        # type: (Clock, float, Callable[[Text], None], int, Optional[Text], Optional[Text]) -> None
        RedisClient.__init__(self, db=db, password=password)
        self.ready = defer.Deferred()  # type: defer.Deferred
        self._username = username
        self._disconnected = True
        self._dropped = dropped
        self._clock = clock
        self._patience = timeout
        self._sent_at = deque()  # type: deque
        self._alarm = None  # type: Any

    def connectionMade(self):
        self._disconnected = False
        known = defer.succeed(None)
        if self.password:
            who = [self._username] if self._username else []
            known.addCallback(lambda _: self.send('AUTH', *(who + [self.password])))
        if self.db:
            known.addCallback(lambda _: self.send('SELECT', '%d' % (self.db,)))
        known.addCallbacks(lambda _: self.ready.callback(self), self.ready.errback)

    def getResponse(self):
        answer = RedisClient.getResponse(self)
        if not self._disconnected:
            self._sent_at.append(self._clock.seconds())
            if self._alarm is None:
                self._alarm = self._clock.callLater(self._patience, self._check)
            answer.addBoth(self._answered)
        return answer

    def responseReceived(self, reply):
        if not self._disconnected:
            RedisClient.responseReceived(self, reply)

    def errorReceived(self, data):
        if not self._disconnected:  # else it answers what has been failed already
            RedisClient.errorReceived(self, data)

    def _answered(self, result):
        if self._sent_at:
            self._sent_at.popleft()
        return result

    def _check(self):
        self._alarm = None
        if not self._sent_at or self._disconnected:
            return
        left = self._sent_at[0] + self._patience - self._clock.seconds()
        if left <= 0:
            self.drop('Redis did not answer in %g seconds' % (self._patience,))
        else:
            self._alarm = self._clock.callLater(left, self._check)

    def drop(self, why):
        self._disconnected = True
        self._dropped(why)
        self.failRequests(failure.Failure(StoreUnavailable(why)))
        self.transport.abortConnection()

    def connectionLost(self, reason):
        self._disconnected = True
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None
        self.failRequests(failure.Failure(StoreUnavailable(lost_words(reason))))


def quiet_factory(build):
    # type: (Callable[[], RedisProtocol]) -> protocol.Factory
    """A factory of what `build()` gives, of which the log does not tell."""
    factory = protocol.Factory.forProtocol(build)
    factory.noisy = False
    return factory


def lost_words(reason):
    # type: (failure.Failure) -> Text
    """That the connection was lost, and why, where there is more to it than its end."""
    if reason.check(error.ConnectionDone, error.ConnectionLost):
        return 'the connection was lost'
    return 'the connection was lost: %s' % (reason.getErrorMessage() or reason.type.__name__,)
