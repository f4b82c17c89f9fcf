"""Lines of text under construction, as a browser would break them.

Owns white space, blank lines, and what stands before lines: quote marks and list markers.  Pure;
`vumi_snappy.content.html` uses it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import List, Optional, Text  # noqa: F401

# What HTML folds: neither the no-break space nor the joiners that scripts and emoji need.
_FOLDED = re.compile(r'[ \t\r\n\f]+')
_LINE_ENDS = re.compile(r'\r\n?')

#: Prefixes that are shown; what is nested deeper looks no deeper.
_DEEPEST = 8


class Prefix(object):
    """What begins a line: `first` the first one, `then` the others."""

    def __init__(self, first, then):
        # type: (Text, Text) -> None
        self._first, self._then = first, then

    def take(self):
        # type: () -> Text
        """What begins the next line."""
        first, self._first = self._first, self._then
        return first


class Layout(object):
    """Takes words, breaks and blocks in their order; `lines` is what has become of them."""

    def __init__(self):
        # type: () -> None
        self._lines = []  # type: List[Text]
        self._line = []  # type: List[Text]
        self._breaks = 0
        self._space = False
        self._prefixes = []  # type: List[Prefix]
        self._heard = None  # type: Optional[List[Text]]

    def words(self, text):
        # type: (Text) -> None
        """Running text: white space is folded, and goes at the ends of lines."""
        folded = _FOLDED.sub(' ', text)
        core = folded.strip(' ')
        starts = bool(self._line) and not self._breaks
        if not core.strip('\xa0') and core and not starts:
            self.line_break()  # a no-break space alone is how editors keep an empty line
        elif core:
            spaced = starts and (self._space or folded.startswith(' '))
            self._put(' ' + core if spaced else core)
            self._space = folded.endswith(' ')
        elif folded:
            self._space = True

    def verbatim(self, text):
        # type: (Text) -> None
        """Preformatted text: white space and line ends are kept."""
        for number, line in enumerate(_LINE_ENDS.sub('\n', text).split('\n')):
            if number:
                self._breaks += 1
            if line.strip(' \t\f') or (line and self._line and not self._breaks):
                self._put(line)
        self._space = False

    def behind(self, text):
        # type: (Text) -> None
        """Add to the line that was written last, although a new one may be wanted by now."""
        if self._line:
            self._line.append(text)
        else:
            self._put(text)

    def line_break(self):
        # type: () -> None
        """A line ends here; more than one blank line is not kept."""
        self._breaks = min(self._breaks + 1, 2)
        self._space = False

    def block(self, lines):
        # type: (int) -> None
        """What follows begins `lines` lines further down, no less."""
        self._breaks = max(self._breaks, lines)
        self._space = False

    def push(self, first, then):
        # type: (Text, Text) -> Prefix
        """Begin the next line with `first` and those after it with `then`, until `drop`."""
        self._prefixes.append(Prefix(first, then))
        return self._prefixes[-1]

    def drop(self, prefix):
        # type: (Prefix) -> None
        """The end of a `push`, and of those made since."""
        if prefix in self._prefixes:
            del self._prefixes[self._prefixes.index(prefix):]

    def listen(self):
        # type: () -> List[Text]
        """A list to which everything is added that is written from now on."""
        self._heard = []
        return self._heard

    def lines(self):
        # type: () -> List[Text]
        """The lines so far, without white space at their ends, or blank ones around them."""
        lines = [line.rstrip(' \t\f') for line in self._lines + [''.join(self._line)]]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _put(self, text):
        # type: (Text) -> None
        if self._line and self._breaks:
            self._lines.append(''.join(self._line))
            self._lines.extend([''] * (self._breaks - 1))
            self._line = []
        self._breaks = 0
        if not self._line:
            self._line.extend(prefix.take() for prefix in self._prefixes[-_DEEPEST:])
        # A browser shows a no-break space as a space; as SMS it would double the price.
        text = text.replace('\xa0', ' ')
        self._line.append(text)
        if self._heard is not None:
            self._heard.append(text)
