"""Connect to a MySQL or MariaDB server, for `databases`, which has the queries.

Has the promises of `postgresql`.  `sources` makes it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

import six

from vumi_snappy.django_bouncer.takeover.databases import Server

#: Seconds; that of an answer starts again with each part of it.
_CONNECTING = 15
_ANSWERING = 30
_BEGIN = ('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
          'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
#: What to do, by the server's error numbers.
_CURES = {
    1044: 'grant this user access to the database, or see that its name is that of the bouncer\'s'
          ' DATABASES',
    1045: 'see that user and password are right (--password-file, MYSQL_PWD), and that the user'
          ' may connect from this machine',
    1049: 'see that the name in the URL is that of the bouncer\'s DATABASES',
    1064: 'use "manage.py dumpdata snappybouncer": the server is older than MySQL 5.6, and has no'
          ' read-only transactions',
    1142: 'GRANT SELECT ON snappybouncer_ticket and snappybouncer_conversation to this user',
    2003: 'see that host and port in the URL are right, and that the server accepts connections'
          ' from this machine; on the server itself, try ?unix_socket=/run/mysqld/mysqld.sock',
}


class MySQL(Server):
    """A database on a MySQL or MariaDB server."""

    _needs = ('pymysql', 'PyMySQL<1' if six.PY2 else 'PyMySQL<2')
    _no_such_table, _cures = 1146, _CURES

    def open(self):
        # type: () -> None
        library, where = self._load(), self._where
        ca = where.options.get('ssl_ca')
        # conv: texts and times as they are sent, since some times are no datetime.
        try:
            self._connection = library.connect(
                host=where.host or 'localhost', port=where.port or 0, user=where.user or None,
                password=where.password.encode('utf-8'), database=where.database,
                unix_socket=where.options.get('unix_socket'), ssl={'ca': ca} if ca else None,
                charset='utf8mb4', use_unicode=False, conv={}, autocommit=None,
                connect_timeout=_CONNECTING, read_timeout=_ANSWERING, write_timeout=_ANSWERING)
        except (library.Error, EnvironmentError) as error:
            raise self._failed('open', error, self._cures.get(self._code(error), ''))
        for statement in _BEGIN:
            self.query(statement)

    def close(self):
        # type: () -> None
        if self._connection is not None and self._connection.open:
            self._connection.close()

    def _code(self, error):
        # type: (Any) -> Any
        return error.args[0] if error.args else None
