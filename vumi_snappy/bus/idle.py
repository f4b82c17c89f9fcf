"""Whether transports have acked all that they took, as far as the outbound queue shows.

On quorum queues a reply can be on its queue without a receipt.  Its transport acks it, but only
when it has consumed it.  The session of a connection asks this before it says that no receipt is
left.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from vumi_snappy.runtime.ports import Clock  # noqa: F401

#: Seconds for which the queue must be empty before what no transport has acked is taken not to be
#: there.  Looks that are further apart than this do not show what was in between.
LONG_ENOUGH = 10.0


class Idle(object):
    """For how long the outbound queue has been empty, as one look after the other shows."""

    def __init__(self, clock):
        # type: (Clock) -> None
        self._clock = clock
        self._since = self._looked = float('-inf')

    def lasts(self, waiting, consumers):
        # type: (int, int) -> bool
        """Whether it has been empty for long enough.

        `waiting`: messages on the queue now; `consumers`: how many it has.  Without one nothing is
        known: a quorum queue whose leader does not answer seems to be empty, and to have none.
        """
        now = self._clock.seconds()
        if waiting or not consumers or now - self._looked > LONG_ENOUGH:
            self._since = now
        self._looked = now
        return now - self._since >= LONG_ENOUGH
