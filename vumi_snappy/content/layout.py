"""Lines of text under construction, as a browser would break them.

Owns white space, blank lines, and the prefixes of lines: quote marks and list markers.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from itertools import chain, repeat
from typing import Iterator, List, Optional, Text  # noqa: F401

# What HTML folds: neither the no-break space nor the joiners that scripts and emoji need.
_FOLDED = re.compile(r'[ \t\r\n\f]+')
_LINE_ENDS = re.compile(r'\r\n?')

#: Prefixes that are shown, at most.
_DEEPEST = 8


class Layout(object):
    """Takes words, breaks and blocks in their order."""

    def __init__(self):
        # type: () -> None
        self._lines = []  # type: List[Text]
        self._line = []  # type: List[Text]
        self._breaks = 0
        self._space = False
        self._held = False  # whether an empty line is to stay
        self._marks = []  # type: List[Text]
        self._prefixes = []  # type: List[Iterator[Text]]
        self._copy = None  # type: Optional[List[Text]]

    def words(self, text):
        # type: (Text) -> None
        """Running text: white space is folded, and removed at the ends of lines."""
        folded = _FOLDED.sub(' ', text)
        core = folded.strip(' ')
        starts = bool(self._line) and not self._breaks
        if core and not starts and not core.strip('\xa0'):
            self.hold_line()
        elif core:
            spaced = starts and (self._space or folded.startswith(' '))
            self._put(core, ' ' if spaced else '')
            self._space = folded.endswith(' ')
        elif folded:
            self._space = True

    def hold_line(self):
        # type: () -> None
        """Something invisible keeps the line that begins here, even if nothing follows."""
        self._held = self._held or not self._line or bool(self._breaks)

    def verbatim(self, text):
        # type: (Text) -> None
        """Preformatted text: white space and line ends are kept."""
        for number, line in enumerate(_LINE_ENDS.sub('\n', text).split('\n')):
            if number:
                self._breaks += 1
            starts = bool(self._line) and not self._breaks
            if line.strip(' \t\f') or (line and starts):
                self._put(line, ' ' if starts and self._space else '')
            self._space = False

    def lines_of_words(self, text):
        # type: (Text) -> None
        """Text of which only the line ends are kept."""
        for number, line in enumerate(_LINE_ENDS.sub('\n', text).split('\n')):
            if number:
                self.line_break()
            self.words(line)

    def behind(self, text):
        # type: (Text) -> None
        """Add to the line that was written last, although a new one may be due by now."""
        if self._line:
            self._line.append(text)
        else:
            self._put(text)

    def line_break(self):
        # type: () -> None
        """End the line; more than one blank line is not kept."""
        self._breaks = min(self._breaks + 1, 2)
        self._space = self._held = False

    def block(self, lines):
        # type: (int) -> None
        """What follows begins at least `lines` lines further down."""
        if self._held:
            self.line_break()
        self._breaks = max(self._breaks, lines)
        self._space = False

    def push(self, first, then):
        # type: (Text, Text) -> Iterator[Text]
        """Begin the next line with `first` and those after it with `then`, until `drop`."""
        self._prefixes.append(chain([first], repeat(then)))
        return self._prefixes[-1]

    def drop(self, prefix):
        # type: (Iterator[Text]) -> None
        """The end of a `push`, and of those made since."""
        if prefix in self._prefixes:
            del self._prefixes[self._prefixes.index(prefix):]

    def mark(self, mark):
        # type: (Text) -> bool
        """Put `mark` in front of what is written next; False: it is due there already."""
        if mark in self._marks:
            return False
        self._marks.append(mark)
        return True

    def end_mark(self, mark, end):
        # type: (Text, Text) -> None
        """Put `end` behind what was written since `mark`, or drop `mark` if nothing was."""
        if mark in self._marks:
            self._marks.remove(mark)
        else:
            self._line.append(end)

    def copy(self):
        # type: () -> List[Text]
        """A list to which everything is added that is written from now on."""
        self._copy = []
        return self._copy

    def text(self):
        # type: () -> Text
        """All that was written so far, with white space at the ends of lines."""
        return '\n'.join(self._lines + [''.join(self._line)])

    def _put(self, text, space=''):
        # type: (Text, Text) -> None
        if self._line and self._breaks:
            self._lines.append(''.join(self._line))
            self._lines.extend([''] * (self._breaks - 1))
            self._line = []
        self._breaks = 0
        self._held = False
        if not self._line:
            self._line.extend(next(prefix) for prefix in self._prefixes[-_DEEPEST:])
        # A browser shows a no-break space as a space; as SMS it would double the price.
        text = ''.join([space] + self._marks + [text.replace('\xa0', ' ')])
        self._marks = []
        self._line.append(text)
        if self._copy is not None:
            self._copy.append(text)
