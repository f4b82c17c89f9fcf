"""``vumi-snappy parked``: list, retry or drop what could not be done."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_operations
from vumi_snappy.cli.grammar import Trouble, add_change, add_group, add_store_command
from vumi_snappy.cli.output import Progress, say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.content import mask_address
from vumi_snappy.operations.shapes import shaped


def add_to(commands):
    # type: (Any) -> None
    parked = add_group(commands, 'parked', 'List, retry or drop what is parked.',
                       'list|retry|drop')
    add_store_command(parked, 'list', parked_list)
    for name, drop in (('retry', False), ('drop', True)):
        add_change(parked, name, _change(drop), 'parked list', 'everything that is parked',
                   "the ticket's history")


@with_operations
@defer.inlineCallbacks
def parked_list(operations, options):
    """What is parked, oldest first, with its reason."""
    parked = yield operations.problems.all_parked()
    lines = ['%s  %s  ticket %s  %s  %s: %s%s' % (
        each['id'], when(each['at']), each['ticket'], mask_address(each['addr']),
        each['what'], each['reason'], ': %s' % (each['answer'],) if each['answer'] else '')
        for each in parked]
    say(options, shaped('ParkedList', {'total': len(parked), 'parked': parked}),
        '\n'.join(lines) or 'Nothing is parked.')


def _change(drop):
    # type: (bool) -> Callable
    @with_operations
    @defer.inlineCallbacks
    def change(operations, options):
        ids = options.id
        if options.all:
            ids = [each['id'] for each in (yield operations.problems.all_parked())]
        progress = Progress('of %d' % (len(ids),), len(ids))
        done, gone = yield operations.problems.change_many(
            [('parked', each) for each in ids], drop, as_text(getattr(options, 'reason', '')),
            operator(), progress.show)
        progress.end()
        say(options, shaped('Changes', {'done': done, 'gone': gone}), '%s: %d' % (
            'dropped' if drop else 'put back', len(done)))
        if gone:
            raise Trouble('not parked: %s' % (', '.join(each['id'] for each in gone),))
    change.__doc__ = str(
        'Drop what is parked.' if drop else 'Put what is parked back on its queue.')
    return change
