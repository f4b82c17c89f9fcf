"""Everything of the worker that lives and dies with one AMQP connection.

A session is opened after every login, started when the worker may consume, and abandoned at the
loss of its connection; nothing of it is used again.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, List, Optional, Text  # noqa: F401

from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import (  # noqa: F401
    Deferred, fail, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from txamqp.client import Closed
from vumi.service import DynamicPublisher

from vumi_snappy.bus.connector import EXCHANGE, GuardedConnector  # noqa: F401
from vumi_snappy.bus.consumer import Guard  # noqa: F401
from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.fake import PlainPublisher, is_fake
from vumi_snappy.bus.publisher import ConfirmedPublisher
from vumi_snappy.bus.receipts import ReceiptsConsumer


class BusSession(object):
    """The queues, the publisher, the connector and the receipts' consumer on one connection.

    `name` is the worker's transport name; `timeout` (seconds) bounds what waits for the broker.
    """

    def __init__(self, client, name, guard, timeout):
        # type: (Any, Text, Guard, float) -> None
        self.client = client
        self.connector = None  # type: Optional[GuardedConnector]
        self._name = name
        self._guard = guard
        self._timeout = timeout
        self._publisher = None  # type: Any
        self._control = None  # type: Any
        self._receipts = None  # type: Any  # a ReceiptsConsumer

    def queue_name(self, kind):
        # type: (Text) -> Text
        """The name of one of the worker's queues, e.g. for 'failures'."""
        return '%s.%s' % (self._name, kind)

    @inlineCallbacks
    def open(self, receipt_handler):
        """Declares what messages are sent to and prepares publisher and receipts' consumer.

        Raises txAMQP's `Closed` if the broker refuses or goes away, Vumi's `RoutingKeyError` or a
        `UnicodeError` for a name that cannot be a queue's.
        """
        self._name.encode('ascii')  # more than that txAMQP cannot write
        DynamicPublisher(None, self.queue_name('outbound'))  # checks the name as Vumi does
        yield self._declare()
        self._publisher = yield self._open_publisher()
        self._receipts = yield self._open_receipts(receipt_handler)

    @inlineCallbacks
    def _control_channel(self):
        if self._control is None or getattr(self._control, 'closed', False):  # a fake has none
            self._control = yield self.client.get_channel()
        returnValue(self._control)

    @inlineCallbacks
    def _declare(self):
        channel = yield self._control_channel()
        yield channel.exchange_declare(exchange=EXCHANGE, type='direct', durable=True)
        for kind in ('outbound', 'failures'):
            queue = self.queue_name(kind)
            yield channel.queue_declare(queue=queue, durable=True)
            yield channel.queue_bind(queue=queue, exchange=EXCHANGE, routing_key=queue)
        receipts = self.queue_name('receipts')
        yield channel.queue_declare(queue=receipts, durable=True)
        if is_fake(channel):  # a broker has the default exchange, the in-memory one has not
            yield channel.exchange_declare(exchange='', type='direct', durable=True)
            yield channel.queue_bind(queue=receipts, exchange='', routing_key=receipts)

    @inlineCallbacks
    def _open_publisher(self):
        channel = yield self.client.get_channel()
        if is_fake(channel):
            returnValue(PlainPublisher(channel))
        yield channel.tx_select()
        returnValue(ConfirmedPublisher(
            channel, self._declare, self._guard.clock, self._timeout, self._guard.broken))

    @inlineCallbacks
    def _open_receipts(self, handler):
        channel = yield self.client.get_channel()
        consumer = ReceiptsConsumer(channel, handler, self._guard)
        consumer.queue_name = self.queue_name('receipts')
        yield consumer.start()
        returnValue(consumer)

    @inlineCallbacks
    def start(self):
        """Starts to consume."""
        yield self.connector.unpause()
        yield self._receipts.unpause()

    def publish(self, *parts):
        # type: (*Any) -> Deferred
        """As `ConfirmedPublisher.publish`."""
        if self._publisher is None:
            return fail(BusUnavailable('the connection to RabbitMQ is being set up'))
        return self._publisher.publish(*parts)

    @inlineCallbacks
    def receipts_waiting(self):
        """Fires with the number of receipts in the queue or in this worker's hands.

        Raises `BusUnavailable`.
        """
        try:
            channel = yield self._control_channel()
            # Not passive: the same answer, and a queue that was deleted is there again.
            d = maybeDeferred(
                channel.queue_declare, queue=self.queue_name('receipts'), durable=True)
            d.addTimeout(self._timeout, self._guard.clock)
            answer = yield d
        except (Closed, DeferredTimeout) as error:
            self._control = None  # a late answer must not be taken for that of the next call
            raise BusUnavailable('RabbitMQ did not tell the number of receipts: %s'
                                 % (type(error).__name__,))
        returnValue(answer.message_count + self._receipts.held)

    def finish(self):
        # type: () -> Deferred
        """Starts no further message; fires when no handler is under way."""
        return gatherResults([part.finish() for part in self._parts()], consumeErrors=True)

    def stop_consuming(self):
        # type: () -> Deferred
        """Gives back to the broker what is not acked; publishing goes on."""
        return gatherResults([
            maybeDeferred(stop) for stop in
            ([self.connector.teardown] if self.connector else []) +
            ([self._receipts.stop] if self._receipts else [])], consumeErrors=True)

    def abandon(self):
        # type: () -> None
        """The connection is lost: nothing is acked or published any more."""
        for part in self._parts():
            part.abandon()
        if self._publisher is not None:
            self._publisher.lost()

    def _parts(self):
        # type: () -> List[Any]
        return [part for part in (self.connector, self._receipts) if part is not None]
