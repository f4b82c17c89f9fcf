"""The worker class that survives what stock Vumi does not.

It promises: a message is acked only when its handler is done with it or the failures queue has it;
publishing succeeds only when the broker has confirmed it; after every loss of the broker what
belongs to it is built anew within seconds of its return.  A subclass overrides the hooks and
Vumi's own `validate_config`, `setup_application`, `teardown_application`, and has one connector,
that of its transport name.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from functools import partial
from typing import Any, List, Optional, Sequence, Text  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    Deferred, fail, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.bus.bodies import parse
from vumi_snappy.bus.connection import BusClient
from vumi_snappy.bus.connector import EXCHANGE, GuardedConnector
from vumi_snappy.bus.consumer import GuardedConsumer
from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.failure_message import failure_body
from vumi_snappy.bus.guard import Guard
from vumi_snappy.bus.lifecycle import Lifecycle
from vumi_snappy.bus.single_consumer import SingleConsumer
from vumi_snappy.bus.publisher import JOINED_BY, Part
from vumi_snappy.bus.session import BusSession
from vumi_snappy.runtime import log
from vumi_snappy.vumi.message import Message, TransportEvent, TransportUserMessage  # noqa: F401
from vumi_snappy.vumi.publisher import MetricPublisher


class GuardedWorker(Lifecycle):
    """ApplicationWorker that survives what stock Vumi does not.  All times are seconds."""

    #: How long the broker may take to confirm.
    publish_timeout = 30
    #: First and longest pause before a message is tried again.
    retry_delays = (0.5, 1.0)

    # -- Hooks ------------------------------------------------------------------------------------

    def handle_inbound(self, message):
        # type: (TransportUserMessage) -> Deferred
        """Hook: an inbound message, of any endpoint.  Acked when the Deferred fires; if that is with
        a `Prepared`, when it is finished."""
        return self.dispatch_user_message(message)

    def handle_event(self, event):
        # type: (TransportEvent) -> Deferred
        """Hook: an event, of any endpoint.  Acked when the Deferred fires."""
        return self.dispatch_event(event)

    def receipt_received(self, receipt):
        # type: (bytes) -> Optional[Deferred]
        """Hook: a receipt of `confirm_publish`, of any worker.  Acked when the Deferred fires."""

    def malformed_received(self):
        # type: () -> None
        """Hook: the failures queue has a message that could not be handled."""

    # -- For the worker's other parts -------------------------------------------------------------

    def confirm_publish(self, messages, endpoint_name=None, receipt=None):
        # type: (Sequence[TransportUserMessage], Optional[Text], Optional[bytes]) -> Deferred
        """Publishes `messages` on `<transport_name>.outbound`, through the middlewares, to disk,
        in order: on classic queues all of them or none, on quorum queues one after the other.

        The Deferred fires with the messages, as the middlewares left them, when the broker has
        them on its queue, and on its disk.
        `receipt` (without spaces) goes to the queue `<transport_name>.receipts` in the same
        transaction, on quorum queues in the next one, maybe in one message with others.  Fails
        with `BusUnavailable` (nothing was sent), `PublishUnknown` (may have been sent), or what a
        middleware raised.
        """
        if self._session is None or self._session.connector is None:
            return _unavailable()
        return self._session.connector.publish(messages, endpoint_name, receipt)

    def receipts_waiting(self):
        # type: () -> Deferred
        """Fires with the number of receipts in the queue, or in this worker's hands.

        Another worker holds at most one more, and that only while its handler runs.  Fails with
        `BusUnavailable`; on quorum queues, which can have a message without its receipt, also
        while its transport may have to tell of it yet.
        """
        if self._session is None or not self._connected:
            return _unavailable()
        return self._session.receipts_waiting()

    # -- What Vumi calls --------------------------------------------------------------------------

    def consume(self, routing_key, callback, queue_name=None, exchange_name=EXCHANGE,
                exchange_type='direct', durable=True, message_class=None, paused=False,
                prefetch_count=None):
        """As Vumi's, with a guarded consumer."""
        attributes = {
            'routing_key': routing_key, 'queue_name': queue_name or routing_key,
            'exchange_name': exchange_name, 'exchange_type': exchange_type, 'durable': durable,
            'start_paused': paused, 'prefetch_count': prefetch_count}
        # Only messages have an order to keep.
        in_order = routing_key == '%s.inbound' % (self.transport_name,)
        base = SingleConsumer if in_order else GuardedConsumer
        consumer_class = type(str('GuardedDynamicConsumer'), (base,), dict(
            (str(name), value) for name, value in attributes.items()))
        return self.start_consumer(
            consumer_class, callback, partial(parse, message_class or Message), self._guard())

    def start_consumer(self, consumer_class, *args):
        # type: (Any, *Any) -> Deferred
        """As Vumi's, for a `GuardedConsumer`, or fails with `BusUnavailable`."""
        if self._session is None:
            return _unavailable()
        return self._session.start_consumer(consumer_class, *args)

    def start_publisher(self, publisher_class, *args, **kw):
        # type: (Any, *Any, **Any) -> Deferred
        """As Vumi's, or fails with `BusUnavailable`."""
        if self._session is None:
            return _unavailable()
        return super(GuardedWorker, self).start_publisher(publisher_class, *args, **kw)

    @inlineCallbacks
    def start_metrics(self):
        """Fires with a function that publishes `Datapoints` for Vumi's metrics workers."""
        publisher = yield self.start_publisher(MetricPublisher)
        returnValue(lambda datapoints: publisher.publish_json({'datapoints': datapoints}))

    @inlineCallbacks
    def setup_connectors(self):
        # type: () -> Deferred
        """Replaces the connector of the connection before, if there was one."""
        self.connectors.pop(self.transport_name, None)
        connector = yield self.setup_connector(
            GuardedConnector, self.transport_name, middleware=True)
        # As handlers of every endpoint: stock Vumi drops what has none, and logs its text.
        connector.set_default_inbound_handler(lambda message: self.handle_inbound(message))
        connector.set_default_event_handler(lambda event: self.handle_event(event))
        returnValue(connector)

    @inlineCallbacks
    def setup_status_connector(self):
        # type: () -> Deferred
        """Fires with Vumi's own connector for statuses, `<transport_name>.status`, anew."""
        name = '%s.status' % (self.transport_name,)
        self.connectors.pop(name, None)
        returnValue((yield self.setup_publish_status_connector(name)))

    # -- What the rest of this package calls ------------------------------------------------------

    @inlineCallbacks
    def open_session(self, client):
        # type: (BusClient) -> Deferred
        """Declares the queues, and prepares publisher, connector and receipts' consumer."""
        session = self._session = BusSession(
            client, self.transport_name, self._guard(), self.publish_timeout)
        yield session.open(self._receipts_received)
        session.connector = yield self.setup_connectors()
        session.connector.session = session

    def _receipts_received(self, joined):
        # type: (bytes) -> Deferred
        return gatherResults([maybeDeferred(self.receipt_received, each)
                              for each in joined.split(JOINED_BY)], consumeErrors=True
                             ).addErrback(lambda first: first.value.subFailure)

    def _guard(self):
        # type: () -> Guard
        first, longest = self.retry_delays
        return Guard(
            clock=self.clock, park=self._park, broken=partial(self._broken, self._amqp_client),
            first_delay=first, max_delay=longest)

    @inlineCallbacks
    def _park(self, body, reason, queue, trace):
        # type: (bytes, Text, Text, List[Text]) -> Deferred
        if self._session is None:
            raise BusUnavailable('there is no connection to RabbitMQ')
        yield self._session.publish(Part(
            EXCHANGE, self._session.queue_name('failures'),
            failure_body(body, reason, queue, trace)))
        log.warning('A message from %s was put aside on the failures queue: %s' % (queue, reason))
        try:
            self.malformed_received()
        except Exception:
            log.err(None, 'malformed_received failed')  # the message is parked all the same

    def _broken(self, client, failure):
        # type: (Any, Failure) -> None
        if client is self._amqp_client and isinstance(client, BusClient):
            log.err(failure, 'A channel or consumer is broken: connecting again')
            client.drop()


def _unavailable():
    # type: () -> Deferred
    return fail(BusUnavailable('there is no connection to RabbitMQ'))
