"""The lanes of work that leads out of the store: to Snappy, and to look-ups; `replies` has that to
the bus.

Owns leases: a claim gives one person's next job to one worker, for `lease` seconds that `renew`
extends; a worker that died loses it, and whoever takes over is told to look before it sends.
The forwarder calls `ForwardLane`, `extras` `LookupLane`; nobody else.
Every method may fail with `StoreUnavailable` and may then be called again.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid
from collections import deque
from typing import Any, Callable, Dict, Iterable, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer  # noqa: F401

from vumi_snappy.records import (
    ForwardAttempt, JobKind, LookupAttempt, ReplyState, Wait, WaitingMessage)
from vumi_snappy.store.errors import NonceTaken, StoreUnavailable

#: Claims back that one whose answer was lost is still spoken of.
_LOST_CLAIMS = 20


def rate_limit(per_minute):
    # type: (float) -> Dict[Text, float]
    """The token bucket of all workers together: calls that may be made at once (`burst`), and calls
    a second (`refill`), which together stay under the limit in every window of a minute.  0: no
    limit."""
    burst = max(1.0, per_minute * 0.03)
    return {'burst': burst, 'refill': max(per_minute - burst, per_minute * 0.5) / 60.0}


@attr.s(frozen=True, slots=True)
class BreakerRules(object):
    """When to stop calling a Snappy that fails: after `threshold` failures without a success,
    for `pause` seconds, doubling up to `longest_pause`."""

    threshold = attr.ib(default=5)  # type: int
    pause = attr.ib(default=1.0)  # type: float
    longest_pause = attr.ib(default=3.0)  # type: float


class Lane(object):
    """What the lanes have in common; `name` is how the scripts call it.

    Each has a method ``claim(most)``: it fires with the next attempts to make, `most` at most,
    each of another person, and with a `Wait`, or None where there may be more.
    """

    name = ''

    def __init__(self, scripts, lease, settle):
        # type: (Any, float, float) -> None
        self._scripts = scripts
        self.lease = lease
        self.settle = settle
        self._lost = deque(maxlen=_LOST_CLAIMS)  # type: deque
        #: The store calls it when the lane has new work; the lane's runner puts its `kick` here.
        self.wake = lambda caller_waits=False: None  # type: Callable[..., None]

    @defer.inlineCallbacks
    def _claim(self, script, *args):
        # type: (Text, *Any) -> defer.Deferred
        """Call a script that claims, and remember its token if the answer is lost."""
        token = uuid.uuid4().hex
        lost = ' '.join(self._lost).strip()
        try:
            claimed = yield self._scripts.call_json(script, token, self.lease, self.settle,
                                                    *(args + (lost,)))
        except StoreUnavailable:
            self._lost.append(token)
            raise
        # Kept for the next claims, too: the lost one may be carried out later than this one.
        self._lost.append('')
        defer.returnValue(claimed)

    def renew(self, held):
        # type: (Iterable[Tuple[Text, Text]]) -> defer.Deferred
        """Keep the leases of `held` (pairs of thread and token).

        Fires with the set of threads whose lease is lost.
        """
        d = self._scripts.call('renew', lane=self.name, lease=self.lease, held=list(held))
        return d.addCallback(lambda lost: {thread.decode('ascii') for thread in lost})

    def retry(self, attempt, delay, look=False, outage=False, count=True, why='', settled=False,
              too_large=False):
        # type: (Any, float, bool, bool, bool, Text, bool, bool) -> defer.Deferred
        """Give `attempt` back, to be made again in `delay` seconds.

        `look`: its outcome is unknown; `outage`: the other side's fault, so it is tried as soon
        as that is back; `count`: it was a try; `settled`: what was done, was done by now;
        `too_large`: what it had to look through was too large.
        Fires with False when the lease was lost.
        """
        return self._settle('retry', attempt, delay=delay, look=look, outage=outage, count=count,
                            why=why, settled=settled, too_large=too_large)

    def looked(self, attempt):
        # type: (Any) -> defer.Deferred
        """The other side does not have it: it may be sent.  False: the lease was lost."""
        return self._settle('looked', attempt, settle=self.settle)

    def park(self, attempt, reason, answer=''):
        # type: (Any, Text, Text) -> defer.Deferred
        """Put `attempt` aside for an operator.  False: the lease was lost."""
        return self._settle('park', attempt, reason=reason, answer=answer)

    def _settle(self, script, attempt, **named):
        # type: (Text, Any, **Any) -> defer.Deferred
        """Call a script that says 'lost' where the lease of the attempt was lost."""
        d = self._scripts.call(script, lane=self.name, tid=attempt.thread, token=attempt.token,
                               **named)
        return d.addCallback(lambda outcome: outcome != b'lost')


class ForwardLane(Lane):
    """Jobs for Snappy.  `settle` (seconds) is how long after its start a call may still take effect
    at Snappy (its whole timeout)."""

    name = 's'
    #: Messages of one person that go in one note, and bytes of their texts.
    _join_messages, _join_bytes = 50, 20000

    def __init__(self, scripts, calls_per_minute, breaker, lease, settle, remember):
        # type: (Any, float, BreakerRules, float, float, int) -> None
        Lane.__init__(self, scripts, lease, settle)
        self._limit = rate_limit(calls_per_minute)
        self._breaker = breaker
        self._remember = remember

    @defer.inlineCallbacks
    def claim(self, most):
        # type: (int) -> defer.Deferred
        """As of any lane, one `ForwardAttempt` at a time."""
        row = yield self._claim(
            'claim_forward', self._join_messages, self._join_bytes, uuid.uuid4().hex,
            self._limit['burst'], self._limit['refill'])
        if 'wait' in row:
            defer.returnValue(([], Wait(seconds=row['wait'], why=row['why'])))
        defer.returnValue(([ForwardAttempt(
            thread=row['tid'], token=row['token'], id=row['id'], kind=JobKind(row['kind']),
            look=row['look'], tries=row['tries'], first_at=float(row['first']),
            ticket=row['ticket'], nonce=row['nonce'], subject=row['subject'],
            contact_address=row['contact'], from_addr=row['addr'],
            stored_at=float(row['stored']), text=row['text'], about=row['about'],
            outcome=ReplyState(row['outcome'] or 'failed'),
            messages=[WaitingMessage(sent_at=float(m['at']), text=m['text'], message_id=m['id'])
                      for m in row['messages']])], None))

    @defer.inlineCallbacks
    def finish(self, attempt, nonce, content_hash):
        # type: (ForwardAttempt, Text, Text) -> defer.Deferred
        """Snappy has it, on the ticket `nonce`.  False: that was known before.

        Errors: `NonceTaken`, where another ticket has that nonce, or this one has another.
        """
        outcome = yield self._scripts.call('finish_forward', attempt.thread, attempt.id, nonce,
                                           content_hash, self._remember)
        if outcome == b'taken':
            raise NonceTaken('another ticket has this nonce')
        defer.returnValue(outcome == b'done')

    def leave_out(self, attempt, why):
        # type: (ForwardAttempt, Text) -> defer.Deferred
        """A job without messages is not done, as its ticket's history will say.  False: the lease
        was lost."""
        return self._settle('leave_out', attempt, why=why)

    def ticket_gone(self, attempt):
        # type: (ForwardAttempt) -> defer.Deferred
        """Snappy does not know the ticket any more: the attempt will open a new one.

        Replies on the old one are still taken: who answers there has it before their eyes.
        """
        return self._settle('drop_ticket_nonce', attempt, ticket=attempt.ticket)

    def snappy_failed(self, why, hold=0.0, at_once=False, age=0.0):
        # type: (Text, float, bool, float) -> defer.Deferred
        """Tell all workers of a failure that is Snappy's, of a call that began `age` seconds ago.

        `hold`: nobody calls for so long, and then one alone until a call works; `at_once`: one
        such failure is enough.
        """
        rules = self._breaker
        return self._scripts.call('snappy_failed', why=why, threshold=rules.threshold, hold=hold,
                                  pause=rules.pause, longest=rules.longest_pause,
                                  at_once=at_once, age=age)

    def snappy_answered(self):
        # type: () -> defer.Deferred
        """Tell all workers that Snappy gives sensible answers."""
        return self._scripts.call('snappy_answered')

    def take_call(self):
        # type: () -> defer.Deferred
        """Take one more call out of the rate limit; fires with the seconds to wait, or 0."""
        return self._scripts.call('take_call', **self._limit).addCallback(float)


class LookupLane(Lane):
    """Look-ups of a person's extras, which come before the private note on a new ticket."""

    name = 'x'

    def __init__(self, scripts, forwards, lease):
        # type: (Any, ForwardLane, float) -> None
        Lane.__init__(self, scripts, lease, 0.0)
        self._forwards = forwards

    @defer.inlineCallbacks
    def claim(self, most):
        # type: (int) -> defer.Deferred
        """As of any lane, one `LookupAttempt` at a time."""
        row = yield self._claim('claim_lookup')
        if 'wait' in row:
            defer.returnValue(([], Wait(seconds=row['wait'])))
        defer.returnValue(([LookupAttempt(
            thread=row['tid'], token=row['token'], ticket=row['ticket'], tries=row['tries'],
            url=row['url'], extras=row['extras'])], None))

    @defer.inlineCallbacks
    def finish(self, attempt, text, how):
        # type: (LookupAttempt, Text, Text) -> defer.Deferred
        """`text` is told in a private note, unless it is empty.  False: the lease was lost."""
        is_done = yield self._settle('finish_lookup', attempt, text=text, how=how)
        self._forwards.wake()
        defer.returnValue(is_done)
