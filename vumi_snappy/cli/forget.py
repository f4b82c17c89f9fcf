"""``vumi-snappy forget``: erase a person."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_store
from vumi_snappy.cli.grammar import Trouble, UsageError, add_store_command
from vumi_snappy.cli.output import say
from vumi_snappy.config.fields import as_text
from vumi_snappy.console.api import telling
from vumi_snappy.console.api.shapes import shaped
from vumi_snappy.console.forgetting import STAYS


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    added = add_store_command(commands, 'forget', forget)
    added.add_argument('address', help="the person's number or address, as Vumi writes it")
    added.add_argument('--yes', action='store_true', help='really; it can not be undone')


@with_store
@defer.inlineCallbacks
def _forget(store, options):
    address = as_text(options.address)
    receipt = yield store.lists.forget(address, operator())
    if receipt.is_empty:
        raise Trouble('nothing is known of %s; is it written as Vumi does, such as +27820001001?'
                      % (address,))
    lines = ['Forgotten: %s' % (address,),
             '%d tickets, %d messages, %d replies, %d automatic answers' % (
                 len(receipt.tickets), receipt.messages, receipt.replies, receipt.answers),
             '%d waiting and %d parked were dropped; had opted out: %s' % (
                 receipt.waiting, receipt.parked, 'yes' if receipt.opted_out else 'no')]
    lines.extend('ticket %s, at Snappy: %s %s' % each for each in receipt.tickets)
    lines.append('What stays elsewhere:')
    lines.extend('- %s' % (each,) for each in STAYS)
    say(options, shaped('Receipt', telling.receipt(address, receipt)), '\n'.join(lines))


def forget(options):
    # type: (Any) -> defer.Deferred
    """Erase all that is known of a person, and print a receipt."""
    if not options.yes:
        raise UsageError('this can not be undone: add --yes')
    return _forget(options)
