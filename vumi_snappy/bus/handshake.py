"""What the worker tells the broker of itself at login.

txAMQP cannot write the nested table of capabilities, and without them RabbitMQ only closes the
socket on a wrong password, and is silent when a queue that is consumed from goes away (deleted, or
its cluster node went down): the consumer would starve, unnoticed.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import struct
from typing import Any, Dict, Text  # noqa: F401

from txamqp.connection import Frame
from vumi_snappy import __version__
from vumi_snappy.bus.tables import short_text, table

#: connection.start-ok, in AMQP 0-8 and 0-9-1.
START_OK = (10, 11)

CAPABILITIES = {
    'authentication_failure_close': True,
    'consumer_cancel_notify': True,
}


def client_properties(connection_name):
    # type: (Text) -> Dict[Text, Any]
    """As RabbitMQ's management pages show them."""
    return {
        'product': 'vumi-snappy',
        'version': __version__,
        'connection_name': connection_name,
        'capabilities': CAPABILITIES,
    }


def answer_start(channel, connection_name):
    # type: (Any, Text) -> None
    """Answer connection.start, for a delegate of txAMQP: it can't write a login beyond ASCII."""
    client = channel.client
    channel.outgoing.put(Frame(channel.id, StartOk(
        client_properties(connection_name), client.mechanism, client.response, client.locale)))


def vhost_bytes(vhost):
    # type: (Any) -> bytes
    """The vhost for txAMQP, which counts the characters of a text as bytes."""
    return vhost if isinstance(vhost, bytes) else vhost.encode('utf-8')


class StartOk(object):
    """The payload of the frame that answers the broker's connection.start."""

    type = Frame.METHOD

    def __init__(self, properties, mechanism, response, locale):
        # type: (Dict[Text, Any], Text, Dict[Text, Text], Text) -> None
        self._data = (
            struct.pack(str('>HH'), *START_OK) + table(properties) + short_text(mechanism) +
            table(response) + short_text(locale))

    def encode(self, codec):
        # type: (Any) -> None
        """Writes the payload, as txAMQP asks of every payload."""
        codec.encode_longbytes(self._data)
