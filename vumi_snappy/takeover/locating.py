"""Where a database is, as a URL tells it, and with which password it is opened.

Promises that neither an error nor a `Where` that is printed shows the password.  `sources` and the
command line call it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import os
from typing import Any, Dict, Optional, Text  # noqa: F401

import attr
from six.moves.urllib.parse import unquote_to_bytes, urlsplit

from vumi_snappy.takeover.reading import SourceError

POSTGRESQL, MYSQL = 'PostgreSQL', 'MySQL'
#: By the URL's scheme.
KINDS = {'postgresql': POSTGRESQL, 'postgres': POSTGRESQL, 'mysql': MYSQL, 'mariadb': MYSQL}
#: What may follow a "?": of PostgreSQL all that libpq knows (it says so of others itself).
_MYSQL_OPTIONS = ('unix_socket', 'ssl_ca')
_LONGEST_PASSWORD = 1024


@attr.s(frozen=True, slots=True)
class Where(object):
    """A database on a server.  What the URL does not tell is empty, and left to the library."""

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

    def told(self, error):
        # type: (Any) -> Text
        """What `error` of a library says, in one line."""
        words = error.args[-1] if error.args else type(error).__name__
        if isinstance(words, bytes):
            words = words.decode('utf-8', 'replace')
        said = ' '.join(('%s' % (words,)).split()).rstrip('.')
        return said.replace(self.password, '***') if self.password else said


def where(url, password=''):
    # type: (Text, Text) -> Where
    """What `url` tells; a `password` given apart from it comes first.  Errors: `SourceError`."""
    scheme = url.partition('://')[0]
    kind = KINDS[scheme.lower()]
    try:
        parts = urlsplit(url)
        port, database = parts.port, _text(parts.path[1:])
        user, told = _text(parts.username or ''), _text(parts.password or '')
        host = _text(parts.hostname or '')
        options = {}
        for pair in parts.query.split('&') if parts.query else []:
            name, _, value = pair.partition('=')
            options[_text(name)] = _text(value)
        if parts.fragment or set(database) & set('/:@'):
            raise ValueError('what is before it was to be quoted')
    except ValueError:
        # Its own words may quote the password.
        raise SourceError(
            'the URL can not be understood: it is %s://USER@HOST:PORT/DATABASE, in which'
            ' characters such as / ? # @ : are written as %%2F and so on' % (scheme,))
    if not database:
        raise SourceError(
            'the URL names no database: it is %s://USER@HOST:PORT/DATABASE' % (scheme,))
    password = password or told or options.pop('password', '')
    if kind == MYSQL:
        unknown = sorted(set(options) - set(_MYSQL_OPTIONS))
        if unknown:
            raise SourceError('the URL has the option %s: of MySQL there are %s' % (
                unknown[0], ' and '.join(_MYSQL_OPTIONS)))
        password = password or _environ('MYSQL_PWD')
    # PGPASSWORD and ~/.pgpass are libpq's own to look into.
    return Where(kind=kind, host=host, port=port, user=user, password=password,
                 database=database, options=options)


def has_password(url):
    # type: (Text) -> bool
    """Whether `url` itself tells a password, to all who can see the list of processes."""
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
    except EnvironmentError as failed:
        raise SourceError('%s can not be read: %s' % (path, failed.strerror))
    except UnicodeDecodeError:
        raise SourceError('%s is no text in UTF-8' % (path,))
    if not password:
        raise SourceError('%s holds no password: it is to be its first line' % (path,))
    return password


def _text(quoted):
    # type: (Any) -> Text
    plain = unquote_to_bytes(quoted.encode('utf-8') if isinstance(quoted, type('')) else quoted)
    return plain.decode('utf-8')


def _environ(name):
    # type: (Text) -> Text
    value = os.environ.get(str(name), '')  # type: Any
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else value
