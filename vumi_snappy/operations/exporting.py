"""Tickets as lines of CSV, one per ticket, for spreadsheets and for those who come from the Django
bouncer, whose columns are the first six.

Promises that no cell is a formula, whatever people wrote and whatever separates the cells for the
spreadsheet (a comma, a semicolon or a tab): what it would take for one begins with an apostrophe.
Pure.  The console and the command line use it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import csv
import re
from typing import Any, Dict, List, Text  # noqa: F401

import six

from vumi_snappy.operations.words import when

COLUMNS = (
    'unique_id', 'support_nonce', 'Message', 'Response', 'Created At', 'Updated At',
    'From', 'Subject', 'State', 'Undelivered', 'Messages', 'Replies', 'Tags', 'Snappy Id',
    'Last Reply By')
#: What makes a spreadsheet take a cell for a formula, at its beginning.
_SIGNS = ('=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20')
_FORMULA = _SIGNS + ('\t', '\r', '\n')
#: Where a cell begins within one of ours: a spreadsheet that does not separate by commas does not
#: know our quotes either.
_BEGINS = re.compile('[;\t\r\n][;\\s\ufeff"]*', re.UNICODE)
_LOST = ('failed', 'refused')


def row(ticket):
    # type: (Dict[Text, Any]) -> List[Text]
    """The cells of a ticket as `Tickets.export` gives it."""
    lost = [each for each in ticket['replies'] if each['state'] in _LOST]
    return [
        ticket['ticket'], ticket['nonce'],
        '\n'.join(each['text'] for each in ticket['messages']),
        '\n'.join(each['text'] for each in ticket['replies']),
        when(ticket['opened']), when(ticket['at']), ticket['from_addr'], ticket['subject'],
        ticket['state'], '%d' % (len(lost),), '%d' % (len(ticket['messages']),),
        '%d' % (len(ticket['replies']),), ' '.join(ticket['tags']), ticket['snappy_id'],
        ticket['replies'][-1].get('name') or '' if ticket['replies'] else '']


def line(cells):
    # type: (Any) -> bytes
    """A line of CSV, in UTF-8."""
    out = six.StringIO()
    csv.writer(out).writerow([six.ensure_str(safe(cell)) for cell in cells])
    return six.ensure_binary(out.getvalue())


def safe(cell):
    # type: (Text) -> Text
    """`cell` such that no spreadsheet takes it for a formula."""
    cell = _BEGINS.sub(lambda start: start.group() + (
        "'" if cell.startswith(_SIGNS, start.end()) else ''), cell)
    return "'" + cell if cell.lstrip(' \ufeff').startswith(_FORMULA) else cell
