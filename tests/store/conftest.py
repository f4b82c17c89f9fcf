"""A store on the real Redis, with a clock that the tests move."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import uuid

import pytest
import pytest_twisted
from twisted.internet import defer, reactor, task
from twisted.logger import formatEvent, globalLogPublisher

from tests.store.redis_keys import DOCUMENT
from vumi_snappy.records import Inbound, StaffNote
from vumi_snappy.store import RedisServer, Store

START = 1416000000.0
NONCE = 'k3jd82hs7ahq92m1'
#: All keys of a prefix: name, type, time to live and fields.
LISTING = b"""
local found = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do
  local kind = redis.call('TYPE', key).ok
  found[#found + 1] = {string.sub(key, #ARGV[1] + 2), kind, redis.call('TTL', key),
                       kind == 'hash' and redis.call('HKEYS', key) or {}}
end
return cjson.encode(found)
"""


@defer.inlineCallbacks
def claim(lane):
    """Fires with the next attempt of a lane, or with a `Wait`."""
    attempts, wait = yield lane.claim(1)
    defer.returnValue(attempts[0] if attempts else wait)


def inbound(message_id='m1', who='+27820001001', **fields):
    """An `Inbound` of which only what a test is about need be said."""
    return Inbound(message_id=message_id, from_addr=who, **dict(dict(
        endpoint='default', transport_type='sms', content='Help', sent_at=START, subject='s',
        contact_address='c', envelope={'from_addr': who}), **fields))


def together(call, items):
    """Fires with what calls that are made in one moment come to: outcomes, or Failures."""
    return defer.DeferredList([call(item) for item in items], consumeErrors=True).addCallback(
        lambda results: [result for _, result in results])


class Bench(object):
    """A store with short names for what the stories need."""

    def __init__(self, port, **options):
        self.clock = task.Clock()
        self.clock.advance(START)
        self.prefix = 'test-%s' % (uuid.uuid4().hex,)
        self._port, self._options = port, options
        self._stores = []

    @defer.inlineCallbacks
    def another(self, wait=True, **more):
        """Fires with one more worker's store on the same data; not `wait`: one that is refused."""
        options = dict(dict(rate_limit=0, lease=15.0, call_timeout=30.0), **self._options)
        options.update(more)
        store = Store(reactor, RedisServer(port=self._port), key_prefix=self.prefix,
                      clock=self.clock.seconds, **options)
        self._stores.append(store)
        store.start()
        while store.trouble and (wait or 'not connected' in store.trouble):
            yield task.deferLater(reactor, 0.005, lambda: None)
        defer.returnValue(store)

    @defer.inlineCallbacks
    def start(self):
        self.store = yield self.another()
        defer.returnValue(self)

    @defer.inlineCallbacks
    def undocumented(self):
        """Fires with what is in Redis otherwise than docs/redis-keys.md says."""
        if self.store.trouble:  # the test has stopped it
            defer.returnValue([])
        raw = yield self.store.connection.send('EVAL', LISTING, '0', self.prefix)
        defer.returnValue([text for each in json.loads(raw.decode('latin-1'))
                           for text in DOCUMENT.objections(*each)])

    def stop(self):
        return defer.gatherResults([store.stop() for store in self._stores])

    def says(self, text, who='+27820001001', message_id=None, transport=None, **more):
        return self.store.accept_inbound(inbound(
            message_id or uuid.uuid4().hex, who, content=text, sent_at=self.clock.seconds(),
            subject='Support for %s' % (who,), contact_address='%s@sms.example.org' % (who[1:],),
            envelope={'from_addr': who, 'endpoint': 'default', 'transport_name': transport},
            **more)).addCallback(lambda stored: stored.outcome)

    def answers(self, html, nonce, note_id=None):
        return self.store.accept_reply(StaffNote(
            note_id=note_id or uuid.uuid4().hex, nonce=nonce, ticket_id='', html=html,
            created_at=self.clock.seconds()))

    @defer.inlineCallbacks
    def opens(self, text='Help', nonce=NONCE, **kwargs):
        """A person's message, forwarded to a new ticket."""
        yield self.says(text, **kwargs)
        yield self.forwarded(nonce)

    @defer.inlineCallbacks
    def forwarded(self, nonce=NONCE):
        """The next job for Snappy is done."""
        attempt = yield claim(self.store.forwards)
        yield self.store.forwards.finish(attempt, nonce, 'hash')

    @defer.inlineCallbacks
    def published(self, html='<p>Hi</p>', nonce=NONCE, note_id=None):
        """Fires with an agent's reply that is on the bus."""
        yield self.answers(html, nonce, note_id)
        reply = yield claim(self.store.replies)
        yield self.store.replies.finish(reply.message_id)
        defer.returnValue(reply)


@pytest.fixture
def make_bench(redis_port):
    """A function that fires with a bench of the store's options given to it."""
    made = []

    def make(**options):
        made.append(Bench(redis_port, **options))
        return made[-1].start()
    yield make
    for bench in made:
        undocumented = pytest_twisted.blockon(bench.undocumented())
        pytest_twisted.blockon(bench.stop())
        assert undocumented == []


@pytest.fixture
def bench(make_bench):
    return pytest_twisted.blockon(make_bench())


@pytest.fixture
def logged():
    """The lines of the log."""
    lines = []

    def observe(event):
        lines.append(formatEvent(event))
    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)
