"""The worker knows its state, since when, and tells each change once."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from twisted.internet import defer
from twisted.internet.task import Clock

from tests.config.test_samples import text
from vumi_snappy.bus import StatusPublisher
from vumi_snappy.bus.metrics import GAUGES
from vumi_snappy.http.call_errors import BadCredentials, NotFound
from vumi_snappy.monitoring.health import Check, CheckState
from vumi_snappy.monitoring.status import Status
from vumi_snappy.runtime.periodic import Periodic, Streak
from vumi_snappy.store import Flaw, StoreRefused, StoreUnavailable

OK, DEGRADED, DOWN = CheckState.OK, CheckState.DEGRADED, CheckState.DOWN


class World(object):
    """Store, Snappy and bus as the test says they are."""

    trouble, bus_trouble, flaws, examined = '', '', (), 0
    refused = 'NOPERM'

    def __init__(self, snappys_error=None):
        self.snappys_error = snappys_error
        self.figures_now = {'forwards': 0, 'replies': 0, 'lookups': 0, 'parked': 0, 'oldest': 0,
                            'early': 0, 'breaker': '', 'hold': 0, 'tickets': 0}
        self.gauges, self.announced = {}, []
        self.clock = Clock()
        self.clock.advance(1416000000)
        self.status = self.new_status()
        self.status.start()

    def new_status(self, jobs=()):
        return Status(self.clock, self, self, self, lambda: self.bus_trouble,
                      self.announced.append, 600, 5, jobs)

    def figures(self):
        if self.trouble:
            return defer.fail(StoreUnavailable(self.trouble))
        return defer.succeed(dict(self.figures_now))

    def sweep(self):
        return defer.fail(StoreRefused(self.refused)) if self.refused else defer.succeed(None)

    def examine(self):
        self.examined += 1
        return defer.succeed(None)

    def account(self):
        return defer.fail(self.snappys_error) if self.snappys_error else defer.succeed('1')

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
    world.clock.advance(5)


def test_all_is_well_and_every_gauge_is_set(world):
    assert world.states() == {}
    assert world.gauges == dict.fromkeys(GAUGES, 0)


@pytest.mark.parametrize('change, name, state, kind', [
    ({'oldest': 601}, 'queue', DEGRADED, 'late'), ({'parked': 1}, 'queue', DEGRADED, 'parked'),
    ({'breaker': 'ServerError'}, 'snappy', DOWN, 'fails'),
    ({'hold': 120.4}, 'snappy', DEGRADED, 'told_to_wait'),
    ({'too_large': 2}, 'snappy', DEGRADED, 'too_large'),
    ({'breaker': 'BadCredentials'}, 'snappy', DOWN, 'key_refused')])
def test_what_the_stores_figures_tell_is_told(world, change, name, state, kind):
    world.figures_now.update(change)
    refresh(world)
    assert world.states() == {name: (state, kind)}


def test_store_and_bus_are_told_as_they_are_at_this_moment(world):
    world.trouble, world.bus_trouble = 'away', 'RabbitMQ cannot be reached'
    assert world.states() == {'store': (DOWN, 'away'), 'bus': (DOWN, 'away')}
    assert world.look()['bus'].text == 'RabbitMQ cannot be reached'
    world.trouble, world.bus_trouble = '', ''
    world.flaws = (Flaw('no_aof', 'no append-only file'), Flaw('evicts', 'evicts'))
    assert world.states() == {'store': (DEGRADED, 'no_aof evicts')}
    assert world.look()['store'].text == 'no append-only file; evicts'
    refresh(world)
    assert world.gauges['redis.unfit'] == 2


def test_redis_is_looked_at_every_minute(world):
    for passed, times in ((55, 0), (5, 1), (55, 1), (5, 2)):
        world.clock.advance(passed)
        assert world.examined == times


@pytest.mark.parametrize('error, kind', [
    (BadCredentials('no'), 'key_refused'), (NotFound('no'), 'no_mailbox')])
def test_a_snappy_that_does_not_know_us_is_asked_until_it_does(error, kind):
    world = World(error)
    assert world.states() == {'snappy': (DEGRADED, kind)}
    world.snappys_error = None
    world.clock.advance(15)
    assert world.states() == {}


def test_since_is_when_it_became_so_however_the_numbers_in_its_words_change(world):
    began = world.look()['queue'].since
    assert began == 1416000000
    for oldest in (700, 710):
        world.figures_now['oldest'] = oldest
        world.clock.advance(10)
        assert world.look()['queue'].since == began + 10
    assert '710 seconds' in world.look()['queue'].text
    world.figures_now['oldest'] = 0
    world.clock.advance(10)
    assert (world.look()['queue'].state, world.look()['queue'].since) == (OK, began + 30)


def test_figures_that_are_old_are_not_told_as_if_they_were_true(world):
    world.trouble = 'away'
    world.clock.advance(31)
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
    publisher, connector = StatusPublisher('bouncer'), Connector()
    publisher.bus_connected(connector)
    publisher.publish(states(bus=OK, queue=OK))
    assert connector.told == [('bus', 'ok', 'fine'), ('queue', 'ok', 'fine')]
    for words in ('601 seconds', '606 seconds'):
        publisher.publish(states(bus=OK, queue=(DEGRADED, words, None, 'late')))
    assert connector.told[2:] == [('queue', 'degraded', 'late')]
    publisher.publish(states(bus=OK, queue=(DEGRADED, '1 parked', None, 'parked')))
    assert connector.told[3:] == [('queue', 'degraded', 'parked')]


def test_what_changed_while_the_bus_was_away_is_announced_on_the_new_connection():
    publisher, before, after = StatusPublisher(), Connector(), Connector()
    publisher.publish(states(bus=DOWN, queue=OK))
    publisher.bus_connected(before)
    publisher.publish(states(bus=OK, queue=OK, snappy=OK))
    publisher.bus_lost()
    publisher.publish(states(bus=DOWN, queue=DEGRADED, snappy=OK))
    publisher.bus_connected(after)
    publisher.publish(states(bus=OK, queue=DEGRADED, snappy=OK))
    assert len(before.told) == 3
    assert after.told == [('bus', 'ok', 'fine'), ('queue', 'degraded', 'fine')]


def test_a_status_that_can_not_be_published_is_logged_and_no_more(logged_errors):
    publisher, connector = StatusPublisher(), Connector()
    connector.publish_status = lambda message: defer.fail(ValueError('no'))
    publisher.bus_connected(connector)
    publisher.publish(states(bus=OK))
    assert len(logged_errors.flush(ValueError)) == 1


def test_a_periodic_job_that_fails_is_told_until_it_works_again(world):
    job, other = Periodic(world.clock, 'Sweeping', world.sweep, 10.0), Streak('Claiming')
    world.status = world.new_status([job, other])
    job.start()
    world.clock.advance(10)
    assert world.look()['jobs'].text == 'Sweeping fails (StoreRefused)'
    assert world.look()['jobs'].state is DEGRADED
    world.refused = ''
    world.clock.advance(10)
    assert world.look()['jobs'].state is OK


def test_how_it_is_is_announced_again_and_again_also_when_the_figures_can_not_be_read(world):
    world.figures = world.sweep
    world.clock.advance(5)
    assert [dict(each)['queue'].state for each in world.announced] == [OK, OK]
    assert world.look()['jobs'].text == 'Watching the worker fails (StoreRefused)'


def test_the_guide_lists_every_kind_of_trouble():
    kinds = re.findall(r"_(?:degraded|down)\(\s*'(\w+)'", text(
        'vumi_snappy', 'monitoring', 'status.py')) + re.findall(
            r"Flaw\(\s*'(\w+)'", text('vumi_snappy', 'store', 'fitness.py'))
    listed = text('docs', 'operating.md').partition('`type` a word')[2].partition('`message`')[0]
    assert set(re.findall(r'`(\w+)`', listed)) == set(kinds) | {'fine'}
