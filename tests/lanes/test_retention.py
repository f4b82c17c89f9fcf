"""Sweeping goes through all that is old, a few tickets at a time, again and again."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted
from twisted.internet import defer, task

from vumi_snappy.lanes.retention import Sweeper
from vumi_snappy.store import StoreRefused

DAY = 86400.0


@pytest_twisted.inlineCallbacks
def test_a_sweep_goes_through_all_that_is_old_a_few_at_a_time(bench):
    for n in range(120):
        yield bench.opens(nonce='nonce%011d' % n, who='+2782000%04d' % n)
    yield bench.says('waits', who='+27829999999')
    bench.clock.advance(91 * DAY)
    clock = task.Clock()
    swept = []
    Sweeper(clock, bench.store, 90 * DAY).sweep().addCallback(swept.append)
    for _ in range(200):
        clock.advance(1)
        yield bench.store.figures()
        if swept:
            break
    assert swept == [120]
    assert (yield bench.store.figures())['tickets'] == 1


def test_a_store_that_refuses_is_asked_again_at_the_next_sweep():
    asked = []

    class Refusing(object):
        def sweep(self, *_):
            asked.append(1)
            return defer.fail(StoreRefused('no'))
    clock = task.Clock()
    sweeper = Sweeper(clock, Refusing(), DAY)
    sweeper.job.start()
    clock.pump([60] * 3)
    sweeper.job.stop()
    assert len(asked) == 3
