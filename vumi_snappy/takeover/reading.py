"""What the sources have in common: rows that are gone through once, and how far they are.

`sources` gives a `Reading` to who imports.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Dict, Iterator, Optional, Text, Union  # noqa: F401

from vumi_snappy.takeover.tickets import BadRow, OldTicket, Unusable, old_ticket  # noqa: F401


class SourceError(Exception):
    """The source as a whole can't be read (any further); its text is for the operator."""


class Reading(object):
    """The tickets of a source, to be gone through once.

    `rows(reading)` is a generator of them, which keeps `reading.share` current.  Whoever does not
    go to the end calls `close()`.
    """

    def __init__(self, rows):
        # type: (Callable[[Reading], Iterator[Any]]) -> None
        #: How much of it has been read, from 0 to 1; None while that is not known.
        self.share = None  # type: Optional[float]
        #: The rows that it had when it was opened; None where that is not known beforehand.
        self.total = None  # type: Optional[int]
        self._rows = rows(self)  # type: Any

    def __iter__(self):
        # type: () -> Iterator[Union[OldTicket, BadRow]]
        """Errors, also half-way: `SourceError`."""
        return self._rows

    def close(self):
        # type: () -> None
        """Let the source go."""
        self._rows.close()


def ticket(place, fields, conversation=''):
    # type: (Text, Dict[Text, Any], Text) -> Union[OldTicket, BadRow]
    """The ticket in a row of `fields`, or what is wrong with it."""
    try:
        return old_ticket(place, fields, conversation)
    except Unusable as why:
        return BadRow(place, '%s' % (why,))
