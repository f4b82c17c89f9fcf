"""``vumi-snappy status``."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import with_store
from vumi_snappy.cli.grammar import add_store_command
from vumi_snappy.cli.output import say
from vumi_snappy.snappy import BadCredentials


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    add_store_command(commands, 'status', show_status)


@with_store
@defer.inlineCallbacks
def show_status(store, options):
    """What waits, what is parked or was not delivered, and how Snappy is."""
    figures = yield store.figures()
    tallies = yield store.lists.tallies(1)
    figures['calls'] = tallies.last_minute('calls')
    text = '\n'.join([
        'waiting for Snappy: %d' % (figures['forwards'],),
        'replies waiting for the bus: %d' % (figures['replies'],),
        'look-ups waiting: %d' % (figures['lookups'],),
        'oldest job: %d seconds' % (figures['oldest'],),
        'parked: %d' % (figures['parked'],),
        'replies that were not delivered: %d' % (figures['undelivered'],),
        'Snappy: %s' % (_snappy(figures),),
        'requests to Snappy in the last minute: %d' % (figures['calls'],),
        'tickets in the store: %d' % (figures['tickets'],)])
    say(options, figures, text)


def _snappy(figures):
    # type: (Dict[Text, Any]) -> Text
    if figures['breaker'] == BadCredentials.__name__:
        return 'refuses the API key'
    if figures['breaker']:
        return 'fails (%s)' % (figures['breaker'],)
    if figures['hold'] > 1:
        return 'wants to be left alone for %d seconds' % (figures['hold'],)
    return 'fine'
