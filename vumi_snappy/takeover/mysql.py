"""Asks a MySQL or MariaDB server, as `databases` wants it.

Promises what `postgresql` does.  `sources` makes it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, List, Text, Tuple  # noqa: F401

from vumi_snappy.takeover.databases import no_tickets
from vumi_snappy.takeover.reading import SourceError  # noqa: F401
from vumi_snappy.takeover.servers import Server, answer

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


class MySQL(Server):
    """The database at `where`; `databases.SQLite` says what the methods do."""

    _needs = ('pymysql', 'PyMySQL<1')

    def open(self):
        # type: () -> None
        library, where = self._load(), self._where
        ca = where.options.get('ssl_ca')
        # Texts and times as they are sent, without what would make values of them: some are none.
        try:
            self._connection = library.connect(
                host=where.host or 'localhost', port=where.port or 0, user=where.user or None,
                password=where.password.encode('utf-8'), database=where.database,
                unix_socket=where.options.get('unix_socket'), ssl={'ca': ca} if ca else None,
                charset='utf8mb4', use_unicode=False, conv={}, autocommit=None,
                connect_timeout=_CONNECTING, read_timeout=_ANSWERING, write_timeout=_ANSWERING)
        except (library.Error, EnvironmentError) as failed:
            raise self._failed('can not be opened', failed)
        for statement in _BEGIN:
            self.ask(statement)

    def ask(self, query):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                return answer(cursor)
        except (self._library.Error, EnvironmentError) as failed:
            if failed.args[:1] == (_NO_SUCH_TABLE,):
                raise no_tickets(self.name)
            raise self._failed('can not be read', failed)

    def close(self):
        # type: () -> None
        if self._connection is not None and self._connection.open:
            self._connection.close()

    def _failed(self, what, failed):
        # type: (Text, Any) -> SourceError
        number = failed.args[0] if failed.args else None
        return self._trouble(what, failed, _FIXES.get(number, ''))
