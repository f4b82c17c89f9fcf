"""How long a message takes from the bus until Snappy has accepted it, under half the load that the
worker can bear, at 200 ms latency of Snappy's, which is a part of it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

from benchmarks import draining, figures
from benchmarks.measure import Measure, Result, reported

CONCURRENCY, LATENCY = 60, 0.2
_PUBLISHED = re.compile('Number [0-9]+ at ([0-9.]+)[.]')


def run(stage, options):
    """The most that it can bear, then half of that for 20 seconds."""
    stage.start_standin(latency=LATENCY)
    most = draining.ours(stage, options.size(2000, 100), CONCURRENCY, LATENCY).rate
    rate = round(most / 2, 1)
    medians, last = [], []
    for _ in range(options.repeats):
        name, before = stage.fresh_name(), stage.reset_standin()
        worker = stage.start_worker('worker-%s' % (name,), name, snappy_concurrency=CONCURRENCY)
        count = int(rate * options.size(20, 2))
        stage.fill(name, count, rate=rate)
        calls = stage.await_tickets(before, count)
        took = [1000.0 * (call['at'] + LATENCY - float(
            _PUBLISHED.findall(call['body']['message'])[0])) for call in calls]
        medians.append(figures.median(took))
        last.append(figures.percentile(took, 99))
        options.say('median %.0f ms, 99th percentile %.0f ms' % (medians[-1], last[-1]))
        worker.stop()
    found = Result(medians)
    found.extra['99th percentile (ms)'] = figures.median(last)
    found.extra['load (messages a second)'] = rate
    return found


MEASURE = Measure(
    'latency', "bus \u2192 Snappy's acceptance at half the most load and 200 ms latency, median",
    reported(), 'ms', run)
