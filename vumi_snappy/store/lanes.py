"""The lanes of work that leads out of the store: to Snappy, and to look-ups; `replies` has that to
the bus.

Owns leases: a claim gives one person's next job to one worker, for `lease` seconds that `renew`
extends; a worker that died loses it, and whoever takes over is told to look before it sends.
The forwarder calls `ForwardLane`, `extras` `LookupLane`; nobody else.
Every method may fail with `StoreUnavailable` and may then be called again.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import uuid
from collections import deque
from typing import Any, Iterable, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer  # noqa: F401

from vumi_snappy.records import (
    ForwardAttempt, JobKind, LookupAttempt, ReplyState, Wait, WaitingMessage)
from vumi_snappy.store.errors import StoreUnavailable

#: Claims back that one whose answer was lost is still spoken of.
_LOST_CLAIMS = 20


def as_text(answer):
    # type: (Any) -> Text
    """What Redis has answered, as a text."""
    return answer.decode('utf-8') if isinstance(answer, bytes) else '%s' % (answer,)


@attr.s(frozen=True, slots=True)
class RateLimit(object):
    """`per_minute` calls in any minute, all workers together; 0: no limit.

    The bucket holds a small burst, and refills so that burst and refill together stay under the
    limit in every window of a minute.
    """

    per_minute = attr.ib()  # type: float

    @property
    def burst(self):
        # type: () -> float
        """Calls that may be made at once."""
        return max(1.0, self.per_minute * 0.03)

    @property
    def refill(self):
        # type: () -> float
        """Calls a second."""
        return max(self.per_minute - self.burst, self.per_minute * 0.5) / 60.0


@attr.s(frozen=True, slots=True)
class BreakerRules(object):
    """When to stop calling a Snappy that fails: after `threshold` failures without a success,
    for `pause` seconds, doubling up to `longest_pause`."""

    threshold = attr.ib(default=5)  # type: int
    pause = attr.ib(default=1.0)  # type: float
    longest_pause = attr.ib(default=3.0)  # type: float


class Lane(object):
    """What the lanes have in common; `name` is how the scripts call it."""

    name = ''

    def __init__(self, scripts, lease, settle):
        # type: (Any, float, float) -> None
        self._scripts = scripts
        self.lease = lease
        self.settle = settle
        self._lost = deque(maxlen=_LOST_CLAIMS)  # type: deque

    @defer.inlineCallbacks
    def claim_by(self, script, *args):
        """Call a script that claims, and remember its token if the answer is lost."""
        token = uuid.uuid4().hex
        lost = ' '.join(self._lost).strip()
        try:
            said = yield self._scripts.call_json(script, token, self.lease, self.settle,
                                                 *(args + (lost,)))
        except StoreUnavailable:
            self._lost.append(token)
            raise
        # Kept for the next claims, too: the lost one may be carried out later than this one.
        self._lost.append('')
        defer.returnValue(said)

    def claim(self):
        # type: () -> defer.Deferred
        """The next attempt to make, or a `Wait`."""
        raise NotImplementedError

    def claim_some(self, most):
        # type: (int) -> defer.Deferred
        """The next attempts to make, `most` at most, each of another person.

        Fires with a list of them, and with a `Wait`, or None where there may be more.
        """
        return self.claim().addCallback(
            lambda found: ([], found) if isinstance(found, Wait) else ([found], None))

    def renew(self, held):
        # type: (Iterable[Tuple[Text, Text]]) -> defer.Deferred
        """Keep the leases of `held` (pairs of thread and token).

        Fires with the set of threads whose lease is lost.
        """
        flat = [part for pair in held for part in pair]
        d = self._scripts.call('renew', self.name, self.lease, self.settle, *flat)
        return d.addCallback(lambda lost: {as_text(thread) for thread in lost})

    def retry(self, attempt, delay, look=False, outage=False, count=True, why='', settled=False):
        # type: (Any, float, bool, bool, bool, Text, bool) -> defer.Deferred
        """Give `attempt` back, to be made again in `delay` seconds.

        `look`: its outcome is unknown; `outage`: the other side's fault, so it is tried as soon
        as that is back; `count`: it was a try; `settled`: what was done, was done by now.
        Fires with False when the lease was lost.
        """
        d = self._scripts.call('retry', self.name, attempt.thread, attempt.token,
                               '%.3f' % (delay,), int(look), int(outage), int(count), why,
                               int(settled))
        return d.addCallback(lambda said: said == b'done')

    def looked(self, attempt):
        # type: (Any) -> defer.Deferred
        """The other side does not have it: it may be sent.  False: the lease was lost."""
        d = self._scripts.call('looked', self.name, attempt.thread, attempt.token, self.settle)
        return d.addCallback(lambda said: said == b'done')

    def park(self, attempt, reason, answer=''):
        # type: (Any, Text, Text) -> defer.Deferred
        """Put `attempt` aside for an operator.  False: the lease was lost."""
        d = self._scripts.call('park', self.name, attempt.thread, attempt.token, reason, answer)
        return d.addCallback(lambda said: said != b'lost')


class ForwardLane(Lane):
    """Jobs for Snappy.  `lease` and `settle` are seconds; `settle` is how long after its start a
    call may still take effect at Snappy (its whole timeout)."""

    name = 's'

    def __init__(self, scripts, limit, breaker=BreakerRules(), lease=15.0, settle=30.0,
                 join_messages=50, join_bytes=20000, remember=30 * 86400):
        # type: (Any, RateLimit, BreakerRules, float, float, int, int, int) -> None
        Lane.__init__(self, scripts, lease, settle)
        self._limit = limit
        self._breaker = breaker
        self._join_messages = join_messages
        self._join_bytes = join_bytes
        self._remember = remember

    @defer.inlineCallbacks
    def claim(self):
        """The next attempt to make: a `ForwardAttempt`, or a `Wait`."""
        said = yield self.claim_by(
            'claim_forward', self._join_messages, self._join_bytes, uuid.uuid4().hex,
            self._limit.burst, self._limit.refill)
        if 'wait' in said:
            defer.returnValue(Wait(seconds=said['wait'], why=said['why']))
        defer.returnValue(ForwardAttempt(
            thread=said['tid'], token=said['token'], id=said['id'], kind=JobKind(said['kind']),
            look=said['look'], tries=said['tries'], first_at=float(said['first']),
            ticket=said['ticket'], nonce=said['nonce'], subject=said['subject'],
            contact_address=said['contact'], from_addr=said['addr'],
            stored_at=float(said['stored']), text=said['text'],
            about=said['about'], outcome=ReplyState(said['outcome'] or 'failed'),
            messages=[WaitingMessage(number=m['n'], sent_at=float(m['at']), text=m['text'],
                                     message_id=m['id']) for m in said['messages']]))

    def finish(self, attempt, nonce, content_hash):
        # type: (ForwardAttempt, Text, Text) -> defer.Deferred
        """Snappy has it, on the ticket `nonce`.  False: that was known before."""
        d = self._scripts.call('finish_forward', attempt.thread, attempt.id, nonce,
                               content_hash, self._remember)
        return d.addCallback(lambda said: said == b'done')

    def leave_out(self, attempt, why):
        # type: (ForwardAttempt, Text) -> defer.Deferred
        """A job without messages is not done, as its ticket's history will say.  False: the lease
        was lost."""
        d = self._scripts.call('leave_out', self.name, attempt.thread, attempt.token, why)
        return d.addCallback(lambda said: said == b'done')

    def ticket_gone(self, attempt):
        # type: (ForwardAttempt) -> defer.Deferred
        """Snappy does not know the ticket any more: the attempt will open a new one."""
        d = self._scripts.call('drop_ticket_nonce', attempt.thread, attempt.token, attempt.ticket)
        return d.addCallback(lambda said: said == b'done')

    def snappy_failed(self, why, hold=0.0, at_once=False, age=0.0):
        # type: (Text, float, bool, float) -> defer.Deferred
        """Tell all workers of a failure that is Snappy's, of a call that began `age` seconds ago.

        `hold`: nobody calls for so long; `at_once`: one such failure is enough.
        """
        rules = self._breaker
        return self._scripts.call('snappy_failed', why, rules.threshold, hold, rules.pause,
                                  rules.longest_pause, int(at_once), '%.3f' % (age,))

    def snappy_answered(self):
        # type: () -> defer.Deferred
        """Tell all workers that Snappy gives sensible answers."""
        return self._scripts.call('snappy_answered')

    def take_call(self):
        # type: () -> defer.Deferred
        """Take one more call out of the rate limit; fires with the seconds to wait, or 0."""
        d = self._scripts.call('take_call', self._limit.burst, self._limit.refill)
        return d.addCallback(float)


class LookupLane(Lane):
    """Look-ups of a person's extras, which come before the private note on a new ticket."""

    name = 'x'

    def __init__(self, scripts, lease=15.0):
        # type: (Any, float) -> None
        Lane.__init__(self, scripts, lease, 0.0)

    @defer.inlineCallbacks
    def claim(self):
        """The next to make: a `LookupAttempt`, or a `Wait`."""
        said = yield self.claim_by('claim_lookup')
        if 'wait' in said:
            defer.returnValue(Wait(seconds=said['wait']))
        defer.returnValue(LookupAttempt(
            thread=said['tid'], token=said['token'], ticket=said['ticket'], tries=said['tries'],
            url=said['url'], told=said['told']))

    def finish(self, attempt, text, how):
        # type: (LookupAttempt, Text, Text) -> defer.Deferred
        """`text` is told in a private note, unless it is empty.  False: the lease was lost."""
        d = self._scripts.call('finish_lookup', attempt.thread, attempt.token, text, how)
        return d.addCallback(lambda said: said == b'done')
