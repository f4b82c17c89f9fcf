"""One connection to Redis that comes back by itself and never leaves a caller waiting.

Owns the socket: connecting (with a capped, jittered delay), authentication and the choice of the
database.  Promises that every call's Deferred fires within `timeout` seconds: with the answer, or
with `StoreUnavailable` or `StoreRefused`.  What Redis refuses is `trouble` until it works again.
A Redis that turns out to be a replica is left: its name may mean another one by now.  Where there
are Sentinels, they are asked for the master at each connection, every second whether it still is,
and before an answer is believed that took so long that another one may be the master by now.  Only
the store's scripts call it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import random
import re
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

import six
from twisted.application.internet import ClientService
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python import failure

from vumi_snappy.runtime.periodic import Periodic
from vumi_snappy.store.errors import StoreError, StoreRefused, StoreUnavailable  # noqa: F401
from vumi_snappy.store.protocol import RedisProtocol, lost_words, quiet_factory
from vumi_snappy.store.resp import NoScript, RedisError
from vumi_snappy.store.sentinel import Master, find_master  # noqa: F401
from vumi_snappy.store.server import RedisServer  # noqa: F401

log = Logger()

#: How a script says that what it was called for failed by its own fault (see `scripts`).
_ITEM = 'ITEM '
#: What a Redis says that is a replica now.
_READONLY = re.compile(r'(^|: -?)READONLY ')
#: And one that was cut off from its replicas, which may have another master by now.
_NO_REPLICAS = re.compile(r'(^|: -?)NOREPLICAS ')
#: Seconds before the second try to connect, and at most before any.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
#: Seconds between two questions to the Sentinels while we are connected.
_ASK_AGAIN = 1.0
#: Seconds after which an answer is believed only if the Sentinels name the same master: a replica
#: can have taken over since it was asked for, and a master that hung goes on as if it had not.
_LATE = 0.5
#: Seconds for which a command that Redis refused is trouble, unless it works before.
_REFUSED_FOR = 90.0


class _QuietService(ClientService):
    """Without Twisted's line for each try: what is wrong is logged here, once."""

    _log = Logger(observer=lambda event: None)


class Opening(object):
    """A connection that nobody else may use yet."""

    def __init__(self, client):
        # type: (RedisProtocol) -> None
        self._client = client

    def send(self, *parts):
        # type: (*Any) -> defer.Deferred
        """As that of `RedisConnection`, but what is refused is no trouble of its own."""
        return self._client.send(*parts).addErrback(_typed)

    def ask(self, *parts):
        # type: (*Any) -> defer.Deferred
        """As that of `RedisConnection`."""
        answer = self._client.send(*parts)
        answer.addErrback(lambda reason: reason.trap(RedisError) and None)
        return answer.addErrback(_typed)


class RedisConnection(object):
    """A connection to the Redis that `server` names.

    `timeout` (seconds) is for connecting as well as for each answer.  `on_ready` is called each
    time that Redis knows us, with an `Opening`, by which alone it is spoken to until what that
    returns has fired; a failure drops the connection (to be tried again).
    """

    def __init__(self, reactor, server, timeout=5.0, on_ready=None):
        # type: (Any, RedisServer, float, Optional[Callable]) -> None
        self.reactor = reactor
        self.server = server
        self.timeout = timeout
        self.on_ready = on_ready
        self.connected = False
        self._why_down = 'not connected yet'
        self._awaited = []  # type: List[defer.Deferred]
        self._refused = {}  # type: Dict[bytes, Tuple[Text, float]]
        self._client = None  # type: Any
        self._service = None  # type: Any
        self._tries = 0
        self._master = None  # type: Optional[Master]
        self._doubt = None  # type: Optional[List[defer.Deferred]]
        self._watching = Periodic(reactor, 'Asking the Sentinels', self._ask_again, _ASK_AGAIN)

    @property
    def trouble(self):
        # type: () -> Text
        """Why Redis can't be used now, in words; empty when it can."""
        if self._why_down:
            return self._why_down
        since = self.reactor.seconds() - _REFUSED_FOR
        return next((why for why, at in self._refused.values() if at > since), '')

    def start(self):
        # type: () -> None
        """Begin to connect; returns at once."""
        self._service = _QuietService(
            self, quiet_factory(self._build), retryPolicy=self._pause, clock=self.reactor)
        self._service.startService()
        if self.server.sentinels:
            self._watching.start()

    def usable_within(self, seconds):
        # type: (float) -> defer.Deferred
        """Fires with None when Redis can be used, or after `seconds` in which it could not."""
        if self.connected:
            return defer.succeed(None)
        usable = defer.Deferred()  # type: defer.Deferred
        self._awaited.append(usable)
        return usable.addTimeout(seconds, self.reactor, onTimeoutCancel=lambda *_: None)

    def _end_waiting(self):
        # type: () -> None
        awaited, self._awaited = self._awaited, []
        for each in awaited:
            each.callback(None)  # of one that took too long, Twisted ignores this

    def stop(self):
        # type: () -> defer.Deferred
        """Close the connection.  Fires when the socket is closed."""
        if self._service is None:
            return defer.succeed(None)
        self._end_waiting()
        self._watching.stop()
        client, self._client, self.connected = self._client, None, False
        self._why_down = 'stopped'
        if client is not None and self.server.tls is not None:
            client.transport.abortConnection()  # else it waits for what a frozen Redis never says
        return defer.maybeDeferred(self._service.stopService)

    def _pause(self, _failed):
        # type: (int) -> float
        """Seconds before the next try.  Only a connection that was usable begins anew."""
        self._tries += 1
        pause = min(_FIRST_PAUSE * 1.6 ** min(self._tries - 1, 20), _LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1.2)

    @defer.inlineCallbacks
    def connect(self, factory):
        """As an endpoint's, for the service: fires with the connected protocol.  Where Redis is, is
        found out each time."""
        try:
            where = ()  # type: Any
            if self.server.sentinels:
                master = self._master = yield find_master(self.reactor, self.server)
                where = (master.host, master.port)
            endpoint = self.server.endpoint(self.reactor, self.timeout, *where)
            connected = yield endpoint.connect(factory)
        except Exception as failed:
            if self._why_down != 'stopped':
                self._trouble('could not connect: %s' % (failed,))
            raise
        defer.returnValue(connected)

    @defer.inlineCallbacks
    def _ask_again(self):
        """Leave a master that is none any more, as far as the Sentinels know."""
        if not self.connected:
            return
        try:
            yield self._is_master()
        except StoreUnavailable:
            pass  # a fail-over can't be without them, either

    @defer.inlineCallbacks
    def _is_master(self):
        """Fires when the Sentinels still name the master that we know; another one is gone to.

        Errors: `StoreUnavailable`, where they do not, or do not answer.
        """
        known = self._master
        master = yield find_master(self.reactor, self.server)
        if known is not None and master.epoch > known.epoch and (
                (master.host, master.port) != (known.host, known.port)):
            if known is self._master:
                self.leave('the Sentinels name another master')
            raise StoreUnavailable('the Sentinels name another master')

    def _believe(self, answer, asked_at):
        # type: (Any, float) -> Any
        """Fires with `answer`, or fails where the master may have been replaced meanwhile."""
        gone = isinstance(answer, failure.Failure) and answer.check(StoreUnavailable)
        if not self.server.sentinels or gone:
            return answer
        if self._doubt is None:
            if self.reactor.seconds() - asked_at < _LATE:
                return answer
            self._doubt = []
            self._is_master().addBoth(self._settle_doubt)
        # What was answered behind a late answer is of the same Redis.
        waiting = defer.Deferred()  # type: defer.Deferred
        self._doubt.append(waiting)
        return waiting.addCallback(lambda _: answer)

    def _settle_doubt(self, outcome):
        # type: (Any) -> None
        waiting, self._doubt = self._doubt or [], None
        for each in waiting:
            each.callback(outcome)

    def send(self, *parts):
        # type: (*Any) -> defer.Deferred
        """Send one command (text or bytes).  See the module for what it fires with."""
        if not self.connected:
            return defer.fail(StoreUnavailable('Redis is away: %s' % (self.trouble,)))
        client, name = self._client, _name(parts)
        answer = client.send(*parts).addBoth(self._believe, self.reactor.seconds())
        return answer.addCallbacks(
            self._worked, self._failed, callbackArgs=[name], errbackArgs=[name, client])

    def ask(self, *parts):
        # type: (*Any) -> defer.Deferred
        """As `send`, for what Redis may refuse: fires with None then, and is no trouble."""
        return Opening(self._client).ask(*parts) if self.connected else self.send(*parts)

    def leave(self, why):
        # type: (Text) -> None
        """Drop the connection, and connect anew, maybe to another Redis."""
        if self.connected:
            self._client.drop(why)

    def tell(self, name, why):
        # type: (Text, Text) -> None
        """`name` does not work for the reason `why`, which is trouble, or does ('')."""
        if why:
            self._refuse(six.ensure_binary(name), why)
        else:
            self._worked(None, six.ensure_binary(name))

    def _worked(self, answer, name):
        if name in self._refused:
            del self._refused[name]
            if not self.trouble:
                log.info('Redis accepts all commands again.')
        return answer

    def _failed(self, reason, name, client):
        typed = _typed(reason)
        if reason.check(RedisError) and typed.check(StoreUnavailable):
            why = typed.getErrorMessage()
            self._refuse(name, why)
            if client is self._client and (_READONLY.search(why) or (
                    self.server.sentinels and _NO_REPLICAS.search(why))):
                client.drop(why)
        return typed

    def _refuse(self, name, why):
        # type: (bytes, Text) -> None
        if name not in self._refused:
            log.warn('Redis at {where} refused a command, trying again: {why}',
                     where=self.where, why=why)
        self._refused[name] = (why, self.reactor.seconds())

    def _build(self):
        server = self.server
        client = RedisProtocol(self.reactor, self.timeout, self._down, db=server.db,
                               username=server.username,
                               password=server.password)  # type: Any
        client.ready.addCallback(self._usable).addErrback(self._unusable, client)
        lost = client.connectionLost

        def connection_lost(reason):
            lost(reason)
            if self.connected and self._client is client:
                self._down(lost_words(reason))
        client.connectionLost = connection_lost
        return client

    @defer.inlineCallbacks
    def _usable(self, client):
        if self.on_ready:
            yield self.on_ready(Opening(client))
        if self.server.sentinels:
            # It may have hung until now, and not know that it was replaced.
            yield self._is_master()
        if self._why_down == 'stopped':
            return
        self._client, self.connected = client, True
        self._refused.clear()
        self._tries = 0
        if self._why_down:
            log.info('Connected to Redis at {where}, database {db}.', where=self.where,
                     db=self.server.db)
        self._why_down = ''
        self._end_waiting()

    def _unusable(self, reason, client):
        client.drop(_typed(reason).getErrorMessage())

    @property
    def where(self):
        # type: () -> Text
        """Where Redis is, for the log."""
        if self._master is not None:
            return '%s:%d (%s)' % (self._master.host, self._master.port, self.server.service_name)
        return '%s' % (self.server,)

    def _down(self, why):
        self.connected, self._client = False, None
        self._trouble(why)

    def _trouble(self, why):
        why = '%s' % (why,)
        if why != self._why_down:
            log.warn('Redis at {where} can not be used, trying again: {why}',
                     where=self.where, why=why)
        self._why_down = why


def call_error(text):
    # type: (Text) -> StoreError
    """What an error of a whole call, in Redis's own words, means for the caller."""
    if text.startswith(_ITEM):
        return item_error(text[len(_ITEM):])
    return StoreUnavailable('Redis said: %s' % (text[:200],))


def item_error(text):
    # type: (Text) -> StoreRefused
    """The error of what failed by itself."""
    return StoreRefused('Redis said: %s' % (text[:200],))


def _name(parts):
    # type: (Any) -> bytes
    """What a call is known by when it works or fails again: a command, or the script it runs."""
    return six.ensure_binary(':'.join(parts[:2]) if parts[0] == 'EVALSHA' else parts[0])


def _typed(reason):
    # type: (failure.Failure) -> failure.Failure
    """What a command failed with, as one of the store's own errors."""
    if reason.check(NoScript, StoreUnavailable):
        return reason
    if reason.check(RedisError):
        text = reason.value.args[0] if reason.value.args else ''
        return failure.Failure(call_error(six.ensure_text(text, errors=str('replace'))))
    return failure.Failure(StoreUnavailable(
        'the connection to Redis failed: %s' % (reason.getErrorMessage(),)))
