"""Reads what the broker delivers: the three frames of a message, without txAMQP's detours.

txAMQP decodes each field by a method of its own, and passes each frame through a lock and two
queues; that takes longer than all that the worker does with the message (the measure intake-echo).
Here the frames of a delivery, which are nearly all that arrives, are unpacked and put together at
once; everything else is left to txAMQP.  `Client` and its channels use it.

A message's properties are not read: nothing here needs them, and txAMQP can not read the lists and
long numbers that dead-lettering, federation and other clients put among them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import struct
from typing import Any, List, Optional, Text  # noqa: F401

from txamqp.connection import Body, Frame, Header, Method
from txamqp.content import Content
from txamqp.message import Message

_METHOD, _HEADER, _BODY = 1, 2, 3
#: basic.deliver.
_DELIVER = (60, 60)
_PREFIX = struct.Struct(str('>BHI'))  # type, channel, size
_IDS = struct.Struct(str('>HH'))
_CONTENT = struct.Struct(str('>HHQ'))  # class, weight, size
_TAG = struct.Struct(str('>QB'))


def unpack(spec, data):
    # type: (Any, bytes) -> Optional[Frame]
    """The frame that `data` is, if it is one of those that deliver a message; else None.

    Raises what `struct` and decoding raise, for what breaks the protocol.
    """
    kind, channel, size = _PREFIX.unpack_from(data)
    if data[-1:] != b'\xce':
        return None  # for txAMQP to complain
    if kind == _BODY:
        return Frame(channel, Body(data[7:7 + size]))
    if kind == _HEADER:
        class_id, weight, length = _CONTENT.unpack_from(data, 7)
        return Frame(channel, Header(spec.classes.byid[class_id], weight, length))
    if kind == _METHOD and _IDS.unpack_from(data, 7) == _DELIVER:
        consumer, at = _short(data, 11)
        tag, redelivered = _TAG.unpack_from(data, at)
        exchange, at = _short(data, at + 9)
        key, _ = _short(data, at)
        return Frame(channel, Method(
            spec.classes.byid[60].methods.byid[60], consumer, tag, bool(redelivered & 1), exchange,
            key))
    return None


def _short(data, at):
    # type: (bytes, int) -> Any
    """The short text at `at`, and where the next field is."""
    end = at + 1 + struct.unpack_from(str('>B'), data, at)[0]
    return data[at + 1:end].decode('utf-8'), end


def delivers(payload):
    # type: (Any) -> bool
    """Whether the payload of a frame begins a delivery."""
    return isinstance(payload, Method) and (
        payload.method.klass.id, payload.method.id) == _DELIVER


class Arriving(object):
    """A delivery of which the first frame has come; `method` is its payload."""

    def __init__(self, method):
        # type: (Method) -> None
        self._method = method
        self._missing = None  # type: Optional[int]
        self._pieces = []  # type: List[bytes]

    def add(self, payload):
        # type: (Any) -> Optional[Message]
        """The message, once the payload of the last of its frames is given."""
        if self._missing is None:
            self._missing = payload.size
        else:
            self._pieces.append(payload.content)
            self._missing -= len(payload.content)
        if self._missing > 0:
            return None
        return Message(self._method.method, self._method.args, Content(b''.join(self._pieces)))
