"""A driver: fills a Redis with finished tickets, spread over the last 80 days.

Every tenth has the tag ``#billing``, every ten-thousandth ``#rare``; besides there are some that
are parked, and some with a reply that did not arrive, made by the worker's own scripts one by one.
Says ``count``, ``seconds`` and ``bytes``, of Redis's memory for each.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import json
import socket
import sys
import time
import uuid
from typing import Any, Callable, Dict, List, Text  # noqa: F401

import redis

from benchmarks.blocking_store import blocking_store, claimed, now
from benchmarks.stored_tickets import FIRST, Pattern, Story, play
from vumi_snappy.records import Inbound, ReplyState, StaffNote, Wait

DAYS = 80
_REMEMBERED = 40 * 86400
_CHUNK = 500


def pattern(client, port, target, tag):
    # type: (Any, int, Text, Text) -> Pattern
    """What the scripts make of a ticket with `tag` ('': none)."""
    prefix, told = 'pattern-%s' % (uuid.uuid4().hex,), [0.0]
    story = Story(18273645, 7654321, 1416000000)
    client.set('%s:last_ticket' % (prefix,), story.number - 1)
    store = blocking_store(port, prefix, lambda: told[0], rate_limit=0)
    play(store, lambda seconds: told.__setitem__(0, seconds), story, tag)
    made = Pattern(client, prefix, story, target)
    for key in client.keys('%s:*' % (prefix,)):
        client.delete(key)
    return made


def _tag_of(n):
    # type: (int) -> Text
    return '#rare' if n % 10000 == 1 else '#billing' if n % 10 == 0 else ''


def fill(port, prefix, count):
    # type: (int, Text, int) -> None
    """Store `count` finished tickets."""
    client = redis.StrictRedis(port=port)
    patterns = {tag: pattern(client, port, prefix, tag) for tag in ('', '#billing', '#rare')}
    began = int(time.time()) - DAYS * 86400
    pipe = socket.create_connection((str('127.0.0.1'), port))
    pipe.sendall(b'CLIENT REPLY OFF\r\n' + patterns['#rare'].shared)
    recent = time.time() - _REMEMBERED
    for first in range(0, count, _CHUNK):
        written = []
        for n in range(first, min(first + _CHUNK, count)):
            story = Story(FIRST + n, n, began + (DAYS * 86400 - 600) * n // count)
            written.append(patterns[_tag_of(n)].commands(story, story.at > recent))
        pipe.sendall(b''.join(written))
    pipe.sendall(b'CLIENT REPLY ON\r\n')
    pipe.settimeout(300)
    if pipe.recv(100) != b'+OK\r\n':
        raise ValueError('Redis did not take it')
    pipe.close()
    tags = [_tag_of(n) for n in range(count)]
    client.delete('%s:tags' % (prefix,))
    for tag in {each for each in tags if each}:
        client.execute_command('ZADD', '%s:tags' % (prefix,), tags.count(tag), tag)
    client.set('%s:last_ticket' % (prefix,), FIRST + count - 1)
    for key in client.scan_iter('%s:seen:*' % (prefix,), 10000):
        client.expire(key, _REMEMBERED)


def _say(store, number):
    # type: (Any, int) -> None
    address = '+2784%07d' % (number,)
    now(store.accept_inbound(Inbound(
        message_id=uuid.uuid4().hex, from_addr=address, endpoint='default', transport_type='sms',
        content='Help', sent_at=time.time(), subject='Support for %s' % (address,),
        contact_address='%s@sms.example.org' % (address[1:],),
        envelope={'to_addr': '12345', 'message_id': 'm'})))


def add_troubles(port, prefix, count):
    # type: (int, Text, int) -> None
    """Store `count` tickets that are parked, and as many with a reply that did not arrive."""
    store = blocking_store(port, prefix, rate_limit=0)
    for number in range(count):
        _say(store, number)
        now(store.forwards.park(claimed(store.forwards), 'Snappy refused it (400)'))
    for number in range(count, 2 * count):
        nonce = 'lost%012d' % (number,)
        _say(store, number)
        now(store.forwards.finish(claimed(store.forwards), nonce, 'hash'))
        now(store.accept_reply(StaffNote(note_id='lost%d' % (number,), nonce=nonce, ticket_id='',
                                         html='<p>Yes</p>')))
        reply = claimed(store.replies)
        now(store.replies.finish(reply.message_id))
        now(store.record_event(reply.message_id, ReplyState.FAILED, 'no such number'))
        attempt = claimed(store.forwards)
        while not isinstance(attempt, Wait):
            now(store.forwards.finish(attempt, nonce, ''))
            attempt = claimed(store.forwards)


def main(arguments):
    # type: (Any) -> None
    """Fill as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, required=True)
    parser.add_argument('--prefix', required=True)
    parser.add_argument('--count', type=int, required=True)
    parser.add_argument('--troubles', type=int, default=200)
    options = parser.parse_args(arguments)
    client, began = redis.StrictRedis(port=options.port), time.time()
    before = client.info('memory')['used_memory']
    fill(options.port, options.prefix, options.count)
    used = client.info('memory')['used_memory'] - before
    add_troubles(options.port, options.prefix, options.troubles)
    print(json.dumps({'count': options.count, 'seconds': time.time() - began,
                      'bytes': used / options.count}))


if __name__ == '__main__':
    main(sys.argv[1:])
