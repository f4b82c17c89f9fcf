"""Makes connections to the broker, one after the other, for as long as the worker runs.

After a loss stock Vumi waits longer and longer, up to an hour; this waits for two seconds at most.
It keeps why there is no connection, in words for operators, and logs each reason once a minute.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional, Text, Tuple  # noqa: F401

from twisted.internet.protocol import ReconnectingClientFactory
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.bus.client import refusal
from vumi_snappy.bus.connection import BusClient
from vumi_snappy.bus.specification import load
from vumi_snappy.runtime import log


class BusFactory(ReconnectingClientFactory):
    """Connects, and connects again within seconds, for as long as the worker runs."""

    noisy = False
    initialDelay = delay = 0.2
    factor = 2
    maxDelay = 2.0
    jitter = 0.1

    #: Seconds for which the same complaint is not logged again.
    QUIET = 60

    def __init__(self, worker):
        # type: (Any) -> None
        self.worker, self.options = worker, worker.options
        # For all that is published on this connection, also by what is Vumi's own.
        self.spec = load(self.options['specfile'])
        self.clock = worker.clock
        self.amqp_client = None  # type: Optional[BusClient]
        #: Why there is no connection, for an operator and without names; empty if it is not known.
        self.trouble = ''
        self._last_complaint = ('', 0.0)  # type: Tuple[Text, float]
        #: What connects by one of several endpoints, if there are any; else Twisted's connector.
        self.brokers = None  # type: Any  # a Brokers

    def buildProtocol(self, addr):
        # type: (Any) -> BusClient
        client = self.amqp_client = BusClient(self.worker, self)
        return client

    def clientConnectionFailed(self, connector, reason):
        # type: (Any, Failure) -> None
        if self.continueTrying:
            self.complain('RabbitMQ at %s cannot be reached (%s): trying again' % (
                self._where(), reason.getErrorMessage()), 'RabbitMQ cannot be reached')
        ReconnectingClientFactory.clientConnectionFailed(self, connector, reason)

    def clientConnectionLost(self, connector, reason):
        # type: (Any, Failure) -> None
        self.amqp_client = None
        ReconnectingClientFactory.clientConnectionLost(self, connector, reason)

    def resetDelay(self):
        # type: () -> None
        """Everything is set up; what goes wrong from now on is news."""
        ReconnectingClientFactory.resetDelay(self)
        self.trouble, self._last_complaint = '', ('', 0.0)

    def refused(self):
        # type: () -> None
        """The broker does not speak our AMQP: said once, until something else happens."""
        self.complain(refusal(self.spec, 'RabbitMQ at %s' % (self._where(),)),
                      refusal(self.spec), quiet=float('inf'))

    def _where(self):
        # type: () -> Text
        return self.brokers.where if self.brokers else '%s:%s' % (
            self.options.get('hostname'), self.options.get('port'))

    def complain(self, text, trouble, quiet=QUIET):
        # type: (Text, Text, float) -> None
        """Logs `text`, unless it was logged within the last `quiet` seconds; keeps `trouble`."""
        self.trouble = trouble
        last, since = self._last_complaint
        now = self.clock.seconds()
        if text != last or now - since >= quiet:
            self._last_complaint = (text, now)
            log.warning(text)
