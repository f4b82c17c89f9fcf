"""The two ways in which a channel tells that what was published on it is on its queues.

`Transaction` is whole: all of one call of `send` is on its queue, or nothing.  But RabbitMQ (seen
with 3.10.8) confirms a transaction although a quorum queue rejects its messages, as it does on a
channel that publishes to it for the first time while the node of its leader is down.  `Confirms`,
RabbitMQ's extension, tells of each message whether it was rejected.  `ConfirmedPublisher` and
`FailuresQueue` use them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, List  # noqa: F401

from twisted.internet.defer import Deferred, inlineCallbacks, returnValue
from txamqp.client import Closed, TwistedDelegate
from txamqp.protocol import AMQChannel

from vumi_snappy.bus.reasons import reason_text


class ConfirmedChannel(AMQChannel):
    """A channel that can be sent on by `Confirms`."""

    #: Whom the broker's confirms are for; None: it sends none.
    confirms = None  # type: Any

    def do_close(self, reason):
        # type: (Any) -> None
        AMQChannel.do_close(self, reason)
        if self.confirms is not None:
            self.confirms.closed(Closed(reason_text(reason)))


class ConfirmsDelegate(TwistedDelegate):
    """Hands confirms on; the delegate of a connection with `ConfirmedChannel`s."""

    def basic_ack(self, channel, message):
        # type: (ConfirmedChannel, Any) -> None
        channel.confirms.settle(message.delivery_tag, message.multiple, True)

    def basic_nack(self, channel, message):
        # type: (ConfirmedChannel, Any) -> None
        channel.confirms.settle(message.delivery_tag, message.multiple, False)


class Transaction(object):
    """Sends in transactions on `channel`."""

    #: Whether all messages of a call of `send` go, or none.
    is_whole = True

    def __init__(self, channel):
        # type: (Any) -> None
        self._channel = channel
        #: Whether anything can be on a queue; whoever wants to know sets it to False before.
        self.sent = False

    def begin(self):
        # type: () -> Deferred
        """Puts the channel into this mode."""
        return self._channel.tx_select()

    @inlineCallbacks
    def send(self, parts):
        # type: (List[Any]) -> Deferred
        """Publishes `parts` (each a `Part`).  Fires with those that the broker rejected: none.

        Errors: txAMQP's `Closed`.
        """
        for part in parts:
            yield _publish(self._channel, part)
        self.sent = True
        yield self._channel.tx_commit()
        returnValue([])


class Confirms(object):
    """Sends on `channel` in confirm mode."""

    is_whole = False

    def __init__(self, channel):
        # type: (Any) -> None
        self._channel = channel
        channel.confirms = self
        self.sent = False
        self._last = 0
        self._open = OrderedDict()  # type: Any  # delivery tag to part
        self._rejected = []  # type: List[Any]
        self._settled = None  # type: Any

    def begin(self):
        # type: () -> Deferred
        """Puts the channel into this mode."""
        return self._channel.confirm_select()

    @inlineCallbacks
    def send(self, parts):
        # type: (List[Any]) -> Deferred
        """Publishes `parts`.  Fires with those that the broker rejected, when it has answered for
        each.  Errors: txAMQP's `Closed`.
        """
        self._rejected = []
        for part in parts:
            self._last += 1
            self._open[self._last] = part
            yield _publish(self._channel, part)
            self.sent = True
        self._settled = settled = Deferred()
        self._check()
        yield settled
        returnValue(self._rejected)

    def settle(self, tag, multiple, accepted):
        # type: (int, bool, bool) -> None
        """The broker answers for the message `tag`, or (`multiple`) for all up to it."""
        tags = [each for each in self._open if each <= tag] if multiple else [tag]
        for each in tags:
            part = self._open.pop(each, None)
            if part is not None and not accepted:
                self._rejected.append(part)
        self._check()

    def closed(self, reason):
        # type: (Any) -> None
        """The channel is closed: nothing is answered any more.  `reason` is an exception."""
        settled, self._settled = self._settled, None
        if settled is not None:
            settled.errback(reason)

    def _check(self):
        # type: () -> None
        if self._settled is not None and not self._open:
            settled, self._settled = self._settled, None
            settled.callback(None)


def can_confirm(spec):
    # type: (Any) -> bool
    """Whether txAMQP's `spec` has RabbitMQ's confirms; AMQP 0-8 has not."""
    return ('confirm' in spec.classes.byname
            and 'nack' in spec.classes.byname['basic'].methods.byname)


def _publish(channel, part):
    # type: (Any, Any) -> Deferred
    """Publishes a `Part` on `channel`, to come back where there is no queue for it."""
    return channel.basic_publish(exchange=part.exchange, routing_key=part.routing_key,
                                 mandatory=True, content=part.content())
