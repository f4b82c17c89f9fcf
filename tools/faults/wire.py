"""The driver's transport, which loses nothing itself.

Publishes inbound messages with publisher confirms, and again (with the same message_id) while
the outcome is unknown; consumes outbound messages, records each, and publishes an ack and a
delivery report, as a transport does.  It reconnects by itself.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import itertools
import json
import uuid
from typing import Any, Callable, Dict, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer, task
from twisted.internet.error import ConnectError, ConnectionLost
from txamqp import queue as amqp_queue
from txamqp.client import Closed
from tools.amqp_client import connect
from vumi_snappy.bus.publisher import Part
from vumi_snappy.bus.sending import Confirms
from vumi_snappy.vumi.message import TransportEvent

#: Seconds that the broker may take to respond.
_PATIENCE = 5.0
#: Messages that are confirmed together, at most.
_BATCH = 50


@attr.s(frozen=True, slots=True)
class Received(object):
    """A text message that left for a phone; `again`: the broker redelivered it."""

    message_id = attr.ib()  # type: Text
    to_addr = attr.ib()  # type: Text
    content = attr.ib()  # type: Text
    again = attr.ib()  # type: bool


class Wire(object):
    """A connection to the broker at `rabbitmq` (see `tools.rabbitmq_server`), as the transport
    `name`, whose queues the workers have declared; `fate(text)` is the network's outcome for a
    text: ``delivered``, ``nack``, ``failed``.
    """

    def __init__(self, reactor, rabbitmq, name, fate):
        # type: (Any, Any, Text, Callable[[Text], Text]) -> None
        self._reactor = reactor
        self._rabbitmq = rabbitmq
        self._ports = itertools.cycle(rabbitmq.ports)
        self._name = name
        self._fate = fate
        self._client = None  # type: Any
        self._confirms = None  # type: Any
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
        """Publish and consume; fires when it is stopped."""
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
        if self._confirms is None:
            self._confirms = yield self._connect()
        some = self._outbox[:_BATCH]
        if not some:
            return
        rejected = yield self._bounded(self._confirms.send(
            [Part('vumi', queue, body) for queue, body, _ in some]))
        if rejected:
            raise Closed('RabbitMQ rejected a message')
        if self._client.basic_return_queue.pending:
            # A node that is starting may not know a queue yet, and confirms all the same.
            raise Closed('a message was returned')
        # Until here, any of them may be published again.
        del self._outbox[:len(some)]
        for _, _, confirmed in some:
            if not confirmed.called:
                confirmed.callback(None)

    @defer.inlineCallbacks
    def _connect(self):
        client = self._client = yield connect(
            self._reactor, next(self._ports), self._rabbitmq.vhost, self._rabbitmq.username,
            self._rabbitmq.password, timeout=_PATIENCE)
        confirms = Confirms((yield self._open(client, 1)))
        yield self._bounded(confirms.begin())
        consuming = yield self._open(client, 2)
        yield self._bounded(consuming.basic_qos(0, 50, False))
        reply = yield self._bounded(consuming.basic_consume(queue='%s.outbound' % self._name))
        queue = yield client.queue(reply.consumer_tag)
        self._take(client, queue, consuming).addErrback(
            lambda reason: reason.trap(Closed, amqp_queue.Closed) and None)
        defer.returnValue(confirms)

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
        client, self._client, self._confirms = self._client, None, None
        if client is not None and client.transport is not None:
            client.transport.abortConnection()

    @defer.inlineCallbacks
    def _take(self, client, queue, channel):
        try:
            while not self._stopped:
                frame = yield queue.get()
                message = json.loads(frame.content.body.decode('utf-8'))
                yield self.take(message, bool(frame.redelivered))
                yield channel.basic_ack(frame.delivery_tag, False)
        finally:
            # The connection is lost, and this queue with it; there may be a new one already.
            if client is self._client:
                self._drop()

    def take(self, message, again):
        # type: (Dict[Text, Any], bool) -> Any
        """A message for a phone has come; `again`: the broker redelivered it."""
        self.received.append(Received(
            message['message_id'], message['to_addr'], message['content'], again))
        fate = self._fate(message['content'])
        if fate == 'nack':
            self.tell(message, 'nack', nack_reason='no such number')
        else:
            self.tell(message, 'ack', sent_message_id=uuid.uuid4().hex)
            self.tell(message, 'delivery_report', delivery_status=fate)
        wanted = self._wanted.pop(message['content'], None)
        if wanted is not None and not wanted.called:
            wanted.callback(None)

    def tell(self, message, kind, **fields):
        # type: (Dict[Text, Any], Text, **Any) -> defer.Deferred
        """Publish an event about a message; fires when that is confirmed."""
        return self.publish('event', TransportEvent(
            event_type=kind, user_message_id=message['message_id'], **fields).to_json())
