"""A connection by txAMQP, whoever makes it: the worker, or what looks at its queues.

RabbitMQ answers a version of AMQP that it does not speak with the protocol header of one that it
does, and closes the connection.  To txAMQP that is a connection that was lost during the login, as
after a wrong password.  Here it gets a message of its own, with the option that mends it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional, Text  # noqa: F401

import six
from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401
from txamqp.client import Closed
from txamqp.connection import Frame  # noqa: F401
from txamqp.protocol import AMQClient

from vumi_snappy.bus.frames import unpack
from vumi_snappy.bus.sending import ConfirmedChannel
from vumi_snappy.bus.specification import DEFAULT

#: What every protocol header begins with, and no frame.
_HEADER = b'AMQP'


class Client(AMQClient):
    """Reads also what txAMQP can not, such as the counts of a quorum queue."""

    channelClass = ConfirmedChannel
    #: Whether the broker does not speak our version.
    refused = False
    why_closed = None  # type: Optional[Text]
    _first = b''

    def __init__(self, delegate, vhost, *args, **kw):
        # txAMQP counts the characters of a text as bytes.
        AMQClient.__init__(self, delegate, six.ensure_binary(vhost), *args, **kw)

    def dataReceived(self, data):
        # type: (bytes) -> None
        if len(self._first) < len(_HEADER):
            self._first = (self._first + data)[:len(_HEADER)]
        if self._first != _HEADER:
            return AMQClient.dataReceived(self, data)
        self.refused = True
        self.drop()

    def _unpack_frame(self, data):
        # type: (bytes) -> Frame
        return unpack(self.spec, data) or AMQClient._unpack_frame(self, data)

    def drop(self):
        # type: () -> None
        """Ends the connection at once, whatever state the broker is in."""
        self.transport.abortConnection()

    @inlineCallbacks
    def get_channel(self):
        # type: () -> Deferred
        """Fires with a channel that is open and nobody else's.  Errors: txAMQP's `Closed`."""
        if self.closed:
            # On a dead client it would wait for ever.
            raise Closed(self.why_closed or 'the connection was lost')
        channel = yield self.channel(max(self.channels) + 1)
        yield channel.channel_open()
        returnValue(channel)


def refusal(spec, who='RabbitMQ'):
    # type: (Any, Text) -> Text
    """What is wrong, and what to do, after a refusal of the specification `spec` by `who`."""
    # AMQP 0-8 has the numbers 8 and 0, its followers have 0 and 9.
    version = sorted([spec.major, spec.minor])
    wrong = '%s does not speak AMQP %d-%d' % ((who,) + tuple(version))
    if version == [0, 9]:
        return '%s: is it RabbitMQ, and is this its port for AMQP 0-9-1?' % (wrong,)
    return '%s, as this worker was told to: start it with --specfile %s' % (wrong, DEFAULT)
