"""Invisible characters: removed from a text, unless what is visible depends on them.

One of them makes a whole SMS travel as UCS-2, at more than twice the price, and a text of nothing
else is empty.  Joiners stay where scripts and emoji need them, marks of direction in texts with
letters from right to left.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import sys
from typing import Text  # noqa: F401


def _beyond(wide, narrow):
    # type: (Text, Text) -> Text
    """A pattern for characters beyond U+FFFF: on a narrow Python they are two units each."""
    return wide if sys.maxunicode > 0xffff else narrow


#: Never visible, and never needed: soft hyphens, spaces of no width, fillers, controls.
_UNSEEN = re.compile(
    '[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u17b4\u17b5\u200b\u2060-\u2065'
    '\u206a-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff]+')
_LINE_ENDS = re.compile('[\x85\u2028\u2029]')

#: Characters beside which joiners mean nothing, and are left over from editors.
_PLAIN = '\x00-\u058f\u2000-\u218f'
_LOOSE_JOINERS = re.compile('(?<![^%s])[\u200c\u200d]+(?![^%s])' % (_PLAIN, _PLAIN))
#: A digit needs a selector only in a keycap.
_LOOSE_SELECTORS = re.compile('(?<![^\x00-\x7f])[\ufe00-\ufe0f]+(?!\u20e3)')
_TAGS = _beyond('[\U000e0000-\U000e0fff]', '(?:[\udb40-\udb43][\udc00-\udfff])')
#: Tags spell out some flags, and choose between forms of ideographs.
_LOOSE_TAGS = re.compile('(?<![^\x00-\u2fff])%s+' % (_TAGS,))
_RIGHT_TO_LEFT = re.compile(
    '[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefe]|' + _beyond(
        '[\U00010800-\U00010fff\U0001e800-\U0001efff]',
        '[\ud802\ud803\ud83a\ud83b][\udc00-\udfff]'))
_LEFT_TO_RIGHT = re.compile('[\u200e\u202a\u202c\u202d\u2066\u2068\u2069]+')

#: A text that shows nothing.
_BLANK = re.compile(
    '(?:[\\s\u061c\u115f\u1160\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2066-\u2069\u2800'
    '\ufe00-\ufe0f]|%s)*\\Z' % (_TAGS,), re.UNICODE)


def without_unseen(text):
    # type: (Text) -> Text
    """A piece of a text, without what is never visible."""
    return _LINE_ENDS.sub('\n', _UNSEEN.sub('', text))


def settled(text):
    # type: (Text) -> Text
    """A whole text, without what is invisible in it; empty if that is all of it."""
    try:
        text.encode('ascii')
    except UnicodeError:
        pass
    else:
        return text if text.strip() else ''
    text = _LOOSE_TAGS.sub('', _LOOSE_SELECTORS.sub('', _LOOSE_JOINERS.sub('', text)))
    if not _RIGHT_TO_LEFT.search(text):
        text = _LEFT_TO_RIGHT.sub('', text)
    return '' if _BLANK.match(text) else text
