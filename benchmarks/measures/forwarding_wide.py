"""As `forwarding_treq`, at a concurrency of 60: where the worker's own cost begins to be seen."""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import draining
from benchmarks.measure import Measure, reported

#: Calls at once (`snappy_concurrency`), and seconds that each takes.
CONCURRENCY, LATENCY = 60, 0.2


def run(stage, options):
    """Alternately 2,500 messages by a worker and by treq."""
    return draining.race(stage, options, options.size(2500, 100), CONCURRENCY, LATENCY)


MEASURE = Measure(
    'forwarding-wide', 'the same with 60 calls at once instead of 20', reported(), 'messages/s',
    run, peer='bare treq')
