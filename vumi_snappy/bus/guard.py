"""How often and after which pauses a queue's messages are tried, and what the log says of it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import random
from typing import Any, Callable, List, Optional, Text  # noqa: F401

import attr
from twisted.internet.defer import Deferred  # noqa: F401
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.bus.failure_message import summary
from vumi_snappy.runtime import log


@attr.s(frozen=True)
class Guard(object):
    """What a consumer needs of its worker.  Times are seconds."""

    #: IReactorTime.
    clock = attr.ib()  # type: Any
    #: (body, reason, queue, trace) -> Deferred that fires when the failures queue surely has it.
    park = attr.ib()  # type: Callable[[bytes, Text, Text, List[Text]], Deferred]
    #: Called with a Failure when the consumer itself is broken, which only a new one can heal.
    broken = attr.ib()  # type: Callable[[Failure], None]
    first_delay = attr.ib(default=0.5)  # type: float
    max_delay = attr.ib(default=4.0)  # type: float
    #: How often a handler may fail on one message with an error that is not temporary.
    tries = attr.ib(default=5)  # type: int

    def delay(self, failures):
        # type: (int) -> float
        """Seconds to wait after so many failed attempts in a row: doubling, with jitter."""
        longest = min(self.max_delay, self.first_delay * 2 ** min(failures - 1, 32))
        return longest * random.uniform(0.75, 1.0)


class Trouble(object):
    """The failures in a row on one queue."""

    def __init__(self, guard):
        # type: (Guard) -> None
        self._guard = guard
        self._failures = 0
        self._since = None  # type: Optional[float]

    def failed(self, queue, failure):
        # type: (Text, Failure) -> float
        """One more try of a message of `queue` has failed.  Returns the seconds to wait."""
        self._failures += 1
        if self._since is None:
            self._since = self._guard.clock.seconds()
            log.warning('The messages of %s wait, the handler failed: %s'
                        % (queue, ' < '.join(reversed(summary(failure)))))
        return self._guard.delay(self._failures)

    def is_over(self, queue):
        # type: (Text) -> None
        """A try has worked."""
        if self._since is not None:
            log.msg('The messages of %s flow again, after %d failed attempts in %.1f seconds'
                    % (queue, self._failures, self._guard.clock.seconds() - self._since))
        self._failures, self._since = 0, None
