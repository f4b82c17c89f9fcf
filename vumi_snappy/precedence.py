"""What Snappy waits for goes before what nobody waits for: webhooks before the replies they bring.

Each needs the reactor's time, and a reply costs about what a webhook does: to publish as fast as
webhooks come would halve the rate at which they are answered.  So while they come, replies leave
a batch at a time, at fixed intervals; as soon as they pause, at full speed.  Nothing starves: a
batch is due whatever comes.  The worker alone uses it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

#: Seconds from one batch to the next while webhooks come, and without a webhook after which they
#: have paused.
INTERVAL, PAUSED_AFTER = 0.2, 0.02


class Precedence(object):
    """Is told of what goes first, and tells what goes second how long to wait."""

    def __init__(self, clock):
        # type: (Any) -> None
        self._clock = clock
        self._came_at = self._begun_at = -INTERVAL

    def came(self):
        # type: () -> None
        """Something that goes first is here."""
        self._came_at = self._clock.seconds()

    def begun(self):
        # type: () -> None
        """A batch of what goes second is begun."""
        self._begun_at = self._clock.seconds()

    def pause(self):
        # type: () -> float
        """Seconds until the next batch may begin."""
        now = self._clock.seconds()
        if now - self._came_at >= PAUSED_AFTER:
            return 0.0
        # The clock may have been put back.
        return min(max(self._begun_at + INTERVAL - now, 0.0), INTERVAL)
