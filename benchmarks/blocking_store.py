"""The worker's own store on a client that blocks: for who fills a Redis, or asks it one thing
after the other, without a reactor.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import deque
from typing import Any, Callable, Optional, Text  # noqa: F401

import redis
from twisted.internet import defer
from twisted.python import failure

from vumi_snappy.store import RedisServer, Store
from vumi_snappy.store.resp import NoScript


def blocking_store(port, prefix, clock=None, **options):
    # type: (int, Text, Optional[Callable[[], float]], **Any) -> Store
    """A `Store` whose calls fire when `now` is given one, all that were made before at once."""
    store = Store(_NextTurn, RedisServer(port=port), key_prefix=prefix, clock=clock,
                  **{str(name): value for name, value in options.items()})
    client = redis.StrictRedis(port=port)
    client.response_callbacks = {}

    def send(*parts):
        # type: (*Any) -> defer.Deferred
        told = [part if isinstance(part, bytes) else ('%s' % (part,)).encode('utf-8')
                for part in parts]
        try:
            return defer.succeed(client.execute_command(*told))
        except redis.exceptions.NoScriptError as missing:
            return defer.fail(NoScript('%s' % (missing,)))

    setattr(store.connection, 'send', send)
    return store


class _NextTurn(object):
    """A reactor whose next turn comes with `now`."""

    due = deque()  # type: deque

    @classmethod
    def callLater(cls, _delay, call):
        # type: (float, Callable[[], None]) -> None
        """Make `call` in the next turn."""
        cls.due.append(call)


def now(deferred):
    # type: (defer.Deferred) -> Any
    """What a call of the store fires with.  Errors: its own."""
    while _NextTurn.due:
        _NextTurn.due.popleft()()
    results = []  # type: Any
    deferred.addBoth(results.append)
    if isinstance(results[0], failure.Failure):
        results[0].raiseException()
    return results[0]


def claimed(lane):
    # type: (Any) -> Any
    """The next attempt of `lane`, or a `Wait`."""
    attempts, wait = now(lane.claim(1))
    return attempts[0] if attempts else wait
