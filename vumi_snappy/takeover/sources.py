"""Reads the Django bouncer's tickets: from ``dumpdata``'s JSON, its CSV export or its database.

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
import sqlite3
from typing import Any, Dict, Iterator, Text, Union  # noqa: F401

from vumi_snappy.takeover.tickets import BadRow, OldTicket, Unusable, old_ticket  # noqa: F401

#: Characters read at a time, and those that one object of a dump may have.
_CHUNK = 65536
_LONGEST_OBJECT = 16 * 1024 * 1024
_BETWEEN = re.compile(r'[\s,]*')
#: What the CSV's columns are called, by ours.
_COLUMNS = {'unique_id': 'id', 'Message': 'message', 'Response': 'response',
            'Created At': 'created_at', 'Updated At': 'updated_at'}


class SourceError(Exception):
    """The source as a whole can't be read (any further); its text is for the operator."""


def read_tickets(source):
    # type: (Text) -> Iterator[Union[OldTicket, BadRow]]
    """The tickets in the file `source`, in its order.  Errors: `SourceError`, also half-way."""
    scheme = source.partition('://')[0].lower()
    if '://' in source:
        raise SourceError(
            '%s databases are not read directly: give the file that "manage.py dumpdata'
            ' snappybouncer" writes there' % (scheme,))
    try:
        with io.open(source, 'rb') as opened:
            head = opened.read(512)
    except EnvironmentError as failed:
        raise SourceError('%s can not be read: %s' % (source, failed.strerror))
    if head.startswith(b'SQLite format 3\0'):
        return _from_sqlite(source)
    if head.lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'['):
        return _from_dump(source)
    if b'support_nonce' in head:
        return _from_csv(source)
    raise SourceError('%s is neither the JSON of dumpdata, nor the CSV export of the tickets, nor'
                      ' an SQLite database' % (source,))


def _ticket(place, fields, conversation=''):
    try:
        return old_ticket(place, fields, conversation)
    except Unusable as why:
        return BadRow(place, '%s' % (why,))


# dumpdata's JSON: one array, and often one line.

def _objects(source):
    """Each value of the array, without reading the whole of it."""
    decoder = json.JSONDecoder()
    with io.open(source, encoding='utf-8-sig') as opened:
        buffered, at, began = '', 0, False
        while True:
            try:
                more = opened.read(max(_CHUNK, len(buffered) - at))
            except UnicodeDecodeError:
                raise SourceError('%s is no text in UTF-8' % (source,))
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


def _from_dump(source):
    keys = {}  # type: Dict[Any, Text]
    for number, each in enumerate(_objects(source), 1):
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
            yield _ticket(place, dict(fields, id=each.get('pk')),
                          keys.get('%s' % (fields.get('conversation'),), ''))


# The export of the admin pages.

def _from_csv(source):
    with io.open(source, 'rb') as opened:
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
            yield _ticket(place, fields, fields.get('conversation', ''))


def _decoded(row):
    return [value.decode('utf-8') if isinstance(value, bytes) else value for value in row]


# Its SQLite database.

def _from_sqlite(source):
    if not os.access(source, os.R_OK):
        raise SourceError('%s can not be read' % (source,))
    database = sqlite3.connect(source, timeout=10)
    try:
        database.execute('PRAGMA query_only = 1')
        # What is no UTF-8 is told with its row, instead of ending them.
        database.text_factory = bytes
        cursor = database.execute(
            'SELECT t.*, c.key AS conversation_key FROM snappybouncer_ticket t LEFT JOIN'
            ' snappybouncer_conversation c ON c.id = t.conversation_id ORDER BY t.id')
        names = ['%s' % (column[0],) for column in cursor.description]
        for row in cursor:
            fields = dict(zip(names, row))
            conversation = (fields['conversation_key'] or b'').decode('utf-8', 'replace')
            yield _ticket('ticket %s' % (fields['id'],), fields, conversation)
    except sqlite3.Error as failed:
        raise SourceError('%s can not be read: %s' % (source, failed))
    finally:
        database.close()
