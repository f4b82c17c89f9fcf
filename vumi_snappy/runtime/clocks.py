"""The two clocks of a process: one for intervals, one for times that are stored or shown.

On Python 2, Twisted takes the wall clock for both: set back by an hour (by NTP, by hand, by a
virtual machine that was moved), it stops every delayed call, loop and heartbeat for that hour.
`use_monotonic_clock` gives the reactor a clock for intervals that cannot be set.  Whoever needs
the time of day asks `wall_time`.  The worker and the command line call the first, once, at their
start.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys
import time
from typing import Any  # noqa: F401

if sys.version_info[0] == 2:
    from monotonic import monotonic
else:
    from time import monotonic


def use_monotonic_clock(reactor):
    # type: (Any) -> None
    """Let `reactor.seconds` go forward evenly from now on; calling it again does nothing.

    It begins at the wall clock's time, so that calls which were scheduled before stay due when
    they were.
    """
    if hasattr(reactor, 'wall_time'):
        return
    began = time.time() - monotonic()
    reactor.seconds = lambda: began + monotonic()
    reactor.wall_time = time.time


def wall_time(clock):
    # type: (Any) -> float
    """The time of day beside `clock` (a reactor), in seconds since the epoch.

    The clock of a test, which has no other, is both.
    """
    return getattr(clock, 'wall_time', clock.seconds)()
