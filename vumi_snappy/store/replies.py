"""Agents' notes are stored as replies; these and the worker's own answers go out to the bus.

Owns the lane that leads there, one person's in their order.  Where there are many, they go in one
call of Redis: notes, claims, each of another person's next, and what the broker has.  What can't
be stored, read or noted fails alone.  The store and the responder use it.  Every call may fail
with `StoreUnavailable` and may then be made again.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import deque
from typing import Any, Dict, Iterator, List, Sequence, Text  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python import failure

from vumi_snappy.records import (  # noqa: F401
    Accepted, AnswerAttempt, AnswerKind, ReplyAttempt, ReplyPart, StaffNote, Wait)
from vumi_snappy.store.connection import item_error
from vumi_snappy.store.envelopes import unpack
from vumi_snappy.store.errors import StoreError
from vumi_snappy.store.grouping import Grouping
from vumi_snappy.store.identity import reply_message_id
from vumi_snappy.store.lanes import Lane
from vumi_snappy.store.subscriptions import Subscriptions  # noqa: F401

log = Logger()

#: Seconds after a claim for which its publishing may take effect.
_SETTLE = 15.0
#: How many of those that were finished are kept in `finished_last`.
_FINISHED = 1000
#: What comes before it is known whose it is may be about a ticket that is being opened, or about
#: anybody's: seconds for which it is kept, how many at a time, and bytes of a reply.
EARLY_FOR, MOST_EARLY, MOST_EARLY_BYTES = 3600, 200, 100000

_ACCEPTED = {outcome.value: outcome for outcome in Accepted}


class ReplyLane(Lane):
    """Replies for the bus.

    `ack_timeout`: when a reply is overdue that is on the bus and was not heard of (0: never);
    `subscriptions` tells who has opted out by another spelling of their number; `notices`: an
    agent is told by a private note of a reply that is refused or overdue.
    """

    name = 'b'

    def __init__(self, reactor, scripts, subscriptions, lease, remember, ack_timeout, notices):
        # type: (Any, Any, Subscriptions, float, int, float, bool) -> None
        Lane.__init__(self, scripts, lease, settle=_SETTLE)
        self._accepting = Grouping(reactor, self._accept_all)
        self._finishing = Grouping(reactor, self._finish_all)
        #: The message_ids of those that were finished last: another Redis may not know of them.
        self.finished_last = deque(maxlen=_FINISHED)  # type: deque
        self._notices = notices
        self.ack_timeout = ack_timeout
        self._remember = remember
        self._subscriptions = subscriptions

    def accept(self, note):
        # type: (StaffNote) -> defer.Deferred
        """As `Store.accept_reply`."""
        return self._accepting.call(note)

    @defer.inlineCallbacks
    def _accept_all(self, notes):
        # type: (Sequence[StaffNote]) -> Any
        args = [self._remember, int(self._notices),
                EARLY_FOR, MOST_EARLY, MOST_EARLY_BYTES]  # type: List[Any]
        for note in notes:
            args += (note.note_id, note.nonce, note.ticket_id, note.other_ticket_id, note.html,
                     note.staff_id or '', note.staff_name, '%.3f' % (note.created_at,),
                     reply_message_id(self._scripts.prefix, note.note_id))
        rows = yield self._scripts.call('accept_reply', *args)
        # Snappy waits for the answer to its webhook: that goes first.
        self.wake(caller_waits=True)
        defer.returnValue([_outcome(row, _ACCEPTED) for row in rows])

    @defer.inlineCallbacks
    def claim(self, most):
        # type: (int) -> defer.Deferred
        """As of any lane, of `ReplyAttempt` and `AnswerAttempt`."""
        claimed = yield self._claim('claim_reply', most)
        token, rows = claimed['token'], claimed['attempts']
        for why in claimed['failed']:
            log.error('A reply or answer that waits can not be read: {why}', why=why)
        attempts = yield self._marked(list(_attempts(rows, token)), token)
        defer.returnValue(
            (attempts, None if len(rows) == most else Wait(seconds=claimed['wait'])))

    @defer.inlineCallbacks
    def _marked(self, attempts, token):
        # type: (Sequence[Any], Text) -> defer.Deferred
        # What waits may be an older ticket's, whose number has another spelling.
        try:
            opted_out = yield self._subscriptions.opted_out([each.envelope for each in attempts])
        except StoreError:
            self._lost.append(token)  # nobody will make them
            raise
        defer.returnValue([
            attr.evolve(attempt, opted_out=True) if out and isinstance(attempt, ReplyAttempt)
            else attempt for attempt, out in zip(attempts, opted_out)])

    @defer.inlineCallbacks
    def cut(self, attempt, texts):
        # type: (ReplyAttempt, Sequence[Text]) -> defer.Deferred
        """The reply will be published as these `texts`, whatever happens until then.

        Fires with its `ReplyPart`s, whose events are matched from now on, or with None: the lease
        was lost.
        """
        parts = [ReplyPart(reply_message_id(self._scripts.prefix, attempt.note_id, n), text)
                 for n, text in enumerate(texts)]
        is_kept = yield self._settle(
            'cut_reply', attempt, remember=self._remember,
            parts=[{'id': part.message_id, 'text': part.text} for part in parts])
        defer.returnValue(parts if is_kept else None)

    def finish(self, message_id):
        # type: (Text) -> defer.Deferred
        """The broker has this reply, or answer of the worker's own.  False: that was known before.

        Errors: `StoreRefused`, where that could not be noted.
        """
        return self._finishing.call(message_id)

    @defer.inlineCallbacks
    def _finish_all(self, message_ids):
        # type: (Sequence[Text]) -> Any
        rows = yield self._scripts.call('finish_published', self.ack_timeout, self._remember,
                                        *message_ids)
        self.finished_last.extend(
            message_id for row, message_id in zip(rows, message_ids) if row == b'done')
        defer.returnValue([_outcome(row, {'done': True, 'gone': False}) for row in rows])

    def refuse(self, attempt, why):
        # type: (ReplyAttempt, Text) -> defer.Deferred
        """The reply is not sent.  `why` is for the agent, who finds it in the ticket's history and
        in the private note; the ticket gets the tag ``#undelivered``.

        False: the lease was lost.
        """
        return self._settle('refuse_reply', attempt, why=why, notice=self._notices)

    def overdue(self, limit, why):
        # type: (int, Text) -> defer.Deferred
        """At most `limit` of the replies that are overdue become unconfirmed, with the reason
        `why`, which the agent finds where that of a refusal is.  Without an `ack_timeout` they are
        let go: there was one before.

        Fires with how many were looked at, and how many of these became unconfirmed.
        """
        return self._scripts.call('overdue', limit=limit, why=why, notice=self._notices,
                                  wanted=self.ack_timeout > 0)

    def expire(self, attempt):
        # type: (AnswerAttempt) -> defer.Deferred
        """The answer came too late to be sent.  False: the lease was lost."""
        return self._settle('expire_answer', attempt)


def _attempts(rows, token):
    # type: (Sequence[Dict[Text, Any]], Text) -> Iterator[Any]
    """What a claim gave.  One that can't be read until somebody has mended it is in nobody's way,
    and left out: its lease runs out, and it is looked at again."""
    for row in rows:
        try:
            yield _attempt(row, token)
        except (KeyError, TypeError, ValueError) as error:
            # Of what can't be read the exception might tell: its type is enough.
            log.error('A reply or answer of ticket {ticket} that waits can not be read: {type}',
                      ticket=row.get('ticket') or 'none', type=type(error).__name__)


def _attempt(row, token):
    # type: (Dict[Text, Any], Text) -> Any
    same = dict(
        thread=row['tid'], token=token, ticket=row['ticket'], message_id=row['message_id'],
        look=row['look'], tries=row['tries'], envelope=unpack(row['envelope'], row['addr']))
    if 'kind' in row:
        return AnswerAttempt(kind=AnswerKind(row['kind']), text=row['text'], late=row['late'],
                             session_event=row['event'] or None, **same)
    return ReplyAttempt(
        number=row['r'], html=row['html'], note_id=row['note'], opted_out=row['opted_out'],
        parts=[ReplyPart(message_id=part['id'], text=part['text']) for part in row['parts']],
        **same)


def _outcome(row, outcomes):
    # type: (bytes, Dict[Text, Any]) -> Any
    """The one of `outcomes` that `row` names, or a Failure that tells why the item failed."""
    word = row.decode('utf-8')
    return outcomes[word] if word in outcomes else failure.Failure(item_error(word))
