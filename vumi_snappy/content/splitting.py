"""A long text as several numbered messages, "(1/3) ...".  Pure.

Promises that every part is within the limit, that nothing but white space at the ends of parts is
lost, and that no part ends within a character as readers see them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import bisect
import re
from typing import List, Optional, Text  # noqa: F401

from vumi_snappy.content.graphemes import begins_within, cuts
from vumi_snappy.content.lengths import segments

#: Characters that one segment holds, at most.
_MOST_CHARACTERS = 160

#: White space at which a line may be broken.
_SPACE = re.compile('[^\\S\u00a0\u202f\u2007]+')


def split_text(text, max_segments, max_parts):
    # type: (Text, int, int) -> Optional[List[Text]]
    """`text` as at most `max_parts` messages of at most `max_segments` segments each.

    A text that fits into one message is not numbered.  None: it takes more messages, or has one
    character that no message can hold.
    """
    text = text.strip()
    if _fits(text, max_segments):
        return [text]
    if len(text) > max_parts * max_segments * _MOST_CHARACTERS:
        return None
    # The room for the numbers depends on how many digits the last one has.
    for total in (9, 99):
        parts = _pack(text, max_segments, min(max_parts, total), total)
        if parts is not None:
            return ['(%d/%d) %s' % (n, len(parts), part) for n, part in enumerate(parts, 1)]
    return None


def _fits(text, max_segments):
    # A longer text need not be counted.
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
        rest = _without_space(rest[end:])
    return parts


def _without_space(text):
    # type: (Text) -> Text
    """`text` without the white space that it begins with, except a space with a mark on it."""
    rest = text.lstrip()
    return text[-len(rest) - 1:] if len(rest) < len(text) and begins_within(rest) else rest


def _end_of_part(rest, prefix, max_segments):
    # type: (Text, Text, int) -> int
    """Where the next part of `rest` ends; 0 if not even one character fits."""
    if _fits(prefix + rest, max_segments):
        return len(rest)
    window = rest[:max_segments * _MOST_CHARACTERS + 1]
    # The last cut may be one of the window alone, in the middle of a character.
    places = cuts(window)[1:-1]
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
    # Not before a space with a mark on it.
    spaces = [start for start in (space.start() for space in _SPACE.finditer(rest, 0, end))
              if start and places[bisect.bisect_left(places, start)] == start]
    return spaces[-1] if spaces else end
