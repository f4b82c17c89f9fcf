"""``vumi-snappy ticket``."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import with_operations
from vumi_snappy.cli.grammar import Trouble, add_store_command
from vumi_snappy.cli.output import say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.content import mask_address
from vumi_snappy.operations.shapes import shaped


def add_to(commands):
    # type: (Any) -> None
    added = add_store_command(commands, 'ticket', show_ticket)
    added.add_argument('ticket', help=(
        "its number here, its nonce or id at Snappy, or its person's number or address"))


@with_operations
@defer.inlineCallbacks
def show_ticket(operations, options):
    """A ticket's state and history; with --json what was said, too."""
    ticket = yield operations.tickets.named(as_text(options.ticket))
    if ticket is None:
        raise Trouble('there is no ticket %s' % (as_text(options.ticket),))
    lines = ['ticket %s  Snappy %s  %s  %s' % (
        ticket['ticket'], ticket['nonce'] or 'not yet', mask_address(ticket['from_addr']),
        ticket['state'])]
    known = [('status', ticket['status']), ('topic', ticket['topic']),
             ('assigned to', ticket['assigned_to']),
             ('answered by', ticket['staff_name'] or ticket['staff_id'])]
    if any(value for _, value in known):
        lines.append('  at Snappy: ' + ', '.join(
            '%s %s' % each for each in known if each[1]))
    for entry in ticket['history']:
        which = ''.join('%s %d' % (kind, entry[kind])
                        for kind in ('message', 'reply', 'answer') if kind in entry)
        lines.append('  %s  %-16s %-10s %s' % (
            when(entry['at']), entry['what'], which, entry['detail']))
    say(options, shaped('Ticket', ticket), '\n'.join(lines))
