"""Builds the parts of one worker, wires them, starts and stops them.  Nothing is decided here.

Read `Bridge.__init__` for the order: what both directions share, inbound, outbound, housekeeping,
monitoring, and the two listeners.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, List, Optional, Text  # noqa: F401

from twisted.internet import defer
from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger

from vumi_snappy.bus import StatusPublisher
from vumi_snappy.bus.metrics import Metrics
from vumi_snappy.bus.port import Bus  # noqa: F401
from vumi_snappy.config import UNKNOWN_OPTION, SnappyBouncerConfig  # noqa: F401
from vumi_snappy.console.site import Console
from vumi_snappy.django_bouncer.api import BouncerApi
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.routing import Routes
from vumi_snappy.http.server import GuardedSite
from vumi_snappy.inbound.extras import ExtrasLookup
from vumi_snappy.inbound.forwarder import Forwarder, Mailbox
from vumi_snappy.inbound.intake import Intake
from vumi_snappy.lanes.retention import Sweeper
from vumi_snappy.lanes.backoff import Backoff
from vumi_snappy.monitoring.health import HealthResource
from vumi_snappy.monitoring.status import Status
from vumi_snappy.operations.operations import Operations
from vumi_snappy.outbound.responder import Responder
from vumi_snappy.outbound.unconfirmed import UnconfirmedReplies
from vumi_snappy.outbound.webhook import WebhookResource
from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.watchdog import Watchdog
from vumi_snappy.snappy import SnappyClient
from vumi_snappy.store import Store

log = Logger()

#: Seconds that Redis is given at the start, before messages are taken from the bus all the same:
#: they wait in the consumer, and health tells why.
_STORE_SOON = 3.0


class Bridge(object):
    """The parts of one worker with a valid `config`.

    `bus` is a `GuardedWorker`, or has its `confirm_publish`, `receipts_waiting` and
    `bus_trouble`; `worker_name` names this process among others, or is empty.
    """

    def __init__(self, reactor, config, bus, worker_name):
        # type: (Any, SnappyBouncerConfig, Bus, Text) -> None
        self._reactor, self._config, self._bus = reactor, config, bus
        self._worker_name = worker_name
        self._ports = []  # type: List[Any]
        self._build_shared()
        self._build_inbound()
        self._build_outbound()
        self._build_housekeeping()
        self._build_monitoring()
        self._site = self._web_site()

    # Building.

    def _build_shared(self):
        # type: () -> None
        config = self._config
        self.metrics = Metrics(
            self._reactor, config.metrics_prefix, config.metrics_publish_interval)
        self.store = Store(
            self._reactor, config.redis, key_prefix=config.key_prefix,
            new_ticket_after=config.new_ticket_after * 3600.0,
            rate_limit=config.snappy_rate_limit, call_timeout=config.snappy_timeout,
            ack_timeout=config.ack_timeout, owner=config.transport_name, claims=True,
            numbers=config.numbers, notices=config.snappy_staff_id is not None,
            delivered_notices=config.delivered_notice)
        self._snappy = SnappyClient(
            self._reactor, config.snappy_api_url, config.api_key, timeout=config.snappy_timeout,
            concurrency=config.snappy_concurrency, on_call=self._snappy_called)

    def _build_inbound(self):
        # type: () -> None
        """The way from a person to the help desk."""
        config = self._config
        self.forwarder = Forwarder(
            self._reactor, self.store, self._snappy,
            Mailbox(config.snappy_mailbox_id, config.snappy_staff_id),
            Backoff(config.retry_initial_delay, config.retry_delay_factor,
                    config.retry_max_delay, config.give_up_after * 3600.0),
            self.metrics, config.snappy_concurrency)
        self._extras = ExtrasLookup(self._reactor, self.store, config.lookup_rules, self.metrics)
        self.intake = Intake(self.store, config, self.metrics, lambda: wall_time(self._reactor))

    def _build_outbound(self):
        # type: () -> None
        """The way from the help desk to a person."""
        config = self._config
        self.responder = Responder(self._reactor, self.store, self._bus, self.metrics,
                                   config.reply_rules)
        self._unconfirmed = UnconfirmedReplies(self._reactor, self.store, self.metrics)
        self._webhook = WebhookResource(
            self.store, config.webhook_secrets, config.web_path, self.metrics, self._reactor,
            allowed_networks=config.allowed_networks, trusted_proxies=config.trusted_proxies,
            max_body=config.web_body_limit)

    def _build_housekeeping(self):
        # type: () -> None
        """What runs in both ways, and what is done again and again."""
        sweeper = Sweeper(self._reactor, self.store, self._config.ticket_retention * 86400.0)
        self._watchdog = Watchdog(self._reactor)
        self._lanes = [self.forwarder, self._extras, self.responder]  # type: List[Any]
        self._jobs = [sweeper.job, self._unconfirmed.job]  # type: List[Any]

    def _build_monitoring(self):
        # type: () -> None
        config = self._config
        jobs = [self._watchdog.job, self.metrics.publishing] + self._jobs  # type: List[Any]
        for lane in self._lanes:
            jobs.extend((lane.runner.claiming, lane.runner.renewing))
        self._status_publisher = StatusPublisher(self._worker_name)
        self._status = Status(
            self._reactor, self.store, self.forwarder.control, self.metrics,
            lambda: self._bus.bus_trouble, self._status_publisher.publish,
            config.queue_age_degraded, config.metrics_publish_interval, jobs)

    def _web_site(self):
        # type: () -> GuardedSite
        """The listener of the webhook: health and the Django bouncer's API are beside it."""
        config = self._config
        routes = Routes()
        if config.bouncer_keys is not None:
            BouncerApi(
                self.store.posted, self.intake.take_posted, self._webhook.receive,
                config.bouncer_directory, config.bouncer_keys,
                lambda what: self.metrics.count('bouncer_api.' + what),
                self._reactor, config.bouncer_api_networks, config.allowed_networks,
                config.trusted_proxies).add_to(routes)
        self._webhook.add_to(routes)
        HealthResource(self._status.checks(), self._reactor, self._worker_name).add_to(
            routes, config.health_path)
        return GuardedSite(
            routes, self._reactor, Limits(large_body=config.web_body_limit),
            on_refused=lambda status: self.metrics.count('webhooks.rejected'),
            may_send_more=self._webhook.may_send_more)

    def _console_site(self):
        # type: () -> GuardedSite
        config = self._config
        operations = Operations(self.store, config.snappy_rate_limit, config.console_ticket_url,
                                self._status.checks())
        return Console(
            self._reactor, operations, self.store.operators, config.users,
            config.console_session_hours, config.trusted_proxies, config.tokens,
            self._worker_name).site()

    # What connects one part with another.

    def _snappy_called(self, name, seconds, error):
        # type: (Text, float, Any) -> None
        self.metrics.count('snappy.requests')
        self.metrics.took('snappy.latency', seconds)
        if error is not None:
            self.metrics.count('snappy.errors')

    # Starting, and the bus.

    @defer.inlineCallbacks
    def start(self):
        # type: () -> defer.Deferred
        """Start all that does not need the bus.  Errors:
        `CannotListenError`, where a port is taken."""
        self._watchdog.start()
        for option in self._config.unknown_options():
            log.warn('{warning}', warning=UNKNOWN_OPTION % (option,))
        for warning in self._config.expired_domains():
            log.error('{warning}', warning=warning)
        self.store.start()
        self.forwarder.start()
        self._extras.start()
        for job in self._jobs:
            job.start()
        self._status.start()
        yield self._listen(self._config.web_endpoint, self._site, 'webhook')
        if self._config.console_endpoint:
            yield self._listen(self._config.console_endpoint, self._console_site(), 'console')

    @defer.inlineCallbacks
    def _listen(self, endpoint, site, name):
        # type: (Text, GuardedSite, Text) -> defer.Deferred
        port = yield serverFromString(self._reactor, str(endpoint)).listen(site)
        self._ports.append(port)
        log.info('The {name} listens on {address}.', name=name, address=port.getHost())

    def store_usable(self):
        # type: () -> defer.Deferred
        """Fires when Redis can be used, or after some seconds: what comes before that would have
        to be tried again."""
        return self.store.usable_within(_STORE_SOON)

    def bus_connected(self, status_connector):
        # type: (Optional[Any]) -> None
        """Begin to publish replies; statuses too, where there is a connector for them."""
        self._status_publisher.bus_connected(status_connector)
        self.responder.runner.start()

    def bus_lost(self):
        # type: () -> None
        """Leave replies in the store until the bus is back."""
        self.metrics.stop()
        self._status_publisher.bus_lost()
        self.responder.runner.pause()

    # Stopping.

    @defer.inlineCallbacks
    def finish(self, within):
        # type: (float) -> defer.Deferred
        """Accept no more requests, and finish or give back what is under way, for at most `within`
        seconds."""
        ports, self._ports = self._ports, []
        for port in ports:
            yield port.stopListening()
        for job in self._jobs:
            job.stop()
        self._status.stop()
        yield defer.gatherResults([lane.stop(within) for lane in self._lanes])

    @defer.inlineCallbacks
    def close(self):
        # type: () -> defer.Deferred
        """Close what had to stay open until the bus was left."""
        self.metrics.stop()
        yield self._snappy.close()
        yield self.store.stop()
        self._watchdog.stop()
