"""What the worker tells the broker of itself at login.

txAMQP cannot write the nested table of capabilities, and without them RabbitMQ only closes the
socket on a wrong password, and is silent when a queue that is consumed from goes away (deleted, or
its cluster node went down): the consumer would starve, unnoticed.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import struct
from typing import Any, Dict, Text  # noqa: F401

from txamqp.connection import Frame
from vumi_snappy import __version__

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


class StartOk(object):
    """The payload of the frame that answers the broker's connection.start."""

    type = Frame.METHOD

    def __init__(self, properties, mechanism, response, locale):
        # type: (Dict[Text, Any], Text, Dict[Text, Text], Text) -> None
        self._data = (
            struct.pack(str('>HH'), *START_OK) + _table(properties) + _short(mechanism) +
            _table(response) + _short(locale))

    def encode(self, codec):
        """Writes the payload, as txAMQP asks of every payload."""
        codec.encode_longbytes(self._data)


def _short(text):
    # type: (Text) -> bytes
    data = _bytes(text)[:255]
    return struct.pack(str('>B'), len(data)) + data


def _long(data):
    # type: (bytes) -> bytes
    return struct.pack(str('>I'), len(data)) + data


def _table(values):
    # type: (Dict[Text, Any]) -> bytes
    return _long(b''.join(_short(name) + _value(value) for name, value in sorted(values.items())))


def _value(value):
    # type: (Any) -> bytes
    if isinstance(value, bool):
        return b't' + struct.pack(str('>?'), value)
    if isinstance(value, dict):
        return b'F' + _table(value)
    return b'S' + _long(_bytes(value))


def _bytes(text):
    # type: (Any) -> bytes
    return text if isinstance(text, bytes) else text.encode('utf-8')
