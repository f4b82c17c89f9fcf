"""A job that is done again and again for as long as the worker runs, whatever becomes of it.

Twisted's LoopingCall ends for good at the first error, and nobody hears of it.  Every periodic job
of the worker is a `Periodic`: it survives every error, logs the first of a streak and the end of
the streak, and tells of it by `trouble`, which health shows.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import random
from typing import Any, Callable, Tuple, Text  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.runtime.faults import fault
from vumi_snappy.runtime.ports import Clock  # noqa: F401

log = Logger()

#: What a job returns, or its Deferred fires with, when it need not be done again.
DONE = object()


class Streak(object):
    """Failures of `name` in a row: the first is logged, and that they are over.

    Errors of the types `told_elsewhere` are neither logged nor shown here.
    """

    def __init__(self, name, told_elsewhere=()):
        # type: (Text, Tuple[type, ...]) -> None
        self._name = name
        self._told_elsewhere = told_elsewhere
        self._count = 0
        #: Why it fails, in words; empty while it works.
        self.trouble = ''

    def worked(self):
        # type: () -> None
        """It worked this time."""
        if self._count:
            log.info('{name} works again, after {count} failures.', name=self._name,
                     count=self._count)
        self._count, self.trouble = 0, ''

    def failed(self, reason):
        # type: (Failure) -> None
        """It failed this time, and is tried again."""
        if reason.check(*self._told_elsewhere):
            return
        if not self._count:
            log.error('{name} failed and is tried again: {fault}', name=self._name,
                      fault=fault(reason))
        self._count += 1
        self.trouble = '%s fails (%s)' % (self._name, reason.type.__name__)


class Periodic(object):
    """Calls `call` every `every` seconds of `clock`; a call that takes longer is waited for.

    `name` says in the log and in health what is done.  `now`: the first call is made at once;
    otherwise after `every` seconds, or, with `spread`, after a random part of them, so that
    workers which were started together do not go together.  `told_elsewhere`: as for a `Streak`.
    """

    def __init__(self, clock, name, call, every, now=False, spread=False, told_elsewhere=()):
        # type: (Clock, Text, Callable, float, bool, bool, Tuple[type, ...]) -> None
        self._clock = clock
        self._call = call
        self._every = every
        self._now = now
        self._spread = spread
        self._streak = Streak(name, told_elsewhere)
        self._loop = task.LoopingCall(self._once)
        self._loop.clock = clock
        self._first = None  # type: Any
        self._running = None  # type: Any

    @property
    def trouble(self):
        # type: () -> Text
        """Why it fails, in words; empty while it works."""
        return self._streak.trouble

    def start(self):
        # type: () -> None
        """Begin; calling it again does nothing."""
        if self._loop.running or self._first is not None:
            return
        if self._spread:
            self._first = self._clock.callLater(self._every * random.random(), self._begin, True)
        else:
            self._begin(self._now)

    def stop(self):
        # type: () -> None
        """Do it no more; a call under way is cancelled.  It may be started again."""
        if self._first is not None:
            self._first.cancel()
            self._first = None
        if self._loop.running:
            self._loop.stop()
        if self._running is not None:
            self._running.cancel()

    def _begin(self, now):
        # type: (bool) -> None
        self._first = None
        self._loop.start(self._every, now=now)

    def _once(self):
        # type: () -> defer.Deferred
        self._running = defer.maybeDeferred(self._call)
        return self._running.addCallbacks(self._worked, self._failed).addBoth(self._over)

    def _over(self, _result):
        # type: (Any) -> None
        self._running = None

    def _worked(self, result):
        # type: (Any) -> None
        self._streak.worked()
        if result is DONE and self._loop.running:
            self._loop.stop()

    def _failed(self, reason):
        # type: (Failure) -> None
        if self._loop.running or not reason.check(defer.CancelledError):
            self._streak.failed(reason)
