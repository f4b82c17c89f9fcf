"""What is finished and old is forgotten; what waits or is parked never is."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import START, claim
from vumi_snappy.records import Accepted

DAY = 86400.0


@defer.inlineCallbacks
def keys(bench):
    found, send = set(), bench.store.connection.send
    passed = bench.clock.seconds() - START
    for key in (yield send('KEYS', bench.prefix + ':*')):
        left = yield send('TTL', key)
        if left == -1 or left > passed:  # Redis's own clock knows nothing of the test's
            found.add(key.decode('utf-8')[len(bench.prefix) + 1:])
    defer.returnValue(
        {key for key in found if not key.startswith(('seen:', 'tally:'))} - {
            'schema', 'last_ticket', 'last_parked', 's:count', 'b:count', 'rate', 'breaker',
            'channels', 'clock', 'master'})


@pytest_twisted.inlineCallbacks
def test_a_finished_ticket_leaves_nothing_behind(bench):
    yield bench.opens()
    yield bench.published()
    bench.clock.advance(91 * DAY)
    assert (yield bench.store.sweep(90 * DAY, 50, 0)) == [1, 0]
    assert (yield keys(bench)) == set()


@pytest_twisted.inlineCallbacks
def test_a_ticket_with_activity_is_kept(bench):
    yield bench.opens()
    bench.clock.advance(60 * DAY)
    yield bench.published()
    bench.clock.advance(60 * DAY)
    assert (yield bench.store.sweep(90 * DAY, 50, 0)) == [0, 0]


@pytest_twisted.inlineCallbacks
def test_what_waits_or_is_parked_is_kept_however_old(bench):
    yield bench.says('waits', who='+27820001001')
    yield bench.says('parked', who='+27820001002')
    while True:
        attempt = yield claim(bench.store.forwards)
        if attempt.from_addr == '+27820001002':
            break
    yield bench.store.forwards.park(attempt, 'refused')
    bench.clock.advance(1000 * DAY)
    assert (yield bench.store.sweep(90 * DAY, 50, 0)) == [0, 2]


@pytest_twisted.inlineCallbacks
def test_a_person_whose_ticket_was_forgotten_gets_a_new_one(bench):
    yield bench.opens()
    bench.clock.advance(91 * DAY)
    yield bench.store.sweep(90 * DAY, 50, 0)
    assert (yield bench.says('hello again')) is Accepted.STORED
    attempt = yield claim(bench.store.forwards)
    assert attempt.nonce == ''
