"""From the store to Snappy: tickets, customers' notes and private notes.

Owns what is sent, what an answer means for the attempt and for all workers, and looking before
sending again.  Promises that an attempt ends in exactly one of: finished, given back, parked, or
left to its lease.  The worker starts and stops it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import random
import time
from typing import Any, Optional, Text  # noqa: F401

import attr
from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.content import html_to_text, mask_address
from vumi_snappy.lookup import Lookup
from vumi_snappy.records import ForwardAttempt, JobKind, ReplyState  # noqa: F401
from vumi_snappy.runner import LaneRunner, persist
from vumi_snappy.snappy import (
    BadCredentials, NoteDraft, NotFound, RateLimited, Scope, SnappyError)
from vumi_snappy.store import content_hash

log = Logger()

#: Seconds to keep away after a "too many requests" that does not say for how long.
_UNSAID_PAUSE = 3.0

#: Characters of an undelivered reply that the notice of it repeats.
_QUOTED = 200

#: What an agent is told of a reply, by what became of it; the reason follows.
_OUTCOMES = {
    ReplyState.FAILED: 'This reply was not delivered to %s',
    ReplyState.REFUSED: 'This reply was not sent to %s',
    ReplyState.UNCONFIRMED: 'It is not known whether this reply reached %s',
    ReplyState.ACKED: 'The network has taken this reply to %s after all.',
    ReplyState.DELIVERED: 'This reply was delivered to %s.',
}
_GOOD = (ReplyState.ACKED, ReplyState.DELIVERED)

#: Statuses by which a proxy says that it gave up waiting: Snappy itself may still be at it.
_FROM_PROXIES = (502, 503, 504)

#: Kinds of job that are private notes.
_PRIVATE = (JobKind.PRIVATE_NOTE, JobKind.DELIVERY_NOTICE)


@attr.s(frozen=True, slots=True)
class RetryRules(object):
    """When to try again: delays in seconds, `give_up_after` too."""

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


@attr.s(frozen=True, slots=True)
class Mailbox(object):
    """Where at Snappy: the mailbox, and the staff member in whose name private notes are."""

    id = attr.ib()  # type: int
    staff_id = attr.ib(default=None)  # type: Optional[int]


def notice_text(attempt):
    # type: (ForwardAttempt) -> Text
    """What an agent is told of a reply, mostly that it did not reach its person."""
    reply = html_to_text(attempt.about)
    quoted = reply if len(reply) <= _QUOTED else reply[:_QUOTED] + ' ...'
    outcome = _OUTCOMES[attempt.outcome] % (mask_address(attempt.from_addr),)
    if attempt.outcome not in _GOOD:
        outcome += ': %s' % (attempt.text or 'the network gave no reason',)
    return '%s\n\n"%s"' % (outcome, quoted)


def joined_text(messages):
    # type: (Any) -> Text
    """The text of the note that carries `messages`: a single one as it is, several in order,
    each behind its time (UTC)."""
    if len(messages) == 1:
        return messages[0].text
    return '\n\n'.join(
        '[%s UTC]\n%s' % (time.strftime(str('%Y-%m-%d %H:%M'), time.gmtime(message.sent_at)),
                          message.text)
        for message in messages)


class Forwarder(object):
    """Makes the attempts that `store.forwards` gives, by calls of `snappy`.

    `metrics` counts; `clock` is the reactor; at most `concurrency` calls at once.
    """

    def __init__(self, clock, store, snappy, mailbox, retry, metrics, concurrency):
        # type: (Any, Any, Any, Mailbox, RetryRules, Any, int) -> None
        self._clock = clock
        self._store = store
        self._lane = store.forwards
        self._snappy = snappy
        self._mailbox = mailbox
        self._retry = retry
        self._metrics = metrics
        self.lookup = Lookup(snappy, store, mailbox.id, self._call_allowed)
        self.runner = LaneRunner(clock, self._lane, self.handle, concurrency, 'forwarder')

    def start(self):
        # type: () -> None
        """Begin to forward what the store holds."""
        self.runner.start()

    def stop(self, within):
        # type: (float) -> defer.Deferred
        """Finish what is under way, for at most `within` seconds."""
        return self.runner.stop(within)

    def draft(self, attempt):
        # type: (ForwardAttempt) -> NoteDraft
        """What an attempt sends."""
        if attempt.kind in _PRIVATE:
            return NoteDraft(
                mailbox_id=self._mailbox.id, nonce=attempt.nonce, subject=attempt.subject,
                message=notice_text(attempt) if attempt.kind is JobKind.DELIVERY_NOTICE
                else attempt.text, staff_id=self._mailbox.staff_id, scope=Scope.PRIVATE,
                to_name='Internal Information', to_address=attempt.contact_address)
        return NoteDraft(
            mailbox_id=self._mailbox.id, nonce=attempt.nonce or None, subject=attempt.subject,
            message=joined_text(attempt.messages), from_name=attempt.from_addr,
            from_address=attempt.contact_address)

    @defer.inlineCallbacks
    def handle(self, attempt):
        """Make one attempt."""
        claimed_at = self._clock.seconds()
        if not attempt.messages and not attempt.nonce:
            yield self._put_aside(attempt, 'its ticket is not open at Snappy')
            return
        if attempt.kind in _PRIVATE and self._mailbox.staff_id is None:
            yield self._persist(self._lane.park, attempt, 'snappy_staff_id is not set')
            return
        if attempt.kind is JobKind.TAGS:
            yield self._add_tag(attempt, claimed_at)
            return
        if attempt.kind is JobKind.STATUS:
            yield self._set_status(attempt, claimed_at)
            return
        draft = self.draft(attempt)
        hashed = content_hash(draft.message)
        try:
            if attempt.look:
                found = yield self.lookup.find(attempt, draft, hashed)
                if found:
                    log.info('Ticket {ticket}: Snappy had it already.', ticket=attempt.ticket)
                    yield self._done(attempt, found, hashed)
                    return
                still_ours = yield self._persist(self._lane.looked, attempt)
            else:
                still_ours = yield self._still_ours(attempt, claimed_at)
            if not still_ours:
                return
            nonce = yield self._snappy.post_note(draft)
        except SnappyError as error:
            yield self._failed(attempt, error, claimed_at)
        else:
            yield self._done(attempt, nonce, hashed)

    @defer.inlineCallbacks
    def _add_tag(self, attempt, claimed_at):
        # Snappy replaces all tags at once; adding one twice does no harm.
        try:
            ticket = yield self._snappy.get_ticket(attempt.nonce)
            if attempt.text not in ticket.tags:
                yield self._call_allowed()
                yield self._snappy.set_tags(attempt.nonce, list(ticket.tags) + [attempt.text])
        except SnappyError as error:
            yield self._failed(attempt, error, claimed_at)
        else:
            yield self._persist(self._lane.finish, attempt, attempt.nonce, '')

    @defer.inlineCallbacks
    def _set_status(self, attempt, claimed_at):
        # Setting it twice does no harm either.
        try:
            yield self._snappy.set_status(attempt.nonce, attempt.text)
        except SnappyError as error:
            yield self._failed(attempt, error, claimed_at)
        else:
            yield self._persist(self._lane.finish, attempt, attempt.nonce, '')

    @defer.inlineCallbacks
    def _still_ours(self, attempt, claimed_at):
        # A process that was frozen since it claimed has lost its lease and must not act on it.
        if self._clock.seconds() - claimed_at < self._lane.lease / 2.0:
            defer.returnValue(True)
        lost = yield self._persist(self._lane.renew, [(attempt.thread, attempt.token)])
        defer.returnValue(not lost)

    @defer.inlineCallbacks
    def _call_allowed(self):
        """Fires when the rate limit allows one more call."""
        while True:
            wait = yield self._persist(self._lane.take_call)
            if not wait:
                return
            yield task.deferLater(self._clock, wait, lambda: None)

    @defer.inlineCallbacks
    def _done(self, attempt, nonce, hashed):
        first = yield self._persist(self._lane.finish, attempt, nonce, hashed)
        if not first:
            return
        if attempt.kind is JobKind.OPEN_TICKET:
            self._metrics.count('tickets.opened')
        else:
            self._metrics.count('notes.added')
        if attempt.stored_at:
            self._metrics.took('inbound.to_ticket',
                               max(self._clock.seconds() - attempt.stored_at, 0.0))
        log.info('Ticket {ticket}: {kind} is at Snappy as {nonce}{messages}.',
                 ticket=attempt.ticket, kind=attempt.kind.value, nonce=nonce,
                 messages=_messages(attempt))

    @defer.inlineCallbacks
    def _failed(self, attempt, error, claimed_at):
        log.warn('Ticket {ticket}: {kind} failed, try {tries}: {error}{messages}.',
                 ticket=attempt.ticket, kind=attempt.kind.value, tries=attempt.tries + 1,
                 error=type(error).__name__, messages=_messages(attempt))
        why = type(error).__name__
        age = self._clock.seconds() - claimed_at
        if isinstance(error, NotFound) and attempt.nonce and attempt.messages:
            # Somebody deleted the ticket: the person's words open a new one.
            yield self._persist(self._lane.snappy_answered)
            yield self._persist(self._lane.ticket_gone, attempt)
            yield self._give_back(attempt, 0, error)
        elif isinstance(error, BadCredentials):
            yield self._persist(self._lane.snappy_failed, why, at_once=True, age=age)
            yield self._give_back(attempt, self._retry.initial, error, outage=True, count=False)
        elif isinstance(error, RateLimited):
            hold = error.retry_after or _UNSAID_PAUSE * random.uniform(1.0, 1.5)
            yield self._persist(self._lane.snappy_failed, why, hold=hold)
            yield self._give_back(attempt, hold, error, outage=True, count=False)
        elif not error.temporary:
            yield self._persist(self._lane.snappy_answered)
            yield self._put_aside(attempt, 'Snappy refused it (%s)' % (error.status,),
                                  error.answer or '')
        elif self._clock.seconds() - attempt.first_at > self._retry.give_up_after:
            yield self._put_aside(attempt, 'it still failed after %g hours (%s)' % (
                self._retry.give_up_after / 3600.0, why), error.answer or '')
        else:
            yield self._persist(self._lane.snappy_failed, why, age=age)
            delay = self._retry.delay(attempt.tries, random.random())
            yield self._give_back(attempt, delay, error, outage=True)

    def _give_back(self, attempt, delay, error, outage=False, count=True):
        # Whoever answered is done with it; without an answer it may yet take effect.
        settled = error.status is not None and error.status not in _FROM_PROXIES
        return self._persist(self._lane.retry, attempt, delay, look=error.outcome_unknown,
                             outage=outage, count=count, why=type(error).__name__,
                             settled=settled)

    def _put_aside(self, attempt, reason, answer=''):
        if attempt.kind is JobKind.STATUS:
            # Nothing says that Snappy always allows it, and nothing is lost by it.
            log.info('Ticket {ticket}: not set to {status}: {reason}', ticket=attempt.ticket,
                     status=attempt.text, reason=reason)
            return self._persist(self._lane.leave_out, attempt, reason)
        log.error('Ticket {ticket}: {kind} is parked: {reason}{messages}.', ticket=attempt.ticket,
                  kind=attempt.kind.value, reason=reason, messages=_messages(attempt))
        return self._persist(self._lane.park, attempt, reason, answer)

    def _persist(self, call, *args, **kwargs):
        return persist(self._clock, call, *args, **kwargs)


def _messages(attempt):
    # type: (ForwardAttempt) -> Text
    """The messages of an attempt for the log, where they connect a ticket with the bus."""
    ids = [each.message_id for each in attempt.messages]
    return ' (message %s)' % (', '.join(ids),) if ids else ''
