"""Messages from the bus to a Snappy that answers at once, by the worker on Python 3 and on 2.7.

Each turn is that of `forwarding_fast`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import draining, two_pythons
from benchmarks.measure import Measure, at_least
from benchmarks.measures.forwarding_fast import CONCURRENCY, QUICK, WHOLE


def run(stage, options):
    """Alternately 2,500 messages by each."""
    stage.start_standin()
    count = options.size(WHOLE, QUICK)

    def turn(python):
        drained = draining.ours(stage, count, CONCURRENCY, 0.0, python=python)
        return drained.rate, drained.cpu
    return two_pythons.race(options, turn, 'ms of CPU a message')


MEASURE = Measure(
    'forwarding-python3', 'bus \u2192 Snappy at no latency: a worker on Python 3, to one on 2.7',
    at_least(1.5), 'messages/s', run, peer=two_pythons.PEER)
