"""The driver's end of the bus: a transport that loses nothing itself.

Publishes inbound messages in confirmed transactions, and again (with the same message_id) while
the outcome is unknown; takes outbound messages, keeps a record of each, and answers with an ack
and a delivery report, as a transport does.  Comes back by itself when the broker does.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import uuid
from typing import Any, Callable, Dict, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer, protocol, task
from twisted.internet.error import ConnectError, ConnectionLost
from txamqp import queue as amqp_queue
from txamqp.client import Closed, TwistedDelegate
from txamqp.content import Content
from txamqp.protocol import AMQClient
from vumi.message import TransportEvent
from vumi.service import get_spec
from vumi.utils import vumi_resource_path

#: Seconds that the broker may take for one answer.
_PATIENCE = 5.0
#: Messages that share one transaction, at most.
_BATCH = 50


@attr.s(frozen=True, slots=True)
class Received(object):
    """A text message that left for a phone; `again` marks the broker's own redelivery."""

    message_id = attr.ib()  # type: Text
    to_addr = attr.ib()  # type: Text
    content = attr.ib()  # type: Text
    again = attr.ib()  # type: bool


class Wire(object):
    """A connection to the broker at `rabbitmq` (see `tools.rabbitmq_server`), as the transport
    `name`; `fate(text)` is what the network says of a text: ``delivered``, ``nack``, ``failed``.
    """

    def __init__(self, reactor, rabbitmq, name, fate):
        # type: (Any, Any, Text, Callable[[Text], Text]) -> None
        self._reactor = reactor
        self._rabbitmq = rabbitmq
        self._name = name
        self._fate = fate
        self._client = None  # type: Any
        self._channel = None  # type: Any
        self._stopped = False
        self._outbox = []  # type: List[Tuple[Text, bytes, defer.Deferred]]
        self._wanted = {}  # type: Dict[Text, defer.Deferred]
        self.received = []  # type: List[Received]

    def publish(self, kind, message):
        # type: (Text, bytes) -> defer.Deferred
        """Publish the JSON `message` on ``<name>.<kind>``; fires when that is confirmed."""
        confirmed = defer.Deferred()
        self._outbox.append(('%s.%s' % (self._name, kind), message, confirmed))
        return confirmed

    def until(self, text):
        # type: (Text) -> defer.Deferred
        """Fires when a message with this text arrives from now on."""
        return self._wanted.setdefault(text, defer.Deferred())

    @property
    def idle(self):
        # type: () -> bool
        """Whether all that was to be published is confirmed."""
        return not self._outbox

    @defer.inlineCallbacks
    def start(self):
        """Begin to publish and to take; fires when it is stopped."""
        while not self._stopped:
            try:
                yield self._publish_some()
            except (EnvironmentError, ConnectionLost, ConnectError, defer.TimeoutError, Closed):
                self._drop()
                yield self._pause(0.2)
            yield self._pause(0.01)

    def stop(self):
        # type: () -> None
        """Close the connection."""
        self._stopped = True
        self._drop()

    @defer.inlineCallbacks
    def _publish_some(self):
        if self._channel is None:
            self._channel = yield self._connect()
        some = self._outbox[:_BATCH]
        if not some:
            return
        for queue, body, _ in some:
            content = Content(body)
            content['delivery mode'] = 2
            yield self._channel.basic_publish(exchange='vumi', routing_key=queue, content=content)
        yield self._bounded(self._channel.tx_commit())
        # Until here any of it may be published again.
        del self._outbox[:len(some)]
        for _, _, confirmed in some:
            if not confirmed.called:
                confirmed.callback(None)

    @defer.inlineCallbacks
    def _connect(self):
        creator = protocol.ClientCreator(
            self._reactor, AMQClient, TwistedDelegate(), self._rabbitmq.vhost,
            get_spec(vumi_resource_path('amqp-spec-0-8.xml')))
        client = yield creator.connectTCP('127.0.0.1', self._rabbitmq.port, timeout=_PATIENCE)
        self._client = client
        yield self._bounded(client.authenticate(
            self._rabbitmq.username, self._rabbitmq.password))
        publishing = yield self._open(client, 1)
        yield self._bounded(publishing.tx_select())
        for kind in ('inbound', 'event', 'outbound'):
            queue = '%s.%s' % (self._name, kind)
            yield self._bounded(publishing.queue_declare(queue=queue, durable=True))
            yield self._bounded(publishing.exchange_declare(
                exchange='vumi', type='direct', durable=True))
            yield self._bounded(publishing.queue_bind(
                queue=queue, exchange='vumi', routing_key=queue))
        consuming = yield self._open(client, 2)
        yield self._bounded(consuming.basic_qos(0, 50, False))
        reply = yield self._bounded(consuming.basic_consume(queue='%s.outbound' % self._name))
        queue = yield client.queue(reply.consumer_tag)
        self._take(client, queue, consuming).addErrback(
            lambda reason: reason.trap(Closed, amqp_queue.Closed) and None)
        defer.returnValue(publishing)

    @defer.inlineCallbacks
    def _open(self, client, number):
        channel = yield client.channel(number)
        yield self._bounded(channel.channel_open())
        defer.returnValue(channel)

    def _bounded(self, waiting):
        return waiting.addTimeout(_PATIENCE, self._reactor)

    def _pause(self, seconds):
        return task.deferLater(self._reactor, seconds, lambda: None)

    def _drop(self):
        client, self._client, self._channel = self._client, None, None
        if client is not None and client.transport is not None:
            client.transport.abortConnection()

    @defer.inlineCallbacks
    def _take(self, client, queue, channel):
        try:
            while not self._stopped:
                frame = yield queue.get()
                message = json.loads(frame.content.body.decode('utf-8'))
                self._received(message, bool(frame.redelivered))
                yield channel.basic_ack(frame.delivery_tag, False)
        finally:
            # The connection is gone, and with it this queue; a new one may be there already.
            if client is self._client:
                self._drop()

    def _received(self, message, again):
        self.received.append(Received(
            message['message_id'], message['to_addr'], message['content'], again))
        for kind, fields in {
                'delivered': [('ack', {}), ('delivery_report', {'delivery_status': 'delivered'})],
                'failed': [('ack', {}), ('delivery_report', {'delivery_status': 'failed'})],
                'nack': [('nack', {'nack_reason': 'no such number'})],
        }[self._fate(message['content'])]:
            if kind == 'ack':
                fields = {'sent_message_id': uuid.uuid4().hex}
            self.publish('event', TransportEvent(
                event_type=kind, user_message_id=message['message_id'], **{
                    str(name): value for name, value in fields.items()}).to_json())
        wanted = self._wanted.pop(message['content'], None)
        if wanted is not None and not wanted.called:
            wanted.callback(None)
