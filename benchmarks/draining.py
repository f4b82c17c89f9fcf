"""Drain messages from the bus to Snappy: a run of ours, and one of bare treq.

Both are measured by the stand-in's own ledger: calls per second, from the first call's arrival to
the last one's response.  Used by the measures of forwarding.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Optional, Text  # noqa: F401

import attr

from benchmarks import figures
from benchmarks.measure import Options, Result  # noqa: F401
from tools.processes import ProcessFailed


@attr.s(frozen=True, slots=True)
class Drained(object):
    """A run: messages per second, and milliseconds of CPU per message by part."""

    rate = attr.ib()  # type: float
    cpu = attr.ib(factory=dict)  # type: Any


class Cpu(object):
    """CPU time of parts of a stage between its creation and `each(count)`."""

    def __init__(self, stage, **parts):
        # type: (Any, **Any) -> None
        self._stage, self._parts = stage, parts
        self._before = self._now()

    def _now(self):
        return {name: self._stage.usage(part)[0] for name, part in self._parts.items()}

    def each(self, count):
        # type: (int) -> Any
        """Milliseconds of CPU, by part, for each of `count` messages."""
        after = self._now()
        return {name: 1000.0 * (after[name] - self._before[name]) / count for name in after}


def ours(stage, count, concurrency, latency, transport_name=None, **options):
    # type: (Any, int, int, float, Optional[Text], **Any) -> Drained
    """`count` messages of as many people, who never wrote before, wait on the bus; a worker is
    started.

    Every one of them opens a ticket, by one call.  Without a `transport_name`, the store is empty.
    """
    first = 0
    if transport_name is None:
        transport_name = stage.fresh_name()
    else:
        first = next(stage.numbers) * count
    before = stage.reset_standin()
    stage.fill(transport_name, count, first + count, first=first)
    broker, redis = stage.servers.rabbitmq.process, stage.servers.redis.process
    worker = stage.start_worker('worker-%s-%d' % (transport_name, first), transport_name,
                                snappy_concurrency=concurrency, **options)
    cpu = Cpu(stage, redis=redis, rabbitmq=broker, standin=stage.standin_process)
    started = stage.usage(worker)[0]
    times = [call['at'] for call in stage.await_tickets(before, count)]
    spent = dict(cpu.each(count), worker=1000.0 * (stage.usage(worker)[0] - started) / count)
    worker.stop()
    return Drained(figures.rate(times, latency), spent)


def treq(stage, count, concurrency, latency, *more):
    # type: (Any, int, int, float, *Any) -> Drained
    """The same notes, posted by `benchmarks.processes.treq_client`, with `more` arguments."""
    before = stage.reset_standin()
    cpu = Cpu(stage, standin=stage.standin_process)
    outcome = stage.drive(
        'benchmarks.processes.treq_client', '--url', stage.standin.api_url,
        '--key', stage.standin.api_key, '--count', count, '--concurrency', concurrency, *more)
    if outcome['accepted'] != count:
        raise ProcessFailed('the stand-in accepted %d of %d notes' % (outcome['accepted'], count))
    times = [call['at'] for call in stage.await_tickets(before, count)]
    return Drained(figures.rate(times, latency),
                   dict(cpu.each(count), client=1000.0 * outcome['cpu'] / count))


def costs(runs):
    # type: (Any) -> Any
    """The median CPU times of runs of ours, for a result's `extra`."""
    return OrderedDict(
        ('ms of CPU a message, %s' % (name,),
         figures.median([each.cpu[name] for each in runs]))
        for name in ('worker', 'redis', 'rabbitmq', 'standin'))


def race(stage, options, count, concurrency, latency):
    # type: (Any, Options, int, int, float) -> Result
    """Ours and bare treq in turn."""
    stage.start_standin(latency=latency)
    runs = []
    for _ in range(options.repeats):
        runs.append((ours(stage, count, concurrency, latency),
                     treq(stage, count, concurrency, latency)))
        options.say('ours %.1f/s, treq %.1f/s' % (runs[-1][0].rate, runs[-1][1].rate))
    found = Result([each[0].rate for each in runs], [each[1].rate for each in runs])
    found.extra['calls at once'] = concurrency
    if latency:
        found.extra['calls a second that latency and concurrency allow'] = concurrency / latency
    found.extra.update(costs([each[0] for each in runs]))
    for name in ('client', 'standin'):
        found.extra['ms of CPU a message, with treq: %s' % (name,)] = figures.median(
            [each[1].cpu[name] for each in runs])
    return found
