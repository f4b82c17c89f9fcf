"""Webhooks stored and answered, by the worker on Python 3 and on 2.7.

Each turn is that of ours in `webhooks_klein`, by a worker that is started for it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import two_pythons
from benchmarks.measure import Measure, at_least
from benchmarks.measures.webhooks_klein import QUICK, WHOLE, Taker


def run(stage, options):
    """Alternately 4,000 webhooks to each."""
    stage.start_standin()
    count = options.size(WHOLE, QUICK)

    def turn(python):
        taker = Taker(stage, python=python)
        rate, spent, _ = taker.take(taker.bodies(count))
        taker.worker.stop()
        return rate, spent
    return two_pythons.race(options, turn, 'ms of CPU a webhook while they come')


MEASURE = Measure(
    'webhooks-python3', 'webhooks stored and answered: a worker on Python 3, to one on 2.7',
    at_least(1.5), 'webhooks/s', run, peer=two_pythons.PEER)
