"""The worker's own store on a client that blocks: for who fills a Redis, or asks it one thing
after the other, without a reactor.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Optional, Text  # noqa: F401

import redis
from twisted.internet import defer
from twisted.python import failure
from txredis import exceptions

from vumi_snappy.store import Store


def blocking_store(port, prefix, clock=None, **options):
    # type: (int, Text, Optional[Callable[[], float]], **Any) -> Store
    """A `Store` whose calls have fired when they return; see `now`."""
    store = Store(None, '127.0.0.1', port, key_prefix=prefix, clock=clock,
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
            return defer.fail(exceptions.NoScript('%s' % (missing,)))

    setattr(store.connection, 'send', send)
    return store


def now(deferred):
    # type: (defer.Deferred) -> Any
    """What a call of the store has fired with.  Errors: its own."""
    results = []  # type: Any
    deferred.addBoth(results.append)
    if isinstance(results[0], failure.Failure):
        results[0].raiseException()
    return results[0]
