"""The consumer of the receipts that `confirm_publish` leaves.

Whoever finds a reply whose fate is unknown asks how many receipts are still unread; a receipt in
the hands of a consumer that waits for Redis would be missing from that number.  So this consumer
holds one receipt at a time, and gives it back to the queue before it waits.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable  # noqa: F401

from twisted.internet.defer import Deferred, inlineCallbacks  # noqa: F401

from vumi_snappy.bus.consumer import Guard, GuardedConsumer, LetGo  # noqa: F401
from vumi_snappy.bus.fake import is_fake


class ReceiptsConsumer(GuardedConsumer):
    """Calls `handler` with what a transaction left: its receipts (bytes), joined by spaces."""

    start_paused = True
    prefetch_count = 1

    def __init__(self, channel, handler, guard):
        # type: (Any, Callable[[bytes], Deferred], Guard) -> None
        super(ReceiptsConsumer, self).__init__(channel, handler, lambda body: body, guard)

    @inlineCallbacks
    def wait(self, delivery, temporary):
        """Gives the receipt back, waits, and consumes again."""
        if not temporary or is_fake(self.channel):  # else its tries would not be counted
            yield super(ReceiptsConsumer, self).wait(delivery, temporary)
            return
        yield self.channel.basic_cancel(self._consumer_tag)
        yield self.channel.basic_reject(delivery.delivery_tag, True)
        yield super(ReceiptsConsumer, self).wait(delivery, temporary)
        yield self.channel.basic_consume(queue=self.queue_name, consumer_tag=self._consumer_tag)
        raise LetGo()
