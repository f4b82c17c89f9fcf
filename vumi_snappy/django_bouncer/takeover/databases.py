"""Read the tickets in a Django bouncer's database, whichever it is, one page at a time.

Holds no more than one page in memory, and locks nothing for longer than a page takes: the bouncer
may be at work meanwhile.  `sources` calls it; `postgresql` and `mysql` have the servers.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sqlite3
from importlib import import_module
from typing import Any, Dict, Iterator, List, Text, Tuple  # noqa: F401

from vumi_snappy.django_bouncer.takeover.locating import Where  # noqa: F401
from vumi_snappy.django_bouncer.takeover.tickets import Reading, SourceError, read_row

#: Rows per query.
_PAGE = 500
#: Django counts from 1.
_BEFORE_ALL = -2 ** 40
_TICKETS = 'snappybouncer_ticket'
_SELECT = (
    'SELECT t.*, c.key AS conversation_key FROM snappybouncer_ticket t LEFT JOIN'
    ' snappybouncer_conversation c ON c.id = t.conversation_id WHERE t.id > %d ORDER BY t.id'
    ' LIMIT %d')
#: Without these columns nobody could be answered; without others, less is known.
_NEEDED = ('id', 'conversation_id', 'msisdn', 'support_nonce', 'message')


class Database(object):
    """A database that is read only.  `name` is for people.

    Errors of all methods but `close`: `SourceError`, with the cause and what to do.
    """

    def __init__(self, name):
        # type: (Text) -> None
        self.name = name
        self._connection = None  # type: Any

    def open(self):
        # type: () -> None
        raise NotImplementedError

    def query(self, sql):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        """The columns' names and the rows, with texts and times as the database sends them."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Disconnect; may be called at any time."""
        if self._connection is not None:
            self._connection.close()

    def _no_tickets(self):
        # type: () -> SourceError
        return SourceError('%s has no table %s: it is not the database of a Django bouncer, or not'
                           ' the right schema of it' % (self.name, _TICKETS))


class SQLite(Database):
    """The SQLite database in the file `name`.

    No transaction holds the pages together: the bouncer could store nothing while it lasts.
    """

    def open(self):
        # type: () -> None
        if not os.access(self.name, os.R_OK):
            raise SourceError('can not read %s' % (self.name,))
        try:
            self._connection = sqlite3.connect(self.name, timeout=10)
            self._connection.execute(str('PRAGMA query_only = 1'))
        except sqlite3.Error as error:
            raise SourceError('can not read %s: %s' % (self.name, error))
        # A text that is not UTF-8 is then reported with its row, instead of ending the import.
        self._connection.text_factory = bytes

    def query(self, sql):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        try:
            return _fetched(self._connection.execute(sql))
        except sqlite3.Error as error:
            if '%s' % (error,) == 'no such table: %s' % (_TICKETS,):
                raise self._no_tickets()
            raise SourceError('can not read %s: %s' % (self.name, error))


class Server(Database):
    """The database at `where`, on a server.  Its library is optional, and imported when needed."""

    #: The library's name, and the requirement that pip is to install.
    _needs = ('', '')
    #: The code of the library's error for a table that does not exist.
    _no_such_table = None  # type: Any
    #: What to do, by codes of errors.
    _cures = {}  # type: Dict[Any, Text]

    def __init__(self, where):
        # type: (Where) -> None
        super(Server, self).__init__(where.name)
        self._where = where
        self._library = None  # type: Any

    def _load(self):
        # type: () -> Any
        name, requirement = self._needs
        try:
            self._library = import_module(str(name))
        except ImportError:
            raise SourceError('reading %s needs a library that is not installed: pip install "%s"'
                              % (self._where.kind, requirement))
        return self._library

    def query(self, sql):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                self._wait_for_result()
                return _fetched(cursor)
        except (self._library.Error, EnvironmentError) as error:
            if self._code(error) == self._no_such_table:
                raise self._no_tickets()
            raise self._failed('read', error, self._cures.get(self._code(error), ''))

    def _wait_for_result(self):
        # type: () -> None
        """Wait for what was executed, where the library does not."""

    def _code(self, error):
        # type: (Any) -> Any
        """The code of an `error` of the library."""
        raise NotImplementedError

    def _failed(self, action, error, cure):
        # type: (Text, Any, Text) -> SourceError
        """For an `error` of the library; `cure` is empty where none is known."""
        return SourceError('can not %s %s: %s%s' % (
            action, self.name, self._where.describe(error),
            '. To do: %s' % (cure,) if cure else ''))


def _fetched(cursor):
    # type: (Any) -> Tuple[List[Text], List[Any]]
    if cursor.description is None:
        return [], []
    return ['%s' % (column[0],) for column in cursor.description], list(cursor.fetchall())


def read_database(database):
    # type: (Database) -> Reading
    """The tickets of `database`, by their numbers."""
    return Reading(lambda reading: _rows(reading, database))


def _rows(reading, database):
    # type: (Reading, Database) -> Iterator[Any]
    try:
        database.open()
        columns = database.query('SELECT * FROM %s LIMIT 0' % (_TICKETS,))[0]
        missing = [name for name in _NEEDED if name not in columns]
        if missing:
            raise SourceError('the table %s of %s has no column %s: it is not that of a Django'
                              ' bouncer 0.2.0' % (_TICKETS, database.name, ', '.join(missing)))
        total = int(database.query('SELECT COUNT(*) FROM %s' % (_TICKETS,))[1][0][0])
        reading.total = total
        last, done = _BEFORE_ALL, 0
        while True:
            names, page = database.query(_SELECT % (last, _PAGE))
            for row in page:
                fields = dict(zip(names, row))
                last = int(fields['id'])
                key = (fields['conversation_key'] or b'').decode('utf-8', 'replace')
                yield read_row('ticket %d' % (last,), fields, key)
            done += len(page)
            # Tickets that came after the count are not part of the total.
            reading.share = min(1.0, done / total) if total else 1.0
            if len(page) < _PAGE:
                return
    finally:
        database.close()
