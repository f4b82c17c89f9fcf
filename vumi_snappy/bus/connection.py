"""One AMQP connection, from its login to its end.

Stock Vumi's connection never notices a frozen broker and hangs silently on a wrong password.  Here
the login is bounded in time, and every way in which a connection can die ends in its socket being
closed, on which the factory makes a new one.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional, Text  # noqa: F401

from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from txamqp.client import Closed
from txamqp.connection import Frame

from vumi_snappy.bus.channels import BusChannel, BusDelegate
from vumi_snappy.bus.client import Client
from vumi_snappy.bus.reasons import reason_text
from vumi_snappy.bus.tables import MethodWithTable, has_table
from vumi_snappy.runtime import log


class BusClient(Client):
    """One connection, for the lifetime of its socket.

    `worker` is told `_amqp_connected(client)` after login and `_amqp_lost(client)` when either
    side has closed the connection.
    """

    channelClass = BusChannel

    #: Seconds for what is still to be written on a connection that is closed.
    GOODBYE = 2

    def __init__(self, worker, factory):
        # type: (Any, Any) -> None
        options = worker.options
        # A delegate of its own: stock Vumi shares one, with which an old connection that ends
        # late closes the new one.
        Client.__init__(self, BusDelegate(), options['vhost'], factory.spec,
                        int(options.get('heartbeat') or 0), clock=worker.clock)
        self.worker_service = worker
        self.factory = factory
        self._options = options
        self._socket_is_closed = False
        self._last_resort = None  # type: Any

    def connectionMade(self):
        # type: () -> Deferred
        """Logs in, within the worker's `connect_timeout`."""
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        Client.connectionMade(self)
        d = self.authenticate(self._options['username'], self._options['password'])
        d.addTimeout(self.worker_service.connect_timeout, self.clock)
        d.addCallbacks(
            lambda _: self.worker_service._amqp_connected(self), self._login_failed)
        d.addErrback(self._broken)
        return d

    def _login_failed(self, failure):
        # type: (Failure) -> None
        if self.refused:
            return self.factory.refused()
        if failure.check(DeferredTimeout):
            why = 'no answer within %s seconds' % self.worker_service.connect_timeout
        else:
            why = reason_text(failure)
        self.factory.complain(
            'Login to RabbitMQ as user %s on vhost %s failed (%s); if it stays so, check '
            'username, password and vhost' % (
                self._options['username'], self._options['vhost'], why),
            'RabbitMQ rejected the login: check username, password and vhost')
        self.drop()

    def _broken(self, failure):
        # type: (Failure) -> None
        log.err(failure, 'The AMQP connection can not be used: connecting again')
        self.drop()

    @inlineCallbacks
    def hang_up(self, within):
        # type: (float) -> Deferred
        """Closes the connection, waiting up to `within` seconds for the broker's answer."""
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
        # type: (Failure) -> None
        self._socket_is_closed = True
        if self._last_resort is not None and self._last_resort.active():
            self._last_resort.cancel()
        Client.connectionLost(self, reason)
        if self.factory.brokers is not None:  # an endpoint does not tell the factory
            self.factory.clientConnectionLost(self.factory.brokers, reason)

    def do_close(self, reason):
        # type: (Any) -> None
        if self.why_closed is None:
            self.why_closed = reason_text(reason)
        if not self._socket_is_closed:
            # txAMQP waits until everything is written, for ever if the broker does not read.
            self._last_resort = self.clock.callLater(self.GOODBYE, self.drop)
        # Before anybody sees a call fail that was under way: nothing is connected any more.
        self.worker_service._amqp_lost(self)
        Client.do_close(self, reason)

    # txAMQP makes a new timer at every frame, in both directions, which intake-echo measures.

    def reschedule_send_heartbeat(self):
        # type: () -> None
        if self.heartbeatInterval > 0 and not self.sendHB.running:
            self.sendHB.start(self.heartbeatInterval, now=False)

    def reschedule_check_heartbeat(self):
        # type: () -> None
        if self.checkHB.active():
            self.checkHB.reset(self.heartbeatInterval * self.MAX_UNSEEN_HEARTBEAT)

    def check_heartbeat(self):
        # type: () -> None
        self.why_closed = 'it has been silent for %d heartbeats' % (self.MAX_UNSEEN_HEARTBEAT,)
        Client.check_heartbeat(self)

    @inlineCallbacks
    def start_publisher(self, publisher_class, *args, **kw):
        # type: (Any, *Any, **Any) -> Deferred
        """Fires with a publisher on a channel of its own, as Vumi's connections do."""
        channel = yield self.get_channel()
        publisher = publisher_class(*args, **kw)
        yield self._declare_exchange(publisher, channel)
        yield publisher.start(channel)
        returnValue(publisher)

    def _declare_exchange(self, publisher, channel):
        # type: (Any, Any) -> Deferred
        # Vumi's connectors call it, too.
        return channel.exchange_declare(exchange=publisher.exchange_name,
                                        type=publisher.exchange_type, durable=publisher.durable)

    def channel_died(self, reason):
        # type: (Any) -> None
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
        return Client.close(self, reason, within)

    def writer(self, frame):
        # type: (Frame) -> None
        try:
            Client.writer(self, frame)
        except Exception:
            # Without this no frame would be written any more, while heartbeats go on.
            log.err(None, 'An AMQP frame could not be written: connecting again')
            self.drop()

    def send_frame(self, frame):
        # type: (Frame) -> None
        if not self._socket_is_closed:  # a late frame would start the heartbeat's timer again
            Client.send_frame(self, frame)

    def _pack_frame(self, frame):
        # type: (Frame) -> bytes
        if has_table(frame.payload):
            frame = Frame(frame.channel, MethodWithTable(frame.payload))
        return Client._pack_frame(self, frame)

    def process_frame(self, frame):
        # type: (Frame) -> Optional[Deferred]
        # Without txAMQP's lock, wherever nobody opens a channel: the measure intake-echo.
        channel = self.channels.get(frame.channel)
        if channel is None or self.channelLock.locked or frame.payload.type == Frame.HEARTBEAT:
            return Client.process_frame(self, frame)
        channel.dispatch(frame, self.work)
        if self.heartbeatInterval > 0 and not self.closed:
            self.reschedule_check_heartbeat()
        return None
