"""Private RabbitMQ and Redis instances, on free ports of 127.0.0.1, with folders of their own.

`Servers` is shared by the demo, the smoke test, the tests, the fault driver and the benchmarks;
``python -m tools.servers run COMMAND`` runs a command beside them.  They never touch a RabbitMQ or
Redis that runs on the machine, and they go, folders and all, however the calling process ends:
also when it is killed (`tools.guard`).  What is not installed is installed, where that is allowed
(`tools/need-debian`).
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, List, Sequence, Text  # noqa: F401

from tools.guard import Guard
from tools.ports import HOST, free_port  # noqa: F401
from tools.processes import ProcessFailed
from tools.rabbitmq_server import RabbitMQ
from tools.redis_server import Redis

_NEED = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'need-debian')


class Servers(object):
    """A Redis (`.redis`) and a RabbitMQ (`.rabbitmq`), in a folder that goes with them.

    Either can be left out, and is None then; `fsync` is Redis's ``appendfsync``.
    Errors: `ProcessFailed` when something is neither installed nor can be.
    """

    def __init__(self, redis=True, rabbitmq=True, fsync='always'):
        # type: (bool, bool, Text) -> None
        packages = [name for name, wanted in [
            ('redis-server', redis), ('rabbitmq-server', rabbitmq)] if wanted]
        # Its progress must not be taken for the output of a command run beside the servers.
        if subprocess.call([_NEED] + packages, stdout=sys.__stderr__):
            raise ProcessFailed('needed and not installed: %s' % (' '.join(packages),))
        self.folder = tempfile.mkdtemp(prefix=str('vumi-snappy-'))
        self.guard = Guard(self.folder)
        self.redis = Redis(self.folder, self.guard, fsync) if redis else None  # type: Any
        self.rabbitmq = RabbitMQ(self.folder, self.guard) if rabbitmq else None  # type: Any

    def start(self):
        # type: () -> Servers
        """Start both at once; cleans up when one does not come up.  Errors: `ProcessFailed`."""
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
        """End both, without ceremony, and remove their data."""
        for server in self._all():
            server.end()
        self.guard.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        # type: () -> Dict[str, str]
        """Where they are, as environment variables."""
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
    """The exit status of `command`, as a shell would say it."""
    # Ctrl-C reaches the command as well, which may need the servers until it has ended.  A handler
    # and not SIG_IGN, which the command would inherit.
    signal.signal(signal.SIGINT, lambda *_ignored: None)
    try:
        running = subprocess.Popen(command, env=dict(os.environ, **servers.environment()))
    except EnvironmentError as problem:
        _complain('%s: %s' % (command[0], problem.strerror))
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
        print('RabbitMQ and Redis listen on %s as said; Ctrl-C ends them.' % (HOST,))
        sys.stdout.flush()
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0


def _complain(text):
    # type: (Text) -> None
    # A server's log may have any characters, and the terminal few.
    print(text.encode('ascii', 'replace').decode('ascii'), file=sys.stderr)


def _exit(number, _frame):
    raise SystemExit(128 + number)


def main(arguments):
    # type: (Sequence[Text]) -> int
    """``run [--] [COMMAND...]``: run a command beside them, or wait for Ctrl-C."""
    if arguments[:1] != ['run']:
        _complain('usage: python -m tools.servers run [--] [COMMAND ...]')
        return 2
    command = arguments[2:] if arguments[1:2] == ['--'] else arguments[1:]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit)
    try:
        with Servers() as servers:
            return _run_beside(servers, command) if command else _wait_for_ctrl_c(servers)
    except ProcessFailed as problem:
        _complain('%s' % (problem,))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
