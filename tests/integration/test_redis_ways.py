"""Every way to a Redis: a user of an ACL, TLS, a Unix socket, Sentinels with replicas."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import subprocess
import sys
import uuid

import pytest
import pytest_twisted
from twisted.internet import defer, reactor, task, threads

from tests.integration.test_store_connection import says, unavailable, until_well
from tools.certificates import make_certificates
from tools.guard import Guard
from tools.ports import HOST, free_port
from tools.redis_server import Redis
from tools.servers import Servers
from vumi_snappy.config import SnappyBouncerConfig
from vumi_snappy.records import Accepted
from vumi_snappy.store import Store

pytestmark = pytest.mark.integration

OPTIONS = {
    'transport_name': 'sms', 'snappy_api_url': 'https://desk.example.org/api/v1',
    'snappy_api_key': 'the-api-key', 'snappy_mailbox_id': 1,
    'contact_address': '{from_addr}@sms.example.org', 'webhook_secret': 'a-secret-of-the-hook-1'}


class Strict(object):
    """A Redis that wants a user, offers TLS to who has a certificate, and has a socket."""

    def __init__(self, folder):
        self.folder = folder
        self.certificates = make_certificates(folder)
        self.guard = Guard(folder)
        self.tls_port = free_port()
        self.socket = os.path.join(folder, 'redis.sock')
        self.redis = Redis(folder, self.guard, settings=[
            'unixsocket %s' % (self.socket,), 'tls-port %d' % (self.tls_port,),
            'tls-cert-file %s' % (self.certificates['server'],),
            'tls-key-file %s' % (self.certificates['server_key'],),
            'tls-ca-cert-file %s' % (self.certificates['ca'],), 'tls-auth-clients yes',
            'user bridge on >sesame ~* &* +@all', 'user default on nopass ~* &* +ping'])
        self.redis.start()

    @property
    def tls(self):
        return {'ca_file': self.certificates['ca'],
                'certificate_file': self.certificates['client'],
                'key_file': self.certificates['client_key']}

    def end(self):
        self.redis.end()
        self.guard.close()


@pytest.fixture(scope='module')
def strict(tmpdir_factory):
    strict = Strict('%s' % (tmpdir_factory.mktemp('strict'),))
    yield strict
    strict.end()


def config_of(**redis_manager):
    return SnappyBouncerConfig(dict(OPTIONS, redis_manager=redis_manager), static=True)


@pytest.fixture
def connect():
    """A function: the store of a redis_manager."""
    made = []

    def make(**redis_manager):
        config = config_of(**redis_manager)
        made.append(Store(reactor, config.redis, key_prefix='ways-%s' % (uuid.uuid4().hex,),
                          timeout=2.0))
        made[-1].start()
        return made[-1]
    yield make
    for store in made:
        pytest_twisted.blockon(store.stop())


@defer.inlineCallbacks
def trouble_of(store, *words):
    for _ in range(500):
        if all(word in store.trouble for word in words):
            return
        yield task.deferLater(reactor, 0.01, lambda: None)
    raise AssertionError(store.trouble)


@pytest_twisted.inlineCallbacks
def test_a_user_with_a_password_is_let_in_and_no_other(strict, connect):
    store = connect(port=strict.redis.port, username='bridge', password='sesame', db=2)
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield trouble_of(connect(port=strict.redis.port, username='bridge', password='wrong'),
                     'WRONGPASS')
    yield trouble_of(connect(port=strict.redis.port), 'NOPERM')


@pytest_twisted.inlineCallbacks
def test_tls_with_a_certificate_of_the_authority_works_and_nothing_less(
        strict, connect, tmpdir):
    given = dict(port=strict.tls_port, username='bridge', password='sesame')
    store = connect(tls=strict.tls, **given)
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield trouble_of(connect(tls={'ca_file': strict.certificates['ca']}, **given), 'lost')
    others = make_certificates('%s' % (tmpdir,))
    yield trouble_of(connect(tls=dict(strict.tls, ca_file=others['ca']), **given),
                     'certificate verify failed')
    yield trouble_of(connect(tls=True, **given), 'certificate verify failed')
    yield trouble_of(connect(host='localhost', tls=dict(strict.tls, ca_file=others['ca']),
                             **given), 'certificate verify failed')


@pytest_twisted.inlineCallbacks
def test_a_unix_socket_is_a_way_too(strict, connect):
    store = connect(unix_socket=strict.socket, username='bridge', password='sesame')
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield trouble_of(connect(unix_socket=strict.socket + '-not'), 'could not connect')


@pytest.mark.parametrize('way', ['tls', 'unix_socket'])
def test_the_command_line_goes_the_same_way(strict, tmpdir, way):
    manager = {'username': 'bridge', 'password': 'sesame'}
    manager.update({'tls': {'tls': strict.tls, 'port': strict.tls_port},
                    'unix_socket': {'unix_socket': strict.socket}}[way])
    path = tmpdir.join('worker.yaml')
    path.write_text('%s' % (json.dumps(dict(OPTIONS, redis_manager=manager)),), 'utf-8')
    said = subprocess.check_output([
        sys.executable, '-W', 'ignore', '-c', 'from vumi_snappy.cli import main; main()',
        'status', '-c', '%s' % (path,)])
    assert b'Redis: fit to hold messages' in said


@pytest.fixture(scope='module')
def group():
    """A master, a replica and three Sentinels."""
    with Servers(rabbitmq=False, group={'wait_replicas': 1}) as servers:
        yield servers.redis


@pytest_twisted.inlineCallbacks
def test_the_sentinels_are_asked_for_the_master_and_what_was_stored_is_there_after_a_fail_over(
        group, connect):
    store = connect(**group.manager)
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield threads.deferToThread(group.kill)
    assert (yield unavailable(says(store, 'm2')))
    yield threads.deferToThread(group.fail_over)
    yield until_well(store)
    assert (yield unavailable(says(store, 'm2')))
    assert '0 of the 1 replicas' in store.trouble
    yield threads.deferToThread(group.start)
    while (yield unavailable(says(store, 'm2'))):
        yield task.deferLater(reactor, 0.05, lambda: None)
    assert (yield says(store, 'm1')) is Accepted.DUPLICATE
    assert store.trouble == ''
    yield store.examine()
    assert store.flaws == ()


@pytest_twisted.inlineCallbacks
def test_a_master_that_hung_is_left_for_the_one_that_took_over(group, connect):
    store = connect(**dict(group.manager, wait_replicas=0))
    yield until_well(store)
    assert (yield says(store, 'm1')) is Accepted.STORED
    yield threads.deferToThread(group.freeze)
    yield threads.deferToThread(group.fail_over)
    yield until_well(store)
    while (yield unavailable(says(store, 'm2'))):
        yield task.deferLater(reactor, 0.05, lambda: None)
    yield store.examine()
    assert [flaw.kind for flaw in store.flaws] == ['no_replica']
    yield threads.deferToThread(group.thaw)


@pytest_twisted.inlineCallbacks
def test_sentinels_that_know_nothing_of_the_service_are_trouble_that_says_so(group, connect):
    yield trouble_of(connect(**dict(group.manager, service_name='other')), 'other',
                     'No such master')
    yield trouble_of(connect(sentinels=['%s:%d' % (HOST, free_port())], service_name='bridge'),
                     'no Sentinel names the master of bridge', 'refused')
