"""Everything of the worker that lives and dies with one AMQP connection.

A session is opened after every login, started when the worker may consume, and abandoned at the
loss of its connection; nothing of it is used again.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, List, Text  # noqa: F401

from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import (  # noqa: F401
    Deferred, fail, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from txamqp.client import ChannelClosed, Closed

from vumi_snappy.bus.idle import Idle
from vumi_snappy.bus.connector import EXCHANGE
from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.fake import PlainPublisher, is_fake
from vumi_snappy.bus.guard import Guard  # noqa: F401
from vumi_snappy.bus.publisher import ConfirmedPublisher, Part
from vumi_snappy.bus.queues import Queues
from vumi_snappy.bus.receipts import ReceiptsConsumer
from vumi_snappy.bus.sending import Confirms, Transaction, can_confirm
from vumi_snappy.vumi.worker import RoutingKeyError


class BusSession(object):
    """The queues, the publisher, the connector and the receipts' consumer on one connection.

    `name` is the worker's transport name; `timeout` (seconds) bounds what waits for the broker.
    """

    def __init__(self, client, name, guard, timeout):
        # type: (Any, Text, Guard, float) -> None
        self.client = client
        self.connector = None  # type: Any  # a GuardedConnector
        self._name = name
        self._guard = guard
        self._timeout = timeout
        self._publisher = None  # type: Any
        self.queues = Queues(client)
        self._topology = None  # type: Any
        self._counting = None  # type: Any
        self._receipts = None  # type: Any  # a ReceiptsConsumer
        self._receipts_apart = False
        self._idle = Idle(guard.clock)

    def queue_name(self, kind):
        # type: (Text) -> Text
        """The name of one of the worker's queues, e.g. for 'failures'."""
        return '%s.%s' % (self._name, kind)

    @inlineCallbacks
    def open(self, receipt_handler):
        # type: (Callable[[bytes], Deferred]) -> Deferred
        """Declares what messages are sent to and prepares publisher and receipts' consumer.

        Errors: txAMQP's `Closed` if the broker refuses or goes away, `RoutingKeyError` or a
        `UnicodeError` for a name that cannot be a queue's.
        """
        self._name.encode('ascii')  # more than that txAMQP cannot write
        if self._name != self._name.lower():  # which Vumi refuses as well
            raise RoutingKeyError('transport_name must be all lower case: %s' % (self._name,))
        yield self._declare()
        self._publisher = yield self._open_publisher()
        self._receipts = yield self._open_receipts(receipt_handler)

    @inlineCallbacks
    def _declare(self):
        # type: () -> Deferred
        if self._topology is None or getattr(self._topology, 'closed', False):
            self._topology = yield self.client.get_channel()
        channel = self._topology
        yield channel.exchange_declare(exchange=EXCHANGE, type='direct', durable=True)
        for kind in ('outbound', 'failures'):
            queue = self.queue_name(kind)
            yield self.queues.declare(queue)
            yield channel.queue_bind(queue=queue, exchange=EXCHANGE, routing_key=queue)
        receipts = self.queue_name('receipts')
        yield self.queues.declare(receipts)
        if is_fake(channel):  # a broker has the default exchange, the in-memory one has not
            yield channel.exchange_declare(exchange='', type='direct', durable=True)
            yield channel.queue_bind(queue=receipts, exchange='', routing_key=receipts)
            return
        self._receipts_apart = not (yield self.queues.are_classic(
            self.queue_name('outbound'), self.queue_name('failures'), receipts))

    @inlineCallbacks
    def start_consumer(self, consumer_class, *args):
        # type: (Any, *Any) -> Deferred
        """Declares what a `GuardedConsumer` consumes from; fires with it, made and started."""
        channel = yield self.client.get_channel()
        consumer = consumer_class(channel, *args)
        yield channel.exchange_declare(
            exchange=consumer.exchange_name, type=consumer.exchange_type, durable=True)
        yield consumer.declare(self.queues)
        yield channel.queue_bind(queue=consumer.queue_name, exchange=consumer.exchange_name,
                                 routing_key=consumer.routing_key)
        yield consumer.start()
        returnValue(consumer)

    @inlineCallbacks
    def _open_publisher(self):
        # type: () -> Deferred
        channel = yield self.client.get_channel()
        if is_fake(channel):
            returnValue(PlainPublisher(channel))
        confirms = self._receipts_apart and can_confirm(self.client.spec)
        way = (Confirms if confirms else Transaction)(channel)  # type: Any
        yield way.begin()
        returnValue(ConfirmedPublisher(
            channel, way, self._declare, self._guard.clock, self._timeout, self._guard.broken,
            lambda: self._receipts_apart or not way.is_whole))

    @inlineCallbacks
    def _open_receipts(self, handler):
        # type: (Callable[[bytes], Deferred]) -> Deferred
        channel = yield self.client.get_channel()
        queue = self.queue_name('receipts')
        consumer = ReceiptsConsumer(
            channel, handler, self._guard, lambda body: self.publish(Part('', queue, body)))
        consumer.queue_name = queue
        yield consumer.start()
        returnValue(consumer)

    @inlineCallbacks
    def start(self):
        # type: () -> Deferred
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
        # type: () -> Deferred
        """Fires with the number of receipts that are on the queue or held by this worker.

        Errors: `BusUnavailable`; on quorum queues also while a transport may still have to ack a
        message that left no receipt.
        """
        state = yield self._look_at('receipts')
        held = self._receipts.held
        if not (state.message_count or held or is_fake(self._counting) or state.consumer_count):
            # It says so of a quorum queue whose leader does not answer: this worker consumes.
            raise BusUnavailable('RabbitMQ does not say how many receipts there are')
        if self._receipts_apart:
            outbound = yield self._look_at('outbound')
            if not self._idle.lasts(outbound.message_count, outbound.consumer_count):
                raise BusUnavailable('a transport may not have acked yet what it took')
        returnValue(state.message_count + held)

    @inlineCallbacks
    def _look_at(self, kind):
        # type: (Text) -> Deferred
        try:
            if self._counting is None or getattr(self._counting, 'closed', False):
                self._counting = yield self.client.get_channel()
            d = maybeDeferred(self._counting.queue_declare, queue=self.queue_name(kind),
                              **({} if is_fake(self._counting) else {str('passive'): True}))
            d.addTimeout(self._timeout, self._guard.clock)
            state = yield d
        except (Closed, DeferredTimeout) as error:
            self._counting = None  # a late answer must not be taken for that of the next call
            if isinstance(error, ChannelClosed):
                yield self._declare()  # a queue that was deleted is there again
            raise BusUnavailable('RabbitMQ did not say how many messages are on %s: %s'
                                 % (self.queue_name(kind), type(error).__name__))
        returnValue(state)

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
