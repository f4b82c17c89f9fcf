"""A worker whose minute is shorter, for a measure of the rate limit that need not take minutes.

So many calls a minute as real ones may be made in a scaled minute, and the bucket's burst is the
real one; the worker's own way of scaling, a higher limit, would scale that too.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from vumi_snappy.worker import SnappyBouncerWorker

#: Scaled minutes in a minute.
SCALE = 20


class ScaledWorker(SnappyBouncerWorker):
    """The worker, but for its minute."""

    def build_bridge(self):
        # type: () -> Any
        """The usual parts, with the rate limit of a shorter minute."""
        bridge = super(ScaledWorker, self).build_bridge()
        lane = bridge.store.forwards  # type: Any
        lane._limit['refill'] *= SCALE
        return bridge
