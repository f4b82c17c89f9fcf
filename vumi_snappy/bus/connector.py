"""The worker's connector: Vumi's, with guarded consumers and confirmed publishing."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Optional, Sequence, Text  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    Deferred, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from vumi import log
from vumi.connectors import IgnoreMessage, ReceiveInboundConnector
from vumi.message import Message, TransportEvent, TransportUserMessage  # noqa: F401

from vumi_snappy.bus.publisher import Part

#: The exchange on which all of Vumi's messages travel.
EXCHANGE = 'vumi'


class GuardedConnector(ReceiveInboundConnector):
    """Receives inbound messages and events, publishes outbound ones, for one connection."""

    @inlineCallbacks
    def setup(self):
        """Declares the queues and prepares the consumers, which start when unpaused."""
        yield self._setup_consumer(
            'inbound', TransportUserMessage, self.default_inbound_handler)
        yield self._setup_consumer('event', TransportEvent, self.default_event_handler)

    def unpause(self):
        # type: () -> Deferred
        """Starts the consumers; unlike Vumi's it says whether that worked."""
        return gatherResults(
            [maybeDeferred(consumer.unpause) for consumer in self._consumers.values()],
            consumeErrors=True)

    def finish(self):
        # type: () -> Deferred
        """Starts no further message; fires when no handler is under way."""
        return gatherResults(
            [consumer.finish() for consumer in self._consumers.values()], consumeErrors=True)

    def abandon(self):
        # type: () -> None
        """Nothing more is acked here."""
        for consumer in self._consumers.values():
            consumer.abandon()

    def teardown(self):
        # type: () -> Deferred
        """Gives unhandled messages back to the broker.  The middlewares belong to the worker."""
        return gatherResults(
            [consumer.stop() for consumer in self._consumers.values()], consumeErrors=True)

    def _publish_message(self, mtype, msg, endpoint_name):
        # type: (Text, Message, Optional[Text]) -> Deferred
        published = self._publish_messages(mtype, [msg], endpoint_name)
        return published.addCallback(lambda messages: messages[0])

    @inlineCallbacks
    def _publish_messages(self, mtype, messages, endpoint_name, receipt=None):
        published, parts = [], []
        for message in messages:
            if endpoint_name is not None:
                message.set_routing_endpoint(endpoint_name)
            message = yield self._middlewares.apply_publish(mtype, message, self.name)
            published.append(message)
            parts.append(Part(EXCHANGE, self._rkey(mtype), message.to_json()))
        if receipt is not None:
            parts.append(Part('', self._rkey('receipts'), receipt, joins=True))
        yield self.worker.publish_parts(*parts)
        returnValue(published)

    def publish_with_receipt(self, messages, endpoint_name, receipt):
        # type: (Sequence[TransportUserMessage], Optional[Text], Optional[bytes]) -> Deferred
        """Publishes all of `messages`, in order, and a receipt (bytes) in one transaction.

        Fires with the messages as the middlewares left them.
        """
        return self._publish_messages('outbound', messages, endpoint_name, receipt)

    def _consume_message(self, mtype, msg):
        if self._middlewares.consume_middlewares or self._endpoint_handlers[mtype]:
            return super(GuardedConnector, self)._consume_message(mtype, msg)
        # As Vumi's, but for going through an empty stack.
        done = maybeDeferred(self._default_handlers[mtype], msg)
        return done.addErrback(self._ignore_message, msg)

    def _ignore_message(self, failure, msg):
        # Vumi's logs the message, text and all.
        failure.trap(IgnoreMessage)
        log.debug('A message was ignored, as %s asks' % (failure.type.__name__,))
