"""Snappy's limit is never passed in any minute, and is used when there is work."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.store.conftest import claim
from vumi_snappy.store.lanes import rate_limit


@pytest.mark.parametrize('limit', [10, 60, 200, 1000])
@pytest_twisted.inlineCallbacks
def test_no_minute_holds_more_calls_than_the_limit(make_bench, limit):
    bench = yield make_bench(rate_limit=limit)
    calls = []
    end = bench.clock.seconds() + 180
    while bench.clock.seconds() < end:
        wait = yield bench.store.forwards.take_call()
        if wait:
            bench.clock.advance(wait + 1e-6)
        else:
            calls.append(bench.clock.seconds())
    most = max(sum(1 for each in calls if start <= each < start + 60) for start in calls)
    assert most <= limit
    assert len(calls) >= 3 * (limit - rate_limit(limit)['burst'])
    if limit >= 200:
        assert len(calls) >= 3 * limit * 0.96


@pytest.mark.parametrize('limit', [1, 2, 3, 10, 59, 200, 5000])
def test_the_burst_and_the_refill_together_stay_under_the_limit(limit):
    rules = rate_limit(limit)
    assert rules['burst'] + rules['refill'] * 60 <= max(limit, 1.5)


@pytest_twisted.inlineCallbacks
def test_a_claim_waits_for_the_limit_and_keeps_its_place(make_bench):
    bench = yield make_bench(rate_limit=20)
    for n in range(3):
        yield bench.says('help', who='+2782000200%d' % n)
        bench.clock.advance(0.01)
    first = yield claim(bench.store.forwards)
    held = yield claim(bench.store.forwards)
    assert held.why == 'rate'
    bench.clock.advance(held.seconds + 0.001)
    second = yield claim(bench.store.forwards)
    assert (first.from_addr, second.from_addr) == ('+27820002000', '+27820002001')


@pytest_twisted.inlineCallbacks
def test_workers_share_one_limit(make_bench):
    bench = yield make_bench(rate_limit=20)
    other = yield bench.another()
    assert (yield bench.store.forwards.take_call()) == 0
    assert (yield other.forwards.take_call()) > 0
