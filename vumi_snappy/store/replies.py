"""How agents' replies come in, and the lane on which they and the worker's own answers go out to
the bus, one person's in their order.

Many go in one call of Redis, where there are many: notes, claims, each of another person's next,
and what the broker has.  What can't be stored, read or noted fails alone.  The store uses
`accept_replies`, the responder `ReplyLane`.  Every call may fail with `StoreUnavailable` and may
then be made again.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Dict, List, Sequence, Text, Tuple  # noqa: F401

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python import failure

from vumi_snappy.records import (  # noqa: F401
    Accepted, AnswerAttempt, AnswerKind, ReplyAttempt, ReplyPart, StaffNote, Wait)
from vumi_snappy.store.connection import told_error
from vumi_snappy.store.envelopes import unpack
from vumi_snappy.store.identity import reply_message_id
from vumi_snappy.store.lanes import Lane, as_text

log = Logger()

_ACCEPTED = {said.value: said for said in Accepted}


class ReplyLane(Lane):
    """Replies for the bus.

    `settle`: how long after a claim its publishing may take effect; `ack_timeout`: when a reply is
    overdue that is on the bus and was not heard of (0: never).
    """

    name = 'b'

    def __init__(self, scripts, prefix, lease=15.0, settle=15.0, remember=30 * 86400,
                 ack_timeout=0.0):
        # type: (Any, Text, float, float, int, float) -> None
        Lane.__init__(self, scripts, lease, settle)
        self._prefix = prefix
        self.ack_timeout = ack_timeout
        self._remember = remember

    @defer.inlineCallbacks
    def claim(self):
        """The next to publish: a `ReplyAttempt`, an `AnswerAttempt`, or a `Wait`."""
        attempts, wait = yield self.claim_some(1)
        defer.returnValue(attempts[0] if attempts else wait)

    @defer.inlineCallbacks
    def claim_some(self, most):
        """As of any lane, of `ReplyAttempt` and `AnswerAttempt`."""
        said = yield self.claim_by('claim_reply', most)
        for why in said.get('failed', ()):
            log.error('Something that waits to be published can not be read: {why}', why=why)
        claimed = said.get('attempts', ())
        found = [attempt for attempt in (self._read(each, said['token']) for each in claimed)
                 if attempt is not None]
        if len(claimed) == most:
            defer.returnValue((found, None))
        defer.returnValue((found, Wait(seconds=said['wait'])))

    @staticmethod
    def _read(claimed, token):
        # type: (Dict[Text, Any], Text) -> Any
        """The attempt; None for one that is in nobody's way, but can't be made until somebody has
        mended what is kept of it.  Its lease runs out, and it is looked at again."""
        try:
            return _reply(claimed, token)
        except (KeyError, TypeError, ValueError) as error:
            # Of what can't be read the exception might tell: its type is enough.
            log.error('Something of ticket {ticket} that waits to be published can not be read:'
                      ' {type}', ticket=claimed.get('ticket') or 'none',
                      type=type(error).__name__)
            return None

    @defer.inlineCallbacks
    def cut(self, attempt, texts):
        """The reply will be published as these `texts`, whatever happens until then.

        Fires with its `ReplyPart`s, whose events are matched from now on, or with None: the lease
        was lost.
        """
        parts = [ReplyPart(reply_message_id(self._prefix, attempt.note_id, n), text)
                 for n, text in enumerate(texts)]
        said = yield self._scripts.call(
            'cut_reply', attempt.thread, attempt.token,
            json.dumps([{'id': part.message_id, 'text': part.text} for part in parts]),
            self._remember)
        defer.returnValue(parts if said == b'done' else None)

    def finish_all(self, published):
        # type: (Sequence[Tuple[Text, Any]]) -> defer.Deferred
        """The broker has these: replies as pairs of ticket and number, answers of the worker's own
        as pairs of '' and message_id.

        Fires with a list: False for each of which that was known before, True for the others, and
        a Failure for what could not be noted.
        """
        d = self._scripts.call('finish_published', self.ack_timeout,
                               *[part for pair in published for part in pair])
        return d.addCallback(lambda said: [_noted(each) for each in said])

    def finish(self, ticket, number):
        # type: (Text, int) -> defer.Deferred
        """The broker has the reply `number` of `ticket`.  False: that was known before."""
        return self.finish_all([(ticket, number)]).addCallback(_only)

    def finish_answer(self, message_id):
        # type: (Text) -> defer.Deferred
        """The broker has this answer of the worker's own.  False: that was known before."""
        return self.finish_all([('', message_id)]).addCallback(_only)

    def refuse(self, attempt, why, notice=True):
        # type: (ReplyAttempt, Text, bool) -> defer.Deferred
        """The reply is not sent.  `why` is for the agent, who finds it in the ticket's history and,
        with `notice`, in a private note; the ticket gets the tag ``#undelivered``.

        False: the lease was lost.
        """
        d = self._scripts.call('refuse_reply', attempt.thread, attempt.token, why, int(notice))
        return d.addCallback(lambda said: said == b'done')

    def overdue(self, limit, why, notice=True, wanted=True):
        # type: (int, Text, bool, bool) -> defer.Deferred
        """At most `limit` of the replies that are overdue become unconfirmed, with the reason `why`,
        which the agent finds where that of a refusal is.  If not `wanted`, they are let go.

        Fires with how many were looked at, and how many of these became unconfirmed.
        """
        return self._scripts.call('overdue', limit, why, int(notice), int(wanted))

    def expire(self, attempt):
        # type: (AnswerAttempt) -> defer.Deferred
        """The answer came too late to be sent.  False: the lease was lost."""
        d = self._scripts.call('expire_answer', attempt.thread, attempt.token)
        return d.addCallback(lambda said: said == b'done')


def accept_replies(scripts, prefix, notes, remember):
    # type: (Any, Text, Sequence[StaffNote], int) -> defer.Deferred
    """As `Store.accept_replies`."""
    args = [remember]  # type: List[Any]
    for note in notes:
        args += (note.note_id, note.nonce, note.ticket_id, note.html, note.staff_id or '',
                 note.staff_name, '%.3f' % (note.created_at,),
                 reply_message_id(prefix, note.note_id))
    said = scripts.call('accept_reply', *args)
    return said.addCallback(lambda outcomes: [_accepted(each) for each in outcomes])


def _accepted(said):
    # type: (bytes) -> Any
    return _ACCEPTED.get(as_text(said)) or _failed(said)


def _failed(said):
    # type: (bytes) -> failure.Failure
    return failure.Failure(told_error(as_text(said)))


def _reply(said, token):
    # type: (Dict[Text, Any], Text) -> Any
    """What a claim gave, as an attempt."""
    if 'answer' in said:
        return AnswerAttempt(
            thread=said['tid'], token=token, ticket=said['ticket'],
            message_id=said['answer'], kind=AnswerKind(said['kind']), look=said['look'],
            tries=said['tries'], first_at=float(said['first']), text=said['text'],
            session_event=said['event'] or None, late=said['late'],
            envelope=unpack(said['envelope'], said['addr']))
    return ReplyAttempt(
        thread=said['tid'], token=token, ticket=said['ticket'], number=said['r'],
        look=said['look'], tries=said['tries'], first_at=float(said['first']),
        html=said['html'], message_id=said['message_id'], note_id=said['note'],
        opted_out=said['opted_out'], envelope=unpack(said['envelope'], said['addr']),
        parts=[ReplyPart(message_id=part['id'], text=part['text'])
               for part in said.get('parts', [])])


def _noted(said):
    # type: (bytes) -> Any
    if said in (b'done', b'gone'):
        return said == b'done'
    return _failed(said)


def _only(outcomes):
    # type: (Sequence[Any]) -> Any
    """The one outcome of a call for one."""
    return outcomes[0]
