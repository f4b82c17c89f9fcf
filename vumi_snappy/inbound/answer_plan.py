"""What a message is answered with by the worker itself, and whether it makes a ticket.

Owns the decision, not the sending: a `Plan` goes into the store together with the message, and
the store decides what depends on the person's past: a new ticket (`_new_ticket_or_note.lua`), an
answer given before (`_new_answers.lua`).  Pure; the intake asks it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, FrozenSet, Optional, Sequence, Text  # noqa: F401

import attr

from vumi_snappy.inbound.keywords import Keywords
from vumi_snappy.inbound.opening_hours import OpeningHours  # noqa: F401
from vumi_snappy.inbound.robots import robots_sign
from vumi_snappy.inbound.ussd_sessions import Step, session_step
from vumi_snappy.records import Answer, AnswerKind, Subscription, TicketUse  # noqa: F401


@attr.s(frozen=True, slots=True)
class Plan(object):
    """What a message may do with tickets, what it means for the subscription, and the answers.

    `withheld` is why it gets no automatic answer; empty: it may get one.
    """

    tickets = attr.ib()  # type: TicketUse
    answers = attr.ib(default=())  # type: Sequence[Answer]
    subscription = attr.ib(default=None)  # type: Optional[Subscription]
    withheld = attr.ib(default='')  # type: Text

    @property
    def is_empty(self):
        # type: () -> bool
        """Whether there is nothing at all to store."""
        return self.tickets is TicketUse.NONE and not self.answers and not self.subscription


#: Seconds that a session waits for its answer: so long Vumi's HTTP RPC transports hold a request
#: (their `request_timeout`).  After that it may be another session that hears it:
#: `claim_reply.lua` says that it is late, and the responder drops it.
_SESSION_WAITS = 240.0


@attr.s(frozen=True, slots=True)
class Answers(object):
    """The texts and rules of one deployment; an empty text is not sent.

    `auto_reply_every` is in seconds.  Without `opening_hours` it is always open.  The replies to
    keywords are by the language of the keyword.  What begins a session over a transport in
    `no_text_at_start` (names) is no text of the person's.
    """

    session_prompt = attr.ib(default='')  # type: Text
    session_reply = attr.ib(default='')  # type: Text
    auto_reply = attr.ib(default='')  # type: Text
    out_of_hours_reply = attr.ib(default='')  # type: Text
    opening_hours = attr.ib(default=None)  # type: Optional[OpeningHours]
    auto_reply_every = attr.ib(default=0.0)  # type: float
    keywords = attr.ib(factory=Keywords)  # type: Keywords
    opt_out_replies = attr.ib(factory=dict)  # type: Dict[Text, Text]
    opt_in_replies = attr.ib(factory=dict)  # type: Dict[Text, Text]
    no_text_at_start = attr.ib(default=frozenset())  # type: FrozenSet[Text]

    def plan(self, fields, now):
        # type: (Dict[Text, Any], float) -> Plan
        """The `Plan` for a message that arrives at `now` (seconds since the epoch).

        `fields` are those of a Vumi `TransportUserMessage`.
        """
        content = fields.get('content')
        if fields.get('session_event') == 'new' and (
                fields.get('transport_name') in self.no_text_at_start):
            content = None
        step = session_step(fields.get('session_event'), content, fields.get('to_addr'))
        if step is Step.ASK:
            return Plan(TicketUse.NONE, _texts(
                Answer(AnswerKind.SESSION_PROMPT, self.session_prompt, good_for=_SESSION_WAITS)))
        if step is Step.OVER or not (content or '').strip():
            return Plan(TicketUse.NONE)
        opts_out = _optout_of_middleware(fields)
        meaning = None if opts_out is not None else self.keywords.meaning(content or '')
        if meaning is not None:
            return self._subscription(meaning[0], meaning[1], step)
        closed = self.opening_hours is not None and not self.opening_hours.is_open(now)
        if step is Step.TEXT:
            # The line on the screen is the answer; a second one could not reach it any more.
            return Plan(TicketUse.OPEN, _texts(Answer(
                AnswerKind.SESSION_END,
                closed and self.out_of_hours_reply or self.session_reply,
                session_event='close', good_for=_SESSION_WAITS)))
        kind, text = ((AnswerKind.OUT_OF_HOURS, self.out_of_hours_reply) if closed
                      else (AnswerKind.AUTO_REPLY, self.auto_reply))
        automatic = _texts(Answer(kind, text, automatic=True, only_new_ticket=not closed,
                                  once_every=self.auto_reply_every))
        withheld = automatic and (
            opts_out and 'it opts out' or robots_sign(
                fields, [self.auto_reply, self.out_of_hours_reply]))
        return Plan(TicketUse.OPEN, () if withheld else automatic, withheld=withheld or '')

    def _subscription(self, subscription, language, step):
        # type: (Subscription, Text, Step) -> Plan
        kind, replies = ((AnswerKind.OPTED_OUT, self.opt_out_replies)
                         if subscription is Subscription.OPT_OUT
                         else (AnswerKind.OPTED_IN, self.opt_in_replies))
        text = replies.get(language, '')
        if step is Step.TEXT:
            # A session needs its closing line, also from who says it a second time.
            answer = Answer(kind, text or self.session_reply, session_event='close',
                            good_for=_SESSION_WAITS)
        else:
            answer = Answer(kind, text, only_if_changed=True)
        return Plan(TicketUse.LIVE_ONLY, _texts(answer), subscription=subscription)


def _optout_of_middleware(fields):
    # type: (Dict[Text, Any]) -> Optional[bool]
    """Whether a middleware that handles opt-outs says that this is one; None where there is none.

    As Vumi Go's does: ``helper_metadata['optout'] = {'optout': True, 'optout_keyword': 'stop'}``.
    """
    optout = (fields.get('helper_metadata') or {}).get('optout')
    return bool(optout.get('optout')) if isinstance(optout, dict) else None


def _texts(answer):
    # type: (Answer) -> Sequence[Answer]
    return (answer,) if answer.text.strip() else ()
