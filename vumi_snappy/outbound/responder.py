"""From the store to the bus: agents' replies, the worker's own answers, and what transports say
became of them.

Owns turning a stored note into a Vumi message and publishing it once: the message_id comes from
the note, publishing is confirmed by the broker together with a receipt, and where a publication's
outcome is unknown the receipts are read before it is made again (promise 3).  `Bridge` runs it
while the bus is there; the worker hands it receipts and events.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import copy
import random
from functools import partial
from typing import Any, Callable, List, Sequence, Text, Union  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.bus import BusUnavailable, PublishUnknown, TransportUserMessage
from vumi_snappy.bus.port import Bus  # noqa: F401
from vumi_snappy.lanes.runner import LaneRunner, persist
from vumi_snappy.outbound.pacing import ReplyPacing
from vumi_snappy.outbound.reply_rules import NotSendable, ReplyRules
from vumi_snappy.outbound.reply_routes import Route, ReplyRoutes  # noqa: F401
from vumi_snappy.records import (  # noqa: F401
    TOO_LARGE, AnswerAttempt, AnswerState, ReplyAttempt, ReplyPart, ReplyState)
from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.lines import Lines
from vumi_snappy.runtime.ports import Clock, Meter  # noqa: F401
from vumi_snappy.store import Store, StoreRefused  # noqa: F401

log = Logger()

#: Replies published at once, and claimed by one call; those that wait for the broker's
#: confirmation at the same time share it.
_CONCURRENCY, _TOGETHER = 50, 25

#: Seconds for which another worker may hold a receipt that the bus does not count any more: by
#: then it has told the store, or given the receipt back.
_RECEIPT_HELD = 1.0

#: What an agent is told.
_OPTED_OUT = 'this person has opted out of messages from us'
_TOO_LARGE = 'it is too large, perhaps because of pictures in it: send it again without them'
_NO_TEXT = 'the reply has no text to send: attachments and struck-out words are not sent'

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

    `rules` says what a note is sent as.
    """

    def __init__(self, clock, store, bus, metrics, rules=ReplyRules()):
        # type: (Clock, Store, Bus, Meter, ReplyRules) -> None
        self._clock = clock
        self._store = store
        self._lane = store.replies
        self._bus = bus
        self._metrics = metrics
        self._rules = rules
        self._persist = partial(persist, clock)
        store.on_moved.append(self._finish_again)
        self._lines = Lines(log, clock)
        self.runner = LaneRunner(clock, self._lane, self.handle, _CONCURRENCY, 'responder',
                                 together=_TOGETHER, pacing=ReplyPacing(clock))
        self.stop = self.runner.stop

    @defer.inlineCallbacks
    def handle(self, attempt):
        # type: (Union[ReplyAttempt, AnswerAttempt]) -> defer.Deferred
        """Publish one reply, or one of the worker's own answers."""
        try:
            if attempt.look:
                if (yield self._has_unread_receipts()):
                    yield self._persist(self._lane.retry, attempt, 0.5, look=True, count=False,
                                        settled=True)
                    return
                if not (yield self._persist(self._lane.looked, attempt)):
                    return
            route = self._route(attempt)
            parts = yield (self._answer_parts(attempt) if isinstance(attempt, AnswerAttempt)
                           else self._reply_parts(attempt, route.fields['transport_type']))
            if not parts:
                return
            if isinstance(attempt, ReplyAttempt):
                # Logged first: by the time that it is there, another worker may log that.
                self._lines.say('Ticket %s: reply %d (note %s) leaves as %s.' % (
                    attempt.ticket, attempt.number, attempt.note_id,
                    ', '.join(part.message_id for part in parts)))
            receipt = _receipt(attempt)
            yield self._bus.confirm_publish(
                self._messages(attempt, parts, route), endpoint_name=route.endpoint,
                receipt=receipt)
        except (BusUnavailable, PublishUnknown) as error:
            # While the bus is away nothing is sent, and what was sent before has settled.
            unknown = isinstance(error, PublishUnknown)
            yield self._persist(self._lane.retry, attempt, random.uniform(0.3, 1.0), outage=True,
                                count=False, look=unknown, settled=not unknown)
        else:
            # Where this is cancelled, the store learns it from the receipt.
            yield self._finish(receipt, partial(self._persist, self._lane.finish))

    @defer.inlineCallbacks
    def _has_unread_receipts(self):
        # type: () -> defer.Deferred
        """Fires with whether there may be a receipt that the store does not know of."""
        unread = yield self._bus.receipts_waiting()
        if not unread:
            yield task.deferLater(self._clock, _RECEIPT_HELD, lambda: None)
            unread = yield self._bus.receipts_waiting()
        defer.returnValue(unread > 0)

    @defer.inlineCallbacks
    def _answer_parts(self, attempt):
        # type: (AnswerAttempt) -> defer.Deferred
        if attempt.late:
            if (yield self._persist(self._lane.expire, attempt)):
                self._metrics.count('answers.expired')
            return
        defer.returnValue([ReplyPart(attempt.message_id, attempt.text)])

    @defer.inlineCallbacks
    def _reply_parts(self, attempt, transport_type):
        # type: (ReplyAttempt, Text) -> defer.Deferred
        """Fires with the messages to publish, or None: the reply is refused."""
        if attempt.parts and not attempt.opted_out:
            defer.returnValue(attempt.parts)
        try:
            texts = self._texts(attempt, transport_type)
        except NotSendable as refusal:
            yield self._refuse(attempt, '%s' % (refusal,))
            return
        if len(texts) == 1:
            defer.returnValue([ReplyPart(attempt.message_id, texts[0])])
        parts = yield self._persist(self._lane.cut, attempt, texts)
        defer.returnValue(parts)

    def _texts(self, attempt, transport_type):
        # type: (ReplyAttempt, Text) -> List[Text]
        """The texts of the messages that a reply is sent as.  Errors: `NotSendable`."""
        if attempt.opted_out:
            raise NotSendable(_OPTED_OUT)
        if attempt.html == TOO_LARGE:
            raise NotSendable(_TOO_LARGE)
        text = self._rules.text_of(attempt.html)
        if not text:
            raise NotSendable(_NO_TEXT)
        return self._rules.texts(text, transport_type)

    def _route(self, attempt):
        # type: (Union[ReplyAttempt, AnswerAttempt]) -> Route
        if isinstance(attempt, AnswerAttempt):
            return ReplyRoutes.direct(attempt.envelope)
        return self._rules.routes.route(attempt.envelope, wall_time(self._clock))

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
        """The broker has a reply; whoever published it may have died before the store knew.

        Errors: the store's; where that is away, the receipt must go back on its queue.
        """
        return self._finish(receipt, self._lane.finish)

    @defer.inlineCallbacks
    def event(self, event):
        # type: (Any) -> defer.Deferred
        """Record an ack, nack or delivery report.  Errors: the store's."""
        if not isinstance(event['user_message_id'], Text):
            return  # not ours
        kind = event['event_type']
        key = (kind, event.get('delivery_status') if kind == 'delivery_report' else None)
        state, published = yield self._store.record_event(
            event['user_message_id'], _STATES.get(key), _reason(event))
        if published:
            self._metrics.count('replies.published')
        if state is not None:
            (log.warn if state is ReplyState.FAILED else log.info)(
                'Message {id}: {state}, reported by its transport.', id=event['user_message_id'],
                state=state.value)
        if state in _COUNTS:
            self._metrics.count(_COUNTS[state])

    @defer.inlineCallbacks
    def _refuse(self, attempt, why):
        # type: (ReplyAttempt, Text) -> defer.Deferred
        """Do not send a reply, and tell the agent `why`."""
        if (yield self._persist(self._lane.refuse, attempt, why)):
            self._metrics.count('replies.refused')
            log.info('Ticket {ticket}: reply {number} is refused.', ticket=attempt.ticket,
                     number=attempt.number)

    @defer.inlineCallbacks
    def _finish(self, receipt, finish):
        # type: (bytes, Callable[[Text], defer.Deferred]) -> Any
        """Tell the store that the broker has what the receipt names, and count that once."""
        ticket, number, message_id = receipt.decode('utf-8').split(':')
        if not (yield finish(message_id)):
            return
        if ticket:
            self._metrics.count('replies.published')
            self._lines.say('Ticket %s: reply %s is on the bus.' % (ticket, number))
        else:
            self._metrics.count('answers.published')
            self._lines.say('Message %s: our own answer is on the bus.' % (message_id,))

    def _finish_again(self):
        # type: () -> None
        """The store is in another Redis, or in one that began anew, which may lack the last
        changes."""
        for message_id in list(self._lane.finished_last):
            # If this fails the reply is looked for, as after a crash.
            self._persist(self._lane.finish, message_id).addErrback(
                lambda reason: reason.trap(StoreRefused, defer.CancelledError) and None)


def _reason(event):
    # type: (Any) -> Text
    """Why a transport refused, as a text of bounded length: it can be any JSON value."""
    return ('%s' % (event.get('nack_reason') or '',))[:500]


def _receipt(attempt):
    # type: (Union[ReplyAttempt, AnswerAttempt]) -> bytes
    """A reply's ticket and number (empty for an answer of our own), and the message_id."""
    what = ':' if isinstance(attempt, AnswerAttempt) else '%s:%d' % (
        attempt.ticket, attempt.number)
    return ('%s:%s' % (what, attempt.message_id)).encode('utf-8')
