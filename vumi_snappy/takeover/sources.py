"""Reads the Django bouncer's tickets: from its database, ``dumpdata``'s JSON or its CSV export.

Promises to read a row at a time, whatever the size, to change nothing, and to tell of what can't
be used with its place, and go on.  The command line calls `read_tickets`.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import csv
import io
import json
import os
import re
from typing import Any, Dict, Text  # noqa: F401

from vumi_snappy.takeover import locating
from vumi_snappy.takeover.databases import SQLite, read_database
from vumi_snappy.takeover.mysql import MySQL
from vumi_snappy.takeover.postgresql import PostgreSQL
from vumi_snappy.takeover.reading import Reading, SourceError, ticket
from vumi_snappy.takeover.tickets import BadRow

#: Characters read at a time, and those that one object of a dump may have.
_CHUNK = 65536
_LONGEST_OBJECT = 16 * 1024 * 1024
_BETWEEN = re.compile(r'[\s,]*')
#: What the CSV's columns are called, by ours.
_COLUMNS = {'unique_id': 'id', 'Message': 'message', 'Response': 'response',
            'Created At': 'created_at', 'Updated At': 'updated_at'}
_SERVERS = {locating.POSTGRESQL: PostgreSQL, locating.MYSQL: MySQL}


def read_tickets(source, password=''):
    # type: (Text, Text) -> Reading
    """The tickets in `source` (a file, or a database's URL), in its order.

    `password` is that of the database, where it has one and the URL does not tell it.  Errors:
    `SourceError`, also while they are gone through.
    """
    scheme, url, _ = source.partition('://')
    if url and scheme.lower() in locating.KINDS:
        where = locating.where(source, password)
        return read_database(_SERVERS[where.kind](where))
    if url:
        raise SourceError(
            '%s:// is not read: PostgreSQL is postgresql://USER@HOST/DATABASE, MySQL is'
            ' mysql://USER@HOST/DATABASE, and a file is named without ://' % (scheme,))
    try:
        with io.open(source, 'rb') as opened:
            head = opened.read(512)
    except EnvironmentError as failed:
        raise SourceError('%s can not be read: %s' % (source, failed.strerror))
    if head.startswith(b'SQLite format 3\0'):
        return read_database(SQLite(source))
    if head.lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'['):
        return Reading(lambda reading: _from_dump(reading, source))
    if b'support_nonce' in head:
        return Reading(lambda reading: _from_csv(reading, source))
    raise SourceError('%s is neither the JSON of dumpdata, nor the CSV export of the tickets, nor'
                      ' an SQLite database' % (source,))


# dumpdata's JSON: one array, and often one line.

def _objects(reading, source):
    """Each value of the array, without reading the whole of it."""
    decoder = json.JSONDecoder()
    with io.open(source, encoding='utf-8-sig') as opened:
        size = os.path.getsize(source)
        buffered, at, began = '', 0, False
        while True:
            try:
                more = opened.read(max(_CHUNK, len(buffered) - at))
            except UnicodeDecodeError:
                raise SourceError('%s is no text in UTF-8' % (source,))
            reading.share = opened.buffer.tell() / size
            buffered, at = buffered[at:] + more, 0
            if not began:
                at, began = buffered.index('[') + 1, True
            while True:
                at = _BETWEEN.match(buffered, at).end()
                if buffered[at:at + 1] == ']':
                    return
                try:
                    value, end = decoder.raw_decode(buffered, at)
                except ValueError:
                    break
                # A number could go on in what is still to be read.
                if end == len(buffered) and more:
                    break
                at = end
                yield value
            if not more or len(buffered) - at > _LONGEST_OBJECT:
                raise SourceError('%s ends, or is no JSON any more, in the middle' % (source,))


def _from_dump(reading, source):
    keys = {}  # type: Dict[Any, Text]
    for number, each in enumerate(_objects(reading, source), 1):
        place = 'object %d' % (number,)
        fields = each.get('fields') if isinstance(each, dict) else None
        if not isinstance(fields, dict):
            yield BadRow(place, 'it is no object of dumpdata')
            continue
        model = '%s' % (each.get('model'),)
        if model.endswith('.conversation'):
            # dumpdata writes what others refer to first.
            keys['%s' % (each.get('pk'),)] = '%s' % (fields.get('key') or '',)
        elif model.endswith('.ticket'):
            place = 'ticket %s' % (each.get('pk'),)
            yield ticket(place, dict(fields, id=each.get('pk')),
                         keys.get('%s' % (fields.get('conversation'),), ''))


# The export of the admin pages.

def _from_csv(reading, source):
    with io.open(source, 'rb') as opened:
        size = os.path.getsize(source)
        rows = csv.reader(opened)
        names = [_COLUMNS.get(name, name) for name in _decoded(next(rows))]
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as failed:
                yield BadRow('line %d' % (rows.line_num,), 'it is no CSV: %s' % (failed,))
                continue
            place = 'line %d' % (rows.line_num,)
            reading.share = opened.tell() / size
            if not row:
                continue
            if len(row) != len(names):
                yield BadRow(place, 'it has %d fields, not %d' % (len(row), len(names)))
                continue
            try:
                values = _decoded(row)
            except UnicodeDecodeError:
                yield BadRow(place, 'it is no text in UTF-8')
                continue
            # The export writes what is empty as None.
            fields = {name: '' if value == 'None' and name != 'message' else value
                      for name, value in zip(names, values)}
            if 'msisdn' not in fields:
                yield BadRow(place, 'the export has no column msisdn: use dumpdata, or add one')
                continue
            yield ticket(place, fields, fields.get('conversation', ''))


def _decoded(row):
    return [value.decode('utf-8') if isinstance(value, bytes) else value for value in row]
