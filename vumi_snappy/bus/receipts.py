"""The consumer of the receipts that `confirm_publish` leaves.

Before a reply whose outcome is unknown is sent again, the receipts that are still unread are
counted; one in the hands of a consumer that waits for Redis would be missing from that number.  So
this consumer holds one receipt at a time, and before it waits it publishes the receipt again and
acks its own.  It does not requeue it: a quorum queue counts that, and drops what came back too
often.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable  # noqa: F401

from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401

from vumi_snappy.bus.consumer import GuardedConsumer
from vumi_snappy.bus.errors import BusUnavailable, PublishUnknown
from vumi_snappy.bus.fake import is_fake
from vumi_snappy.bus.guard import Guard  # noqa: F401
from vumi_snappy.bus.in_hand import LetGo


class ReceiptsConsumer(GuardedConsumer):
    """Calls `handler` with what a transaction left: its receipts (bytes), joined by spaces."""

    start_paused = True
    prefetch_count = 1

    def __init__(self, channel, handler, guard, give_back):
        # type: (Any, Callable[[bytes], Deferred], Guard, Callable[[bytes], Deferred]) -> None
        super(ReceiptsConsumer, self).__init__(channel, handler, lambda body: body, guard)
        self._give_back = give_back

    @inlineCallbacks
    def wait(self, delivery, temporary, seconds):
        # type: (Any, bool, float) -> Deferred
        """Gives the receipt back, waits, and consumes again."""
        if not temporary or is_fake(self.channel):  # else its tries would not be counted
            yield super(ReceiptsConsumer, self).wait(delivery, temporary, seconds)
            return
        yield self.channel.basic_cancel(self._consumer_tag)
        is_back = yield self._is_back(delivery)
        yield super(ReceiptsConsumer, self).wait(delivery, temporary, seconds)
        yield self.channel.basic_consume(queue=self.queue_name, consumer_tag=self._consumer_tag)
        if is_back:
            raise LetGo()

    @inlineCallbacks
    def _is_back(self, delivery):
        # type: (Any) -> Deferred
        try:
            yield self._give_back(delivery.content.body)
        except (BusUnavailable, PublishUnknown):
            returnValue(False)  # it stays in hand; twice on the queue it does no harm
        yield self.channel.basic_ack(delivery.delivery_tag, False)
        returnValue(True)
