"""Connections to other systems, of which it is always known whether anything can have been sent.

Owns reaching the host: names, TCP, TLS with the system's CAs, and giving connections up.  Promises
that a connection which can't be made, or whose TLS hand-shake does not come to an end, fails with
`Unreachable` before a byte of a call is written (Twisted's own endpoint writes the call while the
certificate is still unknown), and that a connection given up is gone within `LINGER` seconds.
The wire uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Optional, Text  # noqa: F401

from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.internet import defer, error
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IHandshakeListener, ISSLTransport, IStreamClientEndpoint
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure  # noqa: F401
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from vumi_snappy.http.call_errors import Unreachable

#: Seconds for the other side to close a connection that we close.
LINGER = 2.0


@implementer(IAgentEndpointFactory)
class Connections(object):
    """Makes the endpoints of an `Agent`; `timeout` (seconds) bounds each attempt to connect.

    The CAs are read once a host, not at each call: a change of them needs a restart.
    """

    def __init__(self, reactor, timeout):
        # type: (Any, float) -> None
        self._reactor = reactor
        self._timeout = timeout
        self._tls = {}  # type: Dict[bytes, Any]

    def endpointForURI(self, uri):
        # type: (Any) -> Any
        endpoint = HostnameEndpoint(self._reactor, uri.host, uri.port, timeout=self._timeout)
        if uri.scheme == b'https':
            if uri.host not in self._tls:
                self._tls[uri.host] = optionsForClientTLS(uri.host.decode('ascii'))
            endpoint = wrapClientTLS(self._tls[uri.host], endpoint)
        return _Endpoint(self._reactor, endpoint)


@implementer(IStreamClientEndpoint)
class _Endpoint(object):
    """Connects as `endpoint` does; fires when the connection is ready for use."""

    def __init__(self, reactor, endpoint):
        # type: (Any, Any) -> None
        self._reactor = reactor
        self._endpoint = endpoint

    def connect(self, factory):
        # type: (Any) -> defer.Deferred
        """Errors: `Unreachable`, whatever the reason."""
        factory.noisy = False
        d = self._endpoint.connect(_ConnectionFactory(self._reactor, factory))
        d.addCallback(lambda connection: connection.ready)
        d.addCallbacks(lambda connection: connection.wrappedProtocol, _unreachable)
        return d


@implementer(IHandshakeListener)
class _Connection(ProtocolWrapper):
    """One connection.  `ready` fires with it when it may be written to."""

    _alarm = None  # type: Any

    def __init__(self, factory, protocol):
        # type: (Any, Any) -> None
        ProtocolWrapper.__init__(self, factory, protocol)
        self.ready = defer.Deferred(lambda _: self.transport.abortConnection())

    def makeConnection(self, transport):
        # type: (Any) -> None
        ProtocolWrapper.makeConnection(self, transport)
        if not ISSLTransport.providedBy(transport):
            self.ready.callback(self)

    def handshakeCompleted(self):
        # type: () -> None
        # A certificate for another host is found by now, and its connection given up.
        if not self.ready.called and not self.transport.disconnecting:
            self.ready.callback(self)

    def loseConnection(self):
        # type: () -> None
        ProtocolWrapper.loseConnection(self)
        if self._alarm is None:
            self._alarm = self.factory.reactor.callLater(
                LINGER, self.transport.abortConnection)

    def connectionLost(self, reason=connectionDone):
        # type: (Failure) -> None
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        ProtocolWrapper.connectionLost(self, reason)
        if not self.ready.called:
            self.ready.errback(reason)


class _ConnectionFactory(WrappingFactory):
    """Wraps what `factory` builds."""

    protocol = _Connection
    noisy = False

    def __init__(self, reactor, factory):
        # type: (Any, Any) -> None
        WrappingFactory.__init__(self, factory)
        self.reactor = reactor


def _unreachable(reason):
    # type: (Failure) -> None
    raise Unreachable(_message(reason))


def _message(reason):
    # type: (Failure) -> Text
    """Why there is no connection, for the operator."""
    if reason.check(error.DNSLookupError):
        return "the host's name could not be resolved"
    if reason.check(error.ConnectionRefusedError):
        return 'the connection was refused'
    if reason.check(error.TimeoutError):
        return 'the host does not answer'
    if reason.check(VerificationError, CertificateError):
        return 'the certificate was not accepted: it is not for this host'
    if reason.check(SSL.Error):
        why = _openssl_reason(reason.value)
        if 'certificate' in why:
            return 'the certificate was not accepted: %s' % (why,)
        return 'no TLS connection could be made: %s' % (why or 'the hand-shake was cut off',)
    return 'no connection could be made (%s)' % (reason.type.__name__,)


def _openssl_reason(error):
    # type: (Exception) -> Text
    """The reason in the first entry of OpenSSL's error queue; empty where there is none."""
    queue = error.args[0] if error.args else None
    return '%s' % (queue[0][-1],) if isinstance(queue, list) and queue else ''
