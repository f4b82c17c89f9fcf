"""The private RabbitMQ and Redis: what they keep, and that nothing of them stays behind."""
from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import io
import os
import signal
import socket
import struct
import subprocess
import sys

import pytest
import redis

from tests.integration.looking import deaf_to_ctrl_c
from tools.processes import ROOT, ProcessFailed
from tools.servers import Servers
from tools.waiting import until


@pytest.fixture(scope='module')
def own():
    """Servers of this module's own: other tests' stay as they are."""
    with Servers() as running:
        yield running


def client(port, **options):
    return redis.StrictRedis('127.0.0.1', port, **options)


def runs(pid):
    """Whether a process runs: one that has ended may be a zombie, if its parent did not ask."""
    try:
        with io.open('/proc/%d/stat' % (pid,), encoding='utf-8', errors='replace') as stat:
            return stat.read().rpartition(') ')[2][0] not in 'ZX'
    except EnvironmentError:
        return False


def processes_with(text):
    """The ids of the processes whose environment, command or folder has `text`."""
    found = []
    for name in os.listdir('/proc'):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        said = ''
        for part in ('environ', 'cmdline'):
            try:
                with io.open('/proc/%s/%s' % (name, part), 'rb') as source:
                    said += source.read().decode('utf-8', 'replace')
            except EnvironmentError:
                pass
        try:
            said += os.readlink('/proc/%s/cwd' % (name,))
        except EnvironmentError:
            pass
        if text in said and runs(int(name)):
            found.append(int(name))
    return found


def listening(pid):
    """The addresses, of host and port, on which a process listens, as the kernel tells them."""
    sockets = set()
    for name in os.listdir('/proc/%d/fd' % (pid,)):
        try:
            sockets.add(os.readlink('/proc/%d/fd/%s' % (pid, name)))
        except EnvironmentError:
            pass  # It was closed meanwhile.
    for family, table in [(socket.AF_INET, 'tcp'), (socket.AF_INET6, 'tcp6')]:
        with open('/proc/%d/net/%s' % (pid, table)) as connections:
            for words in [line.split() for line in connections.readlines()[1:]]:
                if words[3] == '0A' and 'socket:[%s]' % (words[9],) in sockets:
                    host, _, port = words[1].partition(':')
                    # Words of 32 bits, each in the order of this machine.
                    raw = b''.join(struct.pack(str('=I'), int(host[at:at + 8], 16))
                                   for at in range(0, len(host), 8))
                    yield socket.inet_ntop(family, raw), int(port, 16)


def connection_to(port):
    return socket.create_connection((str('127.0.0.1'), port), 5)


def said_by(connection, within):
    """What comes next, or None when nothing does."""
    connection.settimeout(within)
    while True:
        try:
            return connection.recv(8)
        except socket.timeout:
            return None
        except socket.error as problem:
            # A process of ours that stops or ends is told to us by a signal.
            if problem.errno != errno.EINTR:
                raise


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_redis_keeps_its_data_and_port_over_an_end_and_a_start(own, end):
    port = own.redis.port
    client(port).set('kept over', end)
    getattr(own.redis, end)()
    with pytest.raises(redis.ConnectionError):
        client(port).ping()
    own.redis.start()
    assert own.redis.port == port
    assert client(port).get('kept over') == end.encode('ascii')


def test_a_frozen_redis_hangs_until_it_is_thawed(own):
    own.redis.freeze()
    try:
        with pytest.raises(redis.TimeoutError):
            client(own.redis.port, socket_timeout=0.3).ping()
    finally:
        own.redis.thaw()
    assert client(own.redis.port).ping()


def test_rabbitmq_keeps_its_queues_and_port_over_a_kill(own):
    port = own.rabbitmq.port
    declared = own.rabbitmq.ctl(
        'eval', 'rabbit_amqqueue:declare(rabbit_misc:r(<<"%s">>, queue, <<"kept">>), true, false,'
        ' [], none, <<"test">>).' % (own.rabbitmq.vhost,))
    assert 'new' in declared
    own.rabbitmq.kill()
    with pytest.raises(socket.error):
        connection_to(port)
    own.rabbitmq.start()
    assert own.rabbitmq.port == port
    assert own.rabbitmq.list_queues() == {'kept': 0}


def test_a_frozen_rabbitmq_says_nothing_until_it_is_thawed(own):
    own.rabbitmq.freeze()
    try:
        asking = connection_to(own.rabbitmq.port)
        asking.sendall(b'HTTP/1.1')
        assert said_by(asking, 0.3) is None
    finally:
        own.rabbitmq.thaw()
    assert said_by(asking, 20).startswith(b'AMQP')
    asking.close()


def test_a_server_that_cannot_start_is_told_of_with_the_end_of_its_log(own):
    own.redis.stop()
    in_the_way = socket.socket()
    in_the_way.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    in_the_way.bind(('127.0.0.1', own.redis.port))
    in_the_way.listen(1)
    try:
        with pytest.raises(ProcessFailed) as failed:
            own.redis.start()
    finally:
        in_the_way.close()
        own.redis.start()
    assert 'redis ended with status 1' in '%s' % (failed.value,)
    assert 'Address already in use' in '%s' % (failed.value,)


def test_another_server_than_redis_is_started_where_it_is_named(monkeypatch, tmpdir):
    monkeypatch.setenv('VUMI_SNAPPY_REDIS_SERVER', 'valkey-server')
    monkeypatch.setenv('PATH', str(tmpdir), prepend=os.pathsep)
    program = tmpdir.join('valkey-server')
    program.write('#!/bin/sh\nexec redis-server "$@"\n')
    program.chmod(0o755)
    with Servers(rabbitmq=False) as other:
        assert client(other.redis.port).ping()
        assert 'valkey-server' in ' '.join(other.redis.process.argv)


def test_the_servers_listen_on_the_loopback_alone(own):
    held = processes_with(own.folder)
    ours = set(address for pid in held for address in listening(pid))
    assert ('127.0.0.1', own.redis.port) in ours
    assert ('127.0.0.1', own.rabbitmq.port) in ours
    assert set(host for host, _ in ours) <= {'127.0.0.1', '::1'}


class Beside(object):
    """``python -m tools.servers run``, in a temporary folder that is this test's alone."""

    def __init__(self, tmpdir, *command):
        self.folder = tmpdir
        with deaf_to_ctrl_c():
            self.running = subprocess.Popen(
                [sys.executable, '-m', 'tools.servers', 'run'] + list(command), cwd=ROOT,
                env=dict(os.environ, TMPDIR=str(tmpdir)), stdout=subprocess.PIPE,
                preexec_fn=os.setsid)

    def status(self):
        """Its exit status; fails when it does not end."""
        until(lambda: self.running.poll() is not None)
        return self.running.returncode

    def until_it_says(self, text):
        while True:
            line = self.running.stdout.readline().decode('utf-8')
            assert line, 'it ended without saying %r' % (text,)
            if text in line:
                return line

    def left(self):
        """What is left of the servers: files, and processes."""
        return self.folder.listdir() + processes_with(str(self.folder))

    def end(self):
        """Kill what a broken promise left behind."""
        for pid in processes_with(str(self.folder)):
            os.kill(pid, signal.SIGKILL)
        self.running.wait()


@pytest.fixture
def run_beside(tmpdir):
    """A function that runs ``tools.servers run`` with the arguments given."""
    made = []

    def run(*command):
        made.append(Beside(tmpdir, *command))
        return made[-1]
    yield run
    for beside in made:
        beside.end()


def test_a_command_beside_the_servers_knows_where_they_are_and_its_status_counts(run_beside):
    beside = run_beside('--', 'sh', '-c', 'env; exit 7')
    said = '\n' + beside.running.communicate()[0].decode('utf-8')
    assert beside.running.returncode == 7
    for name in ('REDIS_PORT', 'AMQP_PORT', 'AMQP_VHOST', 'AMQP_USERNAME', 'AMQP_PASSWORD'):
        assert '\nVUMI_SNAPPY_%s=' % (name,) in said
    assert beside.left() == []


@pytest.mark.parametrize('number, status', [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_nothing_is_left_when_the_servers_are_interrupted(run_beside, number, status):
    beside = run_beside()
    beside.until_it_says('Ctrl-C')
    # As a terminal does it: to the whole group.
    os.killpg(beside.running.pid, number)
    assert beside.status() == status
    assert beside.left() == []


def test_a_command_that_ctrl_c_ends_can_use_the_servers_to_its_end(run_beside):
    beside = run_beside('bash', '-c', '''
        trap 'redis-cli -p $VUMI_SNAPPY_REDIS_PORT ping; exit 5' INT
        echo started; while :; do sleep 0.1; done''')
    beside.until_it_says('started')
    os.killpg(beside.running.pid, signal.SIGINT)
    beside.until_it_says('PONG')
    assert beside.status() == 5
    assert beside.left() == []


@pytest.mark.parametrize('command', [(), ('sh', '-c', 'echo Ctrl-C; exec sleep 600')])
def test_nothing_is_left_when_who_started_the_servers_is_killed(run_beside, command):
    beside = run_beside(*command)
    beside.until_it_says('Ctrl-C')
    assert len(beside.left()) > 3
    os.kill(beside.running.pid, signal.SIGKILL)
    beside.running.wait()
    until(lambda: beside.left() == [])


def test_nothing_is_left_when_a_server_does_not_come_up(tmpdir, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmpdir))
    servers = Servers(rabbitmq=False)
    servers.redis.process.argv += ['--no-such-option', 'x']
    with pytest.raises(ProcessFailed):
        servers.start()
    assert tmpdir.listdir() == []
