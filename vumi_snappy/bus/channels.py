"""What a connection's channels do with what the broker sends of its own accord.

txAMQP tells nobody that a channel died while nobody waited for an answer on it, nor that a queue
that is consumed from went away.  Here the connection is told, which is then made anew.
`BusClient` alone uses this.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Optional  # noqa: F401

from twisted.internet.defer import Deferred  # noqa: F401
from txamqp.connection import Frame
from txamqp.message import Message  # noqa: F401
from txamqp.protocol import AMQChannel

from vumi_snappy.bus.frames import Arriving, delivers
from vumi_snappy.bus.handshake import answer_start
from vumi_snappy.bus.sending import ConfirmedChannel, ConfirmsDelegate


class BusChannel(ConfirmedChannel):
    """A channel whose end does not go unnoticed."""

    def __init__(self, *args, **kw):
        ConfirmedChannel.__init__(self, *args, **kw)
        #: Messages that the broker could not route to any queue, for the publisher.
        self.returned = []  # type: List[Message]
        self._arriving = None  # type: Optional[Arriving]

    def do_close(self, reason):
        # type: (Any) -> None
        # Whoever waits for an answer is told by it; else nobody knows that this channel is dead.
        noticed = bool(self.responses.waiting)
        already = self.closed or self._closing
        ConfirmedChannel.do_close(self, reason)
        if not (noticed or already):
            self.client.channel_died(reason)

    def dispatch(self, frame, work):
        # type: (Frame, Any) -> None
        # The frames of a message follow one another on their channel.
        if self._arriving is not None:
            message = self._arriving.add(frame.payload)
            if message is not None:
                self._arriving = None
                self.client.delegate.dispatch(self, message)
        elif delivers(frame.payload):
            self._arriving = Arriving(frame.payload)
        else:
            ConfirmedChannel.dispatch(self, frame, work)


class BusDelegate(ConfirmsDelegate):
    """Answers what the broker asks of its own accord."""

    def connection_start(self, channel, message):
        # type: (AMQChannel, Message) -> None
        answer_start(channel, self.client.worker_service.connection_name())

    def basic_deliver(self, channel, message):
        # type: (AMQChannel, Message) -> Optional[Deferred]
        queue = self.client.queues.get(message.consumer_tag)
        if queue is None:
            return ConfirmsDelegate.basic_deliver(self, channel, message)
        return queue.put(message)

    def basic_cancel(self, channel, message):
        # type: (AMQChannel, Message) -> None
        self.client.channel_died('a queue that is consumed from went away')

    def basic_return_(self, channel, message):
        # type: (BusChannel, Message) -> None
        channel.returned.append(message)
