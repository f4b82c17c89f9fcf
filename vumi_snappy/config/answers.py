"""Options of what the worker itself answers people."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Text  # noqa: F401

from vumi.config import ConfigDict, ConfigText

from vumi_snappy.answers import Answers
from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigRange, as_text
from vumi_snappy.hours import HoursError, OpeningHours


class AnswerOptions(CheckedConfig):
    """The part of `SnappyBouncerConfig` that is about the worker's own answers."""

    session_prompt = ConfigText(
        "What is answered when a session (USSD and such) begins, or goes on, without anything"
        " being said; the session stays open. Empty: nothing.",
        default='Please write your message to us.', static=True)
    session_reply = ConfigText(
        "What is answered in a session to what was said, which makes the ticket; the session is"
        " closed with it. Empty: nothing.",
        default='Thank you, we have your message.', static=True)
    auto_reply = ConfigText(
        "What a message that opens a ticket is answered with, within the opening hours. Empty:"
        " nothing.", default='', static=True)
    opening_hours = ConfigDict(
        "When agents answer: time_zone, days (or ranges of days) with their hours, and holidays."
        " Without it they always do.", static=True)
    out_of_hours_reply = ConfigText(
        "What a message is answered with outside the opening hours, instead of auto_reply and"
        " session_reply. Empty: nothing.", default='', static=True)
    auto_reply_every = ConfigRange(
        "Hours within which a person gets auto_reply once at most, and out_of_hours_reply once.",
        0, 8760, default=24, static=True)

    def _cross_check(self):
        # type: () -> None
        super(AnswerOptions, self)._cross_check()
        self._check(not self._valid('out_of_hours_reply') or self._valid('opening_hours'),
                    "Field 'out_of_hours_reply' needs 'opening_hours'.")
        #: What decides on the worker's own answers.
        self.answers = Answers(
            session_prompt=self._text('session_prompt'),
            session_reply=self._text('session_reply'),
            auto_reply=self._text('auto_reply'),
            out_of_hours_reply=self._text('out_of_hours_reply'),
            opening_hours=self._opening_hours(),
            auto_reply_every=(self._valid('auto_reply_every') or 0) * 3600.0)

    def _text(self, name):
        # type: (Text) -> Text
        return as_text(self._valid(name) or '')

    def _opening_hours(self):
        # type: () -> Any
        given = self._valid('opening_hours')
        if given is None:
            return None
        try:
            return OpeningHours.parse(given)
        except HoursError as error:
            self._errors.append("Field 'opening_hours' %s." % (error,))
            return None
