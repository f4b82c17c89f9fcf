"""One AMQP connection after the other: how they are made, watched, lost and made again.

Stock Vumi's connection never notices a frozen broker, hangs silently on a wrong password, and
after a loss waits longer and longer, up to an hour.  Here every connection is a fresh `BusClient`,
its login is bounded, and every way in which it can die ends in its socket being closed, on which
the factory connects again.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, List, Optional, Text  # noqa: F401

from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import inlineCallbacks, returnValue
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import ReconnectingClientFactory
from twisted.python.failure import Failure
from txamqp.client import Closed, TwistedDelegate
from txamqp.connection import Frame
from txamqp.message import Message
from txamqp.protocol import AMQChannel, AMQClient
from vumi import log
from vumi.service import AmqpFactory, WorkerAMQClient

from vumi_snappy.bus.frames import Arriving, delivers, unpack
from vumi_snappy.bus.handshake import StartOk, client_properties


def reason_text(reason):
    # type: (Any) -> Text
    """Why a channel or connection was closed, in the broker's or the network's words."""
    if isinstance(reason, Failure):
        reason = reason.value
    while isinstance(reason, Closed) and reason.args:
        reason = reason.args[0]
        if isinstance(reason, Failure):
            reason = reason.value
    if isinstance(reason, Message):
        return '%s %s' % (reason.reply_code, reason.reply_text)
    return '%s: %s' % (type(reason).__name__, reason) if reason is not None else 'closed'


class BusChannel(AMQChannel):
    """A channel whose end does not go unnoticed."""

    def __init__(self, *args, **kw):
        AMQChannel.__init__(self, *args, **kw)
        #: Messages that the broker could not route to any queue, for the publisher.
        self.returned = []  # type: List[Message]
        self._arriving = None  # type: Optional[Arriving]

    def do_close(self, reason):
        # Whoever waits for an answer is told by it; else nobody knows that this channel is dead.
        noticed = bool(self.responses.waiting)
        already = self.closed or self._closing
        AMQChannel.do_close(self, reason)
        if not (noticed or already):
            self.client.channel_died(reason)

    def dispatch(self, frame, work):
        # The frames of a message follow one another on their channel.
        if self._arriving is not None:
            message = self._arriving.add(frame.payload)
            if message is not None:
                self._arriving = None
                self.client.delegate.dispatch(self, message)
        elif delivers(frame.payload):
            self._arriving = Arriving(frame.payload)
        else:
            AMQChannel.dispatch(self, frame, work)


class BusDelegate(TwistedDelegate):
    """Answers what the broker asks of its own accord."""

    def connection_start(self, channel, message):
        client = self.client
        channel.outgoing.put(Frame(channel.id, StartOk(
            client_properties(client.worker_service.connection_name()), client.mechanism,
            client.response, client.locale)))

    def basic_deliver(self, channel, message):
        queue = self.client.queues.get(message.consumer_tag)
        if queue is None:
            return TwistedDelegate.basic_deliver(self, channel, message)
        queue.put(message)

    def basic_cancel(self, channel, message):
        self.client.channel_died('a queue that is consumed from went away')

    def basic_return_(self, channel, message):
        channel.returned.append(message)


class BusClient(WorkerAMQClient):
    """One connection, for the lifetime of its socket.

    `worker` is told `_amqp_connected(client)` after login and `_amqp_lost(client)` when either
    side has closed the connection.
    """

    channelClass = BusChannel

    #: Seconds for the last words on a connection that is closed.
    GOODBYE = 2

    def __init__(self, worker, factory):
        options = worker.options
        # A delegate of its own: stock Vumi shares one, with which an old connection that ends
        # late closes the new one.
        WorkerAMQClient.__init__(
            self, BusDelegate(), options['vhost'], factory.spec,
            int(options.get('heartbeat') or 0), clock=worker.clock)
        self.worker_service = worker
        self.factory = factory
        self.vumi_options = options
        self.why_closed = None  # type: Optional[Text]
        self._socket_is_closed = False
        self._last_resort = None  # type: Any

    def connectionMade(self):
        """Logs in, within the worker's `connect_timeout`."""
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        AMQClient.connectionMade(self)
        d = self.authenticate(self.vumi_options['username'], self.vumi_options['password'])
        d.addTimeout(self.worker_service.connect_timeout, self.clock)
        d.addCallbacks(
            lambda _: self.worker_service._amqp_connected(self), self._login_failed)
        d.addErrback(self._broken)
        return d

    def _login_failed(self, failure):
        if failure.check(DeferredTimeout):
            why = 'no answer within %s seconds' % self.worker_service.connect_timeout
        else:
            why = reason_text(failure)
        self.factory.complain(
            'Login to RabbitMQ as user %s on vhost %s failed (%s); if it stays so, check user '
            'name, password and vhost' % (
                self.vumi_options['username'], self.vumi_options['vhost'], why))
        self.drop()

    def _broken(self, failure):
        log.err(failure, 'The AMQP connection is given up')
        self.drop()

    def drop(self):
        # type: () -> None
        """Ends the connection at once, whatever state the broker is in."""
        self.transport.abortConnection()

    @inlineCallbacks
    def hang_up(self, within):
        """Says goodbye, waits for the answer up to `within` seconds, and ends the connection."""
        if self._socket_is_closed:
            return
        if not self.closed:
            channel0 = yield self.channel(0)
            d = channel0.connection_close()
            d.addTimeout(within, self.clock)
            try:
                yield d
            except (DeferredTimeout, Closed):
                pass
            if not self.closed:
                self.do_close(ConnectionDone())
        self.drop()
        yield self.disconnected.wait()

    def connectionLost(self, reason):
        self._socket_is_closed = True
        if self._last_resort is not None and self._last_resort.active():
            self._last_resort.cancel()
        WorkerAMQClient.connectionLost(self, reason)

    def do_close(self, reason):
        if self.why_closed is None:
            self.why_closed = reason_text(reason)
        if not self._socket_is_closed:
            # txAMQP waits until everything is written, for ever if the broker does not read.
            self._last_resort = self.clock.callLater(self.GOODBYE, self.drop)
        # Before anybody sees a call fail that was under way: nothing is connected any more.
        self.worker_service._amqp_lost(self)
        WorkerAMQClient.do_close(self, reason)

    # txAMQP makes a new timer at every frame, in both directions, which slows everything down.

    def reschedule_send_heartbeat(self):
        if self.heartbeatInterval > 0 and not self.sendHB.running:
            self.sendHB.start(self.heartbeatInterval, now=False)

    def reschedule_check_heartbeat(self):
        if self.checkHB.active():
            self.checkHB.reset(self.heartbeatInterval * self.MAX_UNSEEN_HEARTBEAT)

    def check_heartbeat(self):
        self.why_closed = 'it has been silent for %d heartbeats' % (self.MAX_UNSEEN_HEARTBEAT,)
        WorkerAMQClient.check_heartbeat(self)

    @inlineCallbacks
    def get_channel(self, channel_id=None):
        if self.closed:
            raise Closed(self.why_closed)  # on a dead client it would wait for ever
        channel = yield WorkerAMQClient.get_channel(self, channel_id)
        returnValue(channel)

    def channel_died(self, reason):
        """The broker closed a channel while nobody waited for an answer on it.

        It can be any consumer's or publisher's: only new ones heal it.
        """
        log.warning('RabbitMQ closed a channel (%s): connecting again' % (reason_text(reason),))
        self.drop()

    def close(self, reason=None, within=0):
        if isinstance(reason, Failure) and not (self.closed or self._socket_is_closed):
            # txAMQP's dispatch loop ends this way, on anything that it cannot handle.
            log.err(reason, 'The AMQP connection is broken: connecting again')
            self.drop()
        return WorkerAMQClient.close(self, reason, within)

    def writer(self, frame):
        try:
            WorkerAMQClient.writer(self, frame)
        except Exception:
            # Without this no frame would be written any more, while heartbeats go on.
            log.err(None, 'An AMQP frame could not be written: connecting again')
            self.drop()

    def send_frame(self, frame):
        if not self._socket_is_closed:  # a late frame would start the heartbeat's timer again
            WorkerAMQClient.send_frame(self, frame)

    def _unpack_frame(self, data):
        # type: (bytes) -> Frame
        return unpack(self.spec, data) or WorkerAMQClient._unpack_frame(self, data)

    def process_frame(self, frame):
        channel = self.channels.get(frame.channel)
        if channel is None or self.channelLock.locked or frame.payload.type == Frame.HEARTBEAT:
            return WorkerAMQClient.process_frame(self, frame)
        channel.dispatch(frame, self.work)
        if self.heartbeatInterval > 0 and not self.closed:
            self.reschedule_check_heartbeat()


class BusFactory(AmqpFactory):
    """Connects, and connects again within seconds, for as long as the worker runs."""

    noisy = False
    initialDelay = delay = 0.2
    factor = 2
    maxDelay = 2.0
    jitter = 0.1

    #: Seconds for which the same complaint is not logged again.
    QUIET = 60

    def __init__(self, worker):
        AmqpFactory.__init__(self, worker)
        self.clock = worker.clock
        self._last_complaint = (None, None)

    def buildProtocol(self, addr):
        self.amqp_client = BusClient(self.worker, self)
        return self.amqp_client

    def clientConnectionFailed(self, connector, reason):
        if self.continueTrying:
            self.complain('RabbitMQ at %s:%s cannot be reached (%s): trying again' % (
                self.options.get('hostname'), self.options.get('port'),
                reason.getErrorMessage()))
        ReconnectingClientFactory.clientConnectionFailed(self, connector, reason)

    def clientConnectionLost(self, connector, reason):
        self.amqp_client = None
        ReconnectingClientFactory.clientConnectionLost(self, connector, reason)

    def complain(self, text):
        # type: (Text) -> None
        """Logs `text`, unless it was logged within the last minute."""
        last, since = self._last_complaint
        now = self.clock.seconds()
        if text != last or now - since >= self.QUIET:
            self._last_complaint = (text, now)
            log.warning(text)
