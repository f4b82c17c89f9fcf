"""Bounds the length of what is logged, whatever ids or names others send.

One place for all: it stands in front of every observer of Twisted's log, so what Vumi and the
libraries log is bounded as well.  The worker puts it there.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict  # noqa: F401

from twisted.logger import globalLogPublisher

#: Characters of one value in an entry: room for the ids of a hundred messages.
LONGEST = 4000
#: Values that are many lines, each bounded by who makes them.
_MANY_LINES = ('lines', 'where')


def shortened(value):
    # type: (Any) -> Any
    """`value`, no longer than `LONGEST` where it is a text or a tuple of texts."""
    if isinstance(value, tuple):
        return tuple(shortened(each) for each in value)
    if not isinstance(value, (bytes, type(''))) or len(value) <= LONGEST:
        return value
    dots = b' ...' if isinstance(value, bytes) else ' ...'  # type: Any
    return value[:LONGEST] + dots


def _shorten(event):
    # type: (Dict[Any, Any]) -> None
    for name, value in list(event.items()):
        if name not in _MANY_LINES:
            event[name] = shortened(value)


def bound_log_lines(publisher=globalLogPublisher):
    # type: (Any) -> None
    """Have each entry shortened before any observer of `publisher` sees it."""
    if _shorten not in publisher._observers:
        # Twisted has no public way to be the first, and nothing else can change what others see.
        publisher._observers.insert(0, _shorten)
