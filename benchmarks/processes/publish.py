"""A driver: messages as a transport publishes them, as fast as it can or at a rate.

Each message tells its number and when it was published, by which the stand-in's ledger says how
long it took.  Says ``count`` and ``seconds``, until the broker had them all.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import json
import sys
import time
import uuid
from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import task
from twisted.internet.defer import inlineCallbacks
from txamqp.content import Content

from tools.amqp_client import connect

_BURST = 50
_PERSISTENT = 2


def message(transport_name, number, person, text, now):
    # type: (Text, int, int, Text, float) -> Dict[Text, Any]
    """A message of Vumi's, as SMS transports publish them."""
    return {
        'message_version': '20110921', 'message_type': 'user_message',
        'message_id': uuid.uuid4().hex, 'from_addr': '+2782%07d' % (person,),
        'to_addr': '12345', 'content': 'Number %d at %.6f. %s' % (number, now, text),
        'in_reply_to': None, 'session_event': None, 'transport_name': transport_name,
        'transport_type': 'sms', 'transport_metadata': {}, 'helper_metadata': {},
        'routing_metadata': {}, 'group': None, 'provider': None,
        'timestamp': time.strftime(str('%Y-%m-%d %H:%M:%S'), time.gmtime(now)) + (
            '%.6f' % (now % 1,))[1:]}


@inlineCallbacks
def _publish(reactor, options):
    amqp = json.loads(options.amqp)
    client = yield connect(
        reactor, amqp['port'], amqp['vhost'], amqp['username'], amqp['password'],
        hostname=amqp['hostname'], timeout=30)
    channel = yield client.channel(1)
    yield channel.channel_open()
    queue = '%s.inbound' % (options.transport_name,)
    yield channel.exchange_declare(exchange='vumi', type='direct', durable=True)
    yield channel.queue_declare(queue=queue, durable=True)
    yield channel.queue_bind(queue=queue, exchange='vumi', routing_key=queue)
    text = 'x' * options.length
    began = time.time()
    for number in range(options.first, options.first + options.count):
        sent = number - options.first
        if options.rate:
            early = began + sent / options.rate - time.time()
            if early > 0:
                yield task.deferLater(reactor, early, lambda: None)
        elif sent % _BURST == 0:
            yield task.deferLater(reactor, 0, lambda: None)
        content = Content(json.dumps(message(
            options.transport_name, number, number % options.people, text, time.time())))
        content['delivery mode'] = _PERSISTENT
        channel.basic_publish(exchange='vumi', content=content, routing_key=queue)
    # The broker answers in order: what went before has arrived.
    yield channel.queue_declare(queue=queue, durable=True, passive=True)
    seconds = time.time() - began
    yield client.close(within=1)
    print(json.dumps({'count': options.count, 'seconds': seconds}))


def main(arguments):
    # type: (Any) -> None
    """Publish as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--amqp', required=True, help='where the broker is, as JSON')
    parser.add_argument('--transport-name', required=True)
    parser.add_argument('--count', type=int, required=True)
    parser.add_argument('--people', type=int, required=True)
    parser.add_argument('--first', type=int, default=0, help='number of the first message')
    parser.add_argument('--length', type=int, default=80, help='characters of each, about')
    parser.add_argument('--rate', type=float, default=0, help='a second; 0: as fast as it can')
    options = parser.parse_args(arguments)
    task.react(lambda reactor: _publish(reactor, options))


if __name__ == '__main__':
    main(sys.argv[1:])
