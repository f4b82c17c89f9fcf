"""A TCP proxy between RabbitMQ and its clients, which keeps every frame that the clients send."""
from __future__ import absolute_import, division, print_function, unicode_literals

import socket
import struct
import threading

import attr
from txamqp.connection import Header, Method
from txamqp.protocol import FrameReceiver

from vumi_snappy.bus.specification import load

_HEAD = struct.Struct(str('>BHI'))
_METHOD, _HEADER = 1, 2


@attr.s
class Call(object):
    """A method with its fields by name, and the properties of the message that went with it."""

    client = attr.ib()
    name = attr.ib()
    fields = attr.ib()
    properties = attr.ib(default=None)


class Wiretap(object):
    """Clients connect to `port` instead of to `broker_port`; runs in threads of its own."""

    def __init__(self, broker_port):
        self._broker_port = broker_port
        self._sent = []
        self._sockets = []
        self._listener = socket.socket()
        self._listener.bind(('127.0.0.1', 0))
        self._listener.listen(20)
        self.port = self._listener.getsockname()[1]
        _in_background(self._accept)

    def stop(self):
        for each in [self._listener] + self._sockets:
            _shut(each)

    def calls(self):
        """All that was asked of the broker so far, of all connections."""
        return [call for sent in list(self._sent) for call in _calls(b''.join(sent))]

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except EnvironmentError:
                return
            broker = socket.create_connection(('127.0.0.1', self._broker_port))
            self._sockets += [client, broker]
            sent = []
            self._sent.append(sent)
            _in_background(_pass_on, client, broker, sent.append)
            _in_background(_pass_on, broker, client, lambda data: None)


def _in_background(work, *arguments):
    thread = threading.Thread(target=work, args=arguments)
    thread.daemon = True
    thread.start()


def _pass_on(source, target, keep):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            keep(data)
            target.sendall(data)
    except EnvironmentError:
        pass
    _shut(source)
    _shut(target)


def _shut(each):
    try:
        each.shutdown(socket.SHUT_RDWR)
    except EnvironmentError:
        pass  # the other side was quicker


def _calls(data):
    """The calls in what one client has sent; the last frame may not be whole yet."""
    receiver = FrameReceiver(load())
    found, product, at = [], None, 8
    while at + _HEAD.size < len(data):
        kind, _channel, size = _HEAD.unpack_from(data, at)
        raw = data[at:at + _HEAD.size + size + 1]
        if len(raw) < _HEAD.size + size + 1:
            break
        at += len(raw)
        if kind not in (_METHOD, _HEADER):
            continue
        payload = receiver._unpack_frame(raw).payload
        if isinstance(payload, Method):
            fields = {field.name: value
                      for field, value in zip(payload.method.fields, payload.args)}
            name = '%s.%s' % (payload.method.klass.name, payload.method.name)
            if name == 'connection.start-ok':
                product = fields['client-properties'].get('product')
            found.append(Call(product, name, fields))
        elif isinstance(payload, Header):
            # Of a publication that went just before, on whichever channel.
            found[-1].properties = payload.properties
    return found
