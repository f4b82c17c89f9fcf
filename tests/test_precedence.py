"""Webhooks go before the replies that they bring, and the replies are not starved."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from twisted.internet.task import Clock

from vumi_snappy.precedence import INTERVAL, PAUSED_AFTER, Precedence


def test_while_nothing_goes_first_there_is_no_pause():
    clock = Clock()
    precedence = Precedence(clock)
    assert precedence.pause() == 0
    precedence.begun()
    assert precedence.pause() == 0


def test_the_first_batch_after_a_while_goes_at_once():
    clock = Clock()
    precedence = Precedence(clock)
    clock.advance(60)
    precedence.came()
    assert precedence.pause() == 0


def test_while_webhooks_come_there_is_a_batch_in_each_interval():
    clock = Clock()
    precedence = Precedence(clock)
    begun = 0
    for _ in range(1000):
        precedence.came()
        if not precedence.pause():
            precedence.begun()
            begun += 1
        clock.advance(0.001)
    assert abs(begun - 1 / INTERVAL) <= 1


def test_when_they_pause_the_wait_is_over():
    clock = Clock()
    precedence = Precedence(clock)
    precedence.came()
    precedence.begun()
    assert 0 < precedence.pause() <= INTERVAL
    clock.advance(PAUSED_AFTER)
    assert precedence.pause() == 0


def test_no_wait_is_longer_though_the_clock_is_put_back():
    clock = Clock()
    clock.advance(7200)
    precedence = Precedence(clock)
    precedence.came()
    precedence.begun()
    clock.rightNow -= 3600
    assert precedence.pause() <= INTERVAL
