"""A private Redis (see `tools.servers`)."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import socket
from typing import Text  # noqa: F401

from tools.ports import HOST, free_port
from tools.private_server import PrivateServer
from tools.processes import Process


class Redis(PrivateServer):
    """A Redis that keeps an append-only file; `fsync` is its option `appendfsync`."""

    def __init__(self, folder, guard, fsync='always'):
        # type: (Text, object, Text) -> None
        self.port = free_port()
        data = os.path.join(folder, 'redis')
        os.mkdir(data)
        self.process = Process('Redis', [
            'redis-server', '--port', '%d' % self.port, '--bind', HOST, '--dir', data,
            '--appendonly', 'yes', '--appendfsync', fsync, '--save', '', '--daemonize', 'no',
        ], os.path.join(folder, 'redis.log'), guard, cwd=data)

    def ready(self):
        # type: () -> bool
        probe = socket.create_connection((str(HOST), self.port), 1)
        try:
            probe.sendall(b'PING\r\n')
            # While it loads its data, it answers -LOADING.
            return probe.recv(7).startswith(b'+PONG')
        finally:
            probe.close()
