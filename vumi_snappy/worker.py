"""The worker: builds the parts, wires them, starts and stops them.  Nothing is decided here."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Text  # noqa: F401

from twisted.internet import defer, task
from twisted.internet import reactor as global_reactor
from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger

from vumi_snappy.bouncer_api import BouncerApi
from vumi_snappy.bus import Announcer, GuardedWorker, Prepared  # noqa: F401
from vumi_snappy.config import SnappyBouncerConfig
from vumi_snappy.console.site import Console
from vumi_snappy.extras import ExtrasLookup
from vumi_snappy.forwarder import Forwarder, Mailbox, RetryRules
from vumi_snappy.health import HealthResource, build_web
from vumi_snappy.httpd import GuardedSite, Limits
from vumi_snappy.indexing import Indexer
from vumi_snappy.intake import Intake
from vumi_snappy.metrics import Metrics
from vumi_snappy.overdue import Overdue
from vumi_snappy.precedence import Precedence
from vumi_snappy.records import Taken
from vumi_snappy.responder import Responder
from vumi_snappy.retention import Sweeper
from vumi_snappy.snappy import SnappyClient
from vumi_snappy.status import Status
from vumi_snappy.store import Store
from vumi_snappy.store.grouping import Grouping
from vumi_snappy.webhook import WebhookResource

log = Logger()

#: Inbound messages that may wait for Redis.  All that wait are stored in one call, so that none
#: overtakes another of the same person that fails; the bus hands out no more than its prefetch.
_MOST_INBOUND = 1000


class SnappyBouncerWorker(GuardedWorker):
    """Bounces messages between Vumi and the Snappy help desk.

    Inbound messages become tickets and notes in a Snappy mailbox; agents' replies come back by
    Snappy's webhook and leave as replies to the person's last message.
    """

    CONFIG_CLASS = SnappyBouncerConfig
    ALLOWED_ENDPOINTS = None

    #: Seconds that work under way is given when the worker is told to stop.
    stop_within = 8.0

    _started = False
    _port = None  # type: Any
    _console_port = None  # type: Any

    def startService(self):
        # type: () -> None
        """Begin with what does not need the bus: store, forwarding and the webhook."""
        GuardedWorker.startService(self)
        # Before the reactor runs, a failure could not end the process.
        global_reactor.callWhenRunning(
            lambda: self.start_parts().addErrback(self.fatal))

    @defer.inlineCallbacks
    def start_parts(self):
        """Build and start the parts, once.  Errors: the listener's port is taken."""
        if self._started:
            return
        self._started = True
        self._build()
        for option in self.get_static_config().unknown_options():
            log.warn('The configuration has an option that nobody reads: {option}', option=option)
        self.store.start()
        self.forwarder.start()
        self.extras.start()
        self.sweeper.start()
        self.overdue.start()
        self.indexer.start()
        self._watch = task.LoopingCall(self._look_around)
        self._watch.clock = self.reactor
        self._watch.start(self.get_static_config().metrics_publish_interval)
        self.status.check_snappy()
        endpoint = serverFromString(self.reactor, str(self.get_static_config().web_endpoint))
        self._port = yield endpoint.listen(self._site)
        log.info('The webhook listens on {address}.', address=self._port.getHost())
        if self.get_static_config().console_endpoint:
            yield self._open_console(self.get_static_config())

    @defer.inlineCallbacks
    def _open_console(self, config):
        console = Console(
            self.reactor, self.store, config.users, config.console_session_hours, config.proxies,
            config.snappy_rate_limit, config.console_ticket_url, self.status.checks(),
            config.tokens, self.config.get('worker_name') or '')
        endpoint = serverFromString(self.reactor, str(config.console_endpoint))
        self._console_port = yield endpoint.listen(console.site())
        log.info('The console listens on {address}.', address=self._console_port.getHost())

    def _build(self):
        reactor = self.reactor = global_reactor
        config = self.get_static_config()
        self.metrics = Metrics(config.metrics_prefix, config.metrics_publish_interval)
        redis = config.redis
        self.store = Store(
            reactor, redis['host'], redis['port'], redis['db'], redis['password'],
            key_prefix=redis['key_prefix'], new_ticket_after=config.new_ticket_after * 3600.0,
            rate_limit=config.snappy_rate_limit, call_timeout=config.snappy_timeout,
            ack_timeout=config.ack_timeout)
        self.snappy = SnappyClient(
            reactor, config.snappy_api_url, config.api_key, timeout=config.snappy_timeout,
            concurrency=config.snappy_concurrency, on_call=self._snappy_called)
        self.forwarder = Forwarder(
            reactor, self.store, self.snappy,
            Mailbox(config.snappy_mailbox_id, config.snappy_staff_id),
            RetryRules(config.retry_initial_delay, config.retry_delay_factor,
                       config.retry_max_delay, config.give_up_after * 3600.0),
            self.metrics, config.snappy_concurrency)
        self.extras = ExtrasLookup(reactor, self.store, config.lookup_rules, self.metrics,
                                   self.forwarder.runner.kick)
        self.precedence = Precedence(reactor)
        self.responder = Responder(reactor, self.store, self, self.metrics,
                                   rules=config.reply_rules,
                                   notices=config.snappy_staff_id is not None,
                                   delivered_notices=config.delivered_notice,
                                   precedence=self.precedence)
        self.intake = Intake(
            Grouping(reactor, self._store_inbound, most=_MOST_INBOUND, room=_MOST_INBOUND).call,
            config, self.metrics, reactor.seconds)
        self.overdue = Overdue(reactor, self.store, self.metrics, config.ack_timeout,
                               notices=config.snappy_staff_id is not None)
        self.sweeper = Sweeper(reactor, self.store, config.ticket_retention * 86400.0)
        self.indexer = Indexer(reactor, self.store)
        self.status = Status(reactor, self.store, self.forwarder.lookup, self.metrics,
                             lambda: self.bus_is_connected, config.queue_age_degraded,
                             config.metrics_publish_interval)
        self.announcer = Announcer(self.config.get('worker_name') or '')
        self._site = GuardedSite(
            self._web(config), reactor, Limits(),
            on_refused=lambda status: self.metrics.count('webhooks.rejected'))

    def _web(self, config):
        webhook = WebhookResource(
            _WakingStore(self.reactor, self.store, self._replies_stored), config.webhook_secrets,
            config.web_path, _WebhookCounter(self.metrics), self.reactor,
            allowed_networks=config.allowed, trusted_proxies=config.proxies)
        health = HealthResource(OrderedDict(self.status.checks()), self.reactor,
                                worker=self.config.get('worker_name') or '')
        others = []
        if config.bouncer_keys is not None:
            others.append(BouncerApi(
                self.store.posted, self.intake.take_posted, webhook.receive,
                config.bouncer_directory, config.bouncer_keys,
                lambda what: self.metrics.count('bouncer_api.' + what),
                self.reactor, config.bouncer_networks, config.allowed, config.proxies))
        return build_web(webhook, health, config.health_path, others)

    def _replies_stored(self):
        self.precedence.came()
        self.responder.runner.kick()

    def _snappy_called(self, name, seconds, error):
        self.metrics.count('snappy.requests')
        self.metrics.took('snappy.latency', seconds)
        if error is not None:
            self.metrics.count('snappy.errors')

    @defer.inlineCallbacks
    def _look_around(self):
        try:
            yield self.status.refresh()
            self.announcer.tell([(name, check()) for name, check in self.status.checks()])
        except Exception:
            log.failure('How the worker is could not be seen')  # the next look may tell

    # The bus.

    def setup_application(self):
        # type: () -> defer.Deferred
        """Vumi's hook: the connectors are set up, messages will flow when this has fired."""
        return self.start_parts()

    @defer.inlineCallbacks
    def bus_connected(self):
        """Publish what waits, and the metrics, through the new connection."""
        yield self.start_publisher(lambda: self.metrics)
        if self.get_static_config().publish_status:
            self.announcer.bus_connected((yield self.setup_status_connector()))
        self.responder.bus_connected()

    def bus_lost(self):
        # type: () -> None
        """Leave replies in the store until the bus is back."""
        if self._started:
            self.metrics.stop()
            self.announcer.bus_lost()
            self.responder.bus_lost()

    def handle_inbound(self, message):
        # type: (Any) -> Prepared
        """Prepare an inbound message to be stored; the bus acks it when that is done."""
        return self.intake.take(message)

    @defer.inlineCallbacks
    def _store_inbound(self, messages):
        outcomes = yield self.store.accept_all_inbound(messages)
        lanes = ''.join(each.lanes for each in outcomes if isinstance(each, Taken))
        for part in (self.forwarder, self.extras, self.responder):
            if part.runner.lane_name in lanes:
                part.runner.kick()
        defer.returnValue(outcomes)

    def handle_event(self, event):
        # type: (Any) -> defer.Deferred
        """Record what became of a reply."""
        return self.responder.event(event)

    def receipt_received(self, receipt):
        # type: (bytes) -> defer.Deferred
        """Record that the broker has a reply."""
        return self.responder.receipt_received(receipt)

    def malformed_received(self):
        # type: () -> None
        """Count a body that went to the failures queue."""
        self.metrics.count('inbound.malformed')

    # The end.

    @defer.inlineCallbacks
    def stopService(self):
        """Accept nothing more, finish or give back what is under way, and close everything."""
        if self._started:
            ports = [port for port in (self._port, self._console_port) if port is not None]
            self._port = self._console_port = None
            for port in ports:
                yield port.stopListening()
            self.sweeper.stop()
            self.overdue.stop()
            self.indexer.stop()
            if self._watch.running:
                self._watch.stop()
            yield defer.gatherResults([
                self.forwarder.stop(self.stop_within), self.extras.stop(self.stop_within),
                self.responder.stop(self.stop_within)])
        yield GuardedWorker.stopService(self)
        if self._started:
            self.status.stop()
            self.metrics.stop()
            yield self.snappy.close()
            yield self.store.stop()


class _WakingStore(object):
    """The store as the webhook sees it: notes that come at once are stored at once, and what is
    stored is published."""

    def __init__(self, clock, store, kick):
        self._store, self._kick = store, kick
        self._replies = Grouping(clock, self._accept_replies)

    def accept_reply(self, note):
        return self._replies.call(note)

    def _accept_replies(self, notes):
        return self._store.accept_replies(notes).addCallback(self._stored)

    def _stored(self, outcomes):
        self._kick()
        return outcomes

    def record_ticket_event(self, event):
        return self._store.record_ticket_event(event)


class _WebhookCounter(object):
    """What the webhook tells of its calls, as metrics."""

    def __init__(self, metrics):
        self._metrics = metrics

    def webhook_accepted(self, event_name):
        self._metrics.count('webhooks.accepted')

    def webhook_duplicate(self):
        self._metrics.count('webhooks.duplicate')

    def webhook_rejected(self, reason):
        self._metrics.count('webhooks.rejected')

    def webhook_ignored(self, why):
        self._metrics.count('webhooks.ignored')
