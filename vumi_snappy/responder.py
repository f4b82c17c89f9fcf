"""From the store to the bus: agents' replies, the worker's own answers, and what transports say
became of them.

Owns turning a stored note into a Vumi message and publishing it once: the message_id comes from
the note, publishing is confirmed by the broker together with a receipt, and where a publication's
outcome is unknown the receipts are read before it is made again (promise 3).  The worker starts
and stops it, tells it when the bus is there, and hands it receipts and events.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import copy
import random
from typing import Any, Dict, Sequence, Text, Union  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger
from vumi.message import TransportUserMessage

from vumi_snappy.addressing import Route, Routes  # noqa: F401
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.lines import Lines
from vumi_snappy.noting import Noting
from vumi_snappy.records import (  # noqa: F401
    AnswerAttempt, AnswerState, ReplyAttempt, ReplyPart, ReplyState)
from vumi_snappy.replies import NotSendable, ReplyRules
from vumi_snappy.runner import ALWAYS, LaneRunner, persist

log = Logger()

#: Replies published at once, and claimed by one call; those that wait for the broker's
#: confirmation at the same time share it.
_CONCURRENCY, _TOGETHER = 50, 25

#: Seconds for which another worker may hold a receipt that the bus does not count any more: by
#: then it has told the store, or given the receipt back.
_IN_HANDS = 1.0

#: What an agent is told.
_OPTED_OUT = 'this person has opted out of messages from us'

#: In a receipt, where a reply has the number of its ticket.
_ANSWER = 'answer'

_STATES = {
    ('ack', None): ReplyState.ACKED,
    ('nack', None): ReplyState.FAILED,
    ('delivery_report', 'delivered'): ReplyState.DELIVERED,
    ('delivery_report', 'failed'): ReplyState.FAILED,
}
_COUNTS = {ReplyState.ACKED: 'replies.acked', ReplyState.FAILED: 'replies.failed',
           ReplyState.DELIVERED: 'replies.delivered', AnswerState.FAILED: 'answers.failed'}


class Responder(object):
    """Publishes what `store.replies` gives through `bus`, a `GuardedWorker`.

    `rules` says what a note is sent as; `notices`: an agent is told by a private note of a reply
    that was not delivered; `delivered_notices`: and of one that was.  `precedence` says when
    the next may be claimed, as `LaneRunner` asks.
    """

    def __init__(self, clock, store, bus, metrics, rules=ReplyRules(), notices=False,
                 delivered_notices=False, precedence=ALWAYS):
        # type: (Any, Any, Any, Any, ReplyRules, bool, bool, Any) -> None
        self._clock = clock
        self._store = store
        self._lane = store.replies
        self._bus = bus
        self._metrics = metrics
        self._rules = rules
        self._notices = notices
        self._delivered_notices = delivered_notices
        self._noting = Noting(clock, self._lane)
        self._lines = Lines(log, clock)
        self.runner = LaneRunner(clock, self._lane, self.handle, _CONCURRENCY, 'responder',
                                 together=_TOGETHER, precedence=precedence)

    def bus_connected(self):
        # type: () -> None
        """Begin to publish."""
        self.runner.start()

    def bus_lost(self):
        # type: () -> None
        """Leave replies in the store until the bus is back."""
        self.runner.pause()

    def stop(self, within):
        # type: (float) -> defer.Deferred
        """Finish what is under way, for at most `within` seconds."""
        return self.runner.stop(within)

    @defer.inlineCallbacks
    def handle(self, attempt):
        """Publish one reply, or one of the worker's own answers."""
        answer = isinstance(attempt, AnswerAttempt)
        what = ('', attempt.message_id) if answer else (attempt.ticket, attempt.number)
        self._noting.leaves(*what)
        try:
            if attempt.look:
                if (yield self._has_unread_receipts()):
                    yield self._persist(self._lane.retry, attempt, 0.5, look=True, count=False)
                    return
                if not (yield self._persist(self._lane.looked, attempt)):
                    return
            route = self._route(attempt)
            parts = yield (self._answer_parts(attempt) if answer
                           else self._reply_parts(attempt, route.fields['transport_type']))
            if not parts:
                return
            if not answer:
                # Said before: by the time that it is there, another worker may tell of it.
                self._lines.say('Ticket %s: reply %d (note %s) leaves as %s.' % (
                    attempt.ticket, attempt.number, attempt.note_id,
                    ', '.join(part.message_id for part in parts)))
            yield self._bus.confirm_publish_all(
                self._messages(attempt, parts, route),
                endpoint_name=route.endpoint, receipt=_receipt(attempt))
        except BusUnavailable:
            yield self._persist(self._lane.retry, attempt, self._delay(), outage=True, count=False)
        except PublishUnknown:
            yield self._persist(self._lane.retry, attempt, self._delay(), look=True, outage=True,
                                count=False)
        else:
            yield self._noted(self._noting.published, *what)

    @defer.inlineCallbacks
    def _has_unread_receipts(self):
        """Fires with whether there may be a receipt that the store was not told of."""
        unread = yield self._bus.receipts_waiting()
        if not unread:
            yield task.deferLater(self._clock, _IN_HANDS, lambda: None)
            unread = yield self._bus.receipts_waiting()
        defer.returnValue(unread > 0)

    @defer.inlineCallbacks
    def _answer_parts(self, attempt):
        if attempt.late:
            if (yield self._persist(self._lane.expire, attempt)):
                self._metrics.count('answers.expired')
            return
        defer.returnValue([ReplyPart(attempt.message_id, attempt.text)])

    @defer.inlineCallbacks
    def _reply_parts(self, attempt, transport_type):
        """Fires with the messages to publish, or None: there is nothing to do any more."""
        if attempt.opted_out:
            yield self.refuse(attempt, _OPTED_OUT)
            return
        if attempt.parts:
            defer.returnValue(attempt.parts)
        text = self._rules.text_of(attempt.html)
        if not text:
            yield self._persist(self._lane.park, attempt, 'the reply holds no text to send')
            return
        try:
            texts = self._rules.texts(text, transport_type)
        except NotSendable as refusal:
            yield self.refuse(attempt, '%s' % (refusal,))
            return
        if len(texts) == 1:
            defer.returnValue([ReplyPart(attempt.message_id, texts[0])])
        parts = yield self._persist(self._lane.cut, attempt, texts)
        defer.returnValue(parts)

    def _route(self, attempt):
        # type: (Union[ReplyAttempt, AnswerAttempt]) -> Route
        if isinstance(attempt, AnswerAttempt):
            return Routes.straight_back(attempt.envelope)
        return self._rules.routes.route(attempt.envelope, self._clock.seconds())

    def _messages(self, attempt, parts, route):
        # type: (Union[ReplyAttempt, AnswerAttempt], Sequence[ReplyPart], Route) -> Any
        # Each has its own: middlewares write into them.
        fields = [route.fields] + [copy.deepcopy(route.fields) for _ in parts[1:]]
        return [TransportUserMessage(
            message_id=part.message_id, content=part.text,
            session_event=getattr(attempt, 'session_event', None),
            **{str(name): value for name, value in own.items()})
            for part, own in zip(parts, fields)]

    def receipt_received(self, receipt):
        # type: (bytes) -> defer.Deferred
        """The broker has a reply; whoever published it may not have lived to say so.

        Errors: the store's; where that is away, the receipt must go back on its queue.
        """
        ticket, _, number = receipt.decode('utf-8').rpartition(':')
        what = ('', number) if ticket == _ANSWER else (ticket, int(number))
        return self._noted(self._noting.received, *what)

    @defer.inlineCallbacks
    def event(self, event):
        """Record an ack, nack or delivery report.  Errors: the store's."""
        kind = event['event_type']
        key = (kind, event.get('delivery_status') if kind == 'delivery_report' else None)
        state, published = yield self._store.record_event(
            event['user_message_id'], _STATES.get(key), _reason(event), notice=self._notices,
            delivered_notice=self._delivered_notices)
        if published:
            self._metrics.count('replies.published')
        if state is not None:
            (log.warn if state is ReplyState.FAILED else log.info)(
                'Message {id}: {state}, says its transport.', id=event['user_message_id'],
                state=state.value)
        if state in _COUNTS:
            self._metrics.count(_COUNTS[state])

    @defer.inlineCallbacks
    def refuse(self, attempt, why):
        """Send a reply not at all, and tell the agent `why`."""
        if (yield self._persist(self._lane.refuse, attempt, why, notice=self._notices)):
            self._metrics.count('replies.refused')
            log.info('Ticket {ticket}: reply {number} is refused.', ticket=attempt.ticket,
                     number=attempt.number)

    @defer.inlineCallbacks
    def _noted(self, note, ticket, number):
        if not (yield note(ticket, number)):
            return
        if ticket:
            self._metrics.count('replies.published')
            self._lines.say('Ticket %s: reply %d is on the bus.' % (ticket, number))
        else:
            self._metrics.count('answers.published')
            self._lines.say('Message %s: our own answer is on the bus.' % (number,))

    def _delay(self):
        return random.uniform(0.3, 1.0)

    def _persist(self, call, *args, **kwargs):
        return persist(self._clock, call, *args, **kwargs)


def _reason(event):
    # type: (Any) -> Text
    """Why a transport refused, as a text of bounded length: it can be any JSON value."""
    return ('%s' % (event.get('nack_reason') or '',))[:500]


def _receipt(attempt):
    # type: (Union[ReplyAttempt, AnswerAttempt]) -> bytes
    if isinstance(attempt, AnswerAttempt):
        return ('%s:%s' % (_ANSWER, attempt.message_id)).encode('utf-8')
    return ('%s:%d' % (attempt.ticket, attempt.number)).encode('utf-8')
