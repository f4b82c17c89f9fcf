"""A single active consumer: one worker alone gets the messages of the queue, in their order.

With several consumers on one queue the broker distributes its messages, and two messages of one
person that two workers handle can overtake one another: a worker can wait, or die and have its
messages delivered again, behind what another has long stored.  One consumer at a time keeps the
queue's own order (promise 4).  The others stand by and take over within about a second of its end;
the broker requeues what the dead one had not acked in its old place.

How that is done depends on the queue (see `vumi_snappy.bus.queues`).  The broker does it all for
a queue with a single active consumer.  On a classic queue the consumer is exclusive.  Quorum
queues do not keep that: there a lock on the broker decides, which lasts as long as its connection,
and the consumer begins when no other is left: only then the broker has all their messages back.

Storing is quick; it is forwarding that wants many workers, and that is shared by all of them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import random
from typing import Any, Optional  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    CancelledError, Deferred, inlineCallbacks, returnValue, succeed)
from twisted.internet.task import deferLater
from twisted.python.failure import Failure  # noqa: F401
from txamqp.client import ChannelClosed, Closed

from vumi_snappy.bus.consumer import GuardedConsumer
from vumi_snappy.bus.queues import LOCKED, SINGLE, Queues  # noqa: F401
from vumi_snappy.runtime import log

#: Seconds between two looks whether the queue's consumer is still there.
STAND_BY = 1.0
#: The holder of the lock looks so often, at so many seconds' distance, before it believes that
#: there is no other consumer: the broker also says so while the queue's leader does not answer.
LOOKS, LOOK_AGAIN = 3, 0.3


class SingleConsumer(GuardedConsumer):
    """As `GuardedConsumer`, once no other worker gets messages of the queue."""

    at_once = 100  # stored by one call of Redis: the measure intake-echo

    _waiting = None  # type: Optional[Deferred]
    _queues = None  # type: Any  # a Queues
    _how = SINGLE
    _has_lock = False

    @inlineCallbacks
    def declare(self, queues):
        # type: (Queues) -> Deferred
        """As `GuardedConsumer.declare`."""
        self._queues = queues
        self._how = yield queues.declare_in_order(self.queue_name)

    def _channel_consume(self):
        # type: () -> Deferred
        if self._how is SINGLE:
            return super(SingleConsumer, self)._channel_consume()
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
        # type: () -> Deferred
        consume = self._consume_locked if self._how is LOCKED else self._consume_exclusively
        logged = False
        while self.keep_consuming:
            if not (yield self._consumers()) and (yield consume()):
                return
            if not logged:
                logged = True
                log.msg('Another worker consumes from %s; this one stands by'
                        % (self.queue_name,))
            yield self._wait_for(STAND_BY * random.uniform(0.7, 1.0))

    def _consumers(self):
        # type: () -> Deferred
        counted = self.channel.queue_declare(queue=self.queue_name, passive=True)
        return counted.addCallback(lambda state: state.consumer_count)

    def _wait_for(self, seconds):
        # type: (float) -> Deferred
        self._waiting = deferLater(self._guard.clock, seconds, lambda: None)
        return self._waiting

    @inlineCallbacks
    def _consume_exclusively(self):
        # type: () -> Deferred
        """Fires with False when another worker was quicker."""
        try:
            yield self._take_queue(exclusive=True)
        except ChannelClosed:
            yield self._open_another_channel()
            returnValue(False)
        self._read_messages()
        returnValue(True)

    @inlineCallbacks
    def _consume_locked(self):
        # type: () -> Deferred
        """Fires with False when another worker has the lock, or consumes."""
        if not (yield self._queues.lock(self._lock)):
            returnValue(False)
        self._has_lock = True
        for _look in range(LOOKS - 1):
            yield self._wait_for(LOOK_AGAIN)
            if (yield self._consumers()):
                returnValue(False)
        if not self.keep_consuming:
            returnValue(False)
        yield self._take_queue()
        # Nothing is handled before the queue's leader has counted: this one, and no other.
        consumers = 0
        while consumers != 1:
            consumers = yield self._consumers()
            if consumers > 1:
                yield self.channel.channel_close()
                self.channel.close(None)
                yield self._open_another_channel()
                returnValue(False)
            if not consumers:
                yield self._wait_for(LOOK_AGAIN)
        self._read_messages()
        returnValue(True)

    @property
    def _lock(self):
        # type: () -> Any
        return '%s.lock' % (self.queue_name,)

    @inlineCallbacks
    def _open_another_channel(self):
        # type: () -> Deferred
        # The broker closes the channel on which it refuses; its number can be used again.
        client = self.channel.client
        client.channels.pop(self.channel.id, None)
        self._consumer_tag = self.queue = None
        self.channel = yield client.get_channel()
        if self.prefetch_count is not None:
            yield self.channel.basic_qos(0, self.prefetch_count, False)

    def finish(self):
        # type: () -> Deferred
        """As `GuardedConsumer.finish`; stands by no more."""
        if self._waiting is not None and not self._waiting.called:
            self._waiting.cancel()
        return super(SingleConsumer, self).finish()

    @inlineCallbacks
    def stop(self):
        # type: () -> Deferred
        """As `GuardedConsumer.stop`; the next worker may take over at once."""
        stopped = yield super(SingleConsumer, self).stop()
        if self._has_lock:
            yield self._queues.unlock(self._lock)
        returnValue(stopped)
