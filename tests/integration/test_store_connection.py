"""Redis goes away in every way that it can, and the store comes back by itself."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import uuid

import pytest
import pytest_twisted
from twisted.internet import defer, protocol, reactor, task, threads

from tools.ports import free_port
from tools.servers import Servers
from vumi_snappy.records import Accepted, Inbound, Subscription
from vumi_snappy.store import Store, StoreRefused, StoreUnavailable
from vumi_snappy.store.connection import told_error

pytestmark = pytest.mark.integration


@pytest.fixture(scope='module')
def redis():
    """A Redis of our own, to be mistreated."""
    with Servers(rabbitmq=False) as servers:
        yield servers.redis


@pytest.fixture
def make_store(redis):
    made = []

    def make(**options):
        options.setdefault('port', redis.port)
        store = Store(reactor, '127.0.0.1', key_prefix='away-%s' % uuid.uuid4().hex,
                      timeout=0.5, **options)
        made.append(store)
        store.start()
        return store
    yield make
    for store in made:
        pytest_twisted.blockon(store.stop())


class Loading(protocol.Protocol):
    """As Redis while it reads its data; it has more to say than it was asked."""

    def dataReceived(self, data):
        self.factory.asked += 1
        self.transport.write(b'-LOADING Redis is loading the dataset in memory\r\n' * 3)


def says(store, message_id):
    return store.accept_inbound(Inbound(
        message_id=message_id, from_addr='+27820001001', endpoint='default',
        transport_type='sms', content='Help', sent_at=0.0, subject='s', contact_address='c',
        envelope={}))


@defer.inlineCallbacks
def until_well(store):
    for _ in range(1000):
        if not store.trouble:
            return
        yield task.deferLater(reactor, 0.01, lambda: None)
    raise AssertionError(store.trouble)


@defer.inlineCallbacks
def unavailable(call):
    try:
        yield call
    except StoreUnavailable:
        defer.returnValue(True)
    defer.returnValue(False)


@pytest_twisted.inlineCallbacks
def test_what_was_accepted_survives_a_crash_of_redis(redis, make_store):
    store = make_store()
    yield until_well(store)
    yield says(store, 'm1')
    yield threads.deferToThread(redis.kill)
    assert (yield unavailable(says(store, 'm2')))
    yield threads.deferToThread(redis.start)
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.DUPLICATE
    assert (yield says(store, 'm2')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_a_frozen_redis_is_noticed_and_its_late_answers_are_not_mixed_up(redis, make_store):
    store = make_store()
    yield until_well(store)
    redis.freeze()
    try:
        assert (yield unavailable(says(store, 'm1')))
    finally:
        redis.thaw()
    yield until_well(store)
    assert (yield says(store, 'm1')) in (Accepted.STORED, Accepted.DUPLICATE)
    assert (yield store.figures())['forwards'] == 1


@pytest_twisted.inlineCallbacks
def test_scripts_that_redis_forgot_are_loaded_again(make_store):
    store = make_store()
    yield until_well(store)
    yield store.connection.send('SCRIPT', 'FLUSH')
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield store.connection.send('SCRIPT', 'FLUSH')
    assert (yield store.recent_tickets())


@pytest_twisted.inlineCallbacks
def test_a_redis_that_is_not_there_yet_is_waited_for(make_store):
    store = make_store(port=free_port())
    assert (yield unavailable(says(store, 'm1')))
    yield task.deferLater(reactor, 0.1, lambda: None)
    assert 'refused' in store.trouble


@pytest_twisted.inlineCallbacks
def test_a_redis_without_an_append_only_file_is_told(make_store):
    store = make_store()
    yield until_well(store)
    assert store.durability == ''
    yield store.connection.send('CONFIG', 'SET', 'appendonly', 'no')
    try:
        other = make_store()
        yield until_well(other)
        assert 'set "appendonly yes"' in other.durability
    finally:
        yield store.connection.send('CONFIG', 'SET', 'appendonly', 'yes')


@pytest_twisted.inlineCallbacks
def test_data_of_a_newer_version_are_left_alone(make_store):
    store = make_store()
    yield until_well(store)
    yield store.connection.send('SET', store.key_prefix + ':schema', '99')
    newer = make_store()
    newer.key_prefix = store.key_prefix
    for _ in range(200):
        if 'newer vumi-snappy' in newer.trouble:
            break
        yield task.deferLater(reactor, 0.01, lambda: None)
    assert 'newer vumi-snappy' in newer.trouble


@pytest_twisted.inlineCallbacks
def test_an_error_of_a_script_is_told_as_such(make_store):
    store = make_store()
    yield until_well(store)
    yield store.connection.send('SET', store.key_prefix + ':tickets', 'no sorted set')
    with pytest.raises(StoreRefused):
        yield says(store, 'm1')


@pytest_twisted.inlineCallbacks
def test_a_redis_that_has_no_memory_left_is_waited_for_in_a_script_too(make_store):
    store = make_store()
    yield until_well(store)
    yield store.connection.send('CONFIG', 'SET', 'maxmemory', '1')
    try:
        assert (yield unavailable(says(store, 'm1')))
        assert (yield unavailable(store.set_subscription('+27820001001', Subscription.OPT_OUT)))
    finally:
        yield store.connection.send('CONFIG', 'SET', 'maxmemory', '0')
    assert (yield says(store, 'm1')) is Accepted.STORED


@pytest.mark.parametrize('said, error', [
    ("OOM command not allowed when used memory > 'maxmemory'. script: f1, on @user_script:9.",
     StoreUnavailable),
    ('ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can '
     "not write against a read only replica.", StoreUnavailable),
    ("@user_script: 9: -OOM command not allowed when used memory > 'maxmemory'.",
     StoreUnavailable),
    ('LOADING Redis is loading the dataset in memory', StoreUnavailable),
    ('WRONGTYPE Operation against a key holding the wrong kind of value', StoreRefused)])
def test_an_error_says_whether_to_wait_in_each_versions_words(said, error):
    assert type(told_error(said)) is error


@pytest_twisted.inlineCallbacks
def test_answers_that_come_after_the_connection_was_given_up_are_passed_over(make_store):
    loading = protocol.ServerFactory.forProtocol(Loading)
    loading.noisy, loading.asked = False, 0
    port = reactor.listenTCP(0, loading, interface='127.0.0.1')
    store = make_store(port=port.getHost().port)
    while loading.asked < 3:
        yield task.deferLater(reactor, 0.01, lambda: None)
    assert 'LOADING' in store.trouble
    yield store.stop()
    yield port.stopListening()
