"""A private RabbitMQ node (see `tools.servers`).

All that nodes of one machine and user commonly share is its own: epmd, the home folder with the
cookie, data, logs, configuration, and the port for other nodes.  It knows no plugins.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import glob
import io
import os
import subprocess
import threading
import uuid
from typing import Dict, List, Text  # noqa: F401

from tools.ports import HOST, answers, free_port
from tools.private_server import PrivateServer
from tools.processes import Process, ProcessFailed

#: Seconds that one rabbitmqctl command may take.
_CTL_WITHIN = 60.0
#: Where the scripts themselves are: those in /usr/sbin switch the user and the folders.
_SCRIPTS = ['/usr/lib/rabbitmq/bin', '/usr/lib/rabbitmq/lib/*/sbin', '/opt/rabbitmq/sbin']
_EPMD = ['/usr/bin/epmd', '/usr/local/bin/epmd', '/usr/lib/erlang/erts-*/bin/epmd',
         '/usr/local/lib/erlang/erts-*/bin/epmd']

_CONFIG = '''\
listeners.tcp.1 = {host}:{port}
default_vhost = {vhost}
default_user = {username}
default_pass = {password}
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
'''
# The node is called NAME@localhost, and a machine may have no file that says what that is.
_INETRC = '{lookup, [file, native]}.\n{host, {127,0,0,1}, ["localhost"]}.\n'


class RabbitMQ(PrivateServer):
    """A broker with one user, who may do everything in one vhost."""

    def __init__(self, folder, guard):
        # type: (Text, object) -> None
        self.port = free_port()
        self.vhost = '/vumi'
        self.username = 'vumi'
        self.password = uuid.uuid4().hex
        self._folder = os.path.join(folder, 'rabbitmq')
        self._epmd_port = free_port()
        self._said_before = 0
        for each in ('', 'mnesia', 'log', 'home'):
            os.mkdir(os.path.join(self._folder, each))
        self._write('rabbitmq.conf', _CONFIG.format(
            host=HOST, port=self.port, vhost=self.vhost, username=self.username,
            password=self.password))
        self._write('enabled_plugins', '[].\n')
        self._write('inetrc', _INETRC)
        self._env = self._environment()
        self._epmd = Process(
            'epmd', [_found(_EPMD), '-port', '%d' % (self._epmd_port,), '-address', HOST],
            os.path.join(folder, 'epmd.log'), guard, cwd=self._folder, env=self._env)
        self.process = Process(
            'RabbitMQ', [self._script('rabbitmq-server')], os.path.join(folder, 'rabbitmq.log'),
            guard, cwd=self._folder, env=self._env)

    def begin(self):
        # type: () -> None
        """Start it without waiting for it."""
        if self.process.alive:
            return
        self._epmd.start()
        self._epmd.wait_until(lambda: answers(self._epmd_port), 10)
        # The log goes on over restarts: what counts is what this start says.
        self._said_before = len(self.process.log())
        self.process.start()

    def ready(self):
        # type: () -> bool
        return ('Server startup complete' in self.process.log()[self._said_before:]
                and answers(self.port))

    def end(self):
        # type: () -> None
        self.process.kill()
        self._epmd.kill()

    def close_all_connections(self):
        # type: () -> None
        """Cut every client off."""
        self.ctl('close_all_connections', '--global', 'closed on purpose')

    def list_queues(self):
        # type: () -> Dict[Text, int]
        """Messages in each queue of the vhost, ready and unacknowledged."""
        said = self.ctl('list_queues', '-p', self.vhost, '--no-table-headers', 'name', 'messages')
        rows = [line.split('\t') for line in said.splitlines() if '\t' in line]
        return {name: int(count) for name, count in rows}

    def ctl(self, *arguments):
        # type: (*Text) -> Text
        """What ``rabbitmqctl`` says.  Errors: `ProcessFailed`, also when it takes a minute."""
        running = subprocess.Popen(
            [self._script('rabbitmqctl'), '-q'] + list(arguments), env=self._env, close_fds=True,
            cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        bound = threading.Timer(_CTL_WITHIN, running.kill)
        bound.start()
        try:
            said = running.communicate()[0].decode('utf-8', 'replace')
        finally:
            bound.cancel()
        if running.returncode:
            raise ProcessFailed('rabbitmqctl %s: status %d (-9: it took %g seconds)\n%s' % (
                ' '.join(arguments), running.returncode, _CTL_WITHIN, said))
        return said

    def _write(self, name, text):
        # type: (Text, Text) -> None
        with io.open(os.path.join(self._folder, name), 'w', encoding='utf-8') as out:
            out.write(text)

    def _script(self, name):
        # type: (Text) -> Text
        return _found([os.path.join(folder, name) for folder in _SCRIPTS])

    def _environment(self):
        # type: () -> Dict[str, str]
        def path(name):
            return os.path.join(self._folder, name)

        loopback = '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}'
        ctl_port = free_port()
        ours = {
            'HOME': path('home'),
            'LC_ALL': 'C.UTF-8',
            'ERL_CRASH_DUMP': path('erl_crash.dump'),
            'ERL_EPMD_ADDRESS': HOST,
            'ERL_EPMD_PORT': '%d' % (self._epmd_port,),
            'ERL_INETRC': path('inetrc'),
            'RABBITMQ_CONFIG_FILE': path('rabbitmq.conf'),
            'RABBITMQ_CONF_ENV_FILE': path('no-such-file'),
            'RABBITMQ_CTL_DIST_PORT_MIN': '%d' % (ctl_port,),
            'RABBITMQ_CTL_DIST_PORT_MAX': '%d' % (ctl_port + 10,),
            'RABBITMQ_CTL_ERL_ARGS': loopback,
            'RABBITMQ_DIST_PORT': '%d' % (free_port(),),
            'RABBITMQ_ENABLED_PLUGINS_FILE': path('enabled_plugins'),
            'RABBITMQ_LOGS': '-',
            'RABBITMQ_LOG_BASE': path('log'),
            'RABBITMQ_MNESIA_BASE': path('mnesia'),
            'RABBITMQ_NODENAME': 'vumi_snappy_%d@localhost' % (self.port,),
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': '+S 1:1 +sbwt none ' + loopback,
            # The script then becomes the broker; else it would be its parent and get its signals.
            'RUNNING_UNDER_SYSTEMD': 'true',
        }
        # What an operator set for the broker of the machine is not for this one.
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(('RABBITMQ_', 'ERL_', 'NOTIFY_SOCKET'))}
        kept.update((str(name), str(value)) for name, value in ours.items())
        return kept


def _found(patterns):
    # type: (List[Text]) -> Text
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            return path
    raise ProcessFailed('none of these was found: %s' % (', '.join(patterns),))
