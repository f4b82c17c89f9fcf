"""What is broken, for how long, and how it is mended.

Each injury is begun and ended by blocking calls (in a thread); `seconds` is how long it lasts.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, List, Text  # noqa: F401

import attr


def _nothing():
    # type: () -> None
    """It mends itself."""


@attr.s(frozen=True)
class Injury(object):
    """One thing broken: `begin()`, `seconds` of it, `end()`."""

    name = attr.ib()  # type: Text
    begin = attr.ib()  # type: Callable[[], Any]
    end = attr.ib(default=_nothing)  # type: Callable[[], Any]
    seconds = attr.ib(default=3.0)  # type: float


def all_injuries(stack):
    # type: (Any) -> List[Injury]
    """Every kind, on the parts of `stack` (a `tools.stack.Stack`)."""
    rabbitmq, redis, standin = stack.servers.rabbitmq, stack.servers.redis, stack.standin

    def snappy(name, *rules, **options):
        def begin():
            for rule in rules:
                standin.add_fault(**rule)
        return Injury('Snappy ' + name, begin, standin.clear_faults, **options)

    def hook(**options):
        return lambda: standin.set_hook(stack.hook_url(0), **options)

    def both_ends():
        redis.freeze()
        standin.add_fault(effect='status', status=500)

    def both_mended():
        redis.thaw()
        standin.clear_faults()

    return [
        Injury('RabbitMQ restarted', rabbitmq.restart),
        Injury('RabbitMQ killed', lambda: (rabbitmq.kill(), rabbitmq.start())),
        Injury("RabbitMQ's connections closed", rabbitmq.close_all_connections, seconds=0.5),
        Injury('RabbitMQ frozen', rabbitmq.freeze, rabbitmq.thaw, seconds=8.0),
        Injury('Redis restarted', redis.restart, seconds=0.5),
        Injury('Redis killed', redis.kill, redis.start, seconds=4.0),
        Injury('Redis frozen', redis.freeze, redis.thaw, seconds=8.0),
        snappy('refusing', dict(effect='reset_before')),
        snappy('slow', dict(effect='latency', seconds=1.5)),
        snappy('slower than the timeout', dict(effect='latency', seconds=4.0, chance=0.3),
               seconds=6.0),
        snappy('hanging', dict(effect='hang', chance=0.5)),
        snappy('hanging after the work', dict(effect='hang_after', chance=0.5)),
        snappy('failing (500)', dict(effect='status', status=500)),
        snappy('failing (500) after the work', dict(effect='status_after', chance=0.5)),
        snappy('overrun (429)', dict(effect='status', status=429, chance=0.3)),
        snappy('overrun (429, Retry-After)', dict(effect='status', status=429, chance=0.3,
                                                  retry_after='1')),
        snappy('cut off before the work', dict(effect='reset_before', chance=0.5)),
        snappy('cut off after the work', dict(effect='reset_after', chance=0.5)),
        snappy('answering garbage', dict(effect='garbage', chance=0.5)),
        snappy('refusing the key', dict(effect='status', status=401)),
        Injury('webhooks doubled, late and out of order', hook(duplicate=0.5, delay=2.0),
               hook(duplicate=0.0, delay=0.0), seconds=4.0),
        Injury('Redis frozen and Snappy failing', both_ends, both_mended, seconds=5.0),
    ]
