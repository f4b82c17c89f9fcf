"""What a text costs as SMS.  Pure."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
from typing import Text  # noqa: F401

import attr
import smsutil


class Encoding(enum.Enum):
    """How a text travels as SMS."""

    GSM_7 = 'gsm-7'
    UCS_2 = 'ucs-2'


@attr.s(frozen=True, slots=True)
class SegmentCount(object):
    """`units` are those of the encoding: septets (two for a character of GSM's extension table)
    or 16-bit units (two for most emoji).  `segments` is the number of messages that are paid for.
    """

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
