"""The worker class that survives what stock Vumi does not.

It promises: a message is acked only when its handler is done with it or the failures queue has it;
publishing succeeds only when the broker has confirmed it; after every loss of the broker what
belongs to it is built anew within seconds of its return.  A subclass overrides the hooks and
Vumi's own `validate_config`, `setup_application`, `teardown_application`, and has one connector,
that of its transport name.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from functools import partial
from typing import Any, List, Optional, Sequence, Text  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    Deferred, fail, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from twisted.python.failure import Failure  # noqa: F401
from vumi import log
from vumi.message import Message, TransportEvent, TransportUserMessage  # noqa: F401

from vumi_snappy.bus.bodies import parse
from vumi_snappy.bus.connection import BusClient
from vumi_snappy.bus.connector import EXCHANGE, GuardedConnector
from vumi_snappy.bus.consumer import Guard, GuardedConsumer
from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.failures import failure_body
from vumi_snappy.bus.lifecycle import Lifecycle
from vumi_snappy.bus.only import OnlyConsumer
from vumi_snappy.bus.publisher import JOINED_BY, Part
from vumi_snappy.bus.session import BusSession


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

    def confirm_publish(self, message, endpoint_name=None, receipt=None):
        # type: (TransportUserMessage, Optional[Text], Optional[bytes]) -> Deferred
        """Publishes `message` on `<transport_name>.outbound`, through the middlewares, to disk.

        The Deferred fires with the message when the broker has it on its queue, and on its disk.
        `receipt` (without spaces) goes to the queue `<transport_name>.receipts` in the same
        transaction, maybe in one message with others.  Fails with `BusUnavailable` (nothing was
        sent), `PublishUnknown` (may have been sent), or what a middleware raised.
        """
        published = self.confirm_publish_all([message], endpoint_name, receipt)
        return published.addCallback(lambda messages: messages[0])

    def confirm_publish_all(self, messages, endpoint_name=None, receipt=None):
        # type: (Sequence[TransportUserMessage], Optional[Text], Optional[bytes]) -> Deferred
        """As `confirm_publish`, for several messages: all of them, in order, or none."""
        connector = self.connectors.get(self.transport_name)
        if self._session is None or connector is None:
            return _unavailable()
        return connector.publish_with_receipt(messages, endpoint_name, receipt)

    def receipts_waiting(self):
        # type: () -> Deferred
        """Fires with the number of receipts in the queue, or in this worker's hands.

        Another worker holds at most one more, and that only while its handler runs.  Fails with
        `BusUnavailable`.
        """
        if self._session is None or not self._connected:
            return _unavailable()
        return self._session.receipts_waiting()

    def publish_parts(self, *parts):
        # type: (*Part) -> Deferred
        """Publishes all of `parts` in one confirmed transaction; fails as `confirm_publish`."""
        return _unavailable() if self._session is None else self._session.publish(*parts)

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
        base = OnlyConsumer if routing_key == self.inbound_key else GuardedConsumer
        consumer_class = type(str('GuardedDynamicConsumer'), (base,), dict(
            (str(name), value) for name, value in attributes.items()))
        return self.start_consumer(
            consumer_class, callback, partial(parse, message_class or Message), self._guard())

    @property
    def inbound_key(self):
        # type: () -> Text
        """The routing key of inbound messages."""
        return '%s.inbound' % (self.transport_name,)

    def start_consumer(self, consumer_class, *args, **kw):
        """As Vumi's, or fails with `BusUnavailable`."""
        if self._session is None:
            return _unavailable()
        return super(GuardedWorker, self).start_consumer(consumer_class, *args, **kw)

    def start_publisher(self, publisher_class, *args, **kw):
        """As Vumi's, or fails with `BusUnavailable`."""
        if self._session is None:
            return _unavailable()
        return super(GuardedWorker, self).start_publisher(publisher_class, *args, **kw)

    def setup_ri_connector(self, connector_name, middleware=True):
        """As Vumi's, with a guarded connector."""
        return self.setup_connector(GuardedConnector, connector_name, middleware=middleware)

    @inlineCallbacks
    def setup_connectors(self):
        """Replaces the connector of the connection before, if there was one."""
        self.connectors.pop(self.transport_name, None)
        connector = yield self.setup_ri_connector(self.transport_name)
        # As handlers of every endpoint: stock Vumi drops what has none, and logs its text.
        connector.set_default_inbound_handler(lambda message: self.handle_inbound(message))
        connector.set_default_event_handler(lambda event: self.handle_event(event))
        returnValue(connector)

    @inlineCallbacks
    def setup_status_connector(self):
        """Fires with Vumi's own connector for statuses, `<transport_name>.status`, anew."""
        name = '%s.status' % (self.transport_name,)
        self.connectors.pop(name, None)
        returnValue((yield self.setup_publish_status_connector(name)))

    # -- What the rest of this package calls ------------------------------------------------------

    @inlineCallbacks
    def open_session(self, client):
        """Declares the queues, and prepares publisher, connector and receipts' consumer."""
        session = self._session = BusSession(
            client, self.transport_name, self._guard(), self.publish_timeout)
        yield session.open(self._receipts_received)
        session.connector = yield self.setup_connectors()

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
        yield self.publish_parts(Part(
            EXCHANGE, '%s.failures' % (self.transport_name,),
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
