"""Vumi's face of the bridge: its hooks, and nothing else.  What is behind them is `Bridge`."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer, reactor

from vumi_snappy.bridge import Bridge
from vumi_snappy.bus import Prepared  # noqa: F401
from vumi_snappy.bus.worker import GuardedWorker
from vumi_snappy.config import SnappyBouncerConfig
from vumi_snappy.runtime.clocks import use_monotonic_clock
from vumi_snappy.runtime.log_lengths import bound_log_lines


class SnappyBouncerWorker(GuardedWorker):
    """Bounces messages between Vumi and the Snappy help desk.

    Inbound messages become tickets and notes in a Snappy mailbox; agents' replies come back by
    Snappy's webhook and leave as replies to the person's last message.
    """

    CONFIG_CLASS = SnappyBouncerConfig
    ALLOWED_ENDPOINTS = None

    #: Seconds that work under way is given when the worker is told to stop.
    stop_within = 8.0

    #: None until the reactor runs.
    bridge = None  # type: Bridge

    def build_bridge(self):
        # type: () -> Bridge
        """The parts behind this worker, not started."""
        return Bridge(reactor, self.get_static_config(), self,
                      self.config.get('worker_name') or '')

    def startService(self):
        # type: () -> None
        """Start what does not need the bus: store, forwarding and the webhook."""
        use_monotonic_clock(reactor)  # before anything is scheduled
        bound_log_lines()
        GuardedWorker.startService(self)
        # Before the reactor runs, a failure could not end the process.
        reactor.callWhenRunning(lambda: self._start_bridge().addErrback(self.fatal))

    @defer.inlineCallbacks
    def _start_bridge(self):
        # type: () -> defer.Deferred
        if self.bridge is None:
            self.bridge = self.build_bridge()
            yield self.bridge.start()

    @defer.inlineCallbacks
    def setup_application(self):
        # type: () -> defer.Deferred
        """Vumi's hook: the connectors are set up, messages will flow when this has fired."""
        yield self._start_bridge()
        yield self.bridge.store_usable()

    @defer.inlineCallbacks
    def bus_connected(self):
        # type: () -> defer.Deferred
        """Publish the metrics and what waits through the new connection."""
        self.bridge.metrics.start((yield self.start_metrics()))
        connector = None
        if self.get_static_config().publish_status:
            connector = yield self.setup_status_connector()
        self.bridge.bus_connected(connector)

    def bus_lost(self):
        # type: () -> None
        """Leave replies in the store until the bus is back."""
        if self.bridge is not None:
            self.bridge.bus_lost()

    def handle_inbound(self, message):
        # type: (Any) -> Prepared
        """Prepare an inbound message to be stored; the bus acks it when that is done."""
        return self.bridge.intake.take(message)

    def handle_event(self, event):
        # type: (Any) -> defer.Deferred
        """Record what became of a reply."""
        return self.bridge.responder.event(event)

    def receipt_received(self, receipt):
        # type: (bytes) -> defer.Deferred
        """Record that the broker has a reply."""
        return self.bridge.responder.receipt_received(receipt)

    def malformed_received(self):
        # type: () -> None
        """Count a body that went to the failures queue."""
        self.bridge.metrics.count('inbound.malformed')

    @defer.inlineCallbacks
    def stopService(self):
        # type: () -> defer.Deferred
        """Accept nothing more, finish or give back what is under way, and close everything."""
        if self.bridge is not None:
            yield self.bridge.finish(self.stop_within)
        yield GuardedWorker.stopService(self)
        if self.bridge is not None:
            yield self.bridge.close()
