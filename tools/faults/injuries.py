"""What is broken, for how long, and how it is mended.

Each injury is begun and ended by blocking calls (in a thread); `seconds` is how long it lasts.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import time
from typing import Any, Callable, List, Text  # noqa: F401

import attr

#: Seconds between the beginnings, and the ends, of two injuries at once.
_OVERLAP = 1.0


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

    def along_with(self, other):
        # type: (Injury) -> Injury
        """Both at once; `other` begins a little earlier and is mended a little later, so that
        calls meet it also while nothing else is broken."""
        def begin():
            other.begin()
            time.sleep(_OVERLAP)
            self.begin()

        def end():
            self.end()
            time.sleep(_OVERLAP)
            other.end()
        return Injury('%s + %s' % (self.name, other.name), begin, end,
                      max(self.seconds, other.seconds))


def all_injuries(stack):
    # type: (Any) -> List[Injury]
    """Every kind, singly, on the parts of `stack` (a `tools.stack.Stack`), and some together."""
    singly = _of_servers(stack) + _of_snappy(stack.standin) + [_of_webhooks(stack.standin)]
    named = {injury.name: injury for injury in singly}
    return singly + [named[one].along_with(named[other]) for one, other in [
        ('Redis frozen', 'Snappy failing (500)'),
        ('Redis killed', 'Snappy cut off after the work'),
        ('Redis killed', 'webhooks doubled, late, out of order'),
        ('Redis killed', 'RabbitMQ killed'),
        ('RabbitMQ frozen', 'Snappy hanging after the work'),
        ("RabbitMQ's connections closed", 'webhooks doubled, late, out of order')]]


def _of_servers(stack):
    # type: (Any) -> List[Injury]
    rabbitmq, redis = stack.servers.rabbitmq, stack.servers.redis
    return [
        Injury('RabbitMQ restarted', rabbitmq.stop, rabbitmq.start, seconds=0.5),
        Injury('RabbitMQ killed', rabbitmq.kill, rabbitmq.start, seconds=0.5),
        Injury("RabbitMQ's connections closed", rabbitmq.close_all_connections, seconds=0.5),
        Injury('RabbitMQ frozen', rabbitmq.freeze, rabbitmq.thaw, seconds=8.0),
        Injury('Redis restarted', redis.stop, redis.start, seconds=0.5),
        Injury('Redis killed', redis.kill, redis.start, seconds=4.0),
        Injury('Redis frozen', redis.freeze, redis.thaw, seconds=8.0)]


def _of_snappy(standin):
    # type: (Any) -> List[Injury]
    def snappy(name, seconds=3.0, **rule):
        return Injury('Snappy ' + name, lambda: standin.add_fault(**rule), standin.clear_faults,
                      seconds)

    return [
        snappy('away', effect='reset_before'),
        snappy('slow', effect='latency', seconds=6.0, chance=0.3),
        snappy('hanging', effect='hang', chance=0.5),
        snappy('hanging after the work', effect='hang_after', chance=0.5),
        snappy('failing (500)', effect='status', status=500),
        snappy('failing (503, Retry-After)', effect='status', status=503, retry_after='1'),
        snappy('failing (500) after the work', effect='status_after', chance=0.5),
        snappy('overrun (429)', effect='status', status=429, chance=0.3),
        snappy('overrun (429, Retry-After)', effect='status', status=429, chance=0.3,
               retry_after='1'),
        snappy('cut off before the work', effect='reset_before', chance=0.5),
        snappy('cut off after the work', effect='reset_after', chance=0.5),
        snappy('answering garbage', effect='garbage', chance=0.5),
        snappy('refusing the key', effect='status', status=401)]


def _of_webhooks(standin):
    # type: (Any) -> Injury
    return Injury(
        'webhooks doubled, late, out of order',
        lambda: standin.post('hook', {'duplicate': 0.5, 'delay': 2.0}),
        lambda: standin.post('hook', {'duplicate': 0.0, 'delay': 0.0}), seconds=4.0)
