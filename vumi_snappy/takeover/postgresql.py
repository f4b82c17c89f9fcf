"""Asks a PostgreSQL server, as `databases` wants it.

Promises that nothing can be changed (a read-only transaction), that all answers are of one moment
(a snapshot), that no answer is waited for without end, and that no error tells the password.
`sources` makes it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import errno
import select
import time
from typing import Any, List, Text, Tuple  # noqa: F401

from vumi_snappy.takeover.databases import no_tickets
from vumi_snappy.takeover.reading import SourceError
from vumi_snappy.takeover.servers import Server, answer

#: Seconds.
_CONNECTING = 15
_ANSWERING = 60
#: The server's own limit as well: it is to stop working when nobody waits any more.
_BEGIN = (
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout TO %d;'
    ' SET LOCAL TIME ZONE \'UTC\'; SET LOCAL DateStyle TO \'ISO\'' % (_ANSWERING * 1000,))
#: What to do, by libpq's words; where it speaks another language they must do alone.
_FIXES = (
    ('no password supplied', 'give the password by --password-file, PGPASSWORD or ~/.pgpass'),
    ('authentication failed', 'see that user and password are right (--password-file, PGPASSWORD,'
                              ' ~/.pgpass)'),
    ('pg_hba.conf', 'let the user in from this machine, in the server\'s pg_hba.conf'),
    ('does not exist', 'see that the names in the URL are those of the bouncer\'s DATABASES'),
    ('connection option', 'see that what follows the "?" of the URL is an option of libpq'),
    ('', 'see that host and port in the URL are right, and that the server takes connections from'
         ' this machine'))
#: SQLSTATEs.
_NO_SUCH_TABLE = '42P01'
_FORBIDDEN = '42501'
_FORBIDDEN_FIX = 'GRANT SELECT ON snappybouncer_ticket, snappybouncer_conversation to this user'


class PostgreSQL(Server):
    """The database at `where`; `databases.SQLite` says what the methods do."""

    _needs = ('psycopg2', 'psycopg2-binary<2.9')

    def open(self):
        # type: () -> None
        library, where = self._load(), self._where
        extensions = library.extensions
        options = dict(
            {'host': where.host, 'port': where.port, 'user': where.user,
             'password': where.password, 'dbname': where.database, 'client_encoding': 'UTF8',
             'application_name': 'vumi-snappy'}, **{
                 str(name): value for name, value in where.options.items()})
        try:
            # Asynchronous: libpq itself waits without end for a server that hangs.
            self._connection = library.connect(
                async_=1, **{str(name): value for name, value in options.items() if value})
            self._wait(_CONNECTING)
        except library.Error as failed:
            said = where.told(failed)
            raise self._trouble('can not be opened', failed, [
                fix for words, fix in _FIXES if words in said][0])
        # Times as they are sent: some are none.
        extensions.register_type(extensions.new_type(
            extensions.PYDATETIME.values + extensions.PYDATETIMETZ.values, str('AS_SENT'),
            lambda value, _cursor: value), self._connection)
        self.ask(_BEGIN)

    def ask(self, query):
        # type: (Text) -> Tuple[List[Text], List[Any]]
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query)
                self._wait(_ANSWERING)
                return answer(cursor)
        except self._library.Error as failed:
            if failed.pgcode == _NO_SUCH_TABLE:
                raise no_tickets(self.name)
            raise self._trouble('can not be read', failed, _FORBIDDEN_FIX
                                if failed.pgcode == _FORBIDDEN else '')

    def close(self):
        # type: () -> None
        if self._connection is not None:
            self._connection.close()

    def _wait(self, within):
        # type: (float) -> None
        until = time.time() + within
        states = self._library.extensions
        while True:
            state = self._connection.poll()
            if state == states.POLL_OK:
                return
            left = until - time.time()
            if left <= 0:
                raise SourceError('%s has not answered in %d seconds' % (self.name, within))
            sockets = [self._connection.fileno()]
            try:
                select.select(sockets if state == states.POLL_READ else [],
                              sockets if state == states.POLL_WRITE else [], [], left)
            except select.error as interrupted:
                if interrupted.args[0] != errno.EINTR:
                    raise
