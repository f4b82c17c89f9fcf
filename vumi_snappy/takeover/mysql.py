"""Asks a MySQL or MariaDB server, as `databases` wants it.

Promises what `postgresql` does.  Its library is optional, and imported when it is needed.
`sources` makes it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, List, Text, Tuple  # noqa: F401

from vumi_snappy.takeover.databases import no_tickets
from vumi_snappy.takeover.locating import Where  # noqa: F401
from vumi_snappy.takeover.reading import SourceError

#: Seconds; of an answer (also to the connection), until more of it comes.
_CONNECTING = 15
_ANSWERING = 30
_BEGIN = ('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
          'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
#: The server's numbers of errors, and what to do.
_FIXES = {
    1044: 'let this user into the database, or see that its name is that of the bouncer\'s'
          ' DATABASES',
    1045: 'see that user and password are right (--password-file, MYSQL_PWD), and that the user'
          ' may come from this machine',
    1049: 'see that the name in the URL is that of the bouncer\'s DATABASES',
    1064: 'use "manage.py dumpdata snappybouncer": the server is older than MySQL 5.6, and has no'
          ' read-only transactions',
    1142: 'GRANT SELECT ON snappybouncer_ticket and snappybouncer_conversation to this user',
    2003: 'see that host and port in the URL are right, and that the server takes connections'
          ' from this machine; on its own one ?unix_socket=/run/mysqld/mysqld.sock is a way, too',
}
_NO_SUCH_TABLE = 1146


class MySQL(object):
    """The database at `where`; `databases.SQLite` says what the methods do."""

    def __init__(self, where):
        # type: (Where) -> None
        self.name = where.name
        self._where = where
        self._library = self._connection = None  # type: Any

    def open(self):
        # type: () -> None
        try:
            import pymysql
        except ImportError:
            raise SourceError('PyMySQL is needed to read MySQL, and is not installed: pip install'
                              ' "PyMySQL<1"')
        self._library, where = pymysql, self._where
        ca = where.options.get('ssl_ca')
        # Texts and times as they are sent, without what would make values of them: some are none.
        try:
            self._connection = pymysql.connect(
                host=where.host or 'localhost', port=where.port or 0, user=where.user or None,
                password=where.password.encode('utf-8'), database=where.database,
                unix_socket=where.options.get('unix_socket'), ssl={'ca': ca} if ca else None,
                charset='utf8mb4', use_unicode=False, conv={}, autocommit=None,
                connect_timeout=_CONNECTING, read_timeout=_ANSWERING, write_timeout=_ANSWERING)
        except (pymysql.Error, EnvironmentError) as failed:
            raise self._trouble('can not be opened', failed)
        for statement in _BEGIN:
            self.ask(statement)

    def ask(self, query):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                return (['%s' % (column[0],) for column in cursor.description or ()],
                        list(cursor.fetchall()))
        except (self._library.Error, EnvironmentError) as failed:
            if failed.args[:1] == (_NO_SUCH_TABLE,):
                raise no_tickets(self.name)
            raise self._trouble('can not be read', failed)

    def close(self):
        # type: () -> None
        if self._connection is not None and self._connection.open:
            self._connection.close()

    def _trouble(self, what, failed):
        # type: (Text, Any) -> SourceError
        fix = _FIXES.get(failed.args[0] if failed.args else None)
        return SourceError('%s %s: %s%s' % (
            self.name, what, self._where.told(failed), '. To do: %s' % (fix,) if fix else ''))
