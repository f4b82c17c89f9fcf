"""From the store to Snappy: tickets, customers' notes and private notes.

Owns what an answer means for the attempt and for all workers, and looking before sending again.
Promises that an attempt ends in exactly one of: finished, given back, parked, or left to its
lease.  `Bridge` starts and stops it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import random
from functools import partial
from typing import Any, Optional, Text  # noqa: F401

import attr
from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.http.call_errors import (
    BadAnswer, BadCredentials, CallError, NotFound, RateLimited, TooLarge)
from vumi_snappy.inbound.delivery_notices import notice_text
from vumi_snappy.inbound.joining import joined_text
from vumi_snappy.inbound.sent_already import SentAlready
from vumi_snappy.lanes.backoff import Backoff  # noqa: F401
from vumi_snappy.lanes.runner import LaneRunner, persist
from vumi_snappy.records import ForwardAttempt, JobKind, ParkReason  # noqa: F401
from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.ports import Clock, Meter  # noqa: F401
from vumi_snappy.snappy import NoteDraft, Scope, is_usual
from vumi_snappy.snappy.client import SnappyClient  # noqa: F401
from vumi_snappy.snappy.error_confirmation import Control
from vumi_snappy.store import NonceTaken, Store, content_hash  # noqa: F401

log = Logger()

#: Seconds to keep away after a "too many requests" that does not say for how long.
_UNSAID_PAUSE = 3.0

#: Statuses by which a proxy says that it gave up waiting: Snappy itself may still be at it.
_FROM_PROXIES = (502, 503, 504)


#: Kinds of job that are private notes.
_PRIVATE = (JobKind.PRIVATE_NOTE, JobKind.DELIVERY_NOTICE)


@attr.s(frozen=True, slots=True)
class Mailbox(object):
    """Where at Snappy: the mailbox, and the staff member in whose name private notes are."""

    id = attr.ib()  # type: int
    staff_id = attr.ib(default=None)  # type: Optional[int]


class Forwarder(object):
    """Makes the attempts that `store.forwards` gives, by calls of `snappy`.

    `metrics` counts; `clock` is the reactor; at most `concurrency` calls at once.
    """

    def __init__(self, clock, store, snappy, mailbox, retry, metrics, concurrency):
        # type: (Clock, Store, SnappyClient, Mailbox, Backoff, Meter, int) -> None
        self._clock = clock
        self._lane = store.forwards
        self._snappy = snappy
        self._mailbox = mailbox
        self._retry = retry
        self._metrics = metrics
        self.control = Control(snappy, mailbox.id, self._call_allowed)
        self.sent_already = SentAlready(snappy, store, mailbox.id, self._call_allowed,
                                        self.control)
        self._persist = partial(persist, clock)
        self.runner = LaneRunner(clock, self._lane, self.handle, concurrency, 'forwarder')
        self.start, self.stop = self.runner.start, self.runner.stop

    @defer.inlineCallbacks
    def handle(self, attempt):
        # type: (ForwardAttempt) -> defer.Deferred
        """Make one attempt."""
        claimed_at = self._clock.seconds()
        if not attempt.messages and not attempt.nonce:
            yield self._put_aside(attempt, ParkReason.TICKET_NOT_OPEN.text())
            return
        if attempt.kind in _PRIVATE and self._mailbox.staff_id is None:
            yield self._persist(self._lane.park, attempt, ParkReason.NO_STAFF_ID.text())
            return
        work = {JobKind.TAGS: self._add_tag, JobKind.STATUS: self._set_status}.get(
            attempt.kind, self._post)
        try:
            yield self.control.sure(lambda: work(attempt, claimed_at))
        except CallError as error:
            yield self._failed(attempt, error, claimed_at)

    @defer.inlineCallbacks
    def _post(self, attempt, claimed_at):
        # type: (ForwardAttempt, float) -> defer.Deferred
        draft = self._draft(attempt)
        hashed = content_hash(draft.message)
        if attempt.look:
            nonce = yield self.sent_already.find(attempt, draft, hashed)
            if nonce:
                log.info('Ticket {ticket}: Snappy has it already.', ticket=attempt.ticket)
                yield self._done(attempt, nonce, hashed)
                return
            still_ours = yield self._persist(self._lane.looked, attempt)
        else:
            still_ours = yield self._still_ours(attempt, claimed_at)
        if still_ours:
            nonce = yield self._snappy.post_note(draft)
            yield self._confirm(draft, nonce)
            yield self._done(attempt, nonce, hashed)

    def _draft(self, attempt):
        # type: (ForwardAttempt) -> NoteDraft
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
    def _confirm(self, draft, nonce):
        # type: (NoteDraft, Text) -> defer.Deferred
        """Is `nonce` the ticket that has the note now?  Errors: `BadAnswer`, where that is not
        known: a proxy's "Unauthorized" looks like a nonce."""
        if draft.nonce or is_usual(nonce):
            if draft.nonce not in (None, nonce):
                raise BadAnswer('the answer is not the nonce of the ticket', 200)
            return
        yield self._call_allowed()
        try:
            ticket = yield self._snappy.get_ticket(nonce)
        except CallError as error:
            raise BadAnswer('the nonce could not be confirmed (%s)' % (error,), 200, error.answer)
        if ticket.nonce != nonce:
            raise BadAnswer('the answer is the nonce of no ticket', 200)

    @defer.inlineCallbacks
    def _add_tag(self, attempt, _claimed_at):
        # type: (ForwardAttempt, float) -> defer.Deferred
        # Snappy replaces all tags at once; adding one twice does no harm.
        ticket = yield self._snappy.get_ticket(attempt.nonce)
        if attempt.text not in ticket.tags:
            yield self._call_allowed()
            yield self._snappy.set_tags(attempt.nonce, list(ticket.tags) + [attempt.text])
        yield self._persist(self._lane.finish, attempt, attempt.nonce, '')

    @defer.inlineCallbacks
    def _set_status(self, attempt, _claimed_at):
        # type: (ForwardAttempt, float) -> defer.Deferred
        # Nothing is known of the answer; whoever can't read it looks whether it was done.
        ticket = (yield self._snappy.get_ticket(attempt.nonce)) if attempt.look else None
        if ticket is None or ticket.status != attempt.text:
            if ticket is not None:
                yield self._call_allowed()
            yield self._snappy.set_status(attempt.nonce, attempt.text)
        yield self._persist(self._lane.finish, attempt, attempt.nonce, '')

    @defer.inlineCallbacks
    def _still_ours(self, attempt, claimed_at):
        # type: (ForwardAttempt, float) -> defer.Deferred
        # A process that was frozen since it claimed has lost its lease and must not act on it.
        if self._clock.seconds() - claimed_at < self._lane.lease / 2.0:
            defer.returnValue(True)
        lost = yield self._persist(self._lane.renew, [(attempt.thread, attempt.token)])
        defer.returnValue(not lost)

    @defer.inlineCallbacks
    def _call_allowed(self):
        # type: () -> defer.Deferred
        """Fires when the rate limit allows one more call."""
        while True:
            wait = yield self._persist(self._lane.take_call)
            if not wait:
                return
            yield task.deferLater(self._clock, wait, lambda: None)

    @defer.inlineCallbacks
    def _done(self, attempt, nonce, hashed):
        # type: (ForwardAttempt, Text, Text) -> defer.Deferred
        try:
            first = yield self._persist(self._lane.finish, attempt, nonce, hashed)
        except NonceTaken:
            raise BadAnswer('the answer is the nonce of another ticket', 200)
        if not first:
            return
        self._metrics.count(
            'tickets.opened' if attempt.kind is JobKind.OPEN_TICKET else 'notes.added')
        if attempt.stored_at:
            self._metrics.took('inbound.to_ticket',
                               max(wall_time(self._clock) - attempt.stored_at, 0.0))
        log.info('Ticket {ticket}: {kind} is at Snappy as {nonce}{messages}.',
                 ticket=attempt.ticket, kind=attempt.kind.value, nonce=nonce,
                 messages=_messages(attempt))

    @defer.inlineCallbacks
    def _failed(self, attempt, error, claimed_at):
        # type: (ForwardAttempt, CallError, float) -> defer.Deferred
        log.warn('Ticket {ticket}: {kind} failed, try {tries}: {error} ({text}){messages}.',
                 ticket=attempt.ticket, kind=attempt.kind.value, tries=attempt.tries + 1,
                 error=type(error).__name__, text='%s' % (error,), messages=_messages(attempt))
        if isinstance(error, NotFound) and attempt.nonce and attempt.messages:
            # Somebody deleted the ticket: the person's words open a new one.
            yield self._persist(self._lane.snappy_answered)
            yield self._persist(self._lane.ticket_gone, attempt)
            yield self._give_back(attempt, 0, error)
        elif not (error.temporary or isinstance(error, BadCredentials)):
            yield self._persist(self._lane.snappy_answered)
            reason = ParkReason.TEXT_REFUSED if error.status in (401, 403) else ParkReason.REFUSED
            yield self._put_aside(attempt, reason.text(error.status), error.answer or '')
        else:
            delay = yield self._tell_all(attempt, error, self._clock.seconds() - claimed_at)
            if wall_time(self._clock) - attempt.first_at > self._retry.give_up_after:
                yield self._put_aside(attempt, ParkReason.STILL_FAILED.text(
                    self._retry.give_up_after / 3600.0, type(error).__name__), error.answer or '')
            else:
                yield self._give_back(attempt, delay, error, outage=True, count=not isinstance(
                    error, (BadCredentials, RateLimited)))

    @defer.inlineCallbacks
    def _tell_all(self, attempt, error, age):
        # type: (ForwardAttempt, CallError, float) -> defer.Deferred
        """Tell all workers what `error` says of Snappy.  Fires with the seconds until the attempt
        may be made again."""
        why, hold = type(error).__name__, error.retry_after
        if isinstance(error, TooLarge):
            pass  # nothing is wrong with Snappy
        elif isinstance(error, RateLimited):
            hold = hold or _UNSAID_PAUSE * random.uniform(1.0, 1.5)
        else:
            yield self._persist(self._lane.snappy_failed, why, age=age,
                                at_once=isinstance(error, BadCredentials))
        if hold:
            yield self._persist(self._lane.snappy_failed, why, hold=hold)
        elif isinstance(error, BadCredentials):
            hold = self._retry.initial
        defer.returnValue(hold or self._retry.delay(attempt.tries, random.random()))

    def _give_back(self, attempt, delay, error, outage=False, count=True):
        # type: (ForwardAttempt, float, CallError, bool, bool) -> defer.Deferred
        # Whoever answered is done with it; without an answer it may yet take effect.
        settled = error.status is not None and error.status not in _FROM_PROXIES
        too_large, why = isinstance(error, TooLarge), type(error).__name__
        return self._persist(
            self._lane.retry, attempt, delay, look=error.outcome_unknown, outage=outage,
            count=count, why='%s: %s' % (why, error) if too_large else why, settled=settled,
            too_large=too_large)

    def _put_aside(self, attempt, reason, answer=''):
        # type: (ForwardAttempt, Text, Text) -> defer.Deferred
        if attempt.kind is JobKind.STATUS:
            # Nothing says that Snappy always allows it, and nothing is lost by it.
            log.info('Ticket {ticket}: not set to {status}: {reason}', ticket=attempt.ticket,
                     status=attempt.text, reason=reason)
            return self._persist(self._lane.leave_out, attempt, reason)
        log.error('Ticket {ticket}: {kind} is parked: {reason}{messages}.', ticket=attempt.ticket,
                  kind=attempt.kind.value, reason=reason, messages=_messages(attempt))
        return self._persist(self._lane.park, attempt, reason, answer)


def _messages(attempt):
    # type: (ForwardAttempt) -> Text
    """The messages of an attempt for the log, where they connect a ticket with the bus."""
    ids = [each.message_id for each in attempt.messages]
    return ' (message %s)' % (', '.join(ids),) if ids else ''
