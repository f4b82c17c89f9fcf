"""``vumi-snappy check-config``."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, List, Text  # noqa: F401

from twisted.internet import defer, reactor

from vumi_snappy.bus import BusUnavailable, probe
from vumi_snappy.cli.access import open_store, read_options
from vumi_snappy.cli.grammar import Trouble, add_command
from vumi_snappy.cli.output import say
from vumi_snappy.config import NOBODY_READS, SnappyBouncerConfig, WrongConfig
from vumi_snappy.lookup import Lookup
from vumi_snappy.snappy import BadCredentials, NotFound, SnappyClient, SnappyError


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    added = add_command(commands, 'check-config', check_config)
    added.add_argument('config', metavar='FILE', help="the worker's YAML configuration")
    added.add_argument('--vumi-config', metavar='FILE', help=(
        'the YAML file that tells Vumi where RabbitMQ is, which is tried then, too'))


@defer.inlineCallbacks
def check_config(options):
    """Validate a configuration, then try Redis, RabbitMQ, the API key, mailbox and staff."""
    report = _Report()
    try:
        config = SnappyBouncerConfig(read_options(options.config), static=True)
    except Trouble as trouble:
        report.wrong('%s' % (trouble,))
    except WrongConfig as wrong:
        for each in wrong.errors:
            report.wrong(each)
    else:
        report.fine('The options are valid.')
        for each in config.unknown_options():
            report.wrong(NOBODY_READS % (each,))
        yield _try_redis(config, report)
        yield _try_rabbitmq(config, options.vumi_config, report)
        yield _try_snappy(config, report)
    report.say(options)


class _Report(object):
    """What was found to be fine, and what is wrong and what to do about it."""

    def __init__(self):
        self._fine, self._wrong = [], []  # type: List[Text], List[Text]

    def fine(self, text):
        # type: (Text) -> None
        self._fine.append(text)

    def wrong(self, text):
        # type: (Text) -> None
        self._wrong.append(text)

    def say(self, options):
        # type: (Any) -> None
        """Print it.  Errors: `Trouble` where something is wrong."""
        say(options, {'fine': self._fine, 'wrong': self._wrong},
            '\n'.join(self._fine + ['WRONG: %s' % (each,) for each in self._wrong]))
        if self._wrong:
            raise Trouble('%d thing%s to mend' % (
                len(self._wrong), '' if len(self._wrong) == 1 else 's'))


@defer.inlineCallbacks
def _try_redis(config, report):
    try:
        store = yield open_store(config)
    except Trouble as trouble:
        report.wrong('%s: is it running there, and is redis_manager right?' % (trouble,))
    else:
        report.fine(store.durability or 'Redis answers and keeps an append-only file.')
        yield store.stop()


@defer.inlineCallbacks
def _try_rabbitmq(config, path, report):
    if not path:
        report.fine('RabbitMQ was not tried: where it is, --vumi-config FILE would tell.')
        return
    try:
        known = yield probe(reactor, read_options(path), config.transport_name)
    except (BusUnavailable, Trouble) as trouble:
        report.wrong('%s' % (trouble,))
    else:
        report.fine('RabbitMQ takes us.')
        if not known:
            report.fine('Nobody has made the queue %s.inbound yet: this is fine before the first'
                        ' start, else check transport_name.' % (config.transport_name,))


@defer.inlineCallbacks
def _try_snappy(config, report):
    client = SnappyClient(reactor, config.snappy_api_url, config.api_key,
                          timeout=min(config.snappy_timeout, 10))
    lookup = Lookup(client, None, config.snappy_mailbox_id, lambda: defer.succeed(None))
    try:
        account = yield lookup.account()
        report.fine('Snappy takes the API key and knows the mailbox.')
        if config.snappy_staff_id is not None:
            yield _try_staff(config, client, account, report)
    except BadCredentials:
        report.wrong('Snappy does not take the API key: check snappy_api_key')
    except NotFound:
        report.wrong('Snappy has no mailbox %d for this API key: check snappy_mailbox_id'
                     % (config.snappy_mailbox_id,))
    except SnappyError as failed:
        report.wrong('Snappy can not be asked at %s (%s): check snappy_api_url, and that this'
                     ' machine can reach it' % (config.snappy_api_url, failed))
    finally:
        yield client.close()


@defer.inlineCallbacks
def _try_staff(config, client, account, report):
    staff = yield client.staff(account)
    if config.snappy_staff_id in [int(each['id']) for each in staff]:
        report.fine('Snappy knows the staff member.')
    else:
        report.wrong('snappy_staff_id %d is no staff member of the account; it has %s' % (
            config.snappy_staff_id, ', '.join('%s' % (each['id'],) for each in staff[:20])))
