"""The loop that takes work out of a lane of the store: claims, leases, concurrency, shutdown.

Promises: never more than `concurrency` attempts at once; leases are kept while an attempt runs,
and an attempt whose lease is lost is cancelled; an unexpected error gives the work back and is
logged without its text; `stop` ends within its bound.  The forwarder and the responder use it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import random
from typing import Any, Callable, Dict, Optional, Sequence, Text, Tuple  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger
from twisted.python import failure  # noqa: F401

from vumi_snappy.records import ParkReason
from vumi_snappy.runtime.faults import fault
from vumi_snappy.runtime.periodic import Periodic, Streak
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store.errors import StoreUnavailable

log = Logger()

#: Tries of an attempt that fails through a fault of our own before it is parked.
_OWN_FAULTS = 5


@defer.inlineCallbacks
def persist(clock, call, *args, **kwargs):
    # type: (Any, Callable[..., defer.Deferred], *Any, **Any) -> defer.Deferred
    """Call a method of the store until it works: for what must not be forgotten once it happened.
    """
    delay = 0.1
    while True:
        try:
            defer.returnValue((yield call(*args, **kwargs)))
        except StoreUnavailable:
            yield task.deferLater(clock, delay * random.uniform(0.8, 1.2), lambda: None)
            delay = min(delay * 2, 1.0)


class _FullSpeed(object):
    """The pacing of work that yields to nothing."""

    def delay(self):
        # type: () -> float
        return 0.0

    def batch_begins(self):
        # type: () -> None
        pass

    def caller_waits(self):
        # type: () -> None
        pass


class LaneRunner(object):
    """Runs `handle(attempt)`, which returns a Deferred, for what `lane.claim()` gives, as soon as
    the lane wakes it.

    `poll` (seconds) is how often it asks when nothing woke it; `together` is how many it takes at
    most by one claim.  Where that is more than one it claims when the reactor has read all that
    came in the same moment, and not before `pacing.delay()` (seconds) is over.  It calls
    `pacing.batch_begins()` at each claim, and `pacing.caller_waits()` where its work is to yield.
    """

    def __init__(self, clock, lane, handle, concurrency, name, poll=0.5, together=1,
                 pacing=_FullSpeed()):
        # type: (Clock, Any, Callable[[Any], defer.Deferred], int, Text, float, int, Any) -> None
        self._clock = clock
        self._lane = lane
        self._handle = handle
        self._concurrency = concurrency
        self._name = name
        self._poll = poll
        self._together = together
        self._pacing = pacing
        self._running = False
        self._claiming = False
        self._kicked = False
        self._next = None  # type: Any
        self._soon = False
        self._under_way = {}  # type: Dict[Text, Tuple[Any, defer.Deferred]]
        #: What keeps the leases, for health; and how claiming goes, likewise.
        self.renewing = Periodic(clock, 'Renewing the leases of the %s' % (name,), self._renew,
                                 lane.lease / 3.0, told_elsewhere=(StoreUnavailable,))
        self.claiming = Streak('Claiming work for the %s' % (name,),
                               (StoreUnavailable, defer.CancelledError))
        self._idle = None  # type: Optional[defer.Deferred]
        lane.wake = self.kick

    def start(self):
        # type: () -> None
        """Begin to claim; calling it again does nothing."""
        if self._running:
            return
        self._running = True
        self.renewing.start()  # or it has gone on since `pause`
        self._step()

    def pause(self):
        # type: () -> None
        """Claim no more; what is under way goes on."""
        self._running = False
        self._cancel_next()

    @defer.inlineCallbacks
    def stop(self, within):
        # type: (float) -> defer.Deferred
        """Claim no more and fire when nothing is under way, or after `within` seconds.

        What is not done by then is cancelled; its lease runs out and others look after it.
        """
        self.pause()
        if self._under_way or self._claiming:
            self._idle = defer.Deferred()
            alarm = self._clock.callLater(within, self._cancel_all)
            yield self._idle
            if alarm.active():
                alarm.cancel()
        self.renewing.stop()

    def kick(self, caller_waits=False):
        # type: (bool) -> None
        """There is new work: claim it now.  `caller_waits`: those who brought it wait for an
        answer, and go first."""
        if caller_waits:
            self._pacing.caller_waits()
        if not self._running:
            return
        if self._claiming:
            self._kicked = True
        else:
            self._go_on()

    @property
    def under_way(self):
        # type: () -> int
        """Attempts that run now."""
        return len(self._under_way)

    def _cancel_next(self):
        # type: () -> None
        self._soon = False
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None

    def _go_on(self):
        # type: () -> None
        """Claim, if there is room for more."""
        if self._together == 1:
            self._step()
        elif not self._soon:
            self._cancel_next()
            self._soon = True
            self._next = self._clock.callLater(self._pacing.delay(), self._step)

    def _step(self):
        # type: () -> None
        self._cancel_next()
        room = self._concurrency - len(self._under_way)
        if not self._running or self._claiming or room <= 0:
            return
        self._claiming, self._kicked = True, False
        self._pacing.batch_begins()
        self._lane.claim(min(room, self._together)).addCallbacks(
            self._claimed, self._claim_failed)

    def _claim_failed(self, reason):
        # type: (failure.Failure) -> None
        self._claiming = False
        self.claiming.failed(reason)
        self._settle(self._poll)

    def _claimed(self, claimed):
        # type: (Tuple[Sequence[Any], Any]) -> None
        attempts, wait = claimed
        self._claiming = False
        self.claiming.worked()
        for attempt in attempts:
            done = defer.maybeDeferred(self._handle, attempt)
            self._under_way[attempt.thread] = (attempt, done)
            done.addErrback(self._own_fault, attempt)
            done.addBoth(self._done, attempt)
        if wait is None or self._kicked:
            self._settle(0)
        else:
            seconds = self._poll if wait.seconds < 0 else min(wait.seconds, self._poll)
            self._settle(max(seconds, 0.005))

    def _settle(self, seconds):
        # type: (float) -> None
        if self._running:
            if not seconds:
                self._go_on()
            elif not self._soon:
                self._cancel_next()
                self._next = self._clock.callLater(
                    max(seconds, self._pacing.delay()), self._step)
        self._tell_idle()

    def _done(self, _ignored, attempt):
        # type: (Any, Any) -> None
        # Where its lease ran out, the thread's next attempt may be there already.
        current = self._under_way.get(attempt.thread)
        if current is not None and current[0] is attempt:
            del self._under_way[attempt.thread]
        if self._running:
            self._go_on()
        self._tell_idle()

    def _tell_idle(self):
        # type: () -> None
        if self._idle is not None and not self._under_way and not self._claiming:
            idle, self._idle = self._idle, None
            idle.callback(None)

    def _own_fault(self, reason, attempt):
        # type: (failure.Failure, Any) -> Optional[defer.Deferred]
        if reason.check(defer.CancelledError, StoreUnavailable):
            return None
        # The exception's own text may quote what it could not handle: name its type alone.
        log.error('Unexpected error in the {name}, ticket {ticket}: {fault}',
                  name=self._name, ticket=attempt.ticket, fault=fault(reason))
        text = ParkReason.OWN_FAULT.text(reason.type.__name__)
        if attempt.tries + 1 >= _OWN_FAULTS:
            d = self._lane.park(attempt, text)
        else:
            d = self._lane.retry(attempt, 2.0 ** attempt.tries, look=True, why=text)
        return d.addErrback(lambda lost: lost.trap(StoreUnavailable) and None)

    @defer.inlineCallbacks
    def _renew(self):
        # type: () -> defer.Deferred
        held = [(attempt.thread, attempt.token) for attempt, _ in self._under_way.values()]
        if not held:
            return
        lost = yield self._lane.renew(held)
        tokens = dict(held)
        for thread in lost:
            current = self._under_way.get(thread)
            if current is not None and current[0].token == tokens[thread]:
                current[1].cancel()

    def _cancel_all(self):
        # type: () -> None
        for _, done in list(self._under_way.values()):
            done.cancel()
        # Whatever ignores its cancellation is let go.
        self._under_way.clear()
        self._claiming = False
        self._tell_idle()
