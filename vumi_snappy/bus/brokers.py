"""Connects to one of several brokers, and to the next one when that fails or is lost.

It stands where Vumi has a `TCPClient` service for the one broker of its own options; `BusFactory`
says when to connect again.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Text  # noqa: F401

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, maybeDeferred
from twisted.internet.endpoints import clientFromString
from twisted.python.failure import Failure  # noqa: F401


class Brokers(Service, object):
    """Connects `factory` (a `BusFactory`) by `endpoints` (descriptions of Twisted's client
    endpoints) in turn; `timeout` is in seconds, for each attempt."""

    def __init__(self, reactor, endpoints, factory, timeout):
        # type: (Any, List[Text], Any, float) -> None
        self._reactor = reactor
        self._endpoints = endpoints
        self._factory = factory
        self._timeout = timeout
        self._attempts = 0
        self._connecting = None  # type: Any
        factory.brokers = self

    @property
    def where(self):
        # type: () -> Text
        """The broker that was tried last, without the names of its key files."""
        endpoint = self._endpoints[(self._attempts - 1) % len(self._endpoints)]
        return ':'.join(endpoint.split(':')[:3])

    def startService(self):
        # type: () -> None
        """Begin with the first."""
        Service.startService(self)
        self.connect()

    def stopService(self):
        # type: () -> None
        """Connect no more."""
        Service.stopService(self)
        self._factory.stopTrying()
        self.stopConnecting()

    def connect(self):
        # type: () -> None
        """Try the next; the factory is told of a failure."""
        endpoint = self._endpoints[self._attempts % len(self._endpoints)]
        self._attempts += 1
        d = maybeDeferred(clientFromString, self._reactor, str(endpoint))
        d.addCallback(lambda endpoint: endpoint.connect(self._factory))
        d.addTimeout(self._timeout, self._reactor)
        d.addErrback(self._failed)
        self._connecting = d

    def stopConnecting(self):
        # type: () -> None
        """Give up an attempt that is under way."""
        if self._connecting is not None:
            self._connecting.cancel()

    def _failed(self, reason):
        # type: (Failure) -> None
        if not reason.check(CancelledError):
            self._factory.clientConnectionFailed(self, reason)
