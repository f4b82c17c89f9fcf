"""Parse the URL of a database, and find its password.

Neither an error nor the repr of a `Where` shows the password.  `sources` and the command line call
it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
from typing import Any, Dict, Optional, Text  # noqa: F401

import attr
import six
from six.moves.urllib.parse import unquote_to_bytes, urlsplit

from vumi_snappy.django_bouncer.takeover.tickets import SourceError

POSTGRESQL, MYSQL = 'PostgreSQL', 'MySQL'
#: By the URL's scheme.
KINDS = {'postgresql': POSTGRESQL, 'postgres': POSTGRESQL, 'mysql': MYSQL, 'mariadb': MYSQL}
#: What may follow the "?".  For PostgreSQL, libpq itself refuses what it does not know.
_MYSQL_OPTIONS = ('unix_socket', 'ssl_ca')
_LONGEST_PASSWORD = 1024


@attr.s(frozen=True, slots=True)
class Where(object):
    """A database on a server.  What the URL lacks is empty, and left to the library."""

    kind = attr.ib()  # type: Text
    host = attr.ib()  # type: Text
    port = attr.ib()  # type: Optional[int]
    user = attr.ib()  # type: Text
    password = attr.ib(repr=False)  # type: Text
    database = attr.ib()  # type: Text
    options = attr.ib()  # type: Dict[Text, Text]

    @property
    def name(self):
        # type: () -> Text
        """For people."""
        return 'the %s database "%s"%s' % (
            self.kind, self.database,
            ' on %s' % (self.host,) + (':%d' % (self.port,) if self.port else '')
            if self.host else '')

    def describe(self, error):
        # type: (Any) -> Text
        """The text of a library's `error`, in one line and without the password."""
        text = error.args[-1] if error.args else type(error).__name__
        if isinstance(text, bytes):
            text = text.decode('utf-8', 'replace')
        text = ' '.join(('%s' % (text,)).split()).rstrip('.')
        return text.replace(self.password, '***') if self.password else text


def where(url, password=''):
    # type: (Text, Text) -> Where
    """Parse `url`; `password` takes precedence over one in it.  Errors: `SourceError`."""
    scheme = url.partition('://')[0]
    kind = KINDS[scheme.lower()]
    try:
        parts = urlsplit(url)
        port, database = parts.port, _text(parts.path[1:])
        user, in_url = _text(parts.username or ''), _text(parts.password or '')
        host = _text(parts.hostname or '')
        options = {_text(name): _text(value) for name, _, value in (
            pair.partition('=') for pair in parts.query.split('&') if pair)}
        if parts.fragment or set(database) & set('/:@'):
            raise ValueError('a character that was not percent-encoded')
    except ValueError:
        # The text of the exception may quote the password.
        raise SourceError(
            'malformed database URL: it is %s://USER@HOST:PORT/DATABASE, with characters such as'
            ' / ? # @ : percent-encoded (%%2F)' % (scheme,))
    if not database:
        raise SourceError(
            'no database name in the URL: it is %s://USER@HOST:PORT/DATABASE' % (scheme,))
    password = password or in_url or options.pop('password', '')
    if kind == MYSQL:
        unknown = sorted(set(options) - set(_MYSQL_OPTIONS))
        if unknown:
            raise SourceError('unknown option %s in the URL: for MySQL there are %s' % (
                unknown[0], ' and '.join(_MYSQL_OPTIONS)))
        password = password or six.ensure_text(
            os.environ.get(str('MYSQL_PWD'), ''), errors=str('replace'))
    # libpq itself looks into PGPASSWORD and ~/.pgpass.
    return Where(kind=kind, host=host, port=port, user=user, password=password,
                 database=database, options=options)


def has_password(url):
    # type: (Text) -> bool
    """Whether `url` has a password, which all who can see the list of processes can read."""
    try:
        parts = urlsplit(url)
        return bool(parts.password) or 'password=' in parts.query
    except ValueError:
        return False


def read_password(path):
    # type: (Text) -> Text
    """The password in the first line of the file `path`.  Errors: `SourceError`."""
    try:
        with io.open(path, encoding='utf-8') as source:
            password = source.read(_LONGEST_PASSWORD).partition('\n')[0].rstrip('\r')
    except EnvironmentError as error:
        raise SourceError('can not read %s: %s' % (path, error.strerror))
    except UnicodeDecodeError:
        raise SourceError('%s is not UTF-8 text' % (path,))
    if not password:
        raise SourceError('no password in %s: write it in the first line' % (path,))
    return password


def _text(quoted):
    # type: (Any) -> Text
    return unquote_to_bytes(six.ensure_binary(quoted)).decode('utf-8')
