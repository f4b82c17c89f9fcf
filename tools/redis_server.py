"""Private Redis or Valkey servers, and Sentinels (see `tools.servers`)."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import socket
from contextlib import closing
from typing import Any, Dict, List, Sequence, Text  # noqa: F401

from tools.ports import HOST, free_port
from tools.private_server import PrivateServer
from tools.processes import Process
from vumi_snappy.store import RedisServer


def program():
    # type: () -> Text
    """The program to start, which is also the name of its Debian package: ``redis-server``, or the
    value of VUMI_SNAPPY_REDIS_SERVER, such as ``valkey-server``."""
    return '%s' % (os.environ.get(str('VUMI_SNAPPY_REDIS_SERVER')) or 'redis-server',)


class _OfRedis(PrivateServer):
    """A process of the server, in a folder of its own with its configuration."""

    def __init__(self, folder, guard, name, settings, arguments=()):
        # type: (Text, object, Text, Sequence[Text], Sequence[Text]) -> None
        self.port = free_port()
        self.name = name
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        # Sentinel rewrites the file: a replica that became the master stays so after a restart.
        path = os.path.join(self.folder, 'redis.conf')
        with io.open(path, 'w', encoding='utf-8') as out:
            out.write('\n'.join(['port %d' % (self.port,), 'bind %s' % (HOST,),
                                 'dir %s' % (self.folder,), 'daemonize no'] + list(settings)))
        self.process = Process(name, [program(), path] + list(arguments),
                               os.path.join(folder, '%s.log' % (name,)), guard, cwd=self.folder)

    def command(self, *words):
        # type: (*object) -> bytes
        """The raw reply to a command.  For what the store has no method for."""
        with closing(socket.create_connection((str(HOST), self.port), 5)) as connection:
            parts = [('%s' % (word,)).encode('utf-8') for word in words]
            connection.sendall(b'*%d\r\n' % (len(parts),) + b''.join(
                b'$%d\r\n%s\r\n' % (len(part), part) for part in parts))
            return connection.recv(65536)

    def ready(self):
        # type: () -> bool
        # While it loads its data, it replies -LOADING.
        return self.command('PING').startswith(b'+PONG')


class Redis(_OfRedis):
    """A Redis with an append-only file; `fsync` is its option `appendfsync`, `settings` are further
    lines of its configuration."""

    def __init__(self, folder, guard, fsync='always', name='redis', settings=()):
        # type: (Text, object, Text, Text, Sequence[Text]) -> None
        super(Redis, self).__init__(folder, guard, name, [
            'appendonly yes', 'appendfsync %s' % (fsync,), 'save ""'] + list(settings))

    @property
    def manager(self):
        # type: () -> Dict[Text, Any]
        """A worker's `redis_manager` for it."""
        return {'host': HOST, 'port': self.port}

    @property
    def server(self):
        # type: () -> RedisServer
        """The same for a `Store`."""
        return RedisServer(host=HOST, port=self.port)


class Sentinel(_OfRedis):
    """One of the Sentinels that watch `master` as `service`, with `quorum`."""

    def __init__(self, folder, guard, name, master, service, quorum):
        # type: (Text, object, Text, Redis, Text, int) -> None
        super(Sentinel, self).__init__(folder, guard, name, [
            'sentinel monitor %s %s %d %d' % (service, HOST, master.port, quorum),
            'sentinel down-after-milliseconds %s 1000' % (service,),
            'sentinel failover-timeout %s 3000' % (service,)], ['--sentinel'])
