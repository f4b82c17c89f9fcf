"""Options of what the worker itself answers people."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, List, Text  # noqa: F401

from vumi.config import ConfigDict, ConfigField, ConfigText

from vumi_snappy.answers import Answers
from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigRange, as_text
from vumi_snappy.hours import HoursError, OpeningHours
from vumi_snappy.keywords import Keywords, KeywordsError


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

    opt_out_keywords = ConfigField(
        "Words by which a person, who sends nothing else, opts out of being written to: a list, or"
        " lists by language. Without it nobody does.", static=True)
    opt_in_keywords = ConfigField(
        "Words that undo it, likewise.", static=True)
    opt_out_reply = ConfigField(
        "What who opts out is told, once: a text, or texts by language. Empty: nothing.",
        default='', static=True)
    opt_in_reply = ConfigField(
        "What who opts in again is told, likewise.", default='', static=True)

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
            opening_hours=self._opening_hours(), keywords=self._keywords(),
            opt_out_replies=self._replies('opt_out'), opt_in_replies=self._replies('opt_in'),
            auto_reply_every=(self._valid('auto_reply_every') or 0) * 3600.0)

    def _text(self, name):
        # type: (Text) -> Text
        return as_text(self._valid(name) or '')

    def _keywords(self):
        # type: () -> Keywords
        opt_out, opt_in = self._words('opt_out_keywords'), self._words('opt_in_keywords')
        self._check(bool(opt_out) == bool(opt_in),
                    "Fields 'opt_out_keywords' and 'opt_in_keywords' need each other: who opts out"
                    " must be able to come back.")
        try:
            return Keywords.of(opt_out, opt_in)
        except KeywordsError as error:
            self._errors.append("Fields 'opt_out_keywords' and 'opt_in_keywords': one %s."
                                % (error,))
            return Keywords()

    def _words(self, name):
        # type: (Text) -> Dict[Text, List[Text]]
        given = self._known.get(name) or {}  # type: Any
        lists = given if isinstance(given, dict) else {'': given}
        fine = all(_is_text(language) and isinstance(words, list) and words
                   and all(_is_text(word) for word in words) for language, words in lists.items())
        self._check(fine, "Field '%s' must be a list of words, or lists by language; put words"
                    " such as \"no\", which YAML takes for something else, in quotes." % (name,))
        return {as_text(language): [as_text(word) for word in words]
                for language, words in lists.items()} if fine else {}

    def _replies(self, name):
        # type: (Text) -> Dict[Text, Text]
        given = self._known.get(name + '_reply') or ''  # type: Any
        languages = sorted(self._words(name + '_keywords'))
        if _is_text(given):
            self._check(not given or languages,
                        "Field '%s_reply' needs '%s_keywords'." % (name, name))
            return {language: as_text(given) for language in languages}
        fine = isinstance(given, dict) and all(
            _is_text(key) and _is_text(text) for key, text in given.items())
        texts = {as_text(key): as_text(text) for key, text in given.items()} if fine else {}
        self._check(fine and sorted(texts) == languages,
                    "Field '%s_reply' must be a text, or a text for each language of"
                    " '%s_keywords'." % (name, name))
        return texts

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


def _is_text(value):
    # type: (Any) -> bool
    return isinstance(value, (bytes, type('')))
