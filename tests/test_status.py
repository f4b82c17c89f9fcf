"""The worker knows how it is, since when, and tells each change once."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
from twisted.internet import defer
from twisted.internet.task import Clock

from vumi_snappy.bus import Announcer
from vumi_snappy.health import Check, CheckState
from vumi_snappy.metrics import GAUGES
from vumi_snappy.snappy import BadCredentials, NotFound
from vumi_snappy.status import Status
from vumi_snappy.store import StoreUnavailable

OK, DEGRADED, DOWN = CheckState.OK, CheckState.DEGRADED, CheckState.DOWN


class World(object):
    """Store, Snappy and bus as the test says they are."""

    trouble = durability = ''
    connected = True
    answer = None

    def __init__(self):
        self.figures_now = {'forwards': 0, 'replies': 0, 'lookups': 0, 'parked': 0, 'oldest': 0,
                            'breaker': '', 'hold': 0, 'tickets': 0}
        self.gauges = {}
        self.clock = Clock()
        self.clock.advance(1416000000)
        self.status = Status(self.clock, self, self, self, lambda: self.connected, late=600)
        self.status.check_snappy()

    def figures(self):
        if self.trouble:
            return defer.fail(StoreUnavailable(self.trouble))
        return defer.succeed(dict(self.figures_now))

    def account(self):
        return defer.fail(self.answer) if self.answer else defer.succeed('1')

    def gauge(self, name, value):
        self.gauges[name] = value

    def look(self):
        return {name: check() for name, check in self.status.checks()}

    def states(self):
        return {name: (check.state, check.kind) for name, check in self.look().items()
                if check.state is not OK}


@pytest.fixture
def world():
    world = World()
    yield world
    world.status.stop()


def refresh(world):
    failed = []
    world.status.refresh().addErrback(failed.append)
    assert failed == []


def test_all_is_well_and_every_gauge_is_set(world):
    refresh(world)
    assert world.states() == {}
    assert world.gauges == dict.fromkeys(GAUGES, 0)


@pytest.mark.parametrize('change, name, state, kind', [
    ({'oldest': 601}, 'queue', DEGRADED, 'late'), ({'parked': 1}, 'queue', DEGRADED, 'parked'),
    ({'breaker': 'ServerError'}, 'snappy', DOWN, 'fails'),
    ({'breaker': 'BadCredentials'}, 'snappy', DOWN, 'key_refused')])
def test_what_the_stores_figures_tell_is_told(world, change, name, state, kind):
    world.figures_now.update(change)
    refresh(world)
    assert world.states() == {name: (state, kind)}


def test_store_and_bus_are_told_as_they_are_at_this_moment(world):
    world.trouble, world.connected = 'away', False
    assert world.states() == {'store': (DOWN, 'away'), 'bus': (DOWN, 'away')}
    world.trouble, world.durability, world.connected = '', 'no append-only file', True
    assert world.states() == {'store': (DEGRADED, 'not_durable')}


@pytest.mark.parametrize('error, kind', [
    (BadCredentials('no'), 'key_refused'), (NotFound('no'), 'no_mailbox')])
def test_a_snappy_that_does_not_know_us_is_asked_until_it_does(world, error, kind):
    world.answer = error
    world.status.check_snappy()
    assert world.states() == {'snappy': (DEGRADED, kind)}
    world.answer = None
    world.clock.advance(15)
    assert world.states() == {}


def test_since_is_when_it_became_so_however_the_numbers_in_its_words_change(world):
    refresh(world)
    began = world.look()['queue'].since
    assert began == 1416000000
    for oldest in (700, 710):
        world.clock.advance(10)
        world.figures_now['oldest'] = oldest
        refresh(world)
        assert world.look()['queue'].since == began + 10
    assert '710 seconds' in world.look()['queue'].text
    world.figures_now['oldest'] = 0
    world.clock.advance(10)
    refresh(world)
    assert (world.look()['queue'].state, world.look()['queue'].since) == (OK, began + 30)


def test_figures_that_are_old_are_not_told_as_if_they_were_true(world):
    refresh(world)
    world.trouble = 'away'
    for _ in range(4):
        world.clock.advance(10)
        refresh(world)
    assert world.states()['queue'] == (DOWN, 'unknown')
    world.trouble = ''
    refresh(world)
    assert world.states() == {}


class Connector(object):
    def __init__(self):
        self.told = []

    def publish_status(self, message):
        self.told.append((message['component'], message['status'], message['type']))
        assert message['message']
        return defer.succeed(message)


def states(**states):
    return sorted((name, Check(*state) if isinstance(state, tuple) else Check(state))
                  for name, state in states.items())


def test_each_change_is_announced_once_whatever_the_words():
    announcer, connector = Announcer('bouncer'), Connector()
    announcer.bus_connected(connector)
    announcer.tell(states(bus=OK, queue=OK))
    assert connector.told == [('bus', 'ok', 'fine'), ('queue', 'ok', 'fine')]
    for text in ('601 seconds', '606 seconds'):
        announcer.tell(states(bus=OK, queue=(DEGRADED, text, None, 'late')))
    assert connector.told[2:] == [('queue', 'degraded', 'late')]
    announcer.tell(states(bus=OK, queue=(DEGRADED, '1 parked', None, 'parked')))
    assert connector.told[3:] == [('queue', 'degraded', 'parked')]


def test_what_changed_while_the_bus_was_away_is_announced_on_the_new_connection():
    announcer, before, after = Announcer(), Connector(), Connector()
    announcer.tell(states(bus=DOWN, queue=OK))
    announcer.bus_connected(before)
    announcer.tell(states(bus=OK, queue=OK, snappy=OK))
    announcer.bus_lost()
    announcer.tell(states(bus=DOWN, queue=DEGRADED, snappy=OK))
    announcer.bus_connected(after)
    announcer.tell(states(bus=OK, queue=DEGRADED, snappy=OK))
    assert len(before.told) == 3
    assert after.told == [('bus', 'ok', 'fine'), ('queue', 'degraded', 'fine')]


def test_a_status_that_can_not_be_published_is_logged_and_no_more(logged_errors):
    announcer, connector = Announcer(), Connector()
    connector.publish_status = lambda message: defer.fail(ValueError('no'))
    announcer.bus_connected(connector)
    announcer.tell(states(bus=OK))
    assert len(logged_errors.flush(ValueError)) == 1
