"""What Vumi's in-memory broker, which its test helpers use, cannot do, and what is done instead.

It has no transactions, no reject, and no default exchange.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet.defer import Deferred, fail, succeed  # noqa: F401

from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.publisher import Part  # noqa: F401


def is_fake(channel):
    # type: (Any) -> bool
    """Whether this is a channel of the in-memory broker; Vumi's consumers ask likewise."""
    return getattr(channel, '_fake_channel', None) is not None


class PlainPublisher(object):
    """Publishes as `ConfirmedPublisher` does, at once."""

    def __init__(self, channel):
        # type: (Any) -> None
        self._channel = channel
        self._lost = False

    def publish(self, *parts):
        # type: (*Part) -> Deferred
        """As `ConfirmedPublisher.publish`, at once."""
        if self._lost:
            return fail(BusUnavailable('the worker is stopped'))
        for part in parts:
            self._channel.basic_publish(
                exchange=part.exchange, routing_key=part.routing_key, content=part.content())
        return succeed(None)

    def lost(self):
        # type: () -> None
        """Nothing is published any more."""
        self._lost = True
