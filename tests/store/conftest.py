"""A store on the real Redis, with a clock that the tests move."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import uuid

import pytest
import pytest_twisted
from twisted.internet import defer, reactor, task

from vumi_snappy.records import Inbound, StaffNote
from vumi_snappy.store import Store

START = 1416000000.0


class Bench(object):
    """A store with short names for what the stories need."""

    def __init__(self, port, **options):
        self.clock = task.Clock()
        self.clock.advance(START)
        self.prefix = 'test-%s' % (uuid.uuid4().hex,)
        self._port, self._options = port, options
        self._stores = []

    @defer.inlineCallbacks
    def another(self):
        """Fires with one more worker's store on the same data."""
        options = dict(dict(rate_limit=0, lease=15.0, call_timeout=30.0), **self._options)
        store = Store(reactor, '127.0.0.1', self._port, key_prefix=self.prefix,
                      clock=self.clock.seconds, **options)
        self._stores.append(store)
        store.start()
        while store.trouble:
            yield task.deferLater(reactor, 0.005, lambda: None)
        defer.returnValue(store)

    @defer.inlineCallbacks
    def start(self):
        self.store = yield self.another()
        defer.returnValue(self)

    def stop(self):
        return defer.gatherResults([store.stop() for store in self._stores])

    def says(self, text, who='+27820001001', message_id=None, extras='', lookup=''):
        return self.store.accept_inbound(Inbound(
            message_id=message_id or uuid.uuid4().hex, from_addr=who, endpoint='default',
            transport_type='sms', content=text, sent_at=self.clock.seconds(),
            subject='Support for %s' % (who,), contact_address='%s@sms.example.org' % (who[1:],),
            envelope={'from_addr': who, 'endpoint': 'default'}, extras=extras,
            lookup=lookup))

    def answers(self, html, nonce, note_id=None):
        return self.store.accept_reply(StaffNote(
            note_id=note_id or uuid.uuid4().hex, nonce=nonce, ticket_id='', html=html,
            created_at=self.clock.seconds()))

    @defer.inlineCallbacks
    def opens(self, text='Help', nonce='k3jd82hs7ahq92m1', **kwargs):
        """A person's message, forwarded to a new ticket."""
        yield self.says(text, **kwargs)
        attempt = yield self.store.forwards.claim()
        yield self.store.forwards.finish(attempt, nonce, 'hash')


@pytest.fixture
def make_bench(redis_port):
    """A function that fires with a bench of the store's options given to it."""
    made = []

    def make(**options):
        made.append(Bench(redis_port, **options))
        return made[-1].start()
    yield make
    for bench in made:
        pytest_twisted.blockon(bench.stop())


@pytest.fixture
def bench(make_bench):
    return pytest_twisted.blockon(make_bench())
