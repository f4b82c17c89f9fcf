"""Watches a queue that holds so many messages until the broker has handed all of them out.

Says ``seconds``, from when the first were gone until none was left to be handed out.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import json
import sys
import time
from typing import Any, Optional, Tuple  # noqa: F401

from twisted.internet import task
from twisted.internet.defer import inlineCallbacks

from tools.amqp_client import connect

#: Seconds between two looks, and seconds after which nothing can come of it.
_LOOK, _PATIENCE = 0.02, 300.0


@inlineCallbacks
def _watch(reactor, options):
    amqp = json.loads(options.amqp)
    client = yield connect(
        reactor, amqp['port'], amqp['vhost'], amqp['username'], amqp['password'],
        hostname=amqp['hostname'], timeout=30)
    channel = yield client.channel(1)
    yield channel.channel_open()
    first = None  # type: Optional[Tuple[float, int]]
    left, deadline = options.count, time.time() + _PATIENCE
    while left:
        state = yield channel.queue_declare(queue=options.queue, durable=True, passive=True)
        left = state.message_count
        if first is None and left < options.count:
            first = (time.time(), left)
        if time.time() > deadline:
            raise RuntimeError('%d messages are still there' % (left,))
        yield task.deferLater(reactor, _LOOK, lambda: None)
    if first is None:
        raise RuntimeError('there were no messages')
    began, held = first
    print(json.dumps({'seconds': time.time() - began, 'count': held}))
    yield client.close(within=1)


def main(arguments):
    # type: (Any) -> None
    """Watch as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--amqp', required=True, help='where the broker is, as JSON')
    parser.add_argument('--queue', required=True)
    parser.add_argument('--count', type=int, required=True)
    options = parser.parse_args(arguments)
    task.react(lambda reactor: _watch(reactor, options))


if __name__ == '__main__':
    main(sys.argv[1:])
