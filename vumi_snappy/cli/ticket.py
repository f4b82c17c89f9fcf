"""``vumi-snappy ticket``."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import with_desk
from vumi_snappy.cli.grammar import Trouble, add_store_command
from vumi_snappy.cli.output import say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.console.api import telling
from vumi_snappy.console.api.shapes import shaped
from vumi_snappy.console.forms import TicketFilter
from vumi_snappy.content import mask_address


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    added = add_store_command(commands, 'ticket', show_ticket)
    added.add_argument('ticket', help=(
        "its number here, its nonce or id at Snappy, or its person's number or address"))


@with_desk
@defer.inlineCallbacks
def show_ticket(desk, options):
    """A ticket's state and history; with --json what was said, too."""
    store = desk.store
    found = yield store.whole_ticket((yield _number(store, as_text(options.ticket))))
    if found is None:
        raise Trouble('there is no ticket %s' % (as_text(options.ticket),))
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
    say(options, shaped('Ticket', telling.ticket(found, desk.link(found))), '\n'.join(lines))


@defer.inlineCallbacks
def _number(store, asked):
    """Fires with our number of the ticket that is meant.  Errors: `Trouble` where it is many."""
    nonce = yield store.ticket_of_nonce(asked)
    if nonce or (yield store.ticket(asked)):
        defer.returnValue(nonce or asked)
    wanted = TicketFilter(q=asked)
    found = [each['ticket'] for each in (
        yield store.lists.find(wanted.words, wanted.addresses))]
    if len(found) > 1:
        raise Trouble('%s has the tickets %s: say which' % (asked, ', '.join(found)))
    defer.returnValue(found[0] if found else asked)
