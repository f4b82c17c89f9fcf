"""``vumi-snappy status``."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import with_operations
from vumi_snappy.cli.grammar import add_store_command
from vumi_snappy.cli.output import say
from vumi_snappy.http.call_errors import BadCredentials


def add_to(commands):
    # type: (Any) -> None
    add_store_command(commands, 'status', show_status)


@with_operations
@defer.inlineCallbacks
def show_status(operations, options):
    """What waits, what is parked or was not delivered, and how Snappy is."""
    now = yield operations.now(1)
    figures = dict(now.figures, calls=now.calls, redis=operations.flaws)
    text = '\n'.join([
        'waiting for Snappy: %d' % (figures['forwards'],),
        'replies waiting for the bus: %d' % (figures['replies'],),
        'replies on tickets that are not known yet: %d' % (figures['early'],),
        'look-ups waiting: %d' % (figures['lookups'],),
        'oldest job: %d seconds' % (figures['oldest'],),
        'parked: %d' % (figures['parked'],),
        'replies that were not delivered: %d' % (figures['undelivered'],),
        'Snappy: %s' % (_snappy(figures),),
        'requests to Snappy in the last minute: %d' % (figures['calls'],),
        'tickets in the store: %d' % (figures['tickets'],),
        'Redis: %s' % ('; '.join(figures['redis']) or 'fit to hold messages',)])
    say(options, figures, text)


def _snappy(figures):
    # type: (Dict[Text, Any]) -> Text
    if figures['breaker'] == BadCredentials.__name__:
        return 'rejects the API key'
    if figures['breaker']:
        return 'fails (%s)' % (figures['breaker'],)
    if figures['hold'] > 1:
        return 'asks the worker to wait for %d seconds' % (figures['hold'],)
    if figures['too_large']:
        return 'has lists that are too large to search: work for %d persons waits' % (
            figures['too_large'],)
    return 'fine'
