"""The rate limit counts what passed in the last minute."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from twisted.internet.task import Clock

from vumi_snappy.standin.limit import RateLimit


def test_so_many_calls_pass_in_any_minute_and_no_more():
    clock = Clock()
    limit = RateLimit(clock.seconds, 2)
    assert limit.take() == 0
    clock.advance(20)
    assert limit.take() == 0
    clock.advance(10)
    assert limit.take() == 30  # the first one passed 30 seconds ago
    clock.advance(30)
    assert limit.take() == 0
    assert limit.take() == 20


def test_calls_that_were_refused_do_not_count():
    clock = Clock()
    limit = RateLimit(clock.seconds, 1)
    limit.take()
    for _ in range(59):
        clock.advance(1)
        assert limit.take()
    clock.advance(1)
    assert not limit.take()


def test_no_limit_lets_everybody_pass():
    limit = RateLimit(Clock().seconds, 0)
    assert not any(limit.take() for _ in range(1000))
