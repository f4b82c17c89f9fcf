"""The worker's metrics, by the names that dashboards use and docs/operating.md tells.

Owns counting and publishing through Vumi's MetricManager.  While the bus is away counts add up
and are published when it is back; nothing grows without bound.  Every room may be given a
`Metrics` (or the observer parts of it) and count on it; only the worker starts and stops it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import time
from collections import deque
from typing import Any, Dict, List, Text  # noqa: F401

from vumi.blinkenlights.metrics import AVG, MAX, SUM, Metric, MetricManager, MetricPublisher

#: Samples of a timer that are kept between two publications.
_SAMPLES = 1000

COUNTERS = (
    'inbound.received', 'inbound.duplicate', 'inbound.malformed', 'inbound.empty',
    'tickets.opened', 'notes.added', 'snappy.requests', 'snappy.errors', 'webhooks.accepted',
    'webhooks.rejected', 'webhooks.duplicate', 'webhooks.ignored', 'replies.published',
    'replies.acked', 'replies.failed', 'replies.delivered', 'replies.refused',
    'replies.unconfirmed', 'answers.published', 'answers.failed', 'answers.expired',
    'answers.withheld', 'extras.failed', 'bouncer_api.posted', 'bouncer_api.refused')
TIMERS = ('snappy.latency', 'inbound.to_ticket')
GAUGES = ('jobs.waiting', 'jobs.oldest_age', 'jobs.parked', 'snappy.down', 'snappy.key_refused')


class _Counter(Metric):
    """How many since the last publication; one value however long that is ago."""

    DEFAULT_AGGREGATORS = [SUM]

    def __init__(self, name):
        super(_Counter, self).__init__(name)
        self._count = 0
        #: How many in all.
        self.total = 0

    def inc(self):
        self._count += 1
        self.total += 1

    def poll(self):
        count, self._count = self._count, 0
        return [(int(time.time()), float(count))]


class _Timer(Metric):
    """Seconds that things took; the last thousand since the last publication."""

    DEFAULT_AGGREGATORS = [AVG, MAX]

    def __init__(self, name):
        super(_Timer, self).__init__(name)
        self._values = deque(maxlen=_SAMPLES)

    def poll(self):
        # As of now: Vumi's aggregator throws away what is told late, as after a pause of the bus.
        now, values = int(time.time()), [value for _, value in self._values]
        self._values.clear()
        return [(now, value) for value in values]


class _Gauge(Metric):
    """The last value set; all workers read the same store, so the largest is as good as any."""

    DEFAULT_AGGREGATORS = [MAX]

    def set(self, value):
        self._values = [(int(time.time()), float(value))]


_KINDS = ((COUNTERS, _Counter), (TIMERS, _Timer), (GAUGES, _Gauge))  # type: Any


def published_names():
    # type: () -> List[Text]
    """The names, without prefix, under which Vumi's aggregators hand the metrics on."""
    return sorted('%s.%s' % (name, aggregator.name) for names, kind in _KINDS for name in names
                  for aggregator in kind.DEFAULT_AGGREGATORS)


class Metrics(object):
    """All metrics of one worker, under `prefix` (with its dot), every `interval` seconds."""

    def __init__(self, prefix, interval):
        # type: (Text, float) -> None
        self._prefix, self._interval = str(prefix), interval
        self._metrics = {}  # type: Dict[Text, Any]
        for names, kind in _KINDS:
            self._metrics.update((name, kind(str(name))) for name in names)
        self._manager = None  # type: Any

    def count(self, name):
        # type: (Text) -> None
        """One more of `name`."""
        self._metrics[name].inc()

    def took(self, name, seconds):
        # type: (Text, float) -> None
        """`name` took so many seconds."""
        self._metrics[name].set(seconds)

    def gauge(self, name, value):
        # type: (Text, float) -> None
        """`name` stands at `value` now."""
        self._metrics[name].set(value)

    def total(self, name):
        # type: (Text) -> int
        """How many of `name` this worker has counted since it started."""
        return self._metrics[name].total

    def start(self, channel):
        # type: (Any) -> None
        """Publish on `channel` from now on: called with each new connection to the bus."""
        self.stop()
        self._manager = MetricManager(self._prefix, self._interval, publisher=MetricPublisher())
        for name in sorted(self._metrics):
            metric = self._metrics[name]
            metric._manager = None  # it belonged to the manager of the connection before
            self._manager.register(metric)
        self._manager._publisher.start(channel)
        self._manager.start_polling()

    def stop(self):
        # type: () -> None
        """Publish no more; what is counted from now on waits for the next `start`."""
        if self._manager is not None:
            self._manager.stop_polling()
            self._manager = None

    # What `Worker.start_publisher` asks of a publisher class or factory.
    exchange_name = MetricPublisher.exchange_name
    exchange_type = MetricPublisher.exchange_type
    durable = MetricPublisher.durable
