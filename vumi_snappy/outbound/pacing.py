"""Replies yield to webhooks: Snappy waits for an answer to a webhook, nobody waits for a reply.

Each needs the reactor's time, and a reply costs about what a webhook does: to publish as fast as
webhooks come would halve the rate at which they are answered.  So while they come, replies leave
a batch at a time, at fixed intervals; as soon as they pause, at full speed.  Replies never starve:
a batch is due whatever comes.  The responder alone uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from vumi_snappy.runtime.ports import Clock  # noqa: F401

#: Seconds from one batch to the next while webhooks come, and without a webhook after which they
#: have paused.
INTERVAL, PAUSED_AFTER = 0.2, 0.02


class ReplyPacing(object):
    """The pacing of the responder's `LaneRunner`."""

    def __init__(self, clock):
        # type: (Clock) -> None
        self._clock = clock
        self._webhook_at = self._batch_at = -INTERVAL

    def caller_waits(self):
        # type: () -> None
        """A webhook came."""
        self._webhook_at = self._clock.seconds()

    def batch_begins(self):
        # type: () -> None
        """A batch of replies is claimed."""
        self._batch_at = self._clock.seconds()

    def delay(self):
        # type: () -> float
        """Seconds until the next batch may begin."""
        now = self._clock.seconds()
        if now - self._webhook_at >= PAUSED_AFTER:
            return 0.0
        # The clock may have been put back.
        return min(max(self._batch_at + INTERVAL - now, 0.0), INTERVAL)
