"""``vumi-snappy status``."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import with_store
from vumi_snappy.cli.grammar import add_store_command
from vumi_snappy.cli.output import say


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    add_store_command(commands, 'status', show_status)


@with_store
@defer.inlineCallbacks
def show_status(store, options):
    """What waits, what is parked and how Snappy is."""
    figures = yield store.figures()
    text = '\n'.join([
        'waiting for Snappy: %d' % (figures['forwards'],),
        'replies waiting for the bus: %d' % (figures['replies'],),
        'look-ups waiting: %d' % (figures['lookups'],),
        'oldest job: %d seconds' % (figures['oldest'],),
        'parked: %d' % (figures['parked'],),
        'Snappy: %s' % (figures['breaker'] or 'fine',),
        'tickets in the store: %d' % (figures['tickets'],)])
    say(options, figures, text)
