"""A consumer of one queue that can be paused, as Vumi's can; what it does with messages is left to
`GuardedConsumer`."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Optional, Text  # noqa: F401

from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401


class PausableConsumer(object):
    """Consumes on `channel` from the queue `queue_name`, which subclasses name."""

    exchange_name, exchange_type, durable = 'vumi', 'direct', True
    queue_name = routing_key = ''  # type: Text
    #: Messages that the broker sends before the first of them is acked; None: any number.
    prefetch_count = None  # type: Optional[int]
    start_paused = False

    def __init__(self, channel):
        # type: (Any) -> None
        self.channel = channel
        self.queue = None  # type: Any  # of txAMQP, with what was delivered
        self.keep_consuming = self.paused = False
        self._consumer_tag = None  # type: Optional[Text]
        self._unpause_d = None  # type: Optional[Deferred]
        self._in_progress = 0
        self._quiet = []  # type: List[Deferred]
        # Only Vumi's in-memory broker has one.
        self._fake_channel = getattr(channel, '_fake_channel', None)

    @inlineCallbacks
    def start(self):
        # type: () -> Deferred
        """Fires with this consumer when it consumes, or, if `start_paused`, would."""
        self.keep_consuming = True
        self.paused = self.start_paused
        if self.prefetch_count is not None:
            yield self.channel.basic_qos(0, self.prefetch_count, False)
        if not self.paused:
            yield self._channel_consume()
        returnValue(self)

    def pause(self):
        # type: () -> Deferred
        """Begins with no further message; fires when none is under way."""
        self.paused = True
        if self._unpause_d is None:
            self._unpause_d = Deferred()
        quiet = Deferred()  # type: Deferred
        self._quiet.append(quiet)
        self._check_notify()
        return quiet

    def unpause(self):
        # type: () -> Optional[Deferred]
        """Goes on, or begins."""
        self.paused = False
        unpause, self._unpause_d = self._unpause_d, None
        if unpause is not None:
            unpause.callback(None)
        return self._channel_consume() if self._consumer_tag is None else None

    def _check_notify(self):
        # type: () -> None
        if self.paused and not self._in_progress:
            waiting, self._quiet = self._quiet, []
            for quiet in waiting:
                quiet.callback(None)

    def _channel_consume(self):
        # type: () -> Deferred
        return self._take_queue().addCallback(lambda _: self._read_messages())

    @inlineCallbacks
    def _take_queue(self, **how):
        # type: (**Any) -> Deferred
        reply = yield self.channel.basic_consume(queue=self.queue_name, **how)
        self._consumer_tag = reply.consumer_tag
        self.queue = yield self.channel.client.queue(self._consumer_tag)

    def _read_messages(self):
        # type: () -> None
        """For `GuardedConsumer`: reads from `queue` until it stops."""
        raise NotImplementedError()
