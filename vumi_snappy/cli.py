"""``vumi-snappy``: the operator's command line.

Each command reads the worker's own YAML configuration, so that it speaks of the same store.  Exit
statuses: 0 done, 1 something is wrong (said on stderr), 2 the command line itself is wrong.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import argparse
import io
import json
import sys
import time
from typing import Any, List, Optional, Text  # noqa: F401

import yaml
from twisted.internet import defer, reactor, task

from vumi_snappy import __version__
from vumi_snappy.config import ConfigError, SnappyBouncerConfig
from vumi_snappy.content import mask_address
from vumi_snappy.lookup import Lookup
from vumi_snappy.snappy import BadCredentials, NotFound, SnappyClient, SnappyError
from vumi_snappy.store import Store, StoreError

#: Seconds to wait for Redis before giving up.
_PATIENCE = 5.0
#: Parked entries that are asked for at once.
_PAGE = 200


class Trouble(Exception):
    """What is told to the operator before the command ends with status 1."""


def read_config(path):
    # type: (Text) -> SnappyBouncerConfig
    """The worker's configuration in the file `path`.  Errors: `Trouble`."""
    try:
        with io.open(path, encoding='utf-8') as source:
            data = yaml.safe_load(source)
    except EnvironmentError as failed:
        raise Trouble('%s can not be read: %s' % (path, failed.strerror))
    except UnicodeDecodeError:
        raise Trouble('%s is not a text in UTF-8' % (path,))
    except yaml.YAMLError as failed:
        mark = getattr(failed, 'problem_mark', None)
        raise Trouble('%s is not YAML%s: %s' % (
            path, ' (line %d)' % (mark.line + 1,) if mark else '',
            getattr(failed, 'problem', None) or 'unknown error'))
    if not isinstance(data, dict):
        raise Trouble('%s must hold options, as "name: value" lines' % (path,))
    try:
        return SnappyBouncerConfig(data, static=True)
    except ConfigError as failed:
        raise Trouble('%s' % (failed,))


@defer.inlineCallbacks
def open_store(config):
    """Fires with the connected store of `config`.  Errors: `Trouble`."""
    redis = config.redis
    store = Store(reactor, redis['host'], redis['port'], redis['db'], redis['password'],
                  key_prefix=redis['key_prefix'], rate_limit=config.snappy_rate_limit,
                  call_timeout=config.snappy_timeout)
    store.start()
    until = reactor.seconds() + _PATIENCE
    while store.trouble and reactor.seconds() < until:
        yield task.deferLater(reactor, 0.02, lambda: None)
    if store.trouble:
        yield store.stop()
        raise Trouble('Redis at %s:%s can not be used: %s' % (
            redis['host'], redis['port'], store.trouble))
    defer.returnValue(store)


def _with_store(command):
    """A command that is given the store and closes it."""
    @defer.inlineCallbacks
    def run(options):
        store = yield open_store(read_config(options.config))
        try:
            yield command(store, options)
        finally:
            yield store.stop()
    return run


def _say(options, value, text):
    # type: (Any, Any, Text) -> None
    """Print `value` as JSON where that was asked for, else `text`."""
    shown = json.dumps(value, indent=2, sort_keys=True) if options.json else text
    sys.stdout.write(str('%s\n') % (shown if sys.version_info[0] > 2 else shown.encode('utf-8'),))


def _when(seconds):
    # type: (Any) -> Text
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S UTC'), time.gmtime(float(seconds))),)


@defer.inlineCallbacks
def check_config(options):
    """Validate a configuration, then try Redis, the API key and the mailbox."""
    config = read_config(options.config)
    wrong = []
    said = ['The options are valid.']
    said.extend('Nobody reads the option %s.' % (each,) for each in config.unknown_options())
    try:
        store = yield open_store(config)
    except Trouble as trouble:
        wrong.append('%s' % (trouble,))
    else:
        said.append(store.durability or 'Redis answers and keeps an append-only file.')
        yield store.stop()
    client = SnappyClient(reactor, config.snappy_api_url, config.api_key,
                          timeout=min(config.snappy_timeout, 10))
    lookup = Lookup(client, None, config.snappy_mailbox_id, lambda: defer.succeed(None))
    try:
        account = yield lookup.account()
        said.append('Snappy takes the API key and knows the mailbox.')
        if config.snappy_staff_id is not None:
            staff = yield client.staff(account)
            if config.snappy_staff_id in [int(each['id']) for each in staff]:
                said.append('Snappy knows the staff member.')
            else:
                wrong.append('snappy_staff_id %d is no staff member of the account'
                             % (config.snappy_staff_id,))
    except BadCredentials:
        wrong.append('Snappy does not take the API key: check snappy_api_key')
    except NotFound:
        wrong.append('Snappy has no mailbox %d for this API key: check snappy_mailbox_id'
                     % (config.snappy_mailbox_id,))
    except SnappyError as failed:
        wrong.append('Snappy can not be asked at %s: %s' % (config.snappy_api_url, failed))
    finally:
        yield client.close()
    _say(options, {'fine': said, 'wrong': wrong},
         '\n'.join(said + ['WRONG: %s' % (each,) for each in wrong]))
    if wrong:
        raise Trouble('%d thing%s to mend' % (len(wrong), '' if len(wrong) == 1 else 's'))


@_with_store
@defer.inlineCallbacks
def show_status(store, options):
    """What waits, what is parked and how Snappy is."""
    figures = yield store.figures()
    text = '\n'.join([
        'waiting for Snappy: %d' % (figures['forwards'],),
        'replies waiting for the bus: %d' % (figures['replies'],),
        'oldest job: %d seconds' % (figures['oldest'],),
        'parked: %d' % (figures['parked'],),
        'Snappy: %s' % (figures['breaker'] or 'fine',),
        'tickets in the store: %d' % (figures['tickets'],)])
    _say(options, figures, text)


@_with_store
@defer.inlineCallbacks
def show_ticket(store, options):
    """A ticket's messages, replies and history."""
    number = options.ticket
    found = yield store.ticket((yield store.ticket_of_nonce(number)) or number)
    if found is None:
        raise Trouble('there is no ticket %s' % (number,))
    lines = ['ticket %s  Snappy %s  %s  %s' % (
        found['ticket'], found['nonce'] or 'not yet', mask_address(found['from_addr']),
        found['state'])]
    for entry in found['history']:
        which = ('message %d' % entry['message'] if 'message' in entry
                 else 'reply %d' % entry['reply'] if 'reply' in entry
                 else 'answer %d' % entry['answer'] if 'answer' in entry else '')
        lines.append('  %s  %-16s %-10s %s' % (
            _when(entry['at']), entry['what'], which, entry['detail']))
    _say(options, found, '\n'.join(lines))


@defer.inlineCallbacks
def _all_parked(store):
    found, offset = [], 0
    while True:
        page = yield store.parked(offset, _PAGE)
        found.extend(page)
        offset += _PAGE
        if len(page) < _PAGE:
            defer.returnValue(found)


@_with_store
@defer.inlineCallbacks
def parked_list(store, options):
    """What is parked, oldest first, with its reason."""
    found = yield _all_parked(store)
    lines = ['%s  %s  ticket %s  %s  %s%s' % (
        each['id'], _when(each['at']), each['ticket'], mask_address(each['addr']),
        each['reason'], ': %s' % (each['answer'],) if each['answer'] else '')
        for each in found]
    _say(options, found, '\n'.join(lines) or 'Nothing is parked.')


def _unpark(drop):
    @_with_store
    @defer.inlineCallbacks
    def run(store, options):
        ids = options.id
        if options.all:
            ids = [each['id'] for each in (yield _all_parked(store))]
        done, unknown = [], []
        for each in ids:
            worked = yield store.unpark(each, drop=drop, reason=getattr(options, 'reason', ''))
            (done if worked else unknown).append(each)
        _say(options, {'done': done, 'unknown': unknown}, '%s: %d' % (
            'dropped' if drop else 'put back', len(done)))
        if unknown:
            raise Trouble('not parked: %s' % (', '.join(unknown),))
    run.__doc__ = 'Drop what is parked.' if drop else 'Put what is parked back on its queue.'
    return run


def parser():
    # type: () -> argparse.ArgumentParser
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog=str('vumi-snappy'), description=str(
        'Look after the bridge between Vumi and the Snappy help desk.'))
    top.add_argument('--version', action='version', version=str('vumi-snappy %s') % (__version__,))
    commands = top.add_subparsers(dest=str('command'), metavar=str('COMMAND'))

    def command(into, name, run):
        added = into.add_parser(str(name), help=run.__doc__, description=run.__doc__)
        added.set_defaults(run=run)
        added.add_argument('--json', action='store_true', help='print JSON, for scripts')
        return added

    def of_config(added):
        added.add_argument('--config', '-c', required=True, metavar='FILE',
                           help="the worker's YAML configuration")
        return added

    check = command(commands, 'check-config', check_config)
    check.add_argument('config', metavar='FILE', help="the worker's YAML configuration")
    of_config(command(commands, 'status', show_status))
    ticket = of_config(command(commands, 'ticket', show_ticket))
    ticket.add_argument('ticket', help="the ticket's number here, or its nonce at Snappy")
    parked = commands.add_parser(
        'parked', help='list, retry or drop what is parked').add_subparsers(
            dest=str('what'), metavar=str('list|retry|drop'))
    of_config(command(parked, 'list', parked_list))
    for name, drop in (('retry', False), ('drop', True)):
        added = of_config(command(parked, name, _unpark(drop)))
        added.add_argument('id', nargs='*', help='ids as "parked list" shows them')
        added.add_argument('--all', action='store_true', help='everything that is parked')
        if drop:
            added.add_argument('--reason', required=True, help='why, for the ticket\'s history')
    return top


def main(arguments=None):
    # type: (Optional[List[Text]]) -> None
    """Run one command and exit with its status."""
    options = parser().parse_args(arguments)
    if not hasattr(options, 'run'):
        parser().error('give a command')
    if hasattr(options, 'id') and bool(options.id) == options.all:
        parser().error('give ids, or --all')

    @defer.inlineCallbacks
    def run(_reactor):
        try:
            yield options.run(options)
        except (Trouble, StoreError) as trouble:
            said = 'vumi-snappy: %s\n' % (trouble,)
            sys.stderr.write(said if sys.version_info[0] > 2 else said.encode('utf-8'))
            raise SystemExit(1)
    task.react(run)
