"""Read the Django bouncer's tickets: from its database, ``dumpdata``'s JSON or its CSV export.

Reads row by row, whatever the size, and changes nothing.  A row that can't be used becomes a
`BadRow` with its place, and the rest is read.  The command line calls `read_tickets`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import csv
import io
import os
import re
from typing import Any, Dict, Text  # noqa: F401

import six

from vumi_snappy.content import foreign_json
from vumi_snappy.django_bouncer.takeover import locating
from vumi_snappy.django_bouncer.takeover.databases import SQLite, read_database
from vumi_snappy.django_bouncer.takeover.mysql import MySQL
from vumi_snappy.django_bouncer.takeover.postgresql import PostgreSQL
from vumi_snappy.django_bouncer.takeover.tickets import BadRow, Reading, SourceError, read_row

#: Characters per read, and the most that one object of a dump may have.
_CHUNK = 65536
_LONGEST_OBJECT = 16 * 1024 * 1024
_BETWEEN = re.compile(r'[\s,]*')  # type: Any
#: The columns of the table, by those of the CSV.
_COLUMNS = {'unique_id': 'id', 'Message': 'message', 'Response': 'response',
            'Created At': 'created_at', 'Updated At': 'updated_at'}
_SERVERS = {locating.POSTGRESQL: PostgreSQL, locating.MYSQL: MySQL}


def read_tickets(source, password=''):
    # type: (Text, Text) -> Reading
    """The tickets in `source` (a file, or a database's URL), in its order.

    `password` is that of the database, where the URL has none.  Errors: `SourceError`, also during
    the iteration.
    """
    scheme, url, _ = source.partition('://')
    if url and scheme.lower() in locating.KINDS:
        where = locating.where(source, password)
        return read_database(_SERVERS[where.kind](where))
    if url:
        raise SourceError(
            'unknown kind of database %s://: use postgresql://USER@HOST/DATABASE,'
            ' mysql://USER@HOST/DATABASE, or a file name without ://' % (scheme,))
    try:
        with io.open(source, 'rb') as opened:
            head = opened.read(512)
    except EnvironmentError as error:
        raise SourceError('can not read %s: %s' % (source, error.strerror))
    if head.startswith(b'SQLite format 3\0'):
        return read_database(SQLite(source))
    if head.lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'['):
        return Reading(lambda reading: _from_dump(reading, source))
    if b'support_nonce' in head:
        return Reading(lambda reading: _from_csv(reading, source))
    raise SourceError('%s is neither the JSON of dumpdata, nor the CSV export of the tickets, nor'
                      ' an SQLite database' % (source,))


# dumpdata's JSON: one array, often in a single line.

def _objects(reading, source):
    """Each value of the array, without reading the whole array."""
    decoder = foreign_json.decoder()
    with io.open(source, encoding='utf-8-sig') as opened:  # type: Any
        size = os.path.getsize(source)
        buffered, at, started = '', 0, False
        while True:
            try:
                more = opened.read(max(_CHUNK, len(buffered) - at))
            except UnicodeDecodeError:
                raise SourceError('%s is not UTF-8 text' % (source,))
            reading.share = opened.buffer.tell() / size
            buffered, at = buffered[at:] + more, 0
            if not started:
                at, started = buffered.index('[') + 1, True
            while True:
                at = _BETWEEN.match(buffered, at).end()
                if buffered[at:at + 1] == ']':
                    return
                try:
                    value, end = decoder.raw_decode(buffered, at)
                except (ValueError, RuntimeError):  # it is not all there, or nested too deep
                    break
                # A number could continue in what is still to be read.
                if end == len(buffered) and more:
                    break
                at = end
                yield value
            if not more or len(buffered) - at > _LONGEST_OBJECT:
                raise SourceError('%s is truncated, or has invalid JSON' % (source,))


def _from_dump(reading, source):
    keys = {}  # type: Dict[Any, Text]
    for number, each in enumerate(_objects(reading, source), 1):
        place = 'object %d' % (number,)
        fields = each.get('fields') if isinstance(each, dict) else None
        if not isinstance(fields, dict):
            yield BadRow(place, 'not an object that dumpdata writes')
            continue
        model = '%s' % (each.get('model'),)
        if model.endswith('.conversation'):
            # dumpdata writes conversations before the tickets that refer to them.
            keys['%s' % (each.get('pk'),)] = '%s' % (fields.get('key') or '',)
        elif model.endswith('.ticket'):
            place = 'ticket %s' % (each.get('pk'),)
            yield read_row(place, dict(fields, id=each.get('pk')),
                           keys.get('%s' % (fields.get('conversation'),), ''))


# The CSV export of the admin pages.

def _from_csv(reading, source):
    with io.open(source, 'rb') as opened:
        size = os.path.getsize(source)
        # Each Python's reader wants what that Python calls a str; a cell is decoded by itself.
        rows = csv.reader(six.ensure_str(line, str('latin-1')) for line in opened)
        names = [_COLUMNS.get(name, name) for name in _decoded(next(rows))]
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow('line %d' % (rows.line_num,), 'invalid CSV: %s' % (error,))
                continue
            place = 'line %d' % (rows.line_num,)
            reading.share = opened.tell() / size
            if not row:
                continue
            if len(row) != len(names):
                yield BadRow(place, '%d fields instead of %d' % (len(row), len(names)))
                continue
            try:
                values = _decoded(row)
            except UnicodeDecodeError:
                yield BadRow(place, 'not UTF-8 text')
                continue
            # The export writes None for an empty value.
            fields = {name: '' if value == 'None' and name != 'message' else value
                      for name, value in zip(names, values)}
            if 'msisdn' not in fields:
                yield BadRow(place, 'the export has no column msisdn: use dumpdata, or add one')
                continue
            yield read_row(place, fields, fields.get('conversation', ''))


def _decoded(row):
    return [six.ensure_binary(value, str('latin-1')).decode('utf-8') for value in row]
