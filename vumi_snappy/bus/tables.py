"""Writes the tables of AMQP: the worker's properties at login, the arguments of a queue.

txAMQP knows texts and numbers only.  RabbitMQ wants a boolean for some arguments, and the
capabilities of a client are a table within a table.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import struct
from io import BytesIO
from typing import Any, Dict, Text  # noqa: F401

import six
from txamqp.codec import Codec
from txamqp.connection import Frame, Method


class _TableCodec(Codec):
    def encode_table(self, values):
        # type: (Dict[Text, Any]) -> None
        self.write(table(values))


class MethodWithTable(object):
    """The payload of a frame for txAMQP's `method`, one of whose arguments is a table."""

    type = Frame.METHOD

    def __init__(self, method):
        # type: (Method) -> None
        self._method = method

    def encode(self, codec):
        # type: (Any) -> None
        """Writes the payload, as txAMQP asks of every payload."""
        out = BytesIO()
        own = _TableCodec(out)
        own.encode_short(self._method.method.klass.id)
        own.encode_short(self._method.method.id)
        for field, value in zip(self._method.method.fields, self._method.args):
            own.encode(field.type, value)
        own.flush()
        codec.encode_longbytes(out.getvalue())


def has_table(payload):
    # type: (Any) -> bool
    """Whether the payload of a frame is a method with a table that is not empty."""
    return isinstance(payload, Method) and any(
        isinstance(value, dict) and value for value in payload.args)


def table(values):
    # type: (Dict[Text, Any]) -> bytes
    """A table with its length."""
    return _long(b''.join(
        short_text(name) + _value(value) for name, value in sorted(values.items())))


def short_text(text):
    # type: (Text) -> bytes
    """A text of up to 255 bytes with its length; what is longer is cut."""
    data = six.ensure_binary(text)[:255]
    return struct.pack(str('>B'), len(data)) + data


def _long(data):
    # type: (bytes) -> bytes
    return struct.pack(str('>I'), len(data)) + data


def _value(value):
    # type: (Any) -> bytes
    if isinstance(value, bool):
        return b't' + struct.pack(str('>?'), value)
    if isinstance(value, six.integer_types):
        return b'I' + struct.pack(str('>i'), value)
    if isinstance(value, dict):
        return b'F' + table(value)
    return b'S' + _long(six.ensure_binary(value))
