"""Calls of the store that are made together: one on its way, the others waiting for the next.

The busier Redis is, the more go together: what comes while a call is on its way waits for its
answer and then goes as one.  The first of a moment waits until the reactor has read what came with
it, no longer.

Promises: items are carried out in the order in which they were given, none before the answer to
those before it is there, and each Deferred fires with its own item's outcome.  When a whole call
fails, as it does when Redis is away, what waits behind it fails with the same error without being
tried: whoever tries again can do so in order, and nobody waits for a second time-out.  Where only
items of a call fail, what waits is tried all the same.  Nothing is tried again here.  At most
`room` items wait.  The store groups messages, notes and confirmed replies this way.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import deque
from typing import Any, Callable, List, Sequence  # noqa: F401

from twisted.internet import defer
from twisted.python import failure

from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store.errors import StoreUnavailable


class Grouping(object):
    """Groups the items given to `call` into calls of `call_all`, each of at most `most` items.

    `call_all(items)` returns a Deferred with the outcomes in the order of the items, a Failure for
    each that failed.
    """

    def __init__(self, clock, call_all, most=50, room=1000):
        # type: (Clock, Callable[[List[Any]], defer.Deferred], int, int) -> None
        self._clock = clock
        self._call_all = call_all
        self._most = most
        self._room = room
        self._waiting = deque()  # type: deque  # of (item, Deferred)
        self._begun = False  # a call is on its way, or about to be made

    def call(self, item):
        # type: (Any) -> defer.Deferred
        """Carry out `item`.  Fires with its outcome, or fails as it or its call did.

        Cancelling it takes the item back if it still waits.  Errors besides: `StoreUnavailable`
        where too many wait.
        """
        if len(self._waiting) >= self._room:
            return defer.fail(StoreUnavailable('%d calls wait for Redis' % (self._room,)))
        done = defer.Deferred(self._take_back)  # type: defer.Deferred
        self._waiting.append((item, done))
        if not self._begun:
            self._begun = True
            self._clock.callLater(0, self._next)
        return done

    def _take_back(self, cancelled):
        # type: (defer.Deferred) -> None
        self._waiting = deque(each for each in self._waiting if each[1] is not cancelled)

    def _next(self):
        # type: () -> None
        group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        self._begun = bool(group)
        if group:
            made = defer.maybeDeferred(self._call_all, [item for item, _ in group])
            made.addCallbacks(self._answered, self._failed, callbackArgs=[group],
                              errbackArgs=[group])
            made.addBoth(lambda _: self._next())

    @staticmethod
    def _answered(outcomes, group):
        # type: (Sequence[Any], Sequence[Any]) -> None
        # The failures last: who hears of one knows of all that worked.
        pairs = sorted(zip(group, outcomes),
                       key=lambda each: isinstance(each[1], failure.Failure))
        for (_, done), outcome in pairs:
            if not done.called:  # it may have been cancelled
                done.callback(outcome)

    def _failed(self, reason, group):
        # type: (failure.Failure, Sequence[Any]) -> None
        behind = list(self._waiting)
        self._waiting.clear()
        for _, done in list(group) + behind:
            if not done.called:
                done.errback(reason)
