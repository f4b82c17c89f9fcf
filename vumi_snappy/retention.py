"""Forgetting what is finished and old (`ticket_retention`).

Owns when it is swept and how much at once: a few tickets a call, so that Redis serves everybody
else in between.  Promises that nothing which waits or is parked is ever forgotten (the store's
script sees to that).  The worker starts and stops it; several workers may sweep at once.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.store import StoreRefused, StoreUnavailable

log = Logger()

#: Seconds between two sweeps, tickets looked at in one call, and seconds between two calls.
_EVERY, _AT_ONCE, _PAUSE = 60.0, 50, 0.05


class Sweeper(object):
    """Forgets tickets of `store` that saw nothing for `retention` seconds."""

    def __init__(self, clock, store, retention):
        # type: (Any, Any, float) -> None
        self._clock = clock
        self._store = store
        self._retention = retention
        self._loop = task.LoopingCall(self.sweep)
        self._loop.clock = clock

    def start(self):
        # type: () -> None
        """Begin to sweep."""
        self._loop.start(_EVERY, now=False)

    def stop(self):
        # type: () -> None
        """Sweep no more."""
        if self._loop.running:
            self._loop.stop()

    @defer.inlineCallbacks
    def sweep(self):
        """One sweep through all that is old.  Fires with the number of tickets forgotten."""
        total = passed = 0
        try:
            while True:
                forgotten, kept = yield self._store.sweep(self._retention, _AT_ONCE, passed)
                total, passed = total + forgotten, passed + kept
                if forgotten + kept < _AT_ONCE:
                    break
                yield task.deferLater(self._clock, _PAUSE, lambda: None)
        except StoreUnavailable:
            pass  # the next sweep goes on where this one ended
        except StoreRefused as refused:
            # What left here would end the loop.
            log.error('Old tickets could not be looked for now: {why}', why=refused)
        if total:
            log.info('{count} finished tickets were old and are forgotten.', count=total)
        defer.returnValue(total)
