"""The length of a text as SMS, and plain forms of characters that make it expensive.  Pure.

One curly quote makes a whole SMS travel as UCS-2, 70 characters to a message instead of 160.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
from typing import Dict, Text  # noqa: F401

import attr
import smsutil

#: For `translate`: quotes, dashes, the ellipsis, spaces that do not break.
_PLAIN = {ord(each): plain for plain, typographic in (
    ("'", '\u2018\u2019\u201a\u201b\u2039\u203a\u2032'),
    ('"', '\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033'),
    ('-', '\u2010\u2011\u2012\u2013\u2014\u2015\u2212'),
    ('...', '\u2026'),
    (' ', '\u00a0\u202f\u2007\u2009')) for each in typographic}  # type: Dict[int, Text]


class Encoding(enum.Enum):
    """How a text travels as SMS."""

    GSM_7 = 'gsm-7'
    UCS_2 = 'ucs-2'


@attr.s(frozen=True, slots=True)
class SegmentCount(object):
    """`units` are septets (two for a character of GSM's extension table) or 16-bit units (two for
    most emoji), `segments` the number of messages that are paid for."""

    encoding = attr.ib()  # type: Encoding
    units = attr.ib()  # type: int
    segments = attr.ib()  # type: int


def segments(text):
    # type: (Text) -> SegmentCount
    """The size of `text` as SMS: 160 septets or 70 units in one message, 153 or 67 in each of
    several."""
    split = smsutil.split(text)
    if split.encoding == 'gsm0338' or not text:
        return SegmentCount(Encoding.GSM_7, split.total_bytes, len(split.parts))
    return SegmentCount(Encoding.UCS_2, split.total_bytes // 2, len(split.parts))


def fold_typography(text):
    # type: (Text) -> Text
    """`text` with plain quotes, dashes and spaces if the GSM alphabet then suffices; else as it is.
    """
    folded = text.translate(_PLAIN)
    return folded if segments(folded).encoding is Encoding.GSM_7 else text
