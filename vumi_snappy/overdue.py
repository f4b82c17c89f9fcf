"""Replies that no transport speaks of: after `ack_timeout` they are unconfirmed.

Owns when it is looked for them and how many at once.  Promises that a reply's agent is told once
(the store's script sees to that).  The worker starts and stops it; several workers may look.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Text  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.store import StoreRefused, StoreUnavailable

log = Logger()

#: Replies looked at in one call, and seconds between two calls.
_AT_ONCE, _PAUSE = 50, 0.05

#: Seconds between two looks: a tenth of the timeout, within these bounds.
_OFTEN, _SELDOM = 0.5, 15.0


class Overdue(object):
    """Looks for the replies of `store` that are overdue.

    `ack_timeout` is in seconds; 0: they may take for ever.  `notices`: agents are told by a
    private note.
    """

    def __init__(self, clock, store, metrics, ack_timeout, notices):
        # type: (Any, Any, Any, float, bool) -> None
        self._clock = clock
        self._lane = store.replies
        self._metrics = metrics
        self._timeout = ack_timeout
        self._notices = notices
        self._loop = task.LoopingCall(self.look)
        self._loop.clock = clock

    def start(self):
        # type: () -> None
        """Begin to look."""
        every = min(max(self._timeout / 10.0, _OFTEN), _SELDOM) if self._timeout else _SELDOM
        self._loop.start(every, now=False)

    def stop(self):
        # type: () -> None
        """Look no more."""
        if self._loop.running:
            self._loop.stop()

    @defer.inlineCallbacks
    def look(self):
        """Look once at all that is overdue.  Fires with the number of replies unconfirmed."""
        total = 0
        why = 'the network has not confirmed it within %s' % (duration(self._timeout),)
        try:
            while True:
                looked, found = yield self._lane.overdue(
                    _AT_ONCE, why, notice=self._notices, wanted=bool(self._timeout))
                total += found
                for _ in range(found):
                    self._metrics.count('replies.unconfirmed')
                if looked < _AT_ONCE:
                    break
                yield task.deferLater(self._clock, _PAUSE, lambda: None)
        except StoreUnavailable:
            pass  # they are still overdue the next time
        except StoreRefused as refused:
            # What left here would end the loop.
            log.error('Overdue replies could not be looked for now: {why}', why=refused)
        if total:
            log.info('{count} replies are not confirmed in time.', count=total)
        defer.returnValue(total)


def duration(seconds):
    # type: (float) -> Text
    """A time span in words: the largest unit that it is at least two of."""
    for size, unit in ((86400, 'days'), (3600, 'hours'), (60, 'minutes')):
        if seconds >= 2 * size:
            return '%g %s' % (round(seconds / size, 1), unit)
    return '%g seconds' % (seconds,)
