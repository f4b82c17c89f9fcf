"""The options for a call that failed: exponential backoff, and when to give it up.  Pure.

The forwarder's; RabbitMQ's messages have `bus.guard`, the extras a few fixed delays.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr


@attr.s(frozen=True, slots=True)
class Backoff(object):
    """The pauses between tries; all but `factor` are seconds.  The forwarder gives up."""

    initial = attr.ib(default=1.0)  # type: float
    factor = attr.ib(default=3.0)  # type: float
    longest = attr.ib(default=3600.0)  # type: float
    give_up_after = attr.ib(default=72 * 3600.0)  # type: float

    def delay(self, tries, random_value):
        # type: (int, float) -> float
        """Seconds before the next try, after `tries` tries; `random_value` is from 0 to 1.

        Half of the delay is left to chance, so that what failed together does not come back
        together.
        """
        exponent = min(tries, 200)
        full = min(self.initial * self.factor ** exponent, self.longest)
        return full * (0.5 + 0.5 * random_value)
