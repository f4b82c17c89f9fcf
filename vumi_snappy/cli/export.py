"""``vumi-snappy export``: tickets as CSV."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import codecs
import json
import sys
from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_desk
from vumi_snappy.cli.grammar import Trouble, UsageError, add_store_command
from vumi_snappy.cli.output import Progress
from vumi_snappy.config.fields import as_text
from vumi_snappy.console.api import telling
from vumi_snappy.console.api.shapes import shaped
from vumi_snappy.console.forms import TicketFilter
from vumi_snappy.exporting import COLUMNS, line, pages, row


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    added = add_store_command(commands, 'export', export)
    added.add_argument('--output', '-o', metavar='FILE', help='where to; else what is printed')
    added.add_argument('--state', choices=[str('waiting'), str('parked'), str('undelivered')],
                       help='only those of which something is so')
    added.add_argument('--tag', help='only those that have it, such as #cards')
    added.add_argument('--since', metavar='YYYY-MM-DD', help='first day of the last activity, UTC')
    added.add_argument('--until', metavar='YYYY-MM-DD', help='last day of the last activity, UTC')


def filter_of(options):
    # type: (Any) -> TicketFilter
    """Which tickets the command line asks for.  Errors: `UsageError`."""
    given = {name: as_text(getattr(options, name) or '')
             for name in ('state', 'tag', 'since', 'until')}
    wanted = TicketFilter.of(given)
    for name in ('since', 'until'):
        if given[name] and not getattr(wanted, name):
            raise UsageError('--%s must be a day, such as 2026-01-31' % (name,))
    return wanted


def export(options):
    # type: (Any) -> defer.Deferred
    """Write tickets as CSV, one a line, the last active first; with --json as JSON, one a line."""
    return _export(options)


@with_desk
@defer.inlineCallbacks
def _export(desk, options):
    store = desk.store
    wanted = filter_of(options)
    yield store.sessions.note(operator(), 'exported tickets', '', wanted.said)
    total = (yield store.figures())['tickets'] if wanted == TicketFilter() else None
    out, count, progress = _open(options.output), [0], Progress('tickets', total)

    def each(tickets):
        for ticket in tickets:
            ticket.pop('history', None)  # which is not read for so many
            out.write(
                json.dumps(shaped('Ticket', telling.ticket(ticket, desk.link(ticket))),
                           sort_keys=True).encode('utf-8') + b'\n'
                if options.json else line(row(ticket)))
        count[0] += len(tickets)
        if options.output:
            progress.show(count[0])
        return True
    try:
        if not options.json:
            out.write((codecs.BOM_UTF8 if options.output else b'') + line(COLUMNS))
        yield pages(store, wanted, each)
        out.flush()
    finally:
        if options.output:
            out.close()
    if options.output:
        progress.end()
        sys.stderr.write(str('%d tickets in %s\n') % (count[0], options.output))


def _open(path):
    # type: (Any) -> Any
    if not path:
        return getattr(sys.stdout, 'buffer', sys.stdout)
    try:
        return open(path, 'wb')
    except EnvironmentError as failed:
        raise Trouble('%s can not be written: %s' % (path, failed.strerror))
