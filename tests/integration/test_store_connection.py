"""Redis goes away in every way that it can, and the store comes back by itself."""
from __future__ import absolute_import, division, print_function, unicode_literals

import contextlib
import os
import uuid

import pytest
import pytest_twisted
from twisted.internet import defer, protocol, reactor, task, threads

from tools.ports import free_port
from tools.servers import Servers
from vumi_snappy.records import Accepted, Inbound, Subscription
from vumi_snappy.store import RedisServer, Store, StoreRefused, StoreUnavailable, scripts
from vumi_snappy.store.connection import call_error

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
        store = Store(reactor, RedisServer(**options),
                      key_prefix='away-%s' % uuid.uuid4().hex, timeout=0.5)
        made.append(store)
        store.start()
        return store
    yield make
    for store in made:
        pytest_twisted.blockon(store.stop())


@pytest.fixture
def store(make_store):
    """A store that is connected."""
    store = make_store()
    pytest_twisted.blockon(until_well(store))
    return store


@contextlib.contextmanager
def forbidden(redis, rule):
    """Redis's users have the ACL `rule` meanwhile."""
    redis.command('ACL', 'SETUSER', 'default', rule)
    try:
        yield
    finally:
        redis.command('ACL', 'SETUSER', 'default', '+@all')


@contextlib.contextmanager
def replica(redis):
    """Redis is a replica meanwhile."""
    redis.command('REPLICAOF', '127.0.0.1', free_port())
    try:
        yield
    finally:
        redis.command('REPLICAOF', 'NO', 'ONE')


class Loading(protocol.Protocol):
    """As Redis while it reads its data; it has more to say than it was asked."""

    def dataReceived(self, data):
        self.factory.asked += 1
        self.transport.write(b'-LOADING Redis is loading the dataset in memory\r\n' * 3)


def lua(piece):
    folder = os.path.join(os.path.dirname(scripts.__file__), 'lua')
    with open(os.path.join(folder, piece + '.lua'), 'rb') as source:
        return source.read()


def says(store, message_id):
    taken = store.accept_inbound(Inbound(
        message_id=message_id, from_addr='+27820001001', endpoint='default',
        transport_type='sms', content='Help', sent_at=0.0, subject='s', contact_address='c',
        envelope={}))
    return taken.addCallback(lambda each: each.outcome)


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
def test_whoever_waits_for_a_new_connection_can_use_it_at_once(make_store):
    store = make_store()
    yield store.usable_within(20)
    assert (yield says(store, 'first')) is Accepted.STORED
    yield store.usable_within(20)


@pytest_twisted.inlineCallbacks
def test_nobody_waits_longer_than_asked_for_a_redis_that_is_away(make_store, redis):
    redis.stop()
    store = make_store()
    try:
        yield store.usable_within(0.05)
        assert store.trouble
    finally:
        redis.start()


@pytest_twisted.inlineCallbacks
def test_what_was_accepted_survives_a_crash_of_redis(store, redis):
    yield says(store, 'm1')
    yield threads.deferToThread(redis.kill)
    assert (yield unavailable(says(store, 'm2')))
    yield threads.deferToThread(redis.start)
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.DUPLICATE
    assert (yield says(store, 'm2')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_a_frozen_redis_is_noticed_and_its_late_answers_are_not_mixed_up(store, redis):
    redis.freeze()
    try:
        assert (yield unavailable(says(store, 'm1')))
    finally:
        redis.thaw()
    yield until_well(store)
    assert (yield says(store, 'm1')) in (Accepted.STORED, Accepted.DUPLICATE)
    assert (yield store.figures())['forwards'] == 1


@pytest_twisted.inlineCallbacks
def test_scripts_that_redis_forgot_are_loaded_again(store):
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
def test_a_redis_without_an_append_only_file_is_told(store, make_store):
    assert store.flaws == ()
    yield store.connection.send('CONFIG', 'SET', 'appendonly', 'no')
    try:
        other = make_store()
        yield until_well(other)
        assert 'set "appendonly yes"' in other.flaws[0].text
    finally:
        yield store.connection.send('CONFIG', 'SET', 'appendonly', 'yes')


@pytest.mark.parametrize('option, unfit, cure', [
    ('maxmemory-policy', 'allkeys-lru', 'maxmemory-policy noeviction'),
    ('maxmemory-policy', 'volatile-lru', 'maxmemory-policy noeviction'),
    ('maxmemory', '4mb', 'raise maxmemory')])
@pytest_twisted.inlineCallbacks
def test_a_redis_that_is_made_unfit_is_seen_at_the_next_look(store, option, unfit, cure):
    [_, before] = yield store.connection.send('CONFIG', 'GET', option)
    yield store.connection.send('SET', store.key_prefix + ':big', 'x' * 3500000)
    yield store.connection.send('CONFIG', 'SET', option, unfit)
    try:
        yield store.examine()
        assert cure in ' '.join(flaw.text for flaw in store.flaws)
    finally:
        yield store.connection.send('CONFIG', 'SET', option, before)
        yield store.connection.send('DEL', store.key_prefix + ':big')
    yield store.examine()
    assert store.flaws == ()


@pytest_twisted.inlineCallbacks
def test_nobody_uses_a_connection_before_it_is_known_to_which_redis_it_leads(store):
    opened = []

    def on_ready(opening):
        opened.append(defer.Deferred())
        return opened[-1]
    store.connection.on_ready = on_ready
    store.connection.leave('for a test')
    while not opened:
        yield task.deferLater(reactor, 0.01, lambda: None)
    assert (yield unavailable(says(store, 'm1')))
    opened[0].callback(None)
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_what_an_acl_hides_is_said_not_to_be_known_and_nothing_stops(
        store, redis, make_store):
    with forbidden(redis, '-info'):
        yield store.examine()
        assert [flaw.kind for flaw in store.flaws] == ['unknown']
        assert '+info' in store.flaws[0].text
        assert store.trouble == ''
        assert (yield says(store, 'm1')) is Accepted.STORED
        other = make_store()
        yield until_well(other)
        assert [flaw.kind for flaw in other.flaws] == ['unknown']


@pytest_twisted.inlineCallbacks
def test_a_redis_that_is_a_replica_is_not_used(store, redis, make_store):
    with replica(redis):
        yield store.examine()
        assert 'it is a replica' in store.trouble
        assert (yield unavailable(says(store, 'm1')))
        other = make_store()
        yield task.deferLater(reactor, 0.2, lambda: None)
        assert 'it is a replica' in other.trouble
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_a_user_who_may_run_no_script_does_not_get_as_far_as_to_work(redis, make_store):
    with forbidden(redis, '-evalsha'):
        store = make_store()
        yield task.deferLater(reactor, 0.2, lambda: None)
        assert 'NOPERM' in store.trouble
    yield until_well(store)


@pytest.mark.parametrize('schema', ['2', '99'])
@pytest_twisted.inlineCallbacks
def test_data_of_another_schema_are_left_alone(store, make_store, schema):
    key = store.key_prefix + ':schema'
    yield store.connection.send('SET', key, schema)
    other = make_store()
    other._scripts.prefix = store.key_prefix
    for _ in range(200):
        if 'have schema %s,' % (schema,) in other.trouble:
            break
        yield task.deferLater(reactor, 0.01, lambda: None)
    assert 'have schema %s,' % (schema,) in other.trouble
    assert (yield store.connection.send('GET', key)) == schema.encode('ascii')


@pytest_twisted.inlineCallbacks
def test_an_error_of_a_script_is_told_as_such(store):
    yield store.connection.send('SET', store.key_prefix + ':tickets', 'no sorted set')
    with pytest.raises(StoreRefused):
        yield says(store, 'm1')


@pytest_twisted.inlineCallbacks
def test_a_redis_that_has_no_memory_left_is_waited_for_in_a_script_too(store):
    yield store.connection.send('CONFIG', 'SET', 'maxmemory', '1')
    try:
        assert (yield unavailable(says(store, 'm1')))
        assert (yield unavailable(store.subscriptions.change(
            '+27820001001', Subscription.OPT_OUT)))
    finally:
        yield store.connection.send('CONFIG', 'SET', 'maxmemory', '0')
    assert (yield says(store, 'm1')) is Accepted.STORED


@pytest.mark.parametrize('text, error', [
    ('NOPERM this user has no permissions to run the \'evalsha\' command', StoreUnavailable),
    ('MOVED 3999 127.0.0.1:6381', StoreUnavailable),
    ('what no Redis has said before', StoreUnavailable),
    ("OOM command not allowed when used memory > 'maxmemory'. script: f1, on @user_script:9.",
     StoreUnavailable),
    ('ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can '
     "not write against a read only replica.", StoreUnavailable),
    ("@user_script: 9: -OOM command not allowed when used memory > 'maxmemory'.",
     StoreUnavailable),
    ('LOADING Redis is loading the dataset in memory', StoreUnavailable),
    ('WRONGTYPE Operation against a key holding the wrong kind of value', StoreUnavailable),
    ('ITEM WRONGTYPE Operation against a key holding the wrong kind of value', StoreRefused)])
def test_an_error_says_whether_to_wait_in_each_versions_words(text, error):
    assert type(call_error(text)) is error


@pytest.mark.parametrize('why, whose', [
    ("OOM command not allowed when used memory > 'maxmemory'. script: f1, on @user_script:9.",
     'Redis'),
    ("@user_script: 9: -READONLY You can't write against a read only replica.", 'Redis'),
    ("@user_script: 9: -MISCONF Redis is configured to save RDB snapshots", 'Redis'),
    ('NOREPLICAS Not enough good replicas to write. script: f1, on @user_script:9.', 'Redis'),
    ("ACL failure in script: User default has no permissions to run the 'hset' command", 'Redis'),
    ("@user_script: 9: The user executing the script can't run this command or subcommand",
     'Redis'),
    ('@user_script: 9: Unknown Redis command called from Lua script', 'Redis'),
    ('WRONGTYPE Operation against a key holding the wrong kind of value script: f1', 'item'),
    ('@user_script: 9: -WRONGTYPE Operation against a key holding the wrong kind', 'item'),
    ('user_script:12: Expected value but found invalid token at character 1', 'item'),
    ('ERR hash value is not an integer script: f1, on @user_script:9.', 'item')])
@pytest_twisted.inlineCallbacks
def test_an_error_in_a_script_is_its_items_or_redis_own(store, why, whose):
    found = yield store.connection.send(
        'EVAL', lua('_errors') + b" return is_of_redis(ARGV[1]) and 'Redis' or 'item'", 0, why)
    assert found.decode('ascii') == whose


@pytest_twisted.inlineCallbacks
def test_a_user_who_may_run_no_script_is_the_stores_trouble_and_no_messages_fault(
        store, redis):
    with forbidden(redis, '-evalsha'):
        assert (yield unavailable(says(store, 'm1')))
        assert 'NOPERM' in store.trouble
        assert (yield unavailable(store.record_event('m1', None)))
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield store.record_event('m1', None)
    assert store.trouble == ''


@pytest_twisted.inlineCallbacks
def test_a_script_whose_commands_are_forbidden_is_the_stores_trouble_too(store, redis):
    with forbidden(redis, '-hset'):
        assert (yield unavailable(says(store, 'm1')))
        assert 'command' in store.trouble
    assert (yield says(store, 'm1')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_a_redis_that_has_become_a_replica_is_left_so_that_its_name_is_looked_up_again(
        store, redis):
    before = store.connection._client
    with replica(redis):
        assert (yield unavailable(says(store, 'm1')))
        assert store.connection._client is not before
        assert 'READONLY' in store.trouble
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_foreign_data_are_the_fault_of_the_call_that_met_them(store):
    yield store.connection.send('SET', store.key_prefix + ':audit', 'no list')
    with pytest.raises(StoreRefused):
        yield store.subscriptions.change('+27820001001', Subscription.OPT_OUT, 'ann')
    assert store.trouble == ''


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
