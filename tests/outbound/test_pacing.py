"""Replies yield to webhooks, and are not starved."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet.task import Clock

from vumi_snappy.outbound.pacing import INTERVAL, PAUSED_AFTER, ReplyPacing


@pytest.fixture
def clock():
    clock = Clock()
    clock.advance(7200)
    return clock


@pytest.fixture
def pacing(clock):
    return ReplyPacing(clock)


def test_without_webhooks_there_is_no_delay(pacing):
    assert pacing.delay() == 0
    pacing.batch_begins()
    assert pacing.delay() == 0


def test_the_first_batch_after_a_while_goes_at_once(pacing):
    pacing.caller_waits()
    assert pacing.delay() == 0


def test_while_webhooks_come_there_is_a_batch_in_each_interval(clock, pacing):
    batches = 0
    for _ in range(1000):
        pacing.caller_waits()
        if not pacing.delay():
            pacing.batch_begins()
            batches += 1
        clock.advance(0.001)
    assert abs(batches - 1 / INTERVAL) <= 1


def test_when_webhooks_pause_the_delay_is_over(clock, pacing):
    pacing.caller_waits()
    pacing.batch_begins()
    assert 0 < pacing.delay() <= INTERVAL
    clock.advance(PAUSED_AFTER)
    assert pacing.delay() == 0


def test_no_delay_is_longer_though_the_clock_is_put_back(clock, pacing):
    pacing.caller_waits()
    pacing.batch_begins()
    clock.rightNow -= 3600
    assert pacing.delay() <= INTERVAL
