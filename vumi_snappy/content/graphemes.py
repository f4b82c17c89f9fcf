"""Grapheme clusters: where a text may be cut without breaking a character of its readers.  Pure.

A cautious form of Unicode's rules (UAX #29), which does not allow a cut where it is in doubt.
Python 2.7's own tables end with Unicode 5.2; marks are those of `wcwidth`, which has a newer one.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import bisect
import re
import unicodedata
from typing import List, Text  # noqa: F401

from wcwidth.table_zero import ZERO_WIDTH

_JOINER = 0x200D

#: Characters of no width: marks, joiners, selectors, tags, Hangul's vowels and finals.
_MARKS = ZERO_WIDTH[max(ZERO_WIDTH, key=lambda version: [int(n) for n in version.split('.')])]
_FIRST = [first for first, _ in _MARKS]

#: Characters of some width that belong to the one before them all the same: the vowels AM of Thai
#: and Lao, half-width katakana's marks, skin tones, and Hangul's medial vowels and finals.
_BELONGS = ((0x0E33, 0x0E33), (0x0EB3, 0x0EB3), (0xFF9E, 0xFF9F), (0x1F3FB, 0x1F3FF),
            (0x1160, 0x11FF), (0xD7B0, 0xD7FB))

#: Characters that belong to the one after them: signs before a number or a syllable, and Hangul's
#: leading consonants.
_PREPENDED = ((0x1100, 0x115F), (0xA960, 0xA97C),
              (0x0600, 0x0605), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891),
              (0x08E2, 0x08E2), (0x0D4E, 0x0D4E), (0x110BD, 0x110BD), (0x110CD, 0x110CD),
              (0x111C2, 0x111C3), (0x1193F, 0x1193F), (0x11941, 0x11941), (0x11A3A, 0x11A3A),
              (0x11A84, 0x11A89), (0x11D46, 0x11D46), (0x11F02, 0x11F02))

#: Letters of flags, which come in pairs.
_FLAGS = (0x1F1E6, 0x1F1FF)

#: A code point; on a narrow Python some of them are surrogate pairs.
_CHARACTER = re.compile('[\ud800-\udbff][\udc00-\udfff]|.', re.DOTALL)


def _code(character):
    # type: (Text) -> int
    if len(character) == 1:
        return ord(character)
    return 0x10000 + ((ord(character[0]) - 0xD800) << 10) + ord(character[1]) - 0xDC00


def _within(code, ranges):
    return any(low <= code <= high for low, high in ranges)


def _is_mark(code):
    # type: (int) -> bool
    place = bisect.bisect_right(_FIRST, code) - 1
    return place >= 0 and code <= _MARKS[place][1]


def _belongs(code):
    # type: (int) -> bool
    """Whether a character belongs to the one before it."""
    # The table is about width: controls and signs before a number have none, either.
    return code >= 0x80 and (_within(code, _BELONGS)
                             or _is_mark(code) and not _within(code, _PREPENDED))


def _takes_next(code, character):
    # type: (int, Text) -> bool
    """Whether the character after this one belongs to it: after a joiner, or an Indic virama."""
    return (code == _JOINER or _within(code, _PREPENDED)
            or len(character) == 1 and unicodedata.combining(character) == 9)


def begins_within(text):
    # type: (Text) -> bool
    """Whether `text` begins with a character that belongs to one before it."""
    return bool(text) and _belongs(_code(_CHARACTER.findall(text[:2])[0]))


def cuts(text):
    # type: (Text) -> List[int]
    """The indices at which `text` may be cut, in order, with 0 and its length."""
    indices, position, before, flags = [0], 0, '', 0
    for character in _CHARACTER.findall(text):
        code = _code(character)
        is_flag = _FLAGS[0] <= code <= _FLAGS[1]
        together = before and (
            _belongs(code) or _takes_next(_code(before), before)
            or (is_flag and flags % 2) or (before, character) == ('\r', '\n'))
        if position and not together:
            indices.append(position)
        flags = flags + 1 if is_flag else 0
        position += len(character)
        before = character
    return indices + [position] if position else indices
