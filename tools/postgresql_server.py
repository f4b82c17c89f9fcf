"""A private PostgreSQL, for tests (see `tools.database_server`)."""
from __future__ import absolute_import, division, print_function, unicode_literals

import glob
import os
from typing import Any, List, Text  # noqa: F401

import psycopg2

from tools.database_server import DatabaseServer
from tools.ports import HOST

# No test crashes the machine.
_FAST = ('fsync=off', 'synchronous_commit=off', 'full_page_writes=off')


class PostgreSQL(DatabaseServer):
    """A PostgreSQL that asks for a password, as the release installed (the newest one) does."""

    package, scheme = 'postgresql', 'postgresql'

    def connect(self):
        # type: () -> Any
        made = psycopg2.connect(host=HOST, port=self.port, user=self.user, password=self.password,
                                dbname=self.database, connect_timeout=5)
        made.autocommit = True
        return made

    def ready(self):
        # type: () -> bool
        try:
            made = psycopg2.connect(host=HOST, port=self.port, user=self.user,
                                    password=self.password, dbname='postgres', connect_timeout=5)
        except psycopg2.Error:
            return False
        try:
            made.autocommit = True
            with made.cursor() as cursor:
                cursor.execute('SELECT 1 FROM pg_database WHERE datname = %s', [self.database])
                if not cursor.fetchall():
                    cursor.execute('CREATE DATABASE %s' % (self.database,))
        finally:
            made.close()
        return True

    def _prepare(self):
        # type: () -> None
        self._run([_program('initdb'), '--pgdata', self._cluster, '--username', self.user,
                   '--pwfile', self._write('password', self.password), '--auth', 'scram-sha-256',
                   '--encoding', 'UTF8', '--locale', 'C', '--no-sync'])

    def _command(self):
        # type: () -> List[Text]
        options = _FAST + ('listen_addresses=%s' % (HOST,), 'unix_socket_directories=')
        return [_program('postgres'), '-D', self._cluster, '-p', '%d' % (self.port,)] + [
            word for each in options for word in ('-c', each)]

    @property
    def _cluster(self):
        # type: () -> Text
        return os.path.join(self.data, 'cluster')


def _program(name):
    # type: (Text) -> Text
    """Its path: Debian does not put it on PATH."""
    found = glob.glob('/usr/lib/postgresql/*/bin/%s' % (name,))
    return max(found, key=lambda path: float(path.split('/')[4])) if found else name
