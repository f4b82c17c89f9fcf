"""A consumer that is, of all workers, the only one on its queue.

With several consumers on one queue the broker deals its messages out, and two messages of one
person that are handled by two workers can overtake one another: one of them waits, or dies and has
its messages delivered again, behind what the other has long stored.  One at a time keeps the
queue's own order (promise 4).  The others stand by and take over within about a second of its end;
the broker puts what the dead one had not acked back where it was.

Storing is quick; it is forwarding that wants many workers, and that is shared by all of them.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import random
from typing import Any, Optional  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    CancelledError, Deferred, inlineCallbacks, returnValue, succeed)
from twisted.internet.task import deferLater
from twisted.python.failure import Failure  # noqa: F401
from txamqp.client import ChannelClosed, Closed
from vumi import log

from vumi_snappy.bus.consumer import GuardedConsumer
from vumi_snappy.bus.fake import is_fake

#: Seconds between two looks whether the queue's consumer is still there.
STAND_BY = 1.0


class OnlyConsumer(GuardedConsumer):
    """As `GuardedConsumer`, once no other worker consumes from the queue."""

    at_once = 100

    _waiting = None  # type: Optional[Deferred]

    def _channel_consume(self):
        # type: () -> Deferred
        if is_fake(self.channel):  # the in-memory broker knows no exclusive consumers
            return super(OnlyConsumer, self)._channel_consume()
        d = self._stand_by()
        d.addErrback(self._stands_by_no_more)
        d.addErrback(self._guard.broken)
        return succeed(None)  # the set-up does not wait for another worker's end

    def _stands_by_no_more(self, reason):
        # type: (Failure) -> Optional[Failure]
        # The end of the connection is known to its owner, who says so; what the broker answers by
        # closing this channel alone, as when the queue's node is down, is known here only.
        return None if not reason.check(ChannelClosed) and reason.check(
            Closed, CancelledError) else reason

    @inlineCallbacks
    def _stand_by(self):
        said = False
        while self.keep_consuming:
            state = yield self.channel.queue_declare(
                queue=self.queue_name, durable=self.durable)
            if not state.consumer_count and (yield self._consume_alone()):
                return
            if not said:
                said = True
                log.msg('Another worker takes the messages of %s; this one stands by'
                        % (self.queue_name,))
            self._waiting = deferLater(
                self._guard.clock, STAND_BY * random.uniform(0.7, 1.0), lambda: None)
            yield self._waiting

    @inlineCallbacks
    def _consume_alone(self):
        """Fires with False when another worker was quicker."""
        try:
            reply = yield self.channel.basic_consume(queue=self.queue_name, exclusive=True)
        except ChannelClosed:
            yield self._open_another_channel()
            returnValue(False)
        self._consumer_tag = reply.consumer_tag
        self.queue = yield self.channel.client.queue(self._consumer_tag)
        if self.keep_consuming:
            self._read_messages()
        returnValue(True)

    @inlineCallbacks
    def _open_another_channel(self):
        # The broker closes the channel on which it refuses; its number can be used again.
        client = self.channel.client
        client.channels.pop(self.channel.id, None)
        self.channel = yield client.get_channel()
        if self.prefetch_count is not None:
            yield self.channel.basic_qos(0, self.prefetch_count, False)

    def finish(self):
        # type: () -> Deferred
        """As `GuardedConsumer.finish`; stands by no more."""
        if self._waiting is not None and not self._waiting.called:
            self._waiting.cancel()
        return super(OnlyConsumer, self).finish()
