"""Messages taken from the bus, stored and acked, by the worker on Python 3 and on 2.7.

Each turn is that of ours in `intake_echo`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import two_pythons
from benchmarks.measure import Measure, at_least
from benchmarks.measures.intake_echo import QUICK, WHOLE, ours


def run(stage, options):
    """Alternately 8,000 messages by each."""
    stage.start_standin()
    count = options.size(WHOLE, QUICK)
    return two_pythons.race(
        options, lambda python: ours(stage, count, python=python),
        'ms of CPU a message, start included')


MEASURE = Measure(
    'intake-python3', 'bus \u2192 stored and acked: a worker on Python 3, to one on 2.7',
    at_least(1.5), 'messages/s', run, peer=two_pythons.PEER)
