"""``vumi-snappy opted-out``: whether somebody is unsubscribed, and changing it at their wish."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_operations
from vumi_snappy.cli.grammar import add_group, add_store_command
from vumi_snappy.cli.output import say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.operations.shapes import shaped


def add_to(commands):
    # type: (Any) -> None
    below = add_group(commands, 'opted-out', 'Show or change who is not written to.',
                      'show|add|remove')
    for name, run in (('show', show), ('add', _change(True)),
                      ('remove', _change(False))):
        added = add_store_command(below, name, run)
        added.add_argument('address', help='as the search takes it, such as +27820001001')


@with_operations
@defer.inlineCallbacks
def show(operations, options):
    """Whether the person of this address has opted out, and when."""
    address = yield operations.people.address(as_text(options.address))
    found = yield operations.people.opt_out(address)
    say(options, shaped('OptOut', found),
        'opted out on %s' % (when(found['since']),) if found['opted_out'] else 'not opted out')


def _change(opted_out):
    @with_operations
    @defer.inlineCallbacks
    def run(operations, options):
        address = yield operations.people.address(as_text(options.address))
        changed = yield operations.people.set_opted_out(address, opted_out, operator())
        say(options, {'changed': changed},
            'done' if changed else 'nothing to do: it was so before')
    run.__doc__ = str('Opt a person out: send no more messages to this address.' if opted_out
                      else 'Opt a person in again: messages may be sent to this address.')
    return run
