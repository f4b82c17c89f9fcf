"""Superscripts, subscripts and left-out words in plain text.

``10<sup>6</sup>`` as ``106`` could be a dose: it becomes ``10^6``.  While a text is laid out,
marks of our own stand where something is raised, lowered or left out; `spell` replaces them.  They
are control characters, of which a text has none.  Only GSM characters are added.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Callable, List, Optional, Text, Tuple  # noqa: F401

RAISED, LOWERED, END, LEFT_OUT = '\x10', '\x11', '\x12', '\x13'

_MARK = re.compile('([%s%s%s%s])' % (RAISED, LOWERED, END, LEFT_OUT))
_SIGNS = {RAISED: '^', LOWERED: '_'}
#: A word or a number, which needs no brackets after its sign.
_SIMPLE = re.compile(r'[-+\u2212]?\w+(?:[.,]\w+)?\Z', re.UNICODE)
#: What is nested deeper is only kept apart: each level costs those around it time.
_DEEPEST = 8
_FRACTION_BARS = ('/', '\u2044')


def without_marks(text):
    # type: (Text) -> Text
    """`text` without our marks."""
    return _MARK.sub('', text)


def spell(text):
    # type: (Text) -> Text
    """`text` with signs instead of our marks, so that nothing reads as what it is not."""
    if not _MARK.search(text):
        return text
    pieces = _MARK.split(text)
    out = _Spelling()
    for number, piece in enumerate(pieces):
        if piece in _SIGNS:
            out.begin(piece)
        elif piece == END:
            behind = pieces[number + 1:number + 3]
            out.end(fraction=len(behind) == 2 and behind[0].strip() in _FRACTION_BARS
                    and behind[1] == LOWERED)
        elif piece == LEFT_OUT:
            out.left_out()
        elif piece:
            out.add('/' if out.was_fraction and piece.strip() in _FRACTION_BARS else piece)
    return out.finished()


class _Spelling(object):
    """A text under construction: pieces, of which some may still be open."""

    def __init__(self):
        # type: () -> None
        self._open = [('', '', [])]  # type: List[Tuple[Text, Text, List[Text]]]
        self._deeper = 0  # levels that are open below those
        self._line = ''  # the end of the line so far
        self._apart = None  # type: Optional[Callable[[Text, Text], bool]]
        #: Whether the last piece was the upper part of a fraction.
        self.was_fraction = False

    def add(self, piece):
        # type: (Text) -> None
        if self._line and self._apart and self._apart(self._line[-1], piece[0]):
            piece = ' ' + piece
        self._apart, self.was_fraction = None, False
        self._open[-1][2].append(piece)
        self._line = _line_end(self._line, piece)

    def left_out(self):
        # type: () -> None
        """Digits on both sides of what is left out must not become one number."""
        if self._apart is None:
            self._apart = _both_digits

    def begin(self, kind):
        # type: (Text) -> None
        if len(self._open) > _DEEPEST:
            self._deeper += 1
            self.left_out()
        else:
            self._open.append((kind, self._line, []))
            self._apart = None

    def end(self, fraction=False):
        # type: (bool) -> None
        if self._deeper:
            self._deeper -= 1
            self.left_out()
            return
        if len(self._open) == 1:
            return
        kind, before, pieces = self._open.pop()
        self._line = before
        spelt = _spelt(kind, before, ''.join(pieces).strip(), fraction)
        if spelt:
            self.add(spelt)
            self._apart, self.was_fraction = _run_together, fraction

    def finished(self):
        # type: () -> Text
        self._deeper = 0
        while len(self._open) > 1:
            self.end()
        return ''.join(self._open[0][2])


def _line_end(before, piece):
    # type: (Text, Text) -> Text
    """The end of the line, as far as it matters: the last character that is no space, and a space
    behind it."""
    line = (before + piece).rpartition('\n')[2]
    solid = line.rstrip()
    return solid[-1:] + line[len(solid):][:1]


def _spelt(kind, before, text, fraction):
    # type: (Text, Text, Text, bool) -> Text
    """Text that is raised or lowered; `before` is the end of the line in front of it."""
    fraction = fraction and kind == RAISED and text.isdigit()
    stands_free = not before.strip() or before[-1] in '([{' or (
        before[-1] == '/' and kind == LOWERED) or (
        before[-1].isspace() and (fraction or not before[0].isdigit()))
    if not text or stands_free:
        return text
    if fraction:
        return ' ' + text  # one and a half, not eleven halves
    if kind == RAISED and text.isalpha() and len(text) > 1:
        return text  # 1st, Mme
    if not any(each.isalnum() or each in '+-\u2212' for each in text):
        return text  # a star, a dagger
    return _SIGNS[kind] + (text if _SIMPLE.match(text) else '(%s)' % (text,))


def _both_digits(left, right):
    # type: (Text, Text) -> bool
    return left.isdigit() and right.isdigit()


def _run_together(left, right):
    # type: (Text, Text) -> bool
    return _both_digits(left, right) or left.isalpha() and right.isalpha()
