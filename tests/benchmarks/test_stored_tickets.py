"""What the filler stores is what the worker's own scripts store."""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
import uuid

import pytest
import redis

from benchmarks.blocking_store import blocking_store, now
from benchmarks.processes.fill_tickets import fill, pattern
from benchmarks.stored_tickets import FIRST, Story, play


@pytest.fixture
def prefix(redis_port):
    made = 'filled-%s' % (uuid.uuid4().hex,)
    yield made
    client = redis.StrictRedis(port=redis_port)
    for key in client.keys('*%s:*' % (made,)):
        client.delete(key)


def kept(client, prefix):
    """All that there is, in the form that Redis would write into its file."""
    readers = {b'string': client.get, b'hash': client.hgetall, b'set': client.smembers,
               b'list': lambda key: client.lrange(key, 0, -1),
               b'zset': lambda key: client.zrange(key, 0, -1, withscores=True)}
    return {key[len(prefix):]: readers[client.type(key)](key)
            for key in client.keys(prefix + ':*')
            if not key[len(prefix):].startswith((b':seen:e:', b':tally:'))}


@pytest.mark.parametrize('tag', ['', '#billing'])
def test_a_ticket_is_as_the_scripts_make_it(redis_port, prefix, tag):
    client, told = redis.StrictRedis(port=redis_port), [0.0]
    story = Story(FIRST + 4711, 4712, 1417771234)
    client.set('played-%s:last_ticket' % (prefix,), story.number - 1)
    store = blocking_store(redis_port, 'played-' + prefix, lambda: told[0], rate_limit=0)
    play(store, lambda seconds: told.__setitem__(0, seconds), story, tag)
    made = pattern(client, redis_port, prefix, tag)
    sent = made.shared + made.commands(story)
    connection = client.connection_pool.get_connection('')
    connection.send_packed_command([sent])
    for _ in range(sent.count(b'\r\n*') + 1):
        connection.read_response()
    client.connection_pool.release(connection)
    client.set(prefix + ':last_ticket', story.number)
    scripts, filled = kept(client, 'played-' + prefix), kept(client, prefix)
    about_time = {b':breaker', b':rate'}
    assert set(filled) - about_time == set(scripts) - about_time
    assert {key: filled[key] for key in filled if key not in about_time} == {
        key: scripts[key] for key in scripts if key not in about_time}


def test_what_is_filled_can_be_listed_found_and_answered(redis_port, prefix):
    fill(redis_port, prefix, 30)
    store = blocking_store(redis_port, prefix)
    page = now(store.lists.tickets(['tag:#billing']))
    assert [each['ticket'] for each in page.tickets] == [
        '%d' % (FIRST + n,) for n in (20, 10, 0)]
    [found] = now(store.lists.find([], ['+27830000007']))
    ticket = now(store.ticket(found['ticket']))
    assert len(ticket['messages']) == 3 and ticket['state'] == 'settled'
    assert time.time() - 80 * 86400 < ticket['at'] < time.time()
    assert now(store.ticket_of_nonce(ticket['nonce'])) == ticket['ticket']
