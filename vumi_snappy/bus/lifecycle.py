"""When the worker is set up, set up again and stopped.

Set-up happens once a process, and what belongs to a connection once a connection; a failure of the
first set-up ends the process, a later one only its connection; stopping takes a bounded time,
whatever state handlers and broker are in.  `GuardedWorker` derives from this and adds consuming
and publishing.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import atexit
import os
import socket
import sys
from functools import partial
from typing import Any, Callable, Dict, Optional, Text  # noqa: F401

from twisted.application.internet import TCPClient
from twisted.application.service import MultiService
from twisted.internet import reactor
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import (  # noqa: F401
    Deferred, FirstError, inlineCallbacks, maybeDeferred)
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure  # noqa: F401
from txamqp.client import ChannelClosed, Closed, TwistedEvent

from vumi_snappy.bus.brokers import Brokers
from vumi_snappy.bus.connection import BusClient  # noqa: F401
from vumi_snappy.bus.errors import BusUnavailable, PublishUnknown
from vumi_snappy.bus.heartbeats import HeartBeats
from vumi_snappy.bus.reconnecting import BusFactory
from vumi_snappy.bus.reasons import reason_text
from vumi_snappy.bus.session import BusSession  # noqa: F401
from vumi_snappy.runtime import log
from vumi_snappy.vumi.worker import AmqpFactory, ApplicationWorker


class Lifecycle(ApplicationWorker):
    """An application worker that outlives its connections.  All times are seconds."""

    #: AMQP heartbeat unless the Vumi options say otherwise (0: off); a frozen broker is noticed
    #: after three of them.
    amqp_heartbeat = 5
    #: For the TCP connection, and again for the login.
    connect_timeout = 5
    #: How long handlers under way and `teardown_application` may take when the worker stops.
    shutdown_timeout = 10
    clock = reactor

    UNPAUSE_CONNECTORS = False  # done here, after every set-up

    def __init__(self, options, config=None):
        # type: (Dict[Text, Any], Optional[Dict[Text, Any]]) -> None
        options = dict(options)
        if options.get('heartbeat') is None:
            options['heartbeat'] = self.amqp_heartbeat
        super(Lifecycle, self).__init__(options, config)
        self._amqp_client = None  # type: Any  # a BusClient, or a fake one in tests
        self._factory = None  # type: Any  # the BusFactory
        self._session = None  # type: Any  # a BusSession
        self._heartbeats = None  # type: Optional[HeartBeats]
        self._steps = {}  # type: Dict[Text, TwistedEvent]
        self._was_set_up = False
        self._connected = False
        self._hooked = False
        self._stopping = False
        self._fatal = False

    def bus_connected(self):
        # type: () -> Optional[Deferred]
        """Hook: consuming and publishing work; called after every (re)connect."""

    def bus_lost(self):
        # type: () -> None
        """Hook: the connection of the last `bus_connected` is gone, or the worker stops."""

    def open_session(self, client):
        # type: (BusClient) -> Deferred
        """For `GuardedWorker`: prepares, on this connection, all that does not consume yet."""
        raise NotImplementedError()

    def fatal(self, failure):
        # type: (Failure) -> None
        """Ends the process with exit status 1, because it cannot be set up."""
        log.err(failure, '%s cannot start: %s' % (
            self.__class__.__name__, reason_text(failure)))
        if not self._fatal:
            self._fatal = True
            atexit.register(_end_with_status_1)  # twistd knows no exit status
            try:
                reactor.stop()
            except ReactorNotRunning:
                pass  # something else is stopping it already

    def connection_name(self):
        # type: () -> Text
        """What RabbitMQ's management shows for this worker's connection."""
        return '%s at %s, process %d' % (
            self.config.get('worker_name') or self.config.get('transport_name'),
            socket.gethostname(), os.getpid())

    @property
    def bus_trouble(self):
        # type: () -> Text
        """Why the bus can't be used, for an operator; empty between the end of a set-up and the
        loss of its connection."""
        if self._connected:
            return ''
        return (self._factory.trouble if self._factory else '') or 'not connected to RabbitMQ'

    # -- What Vumi calls --------------------------------------------------------------------------

    def addService(self, service):
        # type: (Any) -> None
        """Gives the AMQP client that Vumi makes for every worker a factory that recovers."""
        if isinstance(service, TCPClient) and isinstance(service.args[2], AmqpFactory):
            host, port, _stock, timeout, bind_address = service.args
            self._factory = BusFactory(self)
            brokers = self.config.get('amqp_brokers')
            if brokers:
                service = Brokers(reactor, brokers, self._factory, self.connect_timeout)
            else:
                service.args = (
                    host, port, self._factory, min(timeout, self.connect_timeout), bind_address)
        super(Lifecycle, self).addService(service)

    @inlineCallbacks
    def startWorker(self):
        # type: () -> Deferred
        """Sets up what is to be set up once, and all that belongs to the present connection."""
        client = self._amqp_client
        if not self._steps:
            # Vumi logs the whole configuration here, keys and all.
            log.msg('Starting a %s worker, transport_name %s, worker_name %s' % (
                self.__class__.__name__, self.config.get('transport_name'),
                self.config.get('worker_name')))
        yield self._once(self._validate_config)
        yield self._once(self.setup_middleware)
        self._must_be_current(client)
        yield self.open_session(client)
        yield self._setup_heartbeats()
        yield self._once(self.setup_worker)
        self._must_be_current(client)
        session = self._session  # type: Any  # it is there while the connection is
        yield session.start()
        self._must_be_current(client)
        self._connected = self._hooked = True
        yield self.bus_connected()

    @inlineCallbacks
    def stopWorker(self):
        # type: () -> Deferred
        """Stops consuming, waits for handlers under way and tears down, in bounded time."""
        log.msg('Stopping a %s worker.' % (self.__class__.__name__,))
        self._stopping = True
        end = self.clock.seconds() + self.shutdown_timeout
        if self._session is not None:
            yield self._within(self.shutdown_timeout, 'A handler', self._session.finish)
        if self._session is not None:
            yield self._within(1, 'Closing a channel', self._session.stop_consuming)
        if 'setup_worker' in self._steps:
            left = max(end - self.clock.seconds(), 2)
            yield self._within(left, 'teardown_application', self.teardown_application)
        if 'setup_middleware' in self._steps:
            yield self._within(2, 'A middleware', self.teardown_middleware)
        self._forget_connection()

    @inlineCallbacks
    def stopService(self):
        # type: () -> Deferred
        """Stops the worker and closes its connection, in bounded time whatever the broker does."""
        if self.running:
            yield self.stopWorker()
        self._stopping = True
        if self._factory is not None:
            self._factory.stopTrying()
            client = self._factory.amqp_client
            if client is not None:
                yield self._within(2, 'RabbitMQ', partial(client.hang_up, 1))
        yield MultiService.stopService(self)

    # -- What the connection calls ----------------------------------------------------------------

    def _amqp_connected(self, client):
        # type: (BusClient) -> Optional[Deferred]
        if self._stopping:
            client.drop()
            return None
        self._amqp_client = client
        d = maybeDeferred(self.startWorker)
        d.addCallbacks(
            self._set_up_done, self._set_up_failed, callbackArgs=[client], errbackArgs=[client])
        return d

    def _set_up_done(self, _result, client):
        # type: (Any, BusClient) -> None
        self._was_set_up = True
        if client is self._amqp_client and not self._stopping:
            self._factory.resetDelay()
            log.msg('Connected to RabbitMQ, everything is set up')

    def _set_up_failed(self, failure, client):
        # type: (Failure, BusClient) -> None
        of_the_connection = (
            failure.check(BusUnavailable, PublishUnknown) or
            failure.check(Closed) and not failure.check(ChannelClosed))
        if self._stopping or client is not self._amqp_client and of_the_connection:
            return  # its loss was logged
        if of_the_connection or self._was_set_up:
            self._factory.complain('Setting up the connection to RabbitMQ failed (%s): trying '
                                   'again' % (reason_text(failure),),
                                   'RabbitMQ refused to set up what the worker needs: see the log')
            client.drop()
        else:
            self.fatal(failure)

    def _amqp_lost(self, client):
        # type: (BusClient) -> None
        if client is self._amqp_client:
            if not self._stopping:
                log.warning('The connection to RabbitMQ is lost (%s)' % (client.why_closed,))
            self._amqp_client = None
            self._forget_connection()

    # -- Inside -----------------------------------------------------------------------------------

    def _once(self, step):
        # type: (Callable[[], Any]) -> Deferred
        """Runs the step at the first call; every call's Deferred has that one's outcome."""
        event = self._steps.get(step.__name__)
        if event is None:
            event = self._steps[step.__name__] = TwistedEvent()
            maybeDeferred(step).addCallbacks(lambda _: event.fire(), event.fail)
        return event.wait()

    @inlineCallbacks
    def _setup_heartbeats(self):
        # type: () -> Deferred
        if self.config.get('worker_name') is not None:
            self._heartbeats = yield self.start_publisher(
                HeartBeats, self.clock, self.options.get('system-id', 'global'),
                self.config['worker_name'])

    def _teardown_heartbeats(self):
        # type: () -> None
        heartbeats, self._heartbeats = self._heartbeats, None
        if heartbeats is not None:
            heartbeats.stop()

    def _must_be_current(self, client):
        # type: (BusClient) -> None
        if client is not self._amqp_client or self._stopping:
            raise BusUnavailable('the connection was lost during its set-up')

    def _forget_connection(self):
        # type: () -> None
        self._connected = False
        session, self._session = self._session, None
        if session is not None:
            session.abandon()
        steps = [self._teardown_heartbeats]
        if self._hooked:
            self._hooked = False
            steps.append(self.bus_lost)
        for step in steps:
            try:
                step()
            except Exception:
                log.err(None, '%s failed' % (step.__name__,))

    @inlineCallbacks
    def _within(self, seconds, what, call):
        # type: (float, Text, Callable[[], Any]) -> Deferred
        d = maybeDeferred(call)
        d.addTimeout(seconds, self.clock, onTimeoutCancel=_timed_out)
        try:
            yield d
        except DeferredTimeout:
            log.warning('%s did not end within %d seconds: stopping without it' % (what, seconds))
        except Exception as error:
            # Where several were to end, it is wrapped.
            while isinstance(error, FirstError):
                error = error.subFailure.value
            # The loss of a connection was logged, but not what the broker refuses.
            if isinstance(error, ChannelClosed) or not isinstance(error, Closed):
                log.err(None, '%s failed while stopping' % (what,))


def _end_with_status_1():
    # type: () -> None
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def _timed_out(_result, seconds):
    # type: (Any, float) -> None
    raise DeferredTimeout(seconds)
