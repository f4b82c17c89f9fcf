"""The worker class that survives what stock Vumi does not.

It promises: a message is acked only when its handler is done with it or the failures queue has
it; after every loss of the broker everything is built anew within seconds of its return; set-up happens
once a process, and what belongs to a connection once a connection; a failure of the first set-up
ends the process; stopping takes a bounded time.  A subclass overrides the hooks and Vumi's own
`validate_config`, `setup_application` and `teardown_application`.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import atexit
import sys
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Text  # noqa: F401

from twisted.application.internet import TCPClient
from twisted.application.service import MultiService
from twisted.internet import reactor
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import (  # noqa: F401
    Deferred, fail, inlineCallbacks, maybeDeferred, returnValue, succeed)
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure  # noqa: F401
from txamqp.client import ChannelClosed, Closed, TwistedEvent
from vumi import log
from vumi.application.base import ApplicationWorker
from vumi.message import (  # noqa: F401
    Message, TransportEvent, TransportMessage, TransportUserMessage)
from vumi.service import AmqpFactory

from vumi_snappy.bus.bodies import parse
from vumi_snappy.bus.connection import BusClient, BusFactory, reason_text
from vumi_snappy.bus.connector import EXCHANGE, GuardedConnector
from vumi_snappy.bus.consumer import Guard, GuardedConsumer
from vumi_snappy.bus.errors import BusUnavailable, PublishUnknown
from vumi_snappy.bus.failures import failure_body
from vumi_snappy.bus.publisher import Part
from vumi_snappy.bus.session import BusSession


class GuardedWorker(ApplicationWorker):
    """ApplicationWorker that survives what stock Vumi does not.  All times are seconds."""

    #: AMQP heartbeat unless the Vumi options say otherwise (0: off); a frozen broker is noticed
    #: after three of them.
    amqp_heartbeat = 5
    #: For the TCP connection, and again for the login.
    connect_timeout = 5
    #: How long handlers under way and `teardown_application` may take when the worker stops.
    shutdown_timeout = 10
    #: How long the broker may take to confirm.
    publish_timeout = 30
    #: First and longest pause before a message is tried again.
    retry_delays = (0.5, 4.0)
    clock = reactor

    UNPAUSE_CONNECTORS = False  # done here, after every set-up

    def __init__(self, options, config=None):
        # type: (Dict[Text, Any], Optional[Dict[Text, Any]]) -> None
        options = dict(options)
        options.setdefault('heartbeat', self.amqp_heartbeat)
        super(GuardedWorker, self).__init__(options, config)
        self._factory = None  # type: Optional[BusFactory]
        self._session = None  # type: Optional[BusSession]
        self._steps = {}  # type: Dict[Text, TwistedEvent]
        self._was_set_up = False
        self._connected = False
        self._hooked = False
        self._stopping = False

    # -- For subclasses ---------------------------------------------------------------------------

    def bus_connected(self):
        # type: () -> Optional[Deferred]
        """Hook: consuming and publishing work; called after every (re)connect."""

    def bus_lost(self):
        # type: () -> None
        """Hook: the connection of the last `bus_connected` is gone (or the worker stops)."""

    def handle_inbound(self, message):
        # type: (TransportUserMessage) -> Deferred
        """Hook: an inbound message, of any endpoint.  Acked when the Deferred fires."""
        return self.dispatch_user_message(message)

    def handle_event(self, event):
        # type: (TransportEvent) -> Deferred
        """Hook: an event, of any endpoint.  Acked when the Deferred fires."""
        return self.dispatch_event(event)

    def receipt_received(self, receipt):
        # type: (bytes) -> Optional[Deferred]
        """Hook: a receipt of `confirm_publish`, of any worker.  Acked when the Deferred fires."""

    def fatal(self, failure):
        # type: (Failure) -> None
        """Ends the process with exit status 1: the first set-up failed."""
        log.err(failure, '%s cannot start: %s' % (
            self.__class__.__name__, reason_text(failure)))
        # twistd has no exit status of its own; in Python 2 a SystemExit raised at exit sets it.
        atexit.register(sys.exit, 1)
        try:
            reactor.stop()
        except ReactorNotRunning:
            pass  # something else is stopping it already

    # -- For the worker's other parts -------------------------------------------------------------

    @property
    def bus_is_connected(self):
        # type: () -> bool
        """True between the end of a set-up and the loss of its connection."""
        return self._connected

    def confirm_publish(self, message, endpoint_name=None, receipt=None):
        # type: (TransportUserMessage, Optional[Text], Optional[bytes]) -> Deferred
        """Publishes `message` on `<transport_name>.outbound`, through the middlewares, to disk.

        The Deferred fires with the message when the broker has it on its queue, and on its disk.
        `receipt` goes to the queue `<transport_name>.receipts` in the same transaction.  Fails with
        `BusUnavailable` (nothing was sent), `PublishUnknown` (may have been sent), or what a
        middleware raised.
        """
        connector = self.connectors.get(self.transport_name)
        if self._session is None or connector is None:
            return fail(BusUnavailable('there is no connection to RabbitMQ'))
        return connector.publish_with_receipt(message, endpoint_name, receipt)

    def receipts_waiting(self):
        # type: () -> Deferred
        """Fires with the number of receipts in the queue, or in this worker's hands.

        What other workers hold unacked is not counted.  Fails with `BusUnavailable`.
        """
        if self._session is None or not self._connected:
            return fail(BusUnavailable('there is no connection to RabbitMQ'))
        return self._session.receipts_waiting()

    def publish_parts(self, *parts):
        # type: (*Part) -> Deferred
        """Publishes all of `parts` in one confirmed transaction; fails as `confirm_publish`."""
        if self._session is None:
            return fail(BusUnavailable('there is no connection to RabbitMQ'))
        return self._session.publish(*parts)

    # -- What Vumi calls --------------------------------------------------------------------------

    def addService(self, service):
        """Gives the AMQP client that Vumi makes for every worker a factory that recovers."""
        if isinstance(service, TCPClient) and isinstance(service.args[2], AmqpFactory):
            host, port, _stock, timeout, bind_address = service.args
            self._factory = BusFactory(self)
            service.args = (
                host, port, self._factory, min(timeout, self.connect_timeout), bind_address)
        super(GuardedWorker, self).addService(service)

    def consume(self, routing_key, callback, queue_name=None, exchange_name=EXCHANGE,
                exchange_type='direct', durable=True, message_class=None, paused=False,
                prefetch_count=None):
        """As Vumi's, with a guarded consumer."""
        attributes = {
            'routing_key': routing_key, 'queue_name': queue_name or routing_key,
            'exchange_name': exchange_name, 'exchange_type': exchange_type, 'durable': durable,
            'start_paused': paused, 'prefetch_count': prefetch_count}
        consumer_class = type(str('GuardedDynamicConsumer'), (GuardedConsumer,), dict(
            (str(name), value) for name, value in attributes.items()))
        return self.start_consumer(
            consumer_class, callback, partial(parse, message_class or Message), self._guard())

    def start_consumer(self, consumer_class, *args, **kw):
        """As Vumi's, or fails with `BusUnavailable`."""
        if self._amqp_client is None:
            return fail(BusUnavailable('there is no connection to RabbitMQ'))
        return super(GuardedWorker, self).start_consumer(consumer_class, *args, **kw)

    def start_publisher(self, publisher_class, *args, **kw):
        """As Vumi's, or fails with `BusUnavailable`."""
        if self._amqp_client is None:
            return fail(BusUnavailable('there is no connection to RabbitMQ'))
        return super(GuardedWorker, self).start_publisher(publisher_class, *args, **kw)

    def setup_ri_connector(self, connector_name, middleware=True):
        """As Vumi's, with a guarded connector."""
        return self.setup_connector(GuardedConnector, connector_name, middleware=middleware)

    @inlineCallbacks
    def setup_connectors(self):
        """Replaces the connector of the connection before, if there was one."""
        self.connectors.pop(self.transport_name, None)
        connector = yield self.setup_ri_connector(self.transport_name)
        connector.set_default_inbound_handler(self.handle_inbound)
        connector.set_default_event_handler(self.handle_event)
        returnValue(connector)

    @inlineCallbacks
    def startWorker(self):
        """Sets up what is to be set up once, and all that belongs to the present connection."""
        client = self._amqp_client
        if not self._steps:
            # Vumi logs the whole configuration here, keys and all.
            self.log.msg('Starting a %s worker, transport_name %s, worker_name %s' % (
                self.__class__.__name__, self.config.get('transport_name'),
                self.config.get('worker_name')))
        yield self._once(self._validate_config)
        yield self._once(self.setup_middleware)
        self._session = session = BusSession(
            client, self.transport_name, self._guard(), self.publish_timeout)
        yield session.open(self.receipt_received)
        session.connector = yield self.setup_connectors()
        yield self.setup_heartbeat()
        yield self._once(self.setup_worker)
        self._must_be_current(client)
        yield session.start()
        self._must_be_current(client)
        self._connected = self._hooked = True
        yield self.bus_connected()

    @inlineCallbacks
    def stopWorker(self):
        """Stops consuming, lets handlers under way end, and takes everything down, bounded."""
        self.log.msg('Stopping a %s worker.' % (self.__class__.__name__,))
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
        """Stops the worker and says goodbye to the broker, if it listens; takes bounded time."""
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
        self._was_set_up = True
        if client is self._amqp_client and not self._stopping:
            self._factory.resetDelay()
            self.log.msg('Connected to RabbitMQ, everything is set up')

    def _set_up_failed(self, failure, client):
        # type: (Failure, BusClient) -> None
        of_the_connection = (
            failure.check(BusUnavailable, PublishUnknown) or
            failure.check(Closed) and not failure.check(ChannelClosed))
        if client is not self._amqp_client and of_the_connection:
            return  # its loss was logged
        if of_the_connection or self._was_set_up:
            self._factory.complain('Setting up the connection to RabbitMQ failed (%s): trying '
                                   'again' % (reason_text(failure),))
            client.drop()
        elif not self._stopping:
            self.fatal(failure)

    def _amqp_lost(self, client, reason):
        # type: (BusClient, Failure) -> None
        if client is self._amqp_client:
            if not self._stopping:
                log.warning('The connection to RabbitMQ is lost (%s)' % (client.why_closed,))
            self._amqp_client = None
            self._forget_connection()

    # -- Inside -----------------------------------------------------------------------------------

    def _guard(self):
        # type: () -> Guard
        client = self._amqp_client
        first, longest = self.retry_delays
        return Guard(
            clock=self.clock, park=self._park, broken=partial(self._broken, client),
            first_delay=first, max_delay=longest)

    def _park(self, body, reason, queue, trace):
        # type: (bytes, Text, Text, List[Text]) -> Deferred
        return self.publish_parts(Part(
            EXCHANGE, '%s.failures' % (self.transport_name,),
            failure_body(body, reason, queue, trace)))

    def _broken(self, client, failure):
        # type: (Any, Failure) -> None
        if client is self._amqp_client and isinstance(client, BusClient):
            log.err(failure, 'A channel or consumer is broken: connecting again')
            client.drop()

    def _once(self, step):
        # type: (Callable[[], Any]) -> Deferred
        """Runs the step at the first call; every call's Deferred has that one's outcome."""
        event = self._steps.get(step.__name__)
        if event is None:
            event = self._steps[step.__name__] = TwistedEvent()
            maybeDeferred(step).addCallbacks(lambda _: event.fire(), event.fail)
        return event.wait()

    def _must_be_current(self, client):
        if client is not self._amqp_client or self._stopping:
            raise BusUnavailable('the connection was lost during its set-up')

    def _forget_connection(self):
        # type: () -> None
        self._connected = False
        session, self._session = self._session, None
        if session is not None:
            session.abandon()
        steps = [self.teardown_heartbeat]
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
        # type: (float, Text, Callable[[], Any]) -> None
        d = maybeDeferred(call)
        d.addTimeout(seconds, self.clock, onTimeoutCancel=_timed_out)
        try:
            yield d
        except DeferredTimeout:
            log.warning('%s did not end within %d seconds: stopping without it' % (what, seconds))
        except Closed:
            pass
        except Exception:
            log.err(None, '%s failed while stopping' % (what,))


def _timed_out(_result, seconds):
    raise DeferredTimeout(seconds)
