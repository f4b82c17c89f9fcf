"""Throttle wrong secrets per client address: when one is answered, and when to try again."""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from ipaddress import ip_network
from typing import Any, Callable  # noqa: F401

from twisted.internet import defer, task

from vumi_snappy.runtime.ports import Clock  # noqa: F401

#: Wrong secrets that are answered at once; each further one doubles the delay (seconds).
_FREE, _FIRST_DELAY, _LONGEST_DELAY = 3, 0.25, 8.0
#: Seconds without a wrong secret after which a caller's count starts again.
_FORGIVEN_AFTER = 600.0
#: Callers remembered, and responses delayed at once: guessing must not fill the memory, nor take
#: all connections.
_MOST_REMEMBERED, _MOST_DELAYED = 1000, 50


def _delay(count):
    # type: (int) -> float
    return 0.0 if count <= _FREE else min(
        _FIRST_DELAY * 2 ** min(count - _FREE - 1, 10), _LONGEST_DELAY)


def _key(caller):
    # type: (Any) -> Any
    # Who has one address of IPv6 has a network of 2**64.
    return ip_network('%s/64' % (caller,), strict=False) if getattr(
        caller, 'version', 4) == 6 else caller


class SecretThrottle(object):
    """Who gave wrong secrets lately, by any key (a caller's address, a name); remembers `most`."""

    def __init__(self, clock, most=_MOST_REMEMBERED):
        # type: (Clock, int) -> None
        self._clock = clock
        self._most = most
        self._seen = OrderedDict()  # type: OrderedDict
        self._delayed = 0

    def rejected(self, caller, log_first):
        # type: (Any, Callable[[], None]) -> defer.Deferred
        """Count a wrong secret from `caller`; fires when it may be answered.  `log_first` is called
        for its first one: to log each would let anybody fill the log."""
        count = self.count_wrong(caller)
        if count == 1:
            log_first()
        return self.delayed(count)

    def seconds_left(self, caller):
        # type: (Any) -> float
        """Seconds before `caller` may try again; 0: now."""
        count, at = self._seen.get(_key(caller), (0, 0.0))
        return max(at + _delay(count) - self._clock.seconds(), 0.0)

    def forgive(self, caller):
        # type: (Any) -> None
        """`caller` gave the right secret."""
        self._seen.pop(_key(caller), None)

    def count_wrong(self, caller):
        # type: (Any) -> int
        """Count a wrong secret from `caller` (None: not known); returns its count."""
        key = _key(caller)
        now = self._clock.seconds()
        count, at = self._seen.pop(key, (0, now))
        count = count + 1 if now - at < _FORGIVEN_AFTER else 1
        self._seen[key] = (count, now)
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return count

    def delayed(self, count):
        # type: (int) -> defer.Deferred
        """Fires when the wrong secret of that `count` may be answered."""
        delay = _delay(count)
        if not delay or self._delayed >= _MOST_DELAYED:
            return defer.succeed(None)
        self._delayed += 1
        return task.deferLater(self._clock, delay, lambda: None).addBoth(self._released)

    def _released(self, result):
        self._delayed -= 1
        return result
