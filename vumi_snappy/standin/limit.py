"""Snappy's rate limit: so many requests in any 60 seconds (its documents say 200 an account)."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import deque
from typing import Callable  # noqa: F401

#: Seconds over which requests are counted.
WINDOW = 60.0


class RateLimit(object):
    """Lets `most` calls through in any minute (0: all); `clock()` gives seconds."""

    def __init__(self, clock, most):
        # type: (Callable[[], float], int) -> None
        self._clock = clock
        self.most = most
        self._passed = deque()  # type: deque

    def take(self):
        # type: () -> float
        """0.0, and the call is counted; or the seconds until the next one may pass."""
        now = self._clock()
        while self._passed and self._passed[0] <= now - WINDOW:
            self._passed.popleft()
        if self.most and len(self._passed) >= self.most:
            return self._passed[0] + WINDOW - now
        if self.most:
            self._passed.append(now)
        return 0.0

    def reset(self):
        # type: () -> None
        """Forget the calls that passed."""
        self._passed.clear()
