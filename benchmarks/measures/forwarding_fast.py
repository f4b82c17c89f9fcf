"""Messages from the bus to a Snappy that answers at once, to bare treq: what the worker costs.

The stand-in, which is Python as well, is the limit of treq, and shares the machine with all of it:
how much CPU each part takes a message is told beside the ratio.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from benchmarks import draining
from benchmarks.measure import Measure, at_least

CONCURRENCY = 20


def run(stage, options):
    """Alternately 2,500 messages by a worker and by treq."""
    return draining.race(stage, options, options.size(2500, 100), CONCURRENCY, 0.0)


MEASURE = Measure(
    'forwarding-fast', 'the same at no latency, to bare treq', at_least(0.5), 'messages/s', run,
    peer='bare treq')
