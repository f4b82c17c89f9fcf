"""Options of what the worker itself answers people."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from vumi.config import ConfigText

from vumi_snappy.answers import Answers
from vumi_snappy.config.checking import CheckedConfig


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

    def _cross_check(self):
        # type: () -> None
        super(AnswerOptions, self)._cross_check()
        #: What decides on the worker's own answers.
        self.answers = Answers(
            session_prompt=self._valid('session_prompt') or '',
            session_reply=self._valid('session_reply') or '')
