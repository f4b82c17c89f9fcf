"""Forgetting what is finished and old (`ticket_retention`).

A few tickets per call, so that Redis serves everybody else in between.  The script `sweep` sees
to it that nothing which waits or is parked is ever forgotten.  Several workers may sweep at once.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.runtime.periodic import Periodic
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store import Store, StoreUnavailable  # noqa: F401

log = Logger()

#: Seconds between two sweeps, tickets looked at in one call, and seconds between two calls.
_EVERY, _AT_ONCE, _PAUSE = 60.0, 50, 0.05


class Sweeper(object):
    """Forgets tickets of `store` that saw nothing for `retention` seconds."""

    def __init__(self, clock, store, retention):
        # type: (Clock, Store, float) -> None
        self._clock = clock
        self._store = store
        self._retention = retention
        #: The job, for `Bridge` to start and stop, and for health.
        self.job = Periodic(clock, 'Forgetting old tickets', self.sweep, _EVERY, spread=True,
                            told_elsewhere=(StoreUnavailable,))

    @defer.inlineCallbacks
    def sweep(self):
        # type: () -> defer.Deferred
        """One sweep through all that is old.  Fires with the number of tickets forgotten."""
        total = passed = 0
        try:
            while True:
                forgotten, kept = yield self._store.sweep(self._retention, _AT_ONCE, passed)
                total, passed = total + forgotten, passed + kept
                if forgotten + kept < _AT_ONCE:
                    break
                yield task.deferLater(self._clock, _PAUSE, lambda: None)
        finally:
            # One that failed is continued by the next.
            if total:
                log.info('{count} finished tickets older than ticket_retention are deleted.',
                         count=total)
        defer.returnValue(total)
