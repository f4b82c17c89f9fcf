"""What all databases on servers have in common: where they are, their library, their cursors.

The libraries are optional, and imported when they are needed.  `mysql` and `postgresql` build on
it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from importlib import import_module
from typing import Any, List, Text, Tuple  # noqa: F401

from vumi_snappy.takeover.locating import Where  # noqa: F401
from vumi_snappy.takeover.reading import SourceError


class Server(object):
    """The database at `where`; `databases.SQLite` says what the methods of its kinds do."""

    #: The library's name, and what of it pip is to install.
    _needs = ('', '')

    def __init__(self, where):
        # type: (Where) -> None
        self.name = where.name
        self._where = where
        self._library = self._connection = None  # type: Any

    def _load(self):
        # type: () -> Any
        """Get the library."""
        name, wanted = self._needs
        try:
            self._library = import_module(str(name))
        except ImportError:
            raise SourceError('%s is needed to read %s, and is not installed: pip install "%s"' % (
                wanted.partition('<')[0].partition('-')[0], self._where.kind, wanted))
        return self._library

    def _trouble(self, what, failed, fix):
        # type: (Text, Any, Text) -> SourceError
        """What is said where the library `failed`; `fix` is what to do, empty where none is known.
        """
        return SourceError('%s %s: %s%s' % (
            self.name, what, self._where.told(failed), '. To do: %s' % (fix,) if fix else ''))


def answer(cursor):
    # type: (Any) -> Tuple[List[Text], List[Any]]
    """The columns' names and the rows that a cursor has; none where it was no question."""
    if cursor.description is None:
        return [], []
    return ['%s' % (column[0],) for column in cursor.description], list(cursor.fetchall())
