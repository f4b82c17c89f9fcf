"""The worker goes from one broker of its list to another, with and without TLS."""
from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import ipaddress
import uuid

import pytest
import pytest_twisted
import six
from cryptography import x509
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from twisted.internet import reactor
from twisted.internet.threads import deferToThread

from tests.integration.bus_stage import Recorder, Stage, eventually
from tools.servers import Servers
from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.probe import FINE, MISSING, probe


class Authority(object):
    """Makes certificates, in PEM files of `folder`."""

    def __init__(self, folder):
        self._folder = folder
        folder.mkdir('roots')
        self._key, self._name = self._new_key(), self._subject('a test authority')
        self.certificate = self._sign(self._name, self._key, True)
        self.path = self._write('roots/ca.pem', self.certificate)
        self.roots = str(folder.join('roots'))

    def issue(self, name):
        """The paths of a certificate and its key."""
        key = self._new_key()
        return (self._write(name + '.pem', self._sign(self._subject(name), key, False)),
                self._write_bytes(name + '.key', key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                    serialization.NoEncryption())))

    def _new_key(self):
        return rsa.generate_private_key(65537, 2048, default_backend())

    def _subject(self, name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def _sign(self, subject, key, is_ca):
        now = datetime.datetime.utcnow()
        day = datetime.timedelta(days=1)
        address = x509.IPAddress(ipaddress.ip_address('127.0.0.1'))
        made = x509.CertificateBuilder(
            issuer_name=self._name, subject_name=subject, public_key=key.public_key(),
            serial_number=x509.random_serial_number(), not_valid_before=now - day,
            not_valid_after=now + day)
        made = made.add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        return made.sign(self._key, hashes.SHA256(), default_backend())

    def _write(self, name, certificate):
        return self._write_bytes(name, certificate.public_bytes(serialization.Encoding.PEM))

    def _write_bytes(self, name, data):
        path = self._folder.join(name)
        path.write_binary(data)
        return str(path)


@pytest.fixture
def authority(tmpdir):
    return Authority(tmpdir)


@pytest.fixture
def secured(authority):
    """A broker of its own that also listens with TLS, as a stage with `tls_port`."""
    servers = Servers(redis=False)
    tls_port = servers.rabbitmq.listen_with_tls(authority.path, *authority.issue('broker'))
    with servers:
        stage = Stage(servers.rabbitmq)
        stage.tls_port = tls_port
        with stage.log:
            yield stage
            pytest_twisted.blockon(stage.stop())


@pytest_twisted.inlineCallbacks
def test_a_worker_goes_to_the_next_broker_of_its_list_when_one_is_down(stage, free_port):
    live = 'tcp:127.0.0.1:%d' % (stage.rabbitmq.port,)
    dead = 'tcp:127.0.0.1:%d' % (free_port(),)
    # Vumi's own options lead nowhere: they are not used.
    worker = yield stage.start(
        Recorder, options={'port': free_port()}, amqp_brokers=[dead, live])
    assert stage.log.count('RabbitMQ at %s cannot be reached' % (dead,)) == 1
    yield stage.says('a')
    yield eventually(lambda: worker.handled == ['a'])
    # What is not acked when the connection goes is delivered again.
    yield eventually(lambda: deferToThread(stage.rabbitmq.list_queues).addCallback(
        lambda messages: messages[stage.queue('inbound')] == 0))
    worker._amqp_client.drop()
    yield eventually(lambda: worker.told == ['connected', 'lost', 'connected'])
    yield stage.says('b')
    yield eventually(lambda: worker.handled == ['a', 'b'])


@pytest_twisted.inlineCallbacks
def test_a_worker_leaves_a_frozen_broker_for_the_next_of_its_list(stage, secured):
    worker = yield stage.start(
        Recorder, options={'heartbeat': 1, 'password': secured.rabbitmq.password},
        amqp_brokers=['tcp:127.0.0.1:%d' % (secured.rabbitmq.port,),
                      'tcp:127.0.0.1:%d' % (stage.rabbitmq.port,)])
    stage.rabbitmq.ctl('change_password', secured.rabbitmq.username, secured.rabbitmq.password)
    try:
        secured.rabbitmq.freeze()
        yield eventually(lambda: worker.told == ['connected', 'lost', 'connected'])
    finally:
        secured.rabbitmq.thaw()
        stage.rabbitmq.ctl(
            'change_password', stage.rabbitmq.username, stage.rabbitmq.password)


@pytest_twisted.inlineCallbacks
def test_a_login_and_a_vhost_may_be_beyond_ascii(stage):
    vhost, username, password = ['%s %s' % (word, uuid.uuid4().hex) for word in (
        '/m\xfcnchen', 'n\xf8rd', 'p\xe4ssw\xf6rd')]

    def ctl(*words):
        return stage.ctl(*[six.ensure_str(word) for word in words])

    login = {'vhost': vhost, 'username': username, 'password': password}
    yield ctl('add_vhost', vhost)
    try:
        yield ctl('add_user', username, password)
        yield ctl('set_permissions', '-p', vhost, username, '.*', '.*', '.*')
        assert (yield probe(reactor, dict(stage.options(), **login), stage.name)) == MISSING
        worker = yield stage.start(Recorder, options=login)
        yield eventually(lambda: worker.told == ['connected'])
        assert (yield probe(reactor, dict(stage.options(), **login), stage.name)) == FINE
    finally:
        yield ctl('delete_vhost', vhost)
        yield ctl('delete_user', username)


@pytest_twisted.inlineCallbacks
def test_a_worker_speaks_tls_with_a_certificate_of_its_own(secured, authority):
    certificate, key = authority.issue('worker')
    broker = 'tls:127.0.0.1:%d:trustRoots=%s:certificate=%s:privateKey=%s' % (
        secured.tls_port, authority.roots, certificate, key)
    worker = yield secured.start(amqp_brokers=[broker])
    yield secured.says('a')
    yield eventually(lambda: worker.handled == ['a'])
    assert (yield probe(reactor, secured.options(), secured.name, broker=broker)) == FINE


@pytest_twisted.inlineCallbacks
def test_a_broker_whose_certificate_nobody_vouches_for_is_not_spoken_to(secured, tmpdir):
    stranger = Authority(tmpdir.mkdir('stranger'))
    broker = 'tls:127.0.0.1:%d:trustRoots=%s:certificate=%s:privateKey=%s' % (
        (secured.tls_port, stranger.roots) + stranger.issue('worker'))
    with pytest.raises(BusUnavailable):
        yield probe(reactor, secured.options(), secured.name, broker=broker)
    worker = secured.begin(amqp_brokers=[broker])
    yield eventually(lambda: 'RabbitMQ' in secured.log.text)
    assert worker.bus_trouble
