"""``vumi-snappy opted-out``: whether somebody is unsubscribed, and changing it at their wish."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_store
from vumi_snappy.cli.grammar import add_group, add_store_command
from vumi_snappy.cli.output import say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.console.api import telling
from vumi_snappy.console.api.shapes import shaped
from vumi_snappy.records import Subscription


def add_to(commands):
    # type: (Any) -> None
    """Add the command, with one below it for each thing that can be done."""
    below = add_group(commands, 'opted-out', 'Show or change who is not written to.',
                      'show|add|remove')
    for name, run in (('show', show), ('add', _change(Subscription.OPT_OUT)),
                      ('remove', _change(Subscription.OPT_IN))):
        added = add_store_command(below, name, run)
        added.add_argument('address', help='as the transport gives it, such as +27820001001')


@with_store
@defer.inlineCallbacks
def show(store, options):
    """Whether the person of this address has opted out, and when."""
    address = as_text(options.address)
    since = yield store.opted_out_since(address)
    say(options, shaped('OptOut', telling.opt_out(address, since)),
        'not opted out' if since is None else 'opted out on %s' % (when(since),))


def _change(subscription):
    @with_store
    @defer.inlineCallbacks
    def run(store, options):
        changed = yield store.set_subscription(as_text(options.address), subscription,
                                               operator())
        say(options, {'changed': changed}, 'done' if changed else 'it was so before')
    run.__doc__ = ('Write to this address no more.' if subscription is Subscription.OPT_OUT
                   else 'Write to this address again.')
    return run
