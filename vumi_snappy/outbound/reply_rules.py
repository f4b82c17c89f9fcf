"""What an agent's reply is sent as, or why it can't be sent.

Owns the rules of one deployment; pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
from collections import OrderedDict
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr

from vumi_snappy.content import (
    Encoding, fold_typography, html_to_text, segments, split_text)
from vumi_snappy.outbound.reply_routes import ReplyRoutes


class NotSendable(Exception):
    """A reply can't be sent; its text says why, in words for the agent."""


class LongReply(enum.Enum):
    """What to do with a reply that is longer than one message may be."""

    SPLIT = 'split'
    REFUSE = 'refuse'


def _by_transport(rules, transport_type):
    # type: (Dict[Text, Any], Optional[Text]) -> Any
    return rules.get(transport_type or '', rules['default'])


@attr.s(frozen=True, slots=True)
class ReplyRules(object):
    """How long a message may be, by transport type with ``default`` for all others; and which part
    of a note is sent.

    `max_segments` are SMS segments of one message (0: no limit), `max_parts` messages of one
    reply; with `fold`, typographic characters are made plain where that makes a text cheaper.
    A note is cut at the first line that is `cut_marker` (empty: at none).
    """

    max_segments = attr.ib(factory=lambda: {'default': 0})  # type: Dict[Text, int]
    long_replies = attr.ib(
        factory=lambda: {'default': LongReply.SPLIT})  # type: Dict[Text, LongReply]
    max_parts = attr.ib(default=5)  # type: int
    fold = attr.ib(default=False)  # type: bool
    routes = attr.ib(factory=ReplyRoutes)  # type: ReplyRoutes
    cut_marker = attr.ib(default='')  # type: Text

    def text_of(self, html):
        # type: (Text) -> Text
        """What a note says to the person, as plain text; empty where it says nothing."""
        return html_to_text(html, self.cut_marker)

    def texts(self, text, transport_type):
        # type: (Text, Optional[Text]) -> List[Text]
        """The texts of the messages that `text` is sent as.  Raises `NotSendable`."""
        if self.fold:
            text = fold_typography(text)
        most = _by_transport(self.max_segments, transport_type)
        if not most or segments(text).segments <= most:
            return [text]
        parts = 1
        if _by_transport(self.long_replies, transport_type) is LongReply.SPLIT:
            parts = self.max_parts
            split = split_text(text, most, parts)
            if split is not None:
                return split
        raise NotSendable(_too_long(text, most, parts))


def _too_long(text, most, parts):
    # type: (Text, int, int) -> Text
    """By how much a text is longer than `parts` messages of `most` segments each."""
    size = segments(text)
    gsm = size.encoding is Encoding.GSM_7
    single, joined = (160, 153) if gsm else (70, 67)
    room = single if most == 1 else most * joined
    if parts > 1:
        room = parts * (room - len('(1/%d) ' % (parts,)))
    allowed = _count(most, 'SMS segment')
    if parts > 1:
        allowed = '%s of %s' % (_count(parts, 'message'), allowed)
    message = 'it is about %s too long. It needs %s, and %s at most may be sent.' % (
        _count(max(size.units - room, 1), 'character'), _count(size.segments, 'SMS segment'),
        allowed)
    if not gsm:
        message += ' Characters such as %s make it need more than twice the room.' % (
            ' '.join(_expensive(text)),)
    return message


def _expensive(text):
    # type: (Text) -> List[Text]
    """The first few characters that the GSM alphabet lacks."""
    return [character for character in OrderedDict.fromkeys(text)
            if segments(character).encoding is not Encoding.GSM_7][:3]


def _count(number, what):
    # type: (int, Text) -> Text
    return '%d %s%s' % (number, what, '' if number == 1 else 's')
