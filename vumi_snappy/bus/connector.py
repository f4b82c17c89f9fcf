"""The worker's connector: Vumi's, with guarded consumers and confirmed publishing."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional, Sequence, Text  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    Deferred, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.bus.publisher import Part
from vumi_snappy.runtime import log
from vumi_snappy.vumi.message import Message, TransportEvent, TransportUserMessage  # noqa: F401
from vumi_snappy.vumi.worker import IgnoreMessage, ReceiveInboundConnector

#: The exchange on which all of Vumi's messages travel.
EXCHANGE = 'vumi'


class GuardedConnector(ReceiveInboundConnector):
    """Receives inbound messages and events, publishes outbound ones, for one connection."""

    #: The `BusSession` of that connection, which publishes.
    session = None  # type: Any

    @inlineCallbacks
    def setup(self):
        # type: () -> Deferred
        """Declares the queues and prepares the consumers, which start when unpaused."""
        yield self._setup_consumer(
            'inbound', TransportUserMessage, self.default_inbound_handler)
        yield self._setup_consumer('event', TransportEvent, self.default_event_handler)

    def unpause(self):
        # type: () -> Deferred
        """Starts the consumers; unlike Vumi's it says whether that worked."""
        return gatherResults(
            [maybeDeferred(consumer.unpause) for consumer in self._consumers.values()],
            consumeErrors=True).addErrback(lambda first: first.value.subFailure)

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

    def publish_outbound(self, msg, endpoint_name=None):
        # type: (TransportUserMessage, Optional[Text]) -> Deferred
        """As Vumi's, confirmed: `send_to` and `reply_to` come here."""
        published = self.publish([msg], endpoint_name)
        return published.addCallback(lambda messages: messages[0])

    @inlineCallbacks
    def publish(self, messages, endpoint_name=None, receipt=None):
        # type: (Sequence[TransportUserMessage], Optional[Text], Optional[bytes]) -> Any
        """As `GuardedWorker.confirm_publish`."""
        published, parts = [], []
        for message in messages:
            if endpoint_name is not None:
                message.set_routing_endpoint(endpoint_name)
            message = yield self._middlewares.apply_publish('outbound', message, self.name)
            published.append(message)
            parts.append(Part(EXCHANGE, self._rkey('outbound'), message.to_json()))
        if receipt is not None:
            parts.append(Part('', self._rkey('receipts'), receipt, joins=True))
        yield self.session.publish(*parts)
        returnValue(published)

    def _ignore_message(self, failure, msg):
        # type: (Failure, Message) -> None
        # Vumi's logs the message, text and all.
        failure.trap(IgnoreMessage)
        log.debug('A message was ignored, as %s asks' % (failure.type.__name__,))
