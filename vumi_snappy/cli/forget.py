"""``vumi-snappy forget``: erase a person."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_operations
from vumi_snappy.cli.grammar import Trouble, add_store_command
from vumi_snappy.cli.output import say
from vumi_snappy.config.fields import as_text
from vumi_snappy.operations.shapes import shaped


def add_to(commands):
    # type: (Any) -> None
    added = add_store_command(commands, 'forget', forget)
    added.add_argument('address', help="the person's number or address, as Vumi writes it")
    added.add_argument('--yes', action='store_true', required=True,
                       help='must be given: this can not be undone')


@with_operations
@defer.inlineCallbacks
def forget(operations, options):
    """Erase all that is known of a person, and print a receipt."""
    address = as_text(options.address)
    receipt = yield operations.people.forget(address, operator())
    if receipt is None:
        raise Trouble('nothing is known of %s; is it written as Vumi does, such as +27820001001?'
                      % (address,))
    lines = ['Forgotten: %s' % (address,),
             '%d tickets, %d messages, %d replies, %d automatic answers' % (
                 len(receipt['tickets']), receipt['messages'], receipt['replies'],
                 receipt['answers']),
             '%d waiting and %d parked were dropped; had opted out: %s' % (
                 receipt['waiting'], receipt['parked'], 'yes' if receipt['opted_out'] else 'no')]
    lines.extend('ticket %(ticket)s, at Snappy: %(nonce)s %(snappy_id)s' % each
                 for each in receipt['tickets'])
    lines.append('What stays elsewhere:')
    lines.extend('- %s' % (each,) for each in receipt['stays'])
    say(options, shaped('Receipt', receipt), '\n'.join(lines))
