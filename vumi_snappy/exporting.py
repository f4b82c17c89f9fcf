"""Tickets as lines of CSV, one a ticket, for spreadsheets and for those who come from the Django
bouncer, whose columns are the first six.

Promises that no cell is a formula, whatever people wrote: one that a spreadsheet would take for
one begins with an apostrophe.  Pure but for `pages`, which asks the store.  The console and the
command line use it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import csv
import time
from typing import Any, Dict, List, Text  # noqa: F401

import six
from twisted.internet import defer

from vumi_snappy.content import html_to_text

COLUMNS = (
    'unique_id', 'support_nonce', 'Message', 'Response', 'Created At', 'Updated At',
    'From', 'Subject', 'State', 'Undelivered', 'Messages', 'Replies', 'Tags', 'Snappy Id',
    'Last Reply By')
#: What makes a spreadsheet take a cell for a formula, at its beginning.
_FORMULA = ('=', '+', '-', '@', '\t', '\r', '\n', '\uff1d', '\uff0b', '\uff0d', '\uff20')
_LOST = ('failed', 'refused')
#: Tickets that are asked for at once.
_PAGE = 50


def row(ticket):
    # type: (Dict[Text, Any]) -> List[Text]
    """The cells of a ticket as `Store.ticket` gives it."""
    lost = [each for each in ticket['replies'] if each['state'] in _LOST]
    return [
        ticket['ticket'], ticket['nonce'],
        '\n'.join(each['text'] for each in ticket['messages']),
        '\n'.join(html_to_text(each['html']) for each in ticket['replies']),
        _when(ticket['opened']), _when(ticket['at']), ticket['from_addr'], ticket['subject'],
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
    return "'" + cell if cell.lstrip(' \ufeff').startswith(_FORMULA) else cell


def _when(seconds):
    # type: (float) -> Text
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S'), time.gmtime(seconds)),)


@defer.inlineCallbacks
def pages(store, wanted, each):
    """Call ``each(tickets)`` with lists of the tickets that `wanted` (a `forms.TicketFilter`)
    asks for, the last active first; it may return a Deferred, and false ends it."""
    if wanted.q:
        found = yield store.lists.find(wanted.words, wanted.addresses, 1000)
        for one in found:
            ticket = yield store.whole_ticket(one['ticket'])
            if ticket is not None and not (yield each([ticket])):
                return
        return
    since, until = wanted.bounds
    cursor = None
    while True:
        page = yield store.lists.tickets(wanted.lists, since, until, cursor, _PAGE, whole=True)
        if page.tickets and not (yield each(page.tickets)):
            return
        cursor = page.cursor
        if cursor is None:
            return
