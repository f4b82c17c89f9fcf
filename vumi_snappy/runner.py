"""The loop that takes work out of a lane of the store: claims, leases, concurrency, shutdown.

Promises: never more than `concurrency` attempts at once; leases are kept while an attempt runs,
and an attempt whose lease is lost is cancelled; an unexpected error gives the work back and is
logged without its text; `stop` ends within its bound.  The forwarder and the responder use it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import random
from typing import Any, Callable, Dict, Optional, Text, Tuple  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger
from twisted.python import failure  # noqa: F401

from vumi_snappy.store.errors import StoreUnavailable

log = Logger()

#: Tries of an attempt that fails through a fault of our own before it is parked.
_OWN_FAULTS = 5


@defer.inlineCallbacks
def persist(clock, call, *args, **kwargs):
    """Call a method of the store until Redis has answered it.

    For what must not be forgotten once it has happened.  Every call of the store may be repeated.
    """
    delay = 0.1
    while True:
        try:
            answer = yield call(*args, **kwargs)
        except StoreUnavailable:
            yield task.deferLater(clock, delay * random.uniform(0.8, 1.2), lambda: None)
            delay = min(delay * 2, 1.0)
        else:
            defer.returnValue(answer)


class _Always(object):
    """Nothing goes first."""

    def pause(self):
        return 0.0

    def begun(self):
        pass


#: The precedence of what need not wait for anything.
ALWAYS = _Always()


class LaneRunner(object):
    """Runs `handle(attempt)`, which returns a Deferred, for what `lane.claim_some()` gives.

    `poll` (seconds) is how often it asks when it was told of nothing; `together` is how many it
    takes at most by one claim.  Where that is more than one it claims when the reactor has read
    all that came in the same moment, and not before `precedence.pause()` (seconds) is over; a
    claim that is made is told to `precedence.begun()`.
    """

    def __init__(self, clock, lane, handle, concurrency, name, poll=0.5, together=1,
                 precedence=ALWAYS):
        # type: (Any, Any, Callable[[Any], defer.Deferred], int, Text, float, int, Any) -> None
        self._clock = clock
        self._lane = lane
        self._handle = handle
        self._concurrency = concurrency
        self._name = name
        self._poll = poll
        self._together = together
        self._precedence = precedence
        self._running = False
        self._claiming = False
        self._kicked = False
        self._next = None  # type: Any
        self._soon = False
        self._under_way = {}  # type: Dict[Text, Tuple[Any, defer.Deferred]]
        self._renewing = None  # type: Any
        self._idle = None  # type: Optional[defer.Deferred]
        self._claim = None  # type: Any

    def start(self):
        # type: () -> None
        """Begin to claim; calling it again does nothing."""
        if self._running:
            return
        self._running = True
        if self._renewing is None:  # else it has gone on since `pause`
            self._renewing = task.LoopingCall(self._renew)
            self._renewing.clock = self._clock
            self._renewing.start(self._lane.lease / 3.0, now=False)
        self._step()

    def pause(self):
        # type: () -> None
        """Claim no more; what is under way goes on."""
        self._running = False
        self._cancel_next()

    @defer.inlineCallbacks
    def stop(self, within):
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
        renewing, self._renewing = self._renewing, None
        if renewing is not None:
            renewing.stop()

    def kick(self):
        # type: () -> None
        """There is something new: ask for it now."""
        if not self._running:
            return
        if self._claiming:
            self._kicked = True
        else:
            self._go_on()

    @property
    def lane_name(self):
        # type: () -> Text
        """The name of its lane in the store."""
        return self._lane.name

    @property
    def under_way(self):
        # type: () -> int
        """Attempts that run now."""
        return len(self._under_way)

    def _cancel_next(self):
        self._soon = False
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None

    def _go_on(self):
        """Claim, if there is room for more."""
        if self._together == 1:
            self._step()
        elif not self._soon:
            self._cancel_next()
            self._soon = True
            self._next = self._clock.callLater(self._precedence.pause(), self._step)

    def _step(self):
        self._cancel_next()
        room = self._concurrency - len(self._under_way)
        if not self._running or self._claiming or room <= 0:
            return
        self._claiming, self._kicked = True, False
        self._precedence.begun()
        self._claim = self._lane.claim_some(min(room, self._together))
        self._claim.addCallbacks(self._claimed, self._claim_failed)

    def _claim_failed(self, reason):
        self._claiming = False
        if reason.check(StoreUnavailable) is None:
            log.failure('The {name} could not ask the store for work', reason, name=self._name)
        self._settle(self._poll)

    def _claimed(self, claimed):
        found, wait = claimed
        self._claiming = False
        for attempt in found:
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
        if self._running:
            if not seconds:
                self._go_on()
            elif not self._soon:
                self._cancel_next()
                self._next = self._clock.callLater(
                    max(seconds, self._precedence.pause()), self._step)
        self._tell_idle()

    def _done(self, _ignored, attempt):
        self._under_way.pop(attempt.thread, None)
        if self._running:
            self._go_on()
        self._tell_idle()

    def _tell_idle(self):
        if self._idle is not None and not self._under_way and not self._claiming:
            idle, self._idle = self._idle, None
            idle.callback(None)

    def _own_fault(self, reason, attempt):
        if reason.check(defer.CancelledError, StoreUnavailable):
            return None
        # The exception's own text may quote what it could not handle: name its type alone.
        log.error('The {name} failed by a fault of its own at ticket {ticket}: {type} at {where}',
                  name=self._name, ticket=attempt.ticket, type=reason.type.__name__,
                  where=_where(reason))
        said = 'an error in vumi-snappy itself: %s' % (reason.type.__name__,)
        if attempt.tries + 1 >= _OWN_FAULTS:
            d = self._lane.park(attempt, said)
        else:
            d = self._lane.retry(attempt, 2.0 ** attempt.tries, look=True, why=said)
        return d.addErrback(lambda lost: lost.trap(StoreUnavailable) and None)

    @defer.inlineCallbacks
    def _renew(self):
        held = [(found.thread, found.token) for found, _ in self._under_way.values()]
        if not held:
            return
        try:
            lost = yield self._lane.renew(held)
        except StoreUnavailable:
            return
        except Exception as failed:
            # What left here would end the loop, and no lease would be kept any more.
            log.error('The {name} could not keep its leases: {type}', name=self._name,
                      type=type(failed).__name__)
            return
        tokens = dict(held)
        for thread in lost:
            current = self._under_way.get(thread)
            if current is not None and current[0].token == tokens[thread]:
                current[1].cancel()

    def _cancel_all(self):
        for _, done in list(self._under_way.values()):
            done.cancel()
        # Whatever ignores its cancellation is let go.
        self._under_way.clear()
        self._claiming = False
        self._tell_idle()


def _where(reason):
    # type: (Any) -> Text
    """The line of the innermost frame of a failure."""
    frames = reason.frames or [('?', '?', 0)]
    return '%s:%s' % (frames[-1][1].rpartition('/')[2], frames[-1][2])
