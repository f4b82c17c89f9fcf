"""Where a text may be cut without breaking a character that a reader sees as one.  Pure.

A cautious form of Unicode's rules for grapheme clusters (UAX #29): where it is in doubt, it does
not allow the cut.  Python 2.7's own tables end with Unicode 5.2, so what emoji are made of is told
by their ranges.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import unicodedata
from typing import List, Text  # noqa: F401

_JOINER = 0x200D
_NON_JOINER = 0x200C

#: What belongs to the character before it, besides all marks: selectors, skin tones, tags.
_BELONGS = ((0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F), (0xE0100, 0xE01EF))

#: Hangul's vowels and finals, which belong to the syllable before them.
_JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FB))

#: Letters of flags, which come in pairs.
_FLAGS = (0x1F1E6, 0x1F1FF)


def _characters(text):
    # type: (Text) -> List[Text]
    """The code points of `text`; on a narrow Python some of them are surrogate pairs."""
    found = []  # type: List[Text]
    for unit in text:
        if (found and '\udc00' <= unit <= '\udfff' and len(found[-1]) == 1
                and '\ud800' <= found[-1] <= '\udbff'):
            found[-1] += unit
        else:
            found.append(unit)
    return found


def _code(character):
    # type: (Text) -> int
    if len(character) == 1:
        return ord(character)
    return 0x10000 + ((ord(character[0]) - 0xD800) << 10) + ord(character[1]) - 0xDC00


def _within(code, ranges):
    return any(low <= code <= high for low, high in ranges)


def _belongs(code, character):
    """Whether a character belongs to the one before it."""
    return (code in (_JOINER, _NON_JOINER) or _within(code, _BELONGS) or _within(code, _JAMO)
            or len(character) == 1 and unicodedata.category(character) in ('Mn', 'Mc', 'Me'))


def _takes_next(code, character):
    """Whether a character takes the one behind it along: a joiner, or an Indic virama."""
    return code == _JOINER or len(character) == 1 and unicodedata.combining(character) == 9


def cuts(text):
    # type: (Text) -> List[int]
    """The indices at which `text` may be cut, in order, with 0 and its length."""
    found, position, before, flags = [0], 0, '', 0
    for character in _characters(text):
        code = _code(character)
        is_flag = _FLAGS[0] <= code <= _FLAGS[1]
        together = before and (
            _belongs(code, character) or _takes_next(_code(before), before)
            or (is_flag and flags % 2) or (before, character) == ('\r', '\n'))
        if position and not together:
            found.append(position)
        flags = flags + 1 if is_flag else 0
        position += len(character)
        before = character
    if position:
        found.append(position)
    return found
