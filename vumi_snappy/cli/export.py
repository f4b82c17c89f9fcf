"""``vumi-snappy export``: tickets as CSV."""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import codecs
import json
import os
import sys
import tempfile
from typing import Any, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_operations
from vumi_snappy.cli.grammar import Trouble, add_store_command
from vumi_snappy.cli.output import Progress
from vumi_snappy.config.fields import as_text, shown
from vumi_snappy.operations.exporting import COLUMNS, line, row
from vumi_snappy.operations.shapes import shaped
from vumi_snappy.operations.tickets import TicketFilter, day


def add_to(commands):
    # type: (Any) -> None
    added = add_store_command(commands, 'export', export)
    added.add_argument('--output', '-o', metavar='FILE', help='where to write; else it is printed')
    added.add_argument('--state', choices=[str('waiting'), str('parked'), str('undelivered')],
                       help='only tickets of which something is in this state')
    added.add_argument('--tag', help='only tickets with this tag, such as #cards')
    for name, which in (('--since', 'first'), ('--until', 'last')):
        added.add_argument(name, metavar='YYYY-MM-DD', type=_day,
                           help='%s day of the last activity, UTC' % (which,))


def _day(text):
    # type: (Any) -> Text
    if day(text) is None:
        raise argparse.ArgumentTypeError('must be a day, such as 2026-01-31')
    return as_text(text)


@with_operations
@defer.inlineCallbacks
def export(operations, options):
    """Write tickets as CSV, one a line, the last active first; with --json as JSON, one a line."""
    wanted = TicketFilter.of({name: as_text(getattr(options, name) or '')
                              for name in ('state', 'tag', 'since', 'until')})
    yield operations.tickets.note_export(wanted, operator())
    total = ((yield operations.now(1)).figures['tickets'] if wanted == TicketFilter() else None)
    out, count, progress = _Output(options.output), [0], Progress('tickets', total)

    def each(tickets):
        for ticket in tickets:
            ticket.pop('history', None)  # which is not read for so many
            out.write(
                json.dumps(shaped('Ticket', ticket), sort_keys=True).encode('utf-8') + b'\n'
                if options.json else line(row(ticket)))
        count[0] += len(tickets)
        if options.output:
            progress.show(count[0])
        return True
    try:
        if not options.json:
            out.write((codecs.BOM_UTF8 if options.output else b'') + line(COLUMNS))
        yield operations.tickets.export(wanted, each)
        out.finish()
    finally:
        out.close()
    if options.output:
        progress.end()
        sys.stderr.write(str('%d tickets in %s\n') % (count[0], options.output))


class _Output(object):
    """The file `path`, or the standard output without one.

    It is written beside its place, for its owner alone, and renamed when it is finished: a partial
    file does not look whole, and a link that is there is replaced, not followed.  A device or a
    pipe is written to as it is.  Errors: `Trouble`.
    """

    def __init__(self, path):
        # type: (Any) -> None
        self._path = path
        self._made = None  # type: Any
        if not path:
            self._file = getattr(sys.stdout, 'buffer', sys.stdout)  # type: Any
            return
        try:
            if os.path.lexists(path) and not os.path.islink(path) and not os.path.isfile(path):
                self._file = open(path, 'wb')
            else:
                # For its owner alone, whatever the umask.
                handle, self._made = tempfile.mkstemp(
                    dir=os.path.dirname(os.path.abspath(path)), prefix=str('.export-'))
                self._file = os.fdopen(handle, str('wb'))
        except EnvironmentError as failed:
            raise self._trouble(failed)

    def write(self, data):
        # type: (bytes) -> None
        self._file.write(data)

    def finish(self):
        # type: () -> None
        try:
            self._file.flush()
            if self._made:
                os.rename(self._made, self._path)
                self._made = None
        except EnvironmentError as failed:
            raise self._trouble(failed)

    def close(self):
        # type: () -> None
        """Let go of it; what is not finished is removed."""
        if self._path:
            self._file.close()
        if self._made:
            os.remove(self._made)

    def _trouble(self, failed):
        # type: (EnvironmentError) -> Trouble
        return Trouble('%s can not be written: %s' % (shown(self._path), failed.strerror))
