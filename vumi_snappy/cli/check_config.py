"""``vumi-snappy check-config``."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Text  # noqa: F401

import six
from twisted.internet import defer, reactor

from vumi_snappy.bus import BusUnavailable, VersionRefused
from vumi_snappy.bus.probe import LIMITED, MISSING, probe
from vumi_snappy.bus.specification import VUMIS_DEFAULT
from vumi_snappy.cli.access import open_store, read_options
from vumi_snappy.cli.grammar import Trouble, add_command
from vumi_snappy.cli.output import say
from vumi_snappy.config import UNKNOWN_OPTION, SnappyBouncerConfig, WrongConfig
from vumi_snappy.http.call_errors import BadCredentials, CallError, NotFound
from vumi_snappy.snappy import SnappyClient
from vumi_snappy.snappy.error_confirmation import Control


def add_to(commands):
    # type: (Any) -> None
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
            report.wrong(UNKNOWN_OPTION % (each,))
        for each in config.expired_domains():
            report.wrong(each)
        yield _try_redis(config, report)
        yield _try_rabbitmq(config, options.vumi_config, report)
        yield _try_snappy(config, report)
    report.say(options)


class _Report(object):
    """What is fine; what is wrong, and what to do about it."""

    def __init__(self):
        self._fine, self._wrong = [], []  # type: List[Text], List[Text]
        self.fine, self.wrong = self._fine.append, self._wrong.append

    def say(self, options):
        # type: (Any) -> None
        """Print it.  Errors: `Trouble` where something is wrong."""
        say(options, {'fine': self._fine, 'wrong': self._wrong},
            '\n'.join(self._fine + ['WRONG: %s' % (each,) for each in self._wrong]))
        if self._wrong:
            raise Trouble('%d problem%s to fix' % (
                len(self._wrong), '' if len(self._wrong) == 1 else 's'))


@defer.inlineCallbacks
def _try_redis(config, report):
    try:
        store = yield open_store(config)
    except Trouble as trouble:
        report.wrong('%s: is it running there, and is redis_manager right?' % (trouble,))
    else:
        for flaw in store.flaws:
            report.wrong(flaw.text)
        if not store.flaws:
            report.fine('Redis answers and is fit to hold messages.')
        yield store.stop()


@defer.inlineCallbacks
def _try_rabbitmq(config, path, report):
    if not path:
        report.fine('RabbitMQ was not tried: give --vumi-config FILE to try it.')
        return
    try:
        options = read_options(path)
    except Trouble as trouble:
        report.wrong('%s' % (trouble,))
        return
    queue = None
    for broker in config.amqp_brokers or [None]:
        try:
            queue = yield probe(reactor, options, config.transport_name, broker=broker)
        except BusUnavailable as trouble:
            report.wrong('%s' % (trouble,))
            continue
        report.fine('RabbitMQ accepts the login%s.' % (
            ' at %s' % (':'.join(broker.split(':')[:3]),) if broker else '',))
    # The specification that Vumi has by default comes with Vumi.
    if (queue is not None and 'specfile' not in options and not config.amqp_brokers
            and six.PY2):
        yield _try_vumis_default(options, report)
    if queue == MISSING:
        report.fine('The queue %s.inbound does not exist yet: this is normal before the first'
                    ' start, else check transport_name.' % (config.transport_name,))
    elif queue == LIMITED:
        report.fine(
            'The queue %s.inbound is a quorum queue that the worker has not made: RabbitMQ 4'
            ' drops a message that came back to it 20 times. Give it a policy with a high'
            ' delivery-limit (docs/operating.md, Quorum queues).' % (config.transport_name,))


@defer.inlineCallbacks
def _try_vumis_default(options, report):
    try:
        yield probe(reactor, dict(options, specfile=VUMIS_DEFAULT), 'any')
    except VersionRefused:
        report.fine('RabbitMQ does not speak AMQP 0-8, the default of Vumi: start what twistd'
                    ' vumi_worker starts with --specfile FILE; vumi-snappy amqp-spec -o FILE makes'
                    ' the file.')
    except BusUnavailable as trouble:
        report.wrong('%s' % (trouble,))


@defer.inlineCallbacks
def _try_snappy(config, report):
    client = SnappyClient(reactor, config.snappy_api_url, config.api_key,
                          timeout=min(config.snappy_timeout, 10))
    control = Control(client, config.snappy_mailbox_id, lambda: defer.succeed(None))
    try:
        account = yield control.account()
        report.fine('Snappy accepts the API key and knows the mailbox.')
        if config.snappy_staff_id is not None:
            yield _try_staff(config, client, account, report)
    except BadCredentials:
        report.wrong('Snappy rejects the API key: check snappy_api_key')
    except NotFound:
        report.wrong('Snappy has no mailbox %d for this API key: check snappy_mailbox_id'
                     % (config.snappy_mailbox_id,))
    except CallError as failed:
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
        report.wrong('snappy_staff_id %d is not a staff member of the account; it has %s' % (
            config.snappy_staff_id, ', '.join('%s' % (each['id'],) for each in staff[:20])))
