"""A worker whose minute is shorter, for a measure of the rate limit that need not take minutes.

So many calls a minute as real ones may be made in a scaled minute, and the bucket's burst is the
real one; the worker's own way of scaling, a higher limit, would scale that too.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

import attr

from vumi_snappy.store.lanes import RateLimit
from vumi_snappy.worker import SnappyBouncerWorker

#: Scaled minutes in a minute.
SCALE = 20


@attr.s(frozen=True, slots=True)
class ScaledLimit(object):
    """As `limit`, in minutes that are shorter."""

    limit = attr.ib()  # type: Any

    @property
    def burst(self):
        # type: () -> float
        """Calls that may be made at once."""
        return self.limit.burst

    @property
    def refill(self):
        # type: () -> float
        """Calls a second."""
        return self.limit.refill * SCALE


class ScaledWorker(SnappyBouncerWorker):
    """The worker, but for its minute."""

    def _build(self):
        super(ScaledWorker, self)._build()
        lane = self.store.forwards
        assert isinstance(lane._limit, RateLimit)
        lane._limit = ScaledLimit(lane._limit)
