"""A private MariaDB, for tests (see `tools.database_server`)."""
from __future__ import absolute_import, division, print_function, unicode_literals

import glob
import os
from typing import Any, List, Text  # noqa: F401

import pymysql

from tools.database_server import DatabaseServer
from tools.ports import HOST
from tools.processes import ProcessFailed

# No test crashes the machine, and the data are small.
_FAST = ('--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0',
         '--innodb-buffer-pool-size=32M', '--innodb-log-file-size=16M', '--skip-log-bin',
         '--performance-schema=OFF', '--innodb-use-native-aio=OFF')
# As when the bouncer was new: invalid times were accepted, and utf8mb4 was not the default.
_OLD = ('--sql-mode=', '--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_ci',
        '--innodb-default-row-format=dynamic')


class MariaDB(DatabaseServer):
    """A MariaDB whose tables are InnoDB's."""

    package, scheme = 'mariadb-server-core', 'mysql'

    def connect(self):
        # type: () -> Any
        return pymysql.connect(host=HOST, port=self.port, user=self.user, password=self.password,
                               database=self.database, charset='utf8mb4', autocommit=True,
                               connect_timeout=5)

    @property
    def socket(self):
        # type: () -> Text
        """The path of its socket."""
        return os.path.join(self.data, 'socket')

    def _prepare(self):
        # type: () -> None
        # What mariadb-install-db does; some of what that calls is in other packages.
        os.mkdir(self._tables)
        if self._as:
            os.chown(self._tables, os.stat(self.data).st_uid, -1)
        statements = b'CREATE DATABASE mysql;\nUSE mysql;\n'
        for name in ('tables', 'tables_data'):
            with open(_one_of('/usr/share/m*/m*_system_%s.sql' % (name,)), 'rb') as source:
                statements += source.read()
        self._run(self._server() + ['--bootstrap'], statements)

    def _command(self):
        # type: () -> List[Text]
        first = self._write('first.sql', (
            'CREATE DATABASE IF NOT EXISTS {0};\n'
            'CREATE USER IF NOT EXISTS {1} IDENTIFIED BY \'{2}\';\n'
            'GRANT ALL ON *.* TO {1} WITH GRANT OPTION;\n').format(
                self.database, self.user, self.password))
        return self._server() + [
            '--port=%d' % (self.port,), '--bind-address=%s' % (HOST,),
            '--socket=%s' % (self.socket,), '--init-file=%s' % (first,)]

    def _server(self):
        # type: () -> List[Text]
        return ['/usr/sbin/mariadbd', '--no-defaults', '--datadir=%s' % (self._tables,),
                '--pid-file=%s' % (os.path.join(self.data, 'pid'),)] + list(_FAST + _OLD)

    @property
    def _tables(self):
        # type: () -> Text
        return os.path.join(self.data, 'tables')


def _one_of(pattern):
    # type: (Text) -> Text
    """The first file that matches: names differ between releases."""
    found = sorted(glob.glob(pattern))
    if not found:
        raise ProcessFailed('MariaDB is incomplete: there is no %s' % (pattern,))
    return found[0]
