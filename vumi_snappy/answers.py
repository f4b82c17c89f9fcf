"""What a message is answered with by the worker itself, and whether it makes a ticket.

Owns the decision, not the sending: a `Plan` goes into the store together with the message, and the
store decides what depends on the person's past (a new ticket, an answer given before).  Pure; the
intake asks it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Optional, Sequence, Text  # noqa: F401

import attr

from vumi_snappy.hours import OpeningHours  # noqa: F401
from vumi_snappy.keywords import Keywords
from vumi_snappy.loops import robots_sign
from vumi_snappy.records import Answer, AnswerKind, Subscription, TicketUse  # noqa: F401
from vumi_snappy.sessions import Step, session_step


@attr.s(frozen=True, slots=True)
class Plan(object):
    """What a message may do with tickets, what it means for the subscription, and the answers.

    `withheld` says, in words, why it is not given automatic answers; empty where nothing is
    against them.
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


_NOTHING = Plan(TicketUse.NONE)

#: Seconds that a session waits for its answer: so long Vumi's HTTP RPC transports hold a request
#: (their `request_timeout`).  After that it may be another session that hears it.
_SESSION_WAITS = 240.0


@attr.s(frozen=True, slots=True)
class Answers(object):
    """The texts and rules of one deployment; an empty text is not sent.

    `auto_reply_every` is in seconds.  Without `opening_hours` it is always open.  The replies to
    keywords are by the language of the keyword.
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

    def plan(self, fields, now):
        # type: (Dict[Text, Any], float) -> Plan
        """The `Plan` for a message that arrives at `now` (seconds since the epoch).

        `fields` are those of a Vumi `TransportUserMessage`.
        """
        content = fields.get('content')
        step = session_step(fields.get('session_event'), content, fields.get('to_addr'))
        if step is Step.ASK:
            return Plan(TicketUse.NONE, _texts(
                Answer(AnswerKind.SESSION_PROMPT, self.session_prompt, good_for=_SESSION_WAITS)))
        if step is Step.OVER or not (content or '').strip():
            return _NOTHING
        told = _told_elsewhere(fields)
        meaning = None if told is not None else self.keywords.meaning(content or '')
        if meaning is not None:
            return self._subscription(meaning[0], meaning[1], step)
        closed = self.opening_hours is not None and not self.opening_hours.is_open(now)
        if step is Step.SAID:
            # The line on the screen is the answer; a second one could not reach it any more.
            return Plan(TicketUse.OPEN, _texts(Answer(
                AnswerKind.SESSION_END,
                closed and self.out_of_hours_reply or self.session_reply,
                session_event='close', good_for=_SESSION_WAITS)))
        automatic = self._automatic(closed)
        withheld = automatic and (
            told and 'it opts out' or robots_sign(
                fields, [self.auto_reply, self.out_of_hours_reply]))
        return Plan(TicketUse.OPEN, () if withheld else automatic, withheld=withheld or '')

    def _subscription(self, subscription, language, step):
        # type: (Subscription, Text, Step) -> Plan
        if subscription is Subscription.OPT_OUT:
            kind, text = AnswerKind.OPTED_OUT, self.opt_out_replies.get(language, '')
        else:
            kind, text = AnswerKind.OPTED_IN, self.opt_in_replies.get(language, '')
        if step is Step.SAID:
            # A session needs its closing line, also from who says it a second time.
            answer = Answer(kind, text or self.session_reply, session_event='close',
                            good_for=_SESSION_WAITS)
        else:
            answer = Answer(kind, text, only_if_changed=True)
        return Plan(TicketUse.LIVE_ONLY, _texts(answer), subscription=subscription)

    def _automatic(self, closed):
        # type: (bool) -> Sequence[Answer]
        if closed:
            return _texts(Answer(
                AnswerKind.OUT_OF_HOURS, self.out_of_hours_reply, automatic=True,
                once_every=self.auto_reply_every))
        return _texts(Answer(
            AnswerKind.AUTO_REPLY, self.auto_reply, automatic=True, only_new_ticket=True,
            once_every=self.auto_reply_every))


def _told_elsewhere(fields):
    # type: (Dict[Text, Any]) -> Optional[bool]
    """What a middleware that handles opt-outs says of a message; None where there is none.

    As Vumi Go's does: ``helper_metadata['optout'] = {'optout': True, 'optout_keyword': 'stop'}``.
    """
    said = (fields.get('helper_metadata') or {}).get('optout')
    return bool(said.get('optout')) if isinstance(said, dict) else None


def _texts(*answers):
    # type: (*Answer) -> Sequence[Answer]
    return tuple(each for each in answers if each.text.strip())
