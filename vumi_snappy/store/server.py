"""Which Redis, and how it is reached: by name, by a Unix socket, or through Sentinels.

A value that the configuration makes and the store's connection uses.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional, Sequence, Text, Tuple  # noqa: F401

import attr
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, wrapClientTLS
from twisted.internet.ssl import optionsForClientTLS

#: Seconds before the next of several addresses of a name is tried as well.
_NEXT_ADDRESS = 0.05


@attr.s(frozen=True, slots=True)
class Tls(object):
    """Whose certificates are trusted (`IOpenSSLTrustRoot`), and our own one, if Redis wants it."""

    trust = attr.ib()  # type: Any
    certificate = attr.ib(default=None, repr=False)  # type: Any


@attr.s(frozen=True, slots=True)
class RedisServer(object):
    """The database `db` of a Redis.

    It is at `host` and `port`, at `unix_socket`, or is the master that `sentinels` (pairs of host
    and port) know as `service_name`.  `wait_replicas` is how many replicas must have what we
    write before it counts.
    """

    host = attr.ib(default='127.0.0.1')  # type: Text
    port = attr.ib(default=6379)  # type: int
    db = attr.ib(default=0)  # type: int
    username = attr.ib(default=None)  # type: Optional[Text]
    password = attr.ib(default=None, repr=False)  # type: Optional[Text]
    unix_socket = attr.ib(default=None)  # type: Optional[Text]
    tls = attr.ib(default=None)  # type: Optional[Tls]
    sentinels = attr.ib(default=())  # type: Sequence[Tuple[Text, int]]
    service_name = attr.ib(default='')  # type: Text
    sentinel_username = attr.ib(default=None)  # type: Optional[Text]
    sentinel_password = attr.ib(default=None, repr=False)  # type: Optional[Text]
    wait_replicas = attr.ib(default=0)  # type: int

    def __str__(self):
        # type: () -> str
        if self.sentinels:
            return str('%s of the Sentinels at %s' % (
                self.service_name, ', '.join('%s:%d' % each for each in self.sentinels)))
        return str(self.unix_socket or '%s:%d' % (self.host, self.port))

    def endpoint(self, reactor, timeout, host=None, port=None):
        # type: (Any, float, Optional[Text], Optional[int]) -> Any
        """The `IStreamClientEndpoint` of it, or of another `host` and `port` that is reached in
        the same way; a name is looked up at each connection."""
        if self.unix_socket:
            return UNIXClientEndpoint(reactor, self.unix_socket, timeout)
        name = host or self.host
        endpoint = HostnameEndpoint(reactor, name, port or self.port, timeout,
                                    attemptDelay=_NEXT_ADDRESS)
        if self.tls is None:
            return endpoint
        return wrapClientTLS(optionsForClientTLS(
            name, trustRoot=self.tls.trust, clientCertificate=self.tls.certificate), endpoint)
