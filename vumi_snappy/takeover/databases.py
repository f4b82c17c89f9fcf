"""Reads the tickets in a Django bouncer's database, whichever it is, a page at a time.

Promises to hold no more than a page in memory and to lock nothing for longer than a page takes:
the bouncer may be at work meanwhile.  `sources` calls it; `postgresql` and `mysql` ask servers.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import sqlite3
from typing import Any, Iterator, List, Text, Tuple  # noqa: F401

from vumi_snappy.takeover.reading import Reading, SourceError, ticket

#: Rows that are asked for at once.
_PAGE = 500
#: Django counts from 1.
_BEFORE_ALL = -2 ** 40
_TICKETS = 'snappybouncer_ticket'
_SELECT = (
    'SELECT t.*, c.key AS conversation_key FROM snappybouncer_ticket t LEFT JOIN'
    ' snappybouncer_conversation c ON c.id = t.conversation_id WHERE t.id > %d ORDER BY t.id'
    ' LIMIT %d')
#: Without these nobody could be answered; the others tell less where they are missing.
_NEEDED = ('id', 'conversation_id', 'msisdn', 'support_nonce', 'message')


class SQLite(object):
    """The SQLite database in the file `path`.

    No transaction holds the pages together: the bouncer could store nothing while it lasts.
    Errors: `SourceError`, with what is wrong and what to do.
    """

    def __init__(self, path):
        # type: (Text) -> None
        self.name = path
        self._database = None  # type: Any

    def open(self):
        # type: () -> None
        """Get ready to be asked."""
        if not os.access(self.name, os.R_OK):
            raise SourceError('%s can not be read' % (self.name,))
        try:
            self._database = sqlite3.connect(self.name, timeout=10)
            self._database.execute(str('PRAGMA query_only = 1'))
        except sqlite3.Error as failed:
            raise SourceError('%s can not be read: %s' % (self.name, failed))
        # What is no UTF-8 is told with its row, instead of ending them.
        self._database.text_factory = bytes

    def ask(self, query):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        """The columns' names and the rows that answer an SQL query, texts and times as bytes."""
        try:
            cursor = self._database.execute(query)
            return ['%s' % (column[0],) for column in cursor.description], cursor.fetchall()
        except sqlite3.Error as failed:
            if '%s' % (failed,) == 'no such table: %s' % (_TICKETS,):
                raise no_tickets(self.name)
            raise SourceError('%s can not be read: %s' % (self.name, failed))

    def close(self):
        # type: () -> None
        """Let it go; may be called at any time."""
        if self._database is not None:
            self._database.close()


def no_tickets(name):
    # type: (Text) -> SourceError
    """What is said of a database that has no tickets of a bouncer."""
    return SourceError('%s has no table %s: it is not the database of a Django bouncer, or not the'
                       ' schema of it that is looked into' % (name, _TICKETS))


def read_database(database):
    # type: (Any) -> Reading
    """The tickets of `database` (`SQLite`, or another with its methods), by their numbers."""
    return Reading(lambda reading: _rows(reading, database))


def _rows(reading, database):
    # type: (Reading, Any) -> Iterator[Any]
    try:
        database.open()
        _check(database)
        total = int(database.ask('SELECT COUNT(*) FROM %s' % (_TICKETS,))[1][0][0])
        reading.total = total
        last, done = _BEFORE_ALL, 0
        while True:
            names, page = database.ask(_SELECT % (last, _PAGE))
            for row in page:
                fields = dict(zip(names, row))
                last = int(fields['id'])
                key = (fields['conversation_key'] or b'').decode('utf-8', 'replace')
                yield ticket('ticket %d' % (last,), fields, key)
            done += len(page)
            # What has come since they were counted is no part of the whole.
            reading.share = min(1.0, done / total) if total else 1.0
            if len(page) < _PAGE:
                return
    finally:
        database.close()


def _check(database):
    # type: (Any) -> None
    names = database.ask('SELECT * FROM %s LIMIT 0' % (_TICKETS,))[0]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise SourceError('the table %s of %s has no column %s: it is not that of a Django bouncer'
                          ' 0.2.0' % (_TICKETS, database.name, ', '.join(missing)))
