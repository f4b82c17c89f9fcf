"""Replies without an ack or a report: after `ack_timeout` they are unconfirmed.

Promises that a reply's agent is told once (the script `overdue` sees to that).  Several workers
may look for them at once.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.runtime.periodic import Periodic
from vumi_snappy.runtime.ports import Clock, Meter  # noqa: F401
from vumi_snappy.store import Store, StoreUnavailable  # noqa: F401

log = Logger()

#: Replies looked at in one call, and seconds between two calls.
_AT_ONCE, _PAUSE = 50, 0.05

#: Seconds from one search to the next: a tenth of the timeout, within these bounds.
_SHORTEST, _LONGEST = 0.5, 15.0


class UnconfirmedReplies(object):
    """Looks for the replies of `store` that are overdue."""

    def __init__(self, clock, store, metrics):
        # type: (Clock, Store, Meter) -> None
        self._clock = clock
        self._lane = store.replies
        self._metrics = metrics
        timeout = self._lane.ack_timeout
        every = min(max(timeout / 10.0, _SHORTEST), _LONGEST) if timeout else _LONGEST
        #: The job, for `Bridge` to start and stop, and for health.
        self.job = Periodic(clock, 'Looking for replies that are overdue', self.look, every,
                            told_elsewhere=(StoreUnavailable,))

    @defer.inlineCallbacks
    def look(self):
        # type: () -> defer.Deferred
        """Record all that are overdue.  Fires with their number."""
        total = 0
        why = 'the network has not confirmed it within %s' % (duration(self._lane.ack_timeout),)
        try:
            while True:
                checked, unconfirmed = yield self._lane.overdue(_AT_ONCE, why)
                total += unconfirmed
                for _ in range(unconfirmed):
                    self._metrics.count('replies.unconfirmed')
                if checked < _AT_ONCE:
                    break
                yield task.deferLater(self._clock, _PAUSE, lambda: None)
        finally:
            # After an error, the others are still overdue the next time.
            if total:
                log.info('{count} replies are unconfirmed: no ack or report within ack_timeout.',
                         count=total)
        defer.returnValue(total)


def duration(seconds):
    # type: (float) -> Text
    """A time span in words: the largest unit that it is at least two of."""
    for size, unit in ((86400, 'days'), (3600, 'hours'), (60, 'minutes')):
        if seconds >= 2 * size:
            return '%g %s' % (round(seconds / size, 1), unit)
    return '%g seconds' % (seconds,)
