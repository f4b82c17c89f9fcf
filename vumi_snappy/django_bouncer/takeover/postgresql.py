"""Connect to a PostgreSQL server, for `databases`, which has the queries.

Changes nothing (a read-only transaction), reads all rows as of one moment (a snapshot), has a
timeout on every answer, and keeps the password out of errors.  `sources` makes it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import select
import time
from typing import Any  # noqa: F401

import six

from vumi_snappy.django_bouncer.takeover.databases import Server
from vumi_snappy.django_bouncer.takeover.tickets import SourceError

#: Seconds.
_CONNECTING = 15
_ANSWERING = 60
#: The server's own limit as well: it is to stop working when nobody waits any more.
_BEGIN = (
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout TO %d;'
    ' SET LOCAL TIME ZONE \'UTC\'; SET LOCAL DateStyle TO \'ISO\'' % (_ANSWERING * 1000,))
#: What to do, by libpq's words; where these are in another language, they must do alone.
_CURES = (
    ('no password supplied', 'give the password by --password-file, PGPASSWORD or ~/.pgpass'),
    ('authentication failed', 'see that user and password are right (--password-file, PGPASSWORD,'
                              ' ~/.pgpass)'),
    ('pg_hba.conf', 'allow the user from this machine, in the server\'s pg_hba.conf'),
    ('does not exist', 'see that the names in the URL are those of the bouncer\'s DATABASES'),
    ('connection option', 'see that what follows the "?" of the URL is an option of libpq'),
    ('', 'see that host and port in the URL are right, and that the server accepts connections'
         ' from this machine'))


class PostgreSQL(Server):
    """A database on a PostgreSQL server."""

    _needs = ('psycopg2', 'psycopg2-binary<2.9' if six.PY2 else 'psycopg2-binary<3')
    # SQLSTATEs.
    _no_such_table = '42P01'
    _cures = {'42501':
              'GRANT SELECT ON snappybouncer_ticket, snappybouncer_conversation to this user'}

    def open(self):
        # type: () -> None
        library, where = self._load(), self._where
        extensions = library.extensions
        options = {'host': where.host, 'port': where.port, 'user': where.user,
                   'password': where.password, 'dbname': where.database,
                   'client_encoding': 'UTF8', 'application_name': 'vumi-snappy'}  # type: Any
        options.update(where.options)
        try:
            # Asynchronous: libpq itself waits for a server that hangs, without a limit.
            self._connection = library.connect(
                async_=1, **{str(name): value for name, value in options.items() if value})
            self._wait(_CONNECTING)
        except library.Error as error:
            text = where.describe(error)
            raise self._failed('open', error, [
                cure for words, cure in _CURES if words in text][0])
        # Python 3 would have texts decoded, and one that is not UTF-8 end the import.
        extensions.register_type(extensions.BYTES, self._connection)
        # Times as they are sent: some, such as -infinity, are no datetime.
        extensions.register_type(extensions.new_type(
            extensions.PYDATETIME.values + extensions.PYDATETIMETZ.values, str('AS_SENT'),
            lambda value, _cursor: value), self._connection)
        self.query(_BEGIN)

    def _code(self, error):
        # type: (Any) -> Any
        return getattr(error, 'pgcode', None)

    def _wait_for_result(self):
        # type: () -> None
        self._wait(_ANSWERING)

    def _wait(self, timeout):
        # type: (float) -> None
        until = time.time() + timeout
        states = self._library.extensions
        while True:
            state = self._connection.poll()
            if state == states.POLL_OK:
                return
            left = until - time.time()
            if left <= 0:
                raise SourceError('%s did not answer within %d seconds' % (self.name, timeout))
            sockets = [self._connection.fileno()]
            try:
                select.select(sockets if state == states.POLL_READ else [],
                              sockets if state == states.POLL_WRITE else [], [], left)
            except select.error as interrupted:
                if interrupted.args[0] != errno.EINTR:
                    raise
