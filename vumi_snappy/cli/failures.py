"""``vumi-snappy failures``: list, put back or drop the messages on the failures queue."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable  # noqa: F401

from twisted.internet import defer, reactor
from txamqp.client import Closed

from vumi_snappy.bus import BusUnavailable
from vumi_snappy.bus.failures_queue import FailuresQueue
from vumi_snappy.bus.probe import login
from vumi_snappy.cli.access import operator, read_config, read_options, with_operations
from vumi_snappy.cli.grammar import Trouble, add_change, add_group, add_store_command
from vumi_snappy.cli.output import say, when
from vumi_snappy.config.fields import as_text
from vumi_snappy.operations.failures import all_failures


def add_to(commands):
    # type: (Any) -> None
    group = add_group(commands, 'failures', 'List, retry or drop what is on the queue'
                      ' <transport_name>.failures.', 'list|retry|drop')
    commands = [add_store_command(group, 'list', failures_list)] + [
        add_change(group, name, _change(drop), 'failures list', 'everything on the queue',
                   'the audit trail') for name, drop in (('retry', False), ('drop', True))]
    for each in commands:
        each.add_argument('--vumi-config', metavar='FILE', required=True, help=(
            'the YAML file that tells Vumi where RabbitMQ is'))


@defer.inlineCallbacks
def _with_queue(options, command):
    # type: (Any, Callable[[FailuresQueue], defer.Deferred]) -> Any
    """Fires as ``command(queue)`` does, over a connection to the first broker that answers."""
    config = read_config(options.config)
    client = yield _connected(config, read_options(options.vumi_config))
    try:
        outcome = yield command(FailuresQueue(client, config.transport_name))
    except Closed:
        raise Trouble('RabbitMQ closed the connection, rejected a message, or there is no queue'
                      ' %s.failures, or the queue that a message belongs on is gone. Nothing is'
                      ' lost: see "failures list"' % (config.transport_name,))
    finally:
        yield client.close(within=1)
    defer.returnValue(outcome)


@defer.inlineCallbacks
def _connected(config, vumi_options):
    trouble = None
    for broker in config.amqp_brokers or [None]:
        try:
            client = yield login(reactor, vumi_options, broker=broker)
        except BusUnavailable as failed:
            trouble = failed
        else:
            defer.returnValue(client)
    raise Trouble('%s' % (trouble,))


@defer.inlineCallbacks
def failures_list(options):
    # type: (Any) -> Any
    """What is on the failures queue, oldest first, with its reason."""
    failures = yield _with_queue(options, all_failures)
    say(options, {'failures': [
        {'id': each.id, 'at': each.at, 'queue': each.queue, 'reason': each.reason}
        for each in failures]},
        '\n'.join('%s  %s  %s  %s' % (
            each.id, when(each.at) if each.at is not None else 'time unknown', each.queue or '-',
            each.reason) for each in failures) or 'Nothing is on the failures queue.')


def _change(drop):
    # type: (bool) -> Callable
    @with_operations
    @defer.inlineCallbacks
    def change(operations, options):
        ids = None if options.all else {as_text(each) for each in options.id}
        done, gone, stuck = yield _with_queue(
            options, lambda queue: operations.failures.change(
                queue, ids, drop, as_text(getattr(options, 'reason', '')), operator()))
        say(options, {'done': done, 'gone': gone, 'stuck': stuck},
            '%s: %d' % ('dropped' if drop else 'put back', len(done)))
        if stuck:
            raise Trouble('these came from no queue of this worker and stay: %s' % (
                ', '.join(stuck),))
        if gone:
            raise Trouble('not on the failures queue: %s' % (', '.join(gone),))
    change.__doc__ = str('Drop messages of the failures queue.' if drop
                         else 'Put messages back on the queue that they came from.')
    return change
