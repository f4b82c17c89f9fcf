"""Messages from the bus to a Snappy that answers at once, to bare treq: what the worker costs.

The stand-in, which is Python as well, shares the machine with all of it.  How much CPU each part
takes a message is told beside the ratio, and what treq does when it is told to send a body with
its head, as the worker does.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import draining, figures
from benchmarks.measure import Measure, at_least

CONCURRENCY = 20
#: Messages of a turn, and of one in a quick run.
WHOLE, QUICK = 2500, 100


def run(stage, options):
    """Alternately 2,500 messages by a worker and by treq; then by treq with bodies at once."""
    count = options.size(WHOLE, QUICK)
    found = draining.race(stage, options, count, CONCURRENCY, 0.0)
    at_once = figures.median([
        draining.treq(stage, count, CONCURRENCY, 0.0, '--at-once').rate
        for _ in range(options.repeats)])
    found.extra['treq that sends a body with its head (messages/s)'] = at_once
    found.extra['ours to that'] = figures.median(found.ours) / at_once
    return found


MEASURE = Measure(
    'forwarding-fast', 'the same at no latency, to bare treq', at_least(0.5), 'messages/s', run,
    peer='bare treq')
