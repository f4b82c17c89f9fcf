"""Snappy over TLS: whose certificate is accepted, and that nothing is sent to anybody else."""
from __future__ import absolute_import, division, print_function, unicode_literals

import datetime

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import ssl

from tests.snappy.conftest import DRAFT
from tests.snappy.raw import NONCE, http, reset
from tests.snappy.test_client import error_of
from tests.snappy.test_wire import error_after, is_unknown, never_sent, turn

_NOW = datetime.datetime.utcnow()
_DAY = datetime.timedelta(days=1)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority(object):
    """A certificate authority of the tests' own."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1(), default_backend())
        self._certificate = self._signed(self._key, 'Test CA', None, _NOW + _DAY, self._key)
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)

    def _signed(self, key, subject, host, until, signing_key):
        builder = x509.CertificateBuilder(
            subject_name=_name(subject), issuer_name=_name('Test CA'),
            public_key=key.public_key(), serial_number=x509.random_serial_number(),
            not_valid_before=_NOW - 10 * _DAY, not_valid_after=until)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        if host is not None:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(signing_key, hashes.SHA256(), default_backend())

    def context(self, host='localhost', until=_NOW + _DAY):
        """What a server for `host` needs, as Twisted takes it."""
        key = ec.generate_private_key(ec.SECP256R1(), default_backend())
        certificate = self._signed(key, host, host, until, self._key)
        return ssl.PrivateCertificate.loadPEM(
            certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption())).options()


@pytest.fixture(scope='module')
def authority():
    return Authority()


@pytest.fixture
def trusted(authority, tmpdir, monkeypatch):
    """The tests' CA as one that the system trusts."""
    bundle = tmpdir.join('ca.pem')
    bundle.write_binary(authority.pem)
    monkeypatch.setenv(str('SSL_CERT_FILE'), str(bundle))
    return authority


def post(stage, behave, context=None, **options):
    return stage.post(behave, context, scheme='https', host='localhost', **options)


@pytest_twisted.inlineCallbacks
def test_a_certificate_of_the_systems_authorities_is_accepted(stage, trusted):
    assert (yield post(stage, http(NONCE), trusted.context())) == 'k3jd82hs7ahq92m1'
    assert (yield stage.poster.post_note(DRAFT)) == 'k3jd82hs7ahq92m1'
    assert stage.server.accepted == 1


@pytest.mark.parametrize('issuer, certificate, why', [
    ('authority', {}, 'certificate verify failed'),
    ('trusted', dict(until=_NOW - _DAY), 'certificate verify failed'),
    ('trusted', dict(host='other.example.org'), 'it is not for this host')])
@pytest_twisted.inlineCallbacks
def test_any_other_certificate_is_not_accepted_and_nothing_was_sent(
        stage, request, issuer, certificate, why):
    context = request.getfixturevalue(str(issuer)).context(**certificate)
    error = yield error_of(post(stage, http(NONCE), context))
    assert never_sent(error)
    assert '%s' % (error,) == 'the certificate was not accepted: ' + why
    assert stage.server.requests == []


@pytest_twisted.inlineCallbacks
def test_a_server_without_tls_is_not_spoken_to(stage, trusted):
    call = post(stage, http(NONCE))
    yield stage.server.until(lambda: stage.server.connections)
    stage.server.connections[0].say(b'HTTP/1.1 400 Bad Request\r\n\r\n')
    error = yield error_of(call)
    assert never_sent(error)
    assert 'no TLS connection' in '%s' % (error,)


@pytest_twisted.inlineCallbacks
def test_a_server_that_breaks_the_hand_shake_off_was_sent_nothing(stage, trusted):
    call = post(stage, http(NONCE))
    yield stage.server.until(lambda: stage.server.connections)
    stage.server.connections[0].reset()
    assert never_sent((yield error_of(call)))


@pytest_twisted.inlineCallbacks
def test_a_hand_shake_that_hangs_costs_no_more_than_the_timeout_and_was_sent_nothing(
        stage, trusted):
    call = post(stage, http(NONCE), timeout=30)
    server = stage.server
    yield server.until(lambda: server.connections and server.connections[0].received)
    error = yield error_after(stage, 30, call)
    assert never_sent(error)
    assert '%s' % (error,) == 'no answer within 30 seconds'
    yield server.until(lambda: not server.connections)


@pytest_twisted.inlineCallbacks
def test_a_connection_lost_after_the_hand_shake_leaves_the_outcome_unknown(stage, trusted):
    assert is_unknown((yield error_of(post(stage, reset, trusted.context()))))
    assert len(stage.server.requests) == 1


@pytest_twisted.inlineCallbacks
def test_a_client_is_closed_although_the_other_side_does_not_take_leave(stage, trusted):
    yield post(stage, http(NONCE), trusted.context())
    stage.server.connections[0].transport.pauseProducing()
    closed = stage.poster.close()
    for _ in range(5):
        yield turn()
    stage.clock.advance(2)
    yield closed
