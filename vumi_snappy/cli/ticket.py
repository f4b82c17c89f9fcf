"""``vumi-snappy ticket``."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import with_store
from vumi_snappy.cli.grammar import Trouble, add_store_command
from vumi_snappy.cli.output import say, when
from vumi_snappy.content import mask_address


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    added = add_store_command(commands, 'ticket', show_ticket)
    added.add_argument('ticket', help="the ticket's number here, or its nonce at Snappy")


@with_store
@defer.inlineCallbacks
def show_ticket(store, options):
    """A ticket's messages, replies and history."""
    number = options.ticket
    found = yield store.ticket((yield store.ticket_of_nonce(number)) or number)
    if found is None:
        raise Trouble('there is no ticket %s' % (number,))
    lines = ['ticket %s  Snappy %s  %s  %s' % (
        found['ticket'], found['nonce'] or 'not yet', mask_address(found['from_addr']),
        found['state'])]
    known = [('status', found['status']), ('topic', found['topic']),
             ('assigned to', found['assigned_to']),
             ('answered by', found['staff_name'] or found['staff_id'])]
    if any(value for _, value in known):
        lines.append('  at Snappy: ' + ', '.join(
            '%s %s' % each for each in known if each[1]))
    for entry in found['history']:
        which = ('message %d' % entry['message'] if 'message' in entry
                 else 'reply %d' % entry['reply'] if 'reply' in entry
                 else 'answer %d' % entry['answer'] if 'answer' in entry else '')
        lines.append('  %s  %-16s %-10s %s' % (
            when(entry['at']), entry['what'], which, entry['detail']))
    say(options, found, '\n'.join(lines))
