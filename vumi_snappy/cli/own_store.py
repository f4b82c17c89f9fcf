"""``vumi-snappy own-store``: say that a bridge was renamed."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import open_store, operator, read_config
from vumi_snappy.cli.grammar import add_store_command
from vumi_snappy.cli.output import say


def add_to(commands):
    # type: (Any) -> None
    added = add_store_command(commands, 'own-store', own_store)
    added.add_argument('--yes', action='store_true', required=True, help=(
        "must be given: two bridges on one key_prefix send each other's replies. First stop the"
        " workers of the old transport_name"))


@defer.inlineCallbacks
def own_store(options):
    """Make the data under this key_prefix those of this transport_name, which was renamed."""
    config = read_config(options.config)
    store = yield open_store(config, of_any_bridge=True)
    try:
        before = yield store.take_over(config.transport_name, operator())
    finally:
        yield store.stop()
    say(options, {'before': before, 'now': config.transport_name},
        'Before: %s\nNow: %s' % (before or 'nobody\'s', config.transport_name))
