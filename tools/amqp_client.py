"""A connection to RabbitMQ for tools and tests, with AMQP 0-9-1, which every RabbitMQ speaks.

What is published on it with the property "delivery mode" is persistent, as with Vumi's 0-8.
Its channels can have publisher confirms (`vumi_snappy.bus.sending.Confirms`).
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import protocol
from twisted.internet.defer import inlineCallbacks, returnValue
from txamqp.protocol import AMQClient

from tools.ports import HOST
from vumi_snappy.bus.frames import unpack
from vumi_snappy.bus.sending import ConfirmedChannel, ConfirmsDelegate
from vumi_snappy.bus.specification import load


class _Client(AMQClient):
    channelClass = ConfirmedChannel

    def _unpack_frame(self, data):
        if data[:1] == b'\x03':  # a body: on Python 3 txAMQP makes a text of it, wrongly
            return unpack(self.spec, data)
        try:
            return AMQClient._unpack_frame(self, data)
        except ValueError:  # a property that txAMQP can't read, such as a quorum queue's count
            return unpack(self.spec, data)


@inlineCallbacks
def connect(reactor, port, vhost, username, password, hostname=HOST, timeout=5.0):
    """Fires with an `AMQClient` that is logged in; `timeout` (seconds) bounds each step.

    Errors: those of connecting, txAMQP's `Closed`, Twisted's `TimeoutError`.
    """
    creator = protocol.ClientCreator(reactor, _Client, ConfirmsDelegate(), vhost, load())
    client = yield creator.connectTCP(hostname, port, timeout=timeout)
    try:
        yield client.authenticate(username, password).addTimeout(timeout, reactor)
    except Exception:
        client.transport.abortConnection()
        raise
    returnValue(client)
