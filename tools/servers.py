"""Private RabbitMQ and Redis instances, on free ports of 127.0.0.1, in private folders.

`Servers` is shared by the demo, the smoke test, the tests, the fault driver and the benchmarks;
``python -m tools.servers run COMMAND`` runs a command beside them.  They never touch a RabbitMQ or
Redis that runs on the machine, and they end, and their folders are removed, however the calling
process ends: also when it is killed (`tools.guard`).  Missing packages are installed, where that
is allowed (`tools/need-debian`).
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, List, Optional, Sequence, Text  # noqa: F401

from tools import redis_server
from tools.guard import Guard
from tools.installing import need
from tools.ports import HOST, free_port  # noqa: F401
from tools.processes import ProcessFailed
from tools.rabbitmq_cluster import RabbitMQCluster
from tools.rabbitmq_server import RabbitMQ
from tools.redis_group import RedisGroup
from tools.redis_server import Redis
from tools.terminal import hear_ctrl_c


class Servers(object):
    """A Redis (`.redis`) and a RabbitMQ (`.rabbitmq`), in a temporary folder.

    Either can be left out, and is None then; `fsync` is Redis's ``appendfsync``; `cluster` makes
    the RabbitMQ a cluster of three nodes with quorum queues (`tools.rabbitmq_cluster`); `group`
    are options of a `RedisGroup`, which replaces the Redis.
    Errors: `ProcessFailed` when something can't be installed.
    """

    def __init__(self, redis=True, rabbitmq=True, fsync='always', cluster=False, group=None):
        # type: (bool, bool, Text, bool, Optional[Dict[Text, int]]) -> None
        packages = [name for name, wanted in [
            (redis_server.program(), redis), ('rabbitmq-server', rabbitmq)] if wanted]
        # Its progress must not be taken for the output of a command run beside the servers.
        need(*packages)
        self.folder = tempfile.mkdtemp(prefix=str('vumi-snappy-'))
        self.guard = Guard(self.folder)
        self.redis = None  # type: Any
        if group is not None:
            self.redis = RedisGroup(self.folder, self.guard, fsync,
                                    **{str(name): group[name] for name in group})
        elif redis:
            self.redis = Redis(self.folder, self.guard, fsync)
        broker = RabbitMQCluster if cluster else RabbitMQ  # type: Any
        self.rabbitmq = broker(self.folder, self.guard) if rabbitmq else None  # type: Any

    def start(self):
        # type: () -> Servers
        """Start both at once; stops both if one fails.  Errors: `ProcessFailed`."""
        try:
            for server in self._all():
                server.begin()
            for server in self._all():
                server.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        # type: () -> None
        """Kill both, and remove their data."""
        for server in self._all():
            server.end()
        self.guard.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        # type: () -> Dict[str, str]
        """Ports and credentials, as environment variables."""
        where = {}
        if self.redis:
            where['REDIS_PORT'] = '%d' % (self.redis.port,)
        if self.rabbitmq:
            where.update(
                AMQP_PORT='%d' % (self.rabbitmq.port,), AMQP_VHOST=self.rabbitmq.vhost,
                AMQP_USERNAME=self.rabbitmq.username, AMQP_PASSWORD=self.rabbitmq.password)
        return {str('VUMI_SNAPPY_' + name): str(value) for name, value in where.items()}

    def __enter__(self):
        # type: () -> Servers
        return self.start()

    def __exit__(self, *_ignored):
        # type: (*Any) -> None
        self.stop()

    def _all(self):
        # type: () -> List[Any]
        return [server for server in (self.rabbitmq, self.redis) if server]


def _run_beside(servers, command):
    # type: (Servers, Sequence[Text]) -> int
    """The exit status of `command`, as in a shell."""
    # Ctrl-C reaches the command as well, which may need the servers until it has ended.  A handler
    # and not SIG_IGN, which the command would inherit.
    signal.signal(signal.SIGINT, lambda *_ignored: None)
    try:
        running = subprocess.Popen(command, env=dict(os.environ, **servers.environment()))
    except EnvironmentError as problem:
        _print_error('%s: %s' % (command[0], problem.strerror))
        return 127
    servers.guard.watch(running.pid)
    try:
        status = running.wait()
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait()
        servers.guard.forget(running.pid)
    return 128 - status if status < 0 else status


def _wait_for_ctrl_c(servers):
    # type: (Servers) -> int
    where = servers.environment()
    try:
        for name in sorted(where):
            print('%s=%s' % (name, where[name]))
        print('RabbitMQ and Redis listen on %s, as above; Ctrl-C ends them.' % (HOST,))
        sys.stdout.flush()
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0


def _print_error(text):
    # type: (Text) -> None
    # A server's log may have characters that the terminal can't show.
    print(text.encode('ascii', 'replace').decode('ascii'), file=sys.stderr)


def _exit(number, _frame):
    raise SystemExit(128 + number)


def main(arguments):
    # type: (Sequence[Text]) -> int
    """``run [--] [COMMAND...]``: run a command beside them, or wait for Ctrl-C."""
    if arguments[:1] != ['run']:
        _print_error('usage: python -m tools.servers run [--] [COMMAND ...]')
        return 2
    command = arguments[2:] if arguments[1:2] == ['--'] else arguments[1:]
    hear_ctrl_c()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)
    try:
        with Servers() as servers:
            return _run_beside(servers, command) if command else _wait_for_ctrl_c(servers)
    except ProcessFailed as problem:
        _print_error('%s' % (problem,))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
