"""Options of what the worker itself answers people."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text  # noqa: F401

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import (
    ConfigField, ConfigParsed, ConfigRange, ConfigText, as_text, is_text, texts)
from vumi_snappy.inbound.answer_plan import Answers
from vumi_snappy.inbound.keywords import Keywords
from vumi_snappy.inbound.opening_hours import OpeningHours

#: What is wrong with keywords.
_KEYWORDS = ('must be a list of words, or lists by language; put words such as "no", which YAML'
             ' takes for something else, in quotes')


def _keywords_by_language(value):
    # type: (Any) -> Dict[Text, List[Text]]
    if not value:
        return {}
    lists = value if isinstance(value, dict) else {'': value}
    if not all(map(is_text, lists)) or not all(lists.values()):
        raise ValueError(_KEYWORDS)
    try:
        return {as_text(language): texts(words) for language, words in lists.items()}
    except ValueError:
        raise ValueError(_KEYWORDS)


def _opening_hours(value):
    # type: (Any) -> OpeningHours
    if not isinstance(value, dict):
        raise ValueError('must be a mapping, such as {time_zone: Africa/Johannesburg,'
                         ' monday-friday: 08:00-17:00}')
    return OpeningHours.parse(value)


class AnswerOptions(CheckedConfig):
    """Automatic answers: what the worker itself sends to people."""

    session_prompt = ConfigText(
        "The answer when a session (such as USSD) starts or goes on without a text from the"
        " person; the session stays open. Empty: no answer.",
        default='Please write your message to us.')
    session_reply = ConfigText(
        "The answer to a text in a session, which opens the ticket; it closes the session. Empty:"
        " no answer.", default='Thank you, we have your message.')
    session_start_without_text = ConfigParsed(
        "The transport_name of each transport whose sessions start with a text that the person did"
        " not write, such as the menu's name with mtech_ussd. That text opens no ticket.",
        lambda value: texts(value or []), kind='list of texts')
    auto_reply = ConfigText(
        "The answer to a message that opens a ticket during the opening hours. Empty: no answer.",
        default='')
    opening_hours = ConfigParsed(
        "When agents answer: time_zone, days (or ranges of days) with their hours, and holidays."
        " Without it, always.", _opening_hours, kind='mapping')
    out_of_hours_reply = ConfigText(
        "The answer to a message outside the opening hours, instead of auto_reply and"
        " session_reply. Empty: no answer.", default='')
    auto_reply_every = ConfigRange(
        "Each person gets auto_reply at most once in this time, and out_of_hours_reply at most"
        " once.", 0, 8760, unit='hours', default=24)

    opt_out_keywords = ConfigParsed(
        "Keywords: a person who sends one of them, and nothing else, opts out of further messages."
        " Without them nobody can.", _keywords_by_language,
        kind='list of texts, or lists by language')
    opt_in_keywords = ConfigParsed(
        "Keywords that opt a person in again. Needed with opt_out_keywords.",
        _keywords_by_language, kind='list of texts, or lists by language')
    opt_out_reply = ConfigField(
        "The answer to an opt-out keyword, sent once. Empty: no answer.",
        kind='text, or texts by language', default='')
    opt_in_reply = ConfigField(
        "The answer to an opt-in keyword, sent once. Empty: no answer.",
        kind='text, or texts by language', default='')

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
            opening_hours=self._valid('opening_hours'), keywords=self._keywords(),
            opt_out_replies=self._replies('opt_out'), opt_in_replies=self._replies('opt_in'),
            no_text_at_start=frozenset(self._valid('session_start_without_text') or ()),
            auto_reply_every=(self._valid('auto_reply_every') or 0) * 3600.0)

    def _text(self, name):
        # type: (Text) -> Text
        return as_text(self._valid(name) or '')

    def _keywords(self):
        # type: () -> Keywords
        opt_out, opt_in = self._valid('opt_out_keywords'), self._valid('opt_in_keywords')
        self._check(bool(opt_out) == bool(opt_in),
                    "Fields 'opt_out_keywords' and 'opt_in_keywords' need each other: who opts out"
                    " must be able to come back.")
        try:
            return Keywords.of(opt_out or {}, opt_in or {})
        except ValueError as error:
            self._errors.append("Fields 'opt_out_keywords' and 'opt_in_keywords': one %s."
                                % (error,))
            return Keywords()

    def _replies(self, name):
        # type: (Text) -> Dict[Text, Text]
        given = self._known.get(name + '_reply') or ''  # type: Any
        languages = sorted(self._valid(name + '_keywords') or {})
        if is_text(given):
            self._check(not given or languages,
                        "Field '%s_reply' needs '%s_keywords'." % (name, name))
            return {language: as_text(given) for language in languages}
        fine = isinstance(given, dict) and all(
            is_text(key) and is_text(text) for key, text in given.items())
        replies = {as_text(key): as_text(text) for key, text in given.items()} if fine else {}
        self._check(fine and sorted(replies) == languages,
                    "Field '%s_reply' must be a text, or a text for each language of"
                    " '%s_keywords'." % (name, name))
        return replies
