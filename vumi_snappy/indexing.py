"""Putting tickets from before there were lists into the console's lists.

Owns when it is done and how much at once: after the worker starts, a few tickets a call, so that
Redis serves everybody else in between.  It goes on where it was when it is stopped, and may be
done by several workers at once.  The worker starts and stops it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.store import StoreUnavailable

log = Logger()

#: Tickets looked at in one call, and seconds between two calls, or after the store was away.
_AT_ONCE, _PAUSE, _LONG_PAUSE = 100, 0.02, 5.0


class Indexer(object):
    """Goes once through the tickets of `store` that are in no list yet."""

    def __init__(self, clock, store):
        # type: (Any, Any) -> None
        self._clock = clock
        self._store = store
        self._running = None  # type: Any

    def start(self):
        # type: () -> None
        """Begin; it ends by itself."""
        self._running = self.run()
        self._running.addErrback(lambda reason: reason.trap(defer.CancelledError) and None)

    def stop(self):
        # type: () -> None
        """Leave what is not done yet to the next start."""
        if self._running is not None:
            self._running.cancel()

    @defer.inlineCallbacks
    def run(self):
        """Fires with the number of tickets looked at when all are done."""
        total = passed = 0
        while True:
            try:
                tickets, parked = yield self._store.lists.index_old(_AT_ONCE, passed)
            except StoreUnavailable:
                yield task.deferLater(self._clock, _LONG_PAUSE, lambda: None)
                continue
            total, passed = total + tickets, passed + parked
            if not tickets and not parked:
                break
            yield task.deferLater(self._clock, _PAUSE, lambda: None)
        if total:
            log.info('{count} tickets were looked at for the lists.', count=total)
        defer.returnValue(total)
