"""The worker's metrics, by the names that dashboards use and docs/operating.md tells.

Owns counting, and what is published for Vumi's metrics workers.  While the bus is away counts add
up and are published when it is back; nothing grows without bound.  A failed publication is not the
last one.  Every room may be given a `Metrics` (or the observer parts of it) and count on it; only
`Bridge` starts and stops it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
from collections import deque
from typing import Any, Callable, Dict, List, Text, Tuple  # noqa: F401

from vumi_snappy.runtime.periodic import Periodic
from vumi_snappy.runtime.ports import Clock  # noqa: F401

#: What Vumi's `MetricMessage` holds: name, names of aggregators, and values at their times.
Datapoints = List[Tuple[Text, Tuple[Text, ...], List[Tuple[int, float]]]]

COUNTERS = (
    'inbound.received', 'inbound.duplicate', 'inbound.malformed', 'inbound.empty',
    'tickets.opened', 'notes.added', 'snappy.requests', 'snappy.errors', 'webhooks.accepted',
    'webhooks.rejected', 'webhooks.duplicate', 'webhooks.ignored', 'replies.published',
    'replies.acked', 'replies.failed', 'replies.delivered', 'replies.refused',
    'replies.unconfirmed', 'answers.published', 'answers.failed', 'answers.expired',
    'answers.withheld', 'extras.failed', 'bouncer_api.posted', 'bouncer_api.refused')
TIMERS = ('snappy.latency', 'inbound.to_ticket')
GAUGES = ('jobs.waiting', 'jobs.oldest_age', 'jobs.parked', 'replies.early', 'snappy.down',
          'snappy.key_refused', 'redis.unfit')


class _Counter(object):
    """How many since the last publication; one value however long that is ago."""

    aggregators = ('sum',)

    def __init__(self):
        # type: () -> None
        self._count = 0

    def inc(self):
        # type: () -> None
        self._count += 1

    def poll(self):
        # type: () -> List[float]
        count, self._count = self._count, 0
        return [float(count)]


class _Timer(object):
    """Seconds that things took; the last thousand since the last publication."""

    aggregators = ('avg', 'max')  # type: Tuple[Text, ...]
    most = 1000

    def __init__(self):
        # type: () -> None
        self._values = deque(maxlen=self.most)  # type: deque

    def set(self, value):
        # type: (float) -> None
        self._values.append(float(value))

    def poll(self):
        # type: () -> List[float]
        values = list(self._values)
        self._values.clear()
        return values


class _Gauge(_Timer):
    """The last value set; all workers read the same store, so the largest is as good as any."""

    aggregators = ('max',)
    most = 1


_KINDS = ((COUNTERS, _Counter), (TIMERS, _Timer), (GAUGES, _Gauge))  # type: Any


def published_names():
    # type: () -> List[Text]
    """The names, without prefix, under which Vumi's aggregators hand the metrics on."""
    return sorted('%s.%s' % (name, aggregator) for names, kind in _KINDS for name in names
                  for aggregator in kind.aggregators)


class Metrics(object):
    """All metrics of one worker, under `prefix` (with its dot), every `interval` seconds of
    `clock`."""

    def __init__(self, clock, prefix, interval):
        # type: (Clock, Text, float) -> None
        self._prefix = prefix
        #: The job, for health.
        self.publishing = Periodic(clock, 'Publishing metrics', self._publish, interval)
        self._metrics = {name: kind() for names, kind in _KINDS for name in names}
        self._send = None  # type: Any

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

    def start(self, send):
        # type: (Callable[[Datapoints], Any]) -> None
        """Publish by `send` from now on: called with each new connection to the bus."""
        self.stop()
        self._send = send
        self.publishing.start()

    def stop(self):
        # type: () -> None
        """Publish no more; what is counted from now on waits for the next `start`."""
        self.publishing.stop()
        self._send = None

    def _publish(self):
        # type: () -> Any
        # As of now: Vumi's aggregator throws away what is told late, as after a pause of the bus.
        now = int(time.time())
        return self._send([
            (self._prefix + name, metric.aggregators, [(now, value) for value in metric.poll()])
            for name, metric in sorted(self._metrics.items())])
