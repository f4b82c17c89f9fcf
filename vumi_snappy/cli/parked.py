"""``vumi-snappy parked``: list, retry or drop what could not be done."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.cli.access import operator, with_desk
from vumi_snappy.cli.grammar import Trouble, UsageError, add_group, add_store_command
from vumi_snappy.cli.output import Progress, say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.console.api import telling
from vumi_snappy.console.api.shapes import shaped
from vumi_snappy.content import mask_address

#: Parked entries that are asked for at once.
_PAGE = 200


def add_to(commands):
    # type: (Any) -> None
    """Add the command, with one below it for each thing that can be done."""
    parked = add_group(commands, 'parked', 'List, retry or drop what is parked.',
                       'list|retry|drop')
    add_store_command(parked, 'list', parked_list)
    for name, drop in (('retry', False), ('drop', True)):
        added = add_store_command(parked, name, _unpark(drop))
        added.add_argument('id', nargs='*', help='ids as "parked list" shows them')
        added.add_argument('--all', action='store_true', help='everything that is parked')
        if drop:
            added.add_argument('--reason', required=True, help='why, for the ticket\'s history')


@defer.inlineCallbacks
def _all_parked(desk):
    found, offset = [], 0
    while True:
        page = yield desk.parked(offset, _PAGE)
        found.extend(page)
        offset += _PAGE
        if len(page) < _PAGE:
            defer.returnValue(found)


@with_desk
@defer.inlineCallbacks
def parked_list(desk, options):
    """What is parked, oldest first, with its reason."""
    found = yield _all_parked(desk)
    lines = ['%s  %s  ticket %s  %s  %s: %s%s' % (
        each['id'], when(each['at']), each['ticket'], mask_address(each['addr']),
        each['what'], each['reason'], ': %s' % (each['answer'],) if each['answer'] else '')
        for each in found]
    say(options, shaped('ParkedList', telling.parked(len(found), found)),
        '\n'.join(lines) or 'Nothing is parked.')


def _unpark(drop):
    @with_desk
    @defer.inlineCallbacks
    def change(desk, options):
        ids = options.id
        if options.all:
            ids = [each['id'] for each in (yield _all_parked(desk))]
        reason, who = as_text(getattr(options, 'reason', '')), operator()
        done, gone, progress = [], [], Progress('of %d' % (len(ids),), len(ids))
        for each in ids:
            worked = yield desk.change('parked', each, drop, reason, who)
            (done if worked else gone).append({'kind': 'parked', 'id': each})
            progress.show(len(done) + len(gone))
        progress.end()
        say(options, shaped('Changes', {'done': done, 'gone': gone}), '%s: %d' % (
            'dropped' if drop else 'put back', len(done)))
        if gone:
            raise Trouble('not parked: %s' % (', '.join(each['id'] for each in gone),))

    def run(options):
        if bool(options.id) == options.all:
            raise UsageError('give ids, or --all')
        return change(options)
    run.__doc__ = 'Drop what is parked.' if drop else 'Put what is parked back on its queue.'
    return run
