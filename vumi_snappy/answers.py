"""What a message is answered with by the worker itself, and whether it makes a ticket.

Owns the decision, not the sending: a `Plan` goes into the store together with the message, and the
store decides what depends on the person's past (a new ticket, an answer given before).  Pure; the
intake asks it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Optional, Sequence, Text  # noqa: F401

import attr

from vumi_snappy.records import Answer, AnswerKind, Subscription, TicketUse  # noqa: F401
from vumi_snappy.sessions import Step, session_step


@attr.s(frozen=True, slots=True)
class Plan(object):
    """What a message may do with tickets, what it means for the subscription, and the answers."""

    tickets = attr.ib()  # type: TicketUse
    answers = attr.ib(default=())  # type: Sequence[Answer]
    subscription = attr.ib(default=None)  # type: Optional[Subscription]

    @property
    def is_empty(self):
        # type: () -> bool
        """Whether there is nothing at all to store."""
        return self.tickets is TicketUse.NONE and not self.answers and not self.subscription


_NOTHING = Plan(TicketUse.NONE)


@attr.s(frozen=True, slots=True)
class Answers(object):
    """The texts and rules of one deployment; an empty text is not sent."""

    session_prompt = attr.ib(default='')  # type: Text
    session_reply = attr.ib(default='')  # type: Text

    def plan(self, fields):
        # type: (Dict[Text, Any]) -> Plan
        """The `Plan` for a message, given as the fields of a Vumi `TransportUserMessage`."""
        content = fields.get('content')
        step = session_step(fields.get('session_event'), content, fields.get('to_addr'))
        if step is Step.ASK:
            return Plan(TicketUse.NONE, _texts(
                Answer(AnswerKind.SESSION_PROMPT, self.session_prompt)))
        if step is Step.SAID:
            return Plan(TicketUse.OPEN, _texts(
                Answer(AnswerKind.SESSION_END, self.session_reply, session_event='close')))
        if step is Step.OVER or not (content or '').strip():
            return _NOTHING
        return Plan(TicketUse.OPEN)


def _texts(*answers):
    # type: (*Answer) -> Sequence[Answer]
    return tuple(each for each in answers if each.text.strip())
