"""A long text as several numbered messages, "(1/3) ...".  Pure.

Promises that every part is within the limit, that nothing but white space at the ends of parts is
lost, and that no part ends within a character as readers see them.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import bisect
import re
from typing import List, Optional, Text  # noqa: F401

from vumi_snappy.content.graphemes import cuts
from vumi_snappy.content.lengths import segments

#: Characters that one segment holds, at most.
_MOST_CHARACTERS = 160

#: White space at which a line may be broken.
_SPACE = re.compile('[^\\S\u00a0\u202f\u2007]+')


def split_text(text, max_segments, max_parts):
    # type: (Text, int, int) -> Optional[List[Text]]
    """`text` as at most `max_parts` messages of at most `max_segments` segments each.

    A text that fits into one message is not numbered.  None: it takes more messages than that, or
    holds a single character that no message can.
    """
    text = text.strip()
    if _fits(text, max_segments):
        return [text]
    if len(text) > max_parts * max_segments * _MOST_CHARACTERS:
        return None
    # The numbers take room, which depends on how many digits the last one has.
    for total in (9, 99):
        parts = _pack(text, max_segments, min(max_parts, total), total)
        if parts is not None:
            return ['(%d/%d) %s' % (n, len(parts), part) for n, part in enumerate(parts, 1)]
    return None


def _fits(text, max_segments):
    # What is longer is not worth counting.
    return (len(text) <= max_segments * _MOST_CHARACTERS
            and segments(text).segments <= max_segments)


def _pack(text, max_segments, most, total):
    # type: (Text, int, int, int) -> Optional[List[Text]]
    parts = []  # type: List[Text]
    rest = text
    while rest:
        if len(parts) == most:
            return None
        end = _end_of_part(rest, '(%d/%d) ' % (len(parts) + 1, total), max_segments)
        if not end:
            return None
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def _end_of_part(rest, prefix, max_segments):
    # type: (Text, Text, int) -> int
    """Where the part ends that `rest` begins with; 0 if not even one character fits."""
    if _fits(prefix + rest, max_segments):
        return len(rest)
    window = rest[:max_segments * _MOST_CHARACTERS + 1]
    # The last cut may be one for the window alone, in the middle of a character.
    places = [place for place in cuts(window)[1:-1]]
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if _fits(prefix + rest[:places[middle]], max_segments):
            low = middle + 1
        else:
            high = middle
    if not low:
        return 0
    end = places[low - 1]
    if _SPACE.match(rest, end):
        return end
    spaces = [found.start() for found in _SPACE.finditer(rest, 0, end)]
    # A mark on a space, as hardly anybody writes, makes it a character not to be cut before.
    spaces = [start for start in spaces
              if start and places[bisect.bisect_left(places, start)] == start]
    return spaces[-1] if spaces else end
