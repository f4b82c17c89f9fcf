"""Messages from the bus to Snappy, where Snappy takes 200 ms a call, to bare treq that posts the
same notes at the same concurrency, which is the worker's default: does the way through bus and
store cost any of the speed that Snappy's latency leaves?
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import draining
from benchmarks.measure import Measure, at_least

#: Calls at once (`snappy_concurrency`), and seconds that each takes.
CONCURRENCY, LATENCY = 20, 0.2


def run(stage, options):
    """Alternately 1,500 messages by a worker and by treq."""
    return draining.race(stage, options, options.size(1500, 100), CONCURRENCY, LATENCY)


MEASURE = Measure(
    'forwarding-treq', 'messages bus \u2192 Snappy at 200 ms latency, to bare treq',
    at_least(0.95), 'messages/s', run, peer='bare treq')
