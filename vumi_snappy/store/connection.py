"""One connection to Redis that comes back by itself and never leaves a caller waiting.

Owns the socket: connecting (with a capped, jittered delay), authentication, the choice of the
database, and a bound on the time any answer may take.  Promises that every call's Deferred fires
within `timeout` seconds: with the answer, with `StoreUnavailable` (Redis is away, frozen, loading
or read-only: the call may be repeated) or with `StoreRefused`.  Only the store's scripts call it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from collections import deque
from typing import Any, Callable, Optional, Text  # noqa: F401

import six
from twisted.internet import defer
from twisted.internet.protocol import ReconnectingClientFactory
from twisted.logger import Logger
from twisted.python import failure
from txredis import exceptions
from txredis.client import RedisClient

from vumi_snappy.store.errors import StoreError, StoreRefused, StoreUnavailable  # noqa: F401

log = Logger()

#: How Redis says "not now": loading its data, being a replica, out of memory, busy in a script,
#: a failed write to its disk, a fail-over under way.  Of a command in a script it is said after
#: where that is.
_TEMPORARY = re.compile(
    r'(^|: -?)(LOADING|READONLY|OOM|BUSY|MISCONF|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|NOAUTH'
    r'|WRONGPASS|max number) ')


class _Protocol(RedisClient):
    """txredis's client with a clock on the oldest unanswered request.

    A late answer must not be taken for the answer to a later request, so a connection that was
    too slow once is dropped for good.
    """

    def __init__(self, clock, timeout, dropped, **kwargs):
        RedisClient.__init__(self, **kwargs)
        self._disconnected = True
        self._dropped = dropped
        self._clock = clock
        self._patience = timeout
        self._sent_at = deque()  # type: deque
        self._alarm = None  # type: Any

    def connectionMade(self):
        self._disconnected = False
        return RedisClient.connectionMade(self)

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
        self.failRequests(failure.Failure(StoreUnavailable('the connection to Redis was lost')))


class _Factory(ReconnectingClientFactory):
    noisy = False
    initialDelay = 0.1
    factor = 1.6
    maxDelay = 1.0
    jitter = 0.2

    def __init__(self, connection):
        self.connection = connection
        self.clock = connection.reactor

    def buildProtocol(self, addr):
        return self.connection._build()

    def clientConnectionFailed(self, connector, reason):
        self.connection._trouble('could not connect: %s' % (reason.getErrorMessage(),))
        ReconnectingClientFactory.clientConnectionFailed(self, connector, reason)

    def clientConnectionLost(self, connector, reason):
        self.connection._lost()
        ReconnectingClientFactory.clientConnectionLost(self, connector, reason)


class RedisConnection(object):
    """A connection to the Redis of `host`, `port`, `db` and `password`.

    `timeout` is in seconds, for connecting as well as for each answer.  `on_ready` is called
    with no argument each time that the connection is usable; it may return a Deferred, whose
    failure drops the connection (to be tried again).
    """

    def __init__(self, reactor, host, port, db=0, password=None, timeout=5.0, on_ready=None):
        # type: (Any, Text, int, int, Optional[Text], float, Optional[Callable]) -> None
        self.reactor = reactor
        self.host, self.port, self.db, self.password = host, port, db, password
        self.timeout = timeout
        self.on_ready = on_ready
        self.connected = False
        #: Why the connection is down, in words; empty while it is up.
        self.trouble = 'not connected yet'
        self._client = None  # type: Any
        self._factory = None  # type: Any
        self._connector = None  # type: Any
        self._gone = None  # type: Any

    def start(self):
        # type: () -> None
        """Begin to connect; returns at once."""
        self._factory = _Factory(self)
        self._connector = self.reactor.connectTCP(
            self.host, self.port, self._factory, timeout=self.timeout)

    def stop(self):
        # type: () -> defer.Deferred
        """Close the connection.  Fires when the socket is closed."""
        if self._factory is None:
            return defer.succeed(None)
        self._factory.stopTrying()
        client, self._client, self.connected = self._client, None, False
        self.trouble = 'stopped'
        self._gone = defer.Deferred()
        if client is None:
            self._connector.disconnect()
            return defer.succeed(None)
        client.transport.loseConnection()
        return self._gone

    def send(self, *parts):
        # type: (*Any) -> defer.Deferred
        """Send one command (text or bytes).  See the module for what it fires with."""
        if not self.connected:
            return defer.fail(StoreUnavailable('Redis is away: %s' % (self.trouble,)))
        return self._client.send(*parts).addErrback(_typed)

    def _build(self):
        client = _Protocol(self.reactor, self.timeout, self._down,
                           db=self.db, password=self.password)
        made = client.connectionMade

        def connection_made():
            made().addCallback(self._usable, client).addErrback(self._unusable, client)
        client.connectionMade = connection_made
        return client

    def _usable(self, _ignored, client):
        self._client, self.connected = client, True
        self._factory.resetDelay()
        ready = defer.maybeDeferred(self.on_ready) if self.on_ready else defer.succeed(None)

        def done(_ignored):
            if self.trouble:
                log.info('Connected to Redis at {host}:{port}, database {db}.',
                         host=self.host, port=self.port, db=self.db)
            self.trouble = ''
        return ready.addCallback(done)

    def _unusable(self, reason, client):
        client.drop('%s' % (_typed(reason, raising=False),))

    def _lost(self):
        if self._gone is not None:
            self.connected, self._client = False, None
            self._gone.callback(None)
        elif self.connected:
            self._down('the connection was lost')

    def _down(self, why):
        self.connected, self._client = False, None
        self._trouble(why)

    def _trouble(self, why):
        why = '%s' % (why,)
        if why != self.trouble:
            log.warn('Redis at {host}:{port} can not be used, trying again: {why}',
                     host=self.host, port=self.port, why=why)
        self.trouble = why


def told_error(said):
    # type: (Text) -> StoreError
    """What an error of Redis, in its own words, means for the caller."""
    kind = StoreUnavailable if _TEMPORARY.search(said) else StoreRefused
    return kind('Redis said: %s' % (said[:200],))


def _typed(reason, raising=True):
    """Turn whatever txredis raised into one of the store's own errors."""
    error = reason.value
    if isinstance(error, exceptions.NoScript):
        typed = error
    elif isinstance(error, exceptions.RedisError):
        said = error.args[0] if error.args else ''
        typed = told_error(said if isinstance(said, six.text_type)
                           else said.decode('utf-8', 'replace'))
    elif isinstance(error, StoreUnavailable):
        typed = error
    else:
        typed = StoreUnavailable('the connection to Redis failed: %s'
                                 % (reason.getErrorMessage(),))
    if not raising:
        return typed
    raise typed
