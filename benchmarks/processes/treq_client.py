"""A peer: bare treq that posts notes to Snappy, with a pool of connections and so many at once.

What one would write who has the messages in memory, and to whom it does not matter whether one
is lost.  Says how many were ``accepted``, and its ``cpu`` seconds.  treq sends a body in a turn of
the reactor behind its head, and TCP may keep it back; with ``--at-once`` both go together.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import json
import sys
import time
from typing import Any  # noqa: F401

import treq
from treq.client import HTTPClient
from twisted.internet import defer, task
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.iweb import IBodyProducer

from vumi_snappy.http.wire import WholeBody
from vumi_snappy.snappy.values import NoteDraft


@defer.inlineCallbacks
def _post_all(reactor, options):
    began = time.clock()
    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = options.concurrency
    pool._factory.noisy = False
    client = HTTPClient(Agent(reactor, pool=pool),
                        data_to_body_producer=WholeBody if options.at_once else IBodyProducer)
    accepted = []

    @defer.inlineCallbacks
    def post(number):
        phone = '+2782%07d' % (number,)
        draft = NoteDraft(
            mailbox_id=options.mailbox_id, subject='Support for %s' % (phone,),
            message='Number %d. %s' % (number, 'x' * options.length), from_name=phone,
            from_address='%s@sms.example.org' % (phone,))
        response = yield client.post(
            '%s/note' % (options.url,), data=json.dumps(draft.body()).encode('utf-8'),
            headers={b'Content-Type': [b'application/json']}, auth=(options.key, 'x'))
        yield treq.content(response)
        if response.code == 200:
            accepted.append(number)
    work = (post(number) for number in range(options.count))
    cooperator = task.Cooperator()
    yield defer.gatherResults([
        cooperator.coiterate(work) for _ in range(options.concurrency)])
    yield pool.closeCachedConnections()
    print(json.dumps({'accepted': len(accepted), 'cpu': time.clock() - began}))


def main(arguments):
    # type: (Any) -> None
    """Post as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--url', required=True, help='of the API')
    parser.add_argument('--key', required=True)
    parser.add_argument('--mailbox-id', type=int, default=1)
    parser.add_argument('--count', type=int, required=True)
    parser.add_argument('--concurrency', type=int, required=True)
    parser.add_argument('--length', type=int, default=80)
    parser.add_argument('--at-once', action='store_true')
    options = parser.parse_args(arguments)
    task.react(lambda reactor: _post_all(reactor, options))


if __name__ == '__main__':
    main(sys.argv[1:])
