"""A private RabbitMQ node (see `tools.servers`).

It shares nothing with other nodes of this machine and user: it has its own epmd, home folder with
the cookie, data, logs, configuration, and port for other nodes.  It has no plugins.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import glob
import io
import os
import re
import subprocess
import threading
import uuid
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

from tools.ports import HOST, answers, free_port
from tools.private_server import PrivateServer
from tools.processes import Process, ProcessFailed

#: Seconds that one rabbitmqctl command may take.
_CTL_WITHIN = 60.0
#: Where the scripts themselves are: those in /usr/sbin switch the user and the folders.
_SCRIPTS = ['/usr/lib/rabbitmq/bin', '/usr/lib/rabbitmq/lib/*/sbin', '/opt/rabbitmq/sbin']
_PLUGINS = ['/usr/lib/rabbitmq/lib/*/plugins', '/opt/rabbitmq/plugins']
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
_TLS = '''\
listeners.ssl.1 = {host}:{port}
ssl_options.cacertfile = {ca}
ssl_options.certfile = {certificate}
ssl_options.keyfile = {key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
'''
# What RabbitMQ 4.3 and later refuse by default, and 3.12 and later by these options.
_DENIED = '''\
deprecated_features.permit.global_qos = false
deprecated_features.permit.transient_nonexcl_queues = false
'''
# The node is called NAME@localhost, and a machine may have no file that says what that is.
_INETRC = '{lookup, [file, native]}.\n{host, {127,0,0,1}, ["localhost"]}.\n'


class Epmd(object):
    """The port mapper: one for each broker, or for all nodes of a cluster."""

    def __init__(self, folder, guard):
        # type: (Text, object) -> None
        self.port = free_port()
        self.process = Process(
            'epmd', [_found(_EPMD), '-port', '%d' % (self.port,), '-address', HOST],
            os.path.join(folder, 'epmd.log'), guard, cwd=folder)

    def start(self):
        # type: () -> None
        """Start it, unless it runs; returns when it answers."""
        self.process.start()
        self.process.wait_until(lambda: answers(self.port), 10)


class Broker(PrivateServer):
    """What a node and a cluster have in common: the commands for the vhost `vhost`."""

    vhost = ''  # type: Text

    def ctl(self, *arguments):
        # type: (*Text) -> Text
        """The output of ``rabbitmqctl``.  Errors: `ProcessFailed`, also after a minute."""
        raise NotImplementedError()

    def close_all_connections(self):
        # type: () -> None
        """Close the connections of all clients."""
        self.ctl('close_all_connections', '--global', 'closed on purpose')

    def list_queues(self):
        # type: () -> Dict[Text, int]
        """Messages in each queue of the vhost, ready and unacknowledged."""
        output = self.ctl('list_queues', '-p', self.vhost, '--no-table-headers', 'name',
                          'messages')
        rows = [line.split('\t') for line in output.splitlines() if '\t' in line]
        return {name: int(count) for name, count in rows}


class RabbitMQ(Broker):
    """A broker with one user, who has all permissions in one vhost.

    The nodes of a cluster share `epmd` and `cookie`.
    """

    vhost = '/vumi'
    username = 'vumi'

    def __init__(self, folder, guard, epmd=None, cookie=None):
        # type: (Text, object, Optional[Epmd], Optional[Text]) -> None
        self.port = free_port()
        self.name = 'vumi_snappy_%d@localhost' % (self.port,)
        self.password = cookie or '%s' % (uuid.uuid4().hex,)
        #: Whether it refuses what later releases refuse by default.  Only outside a cluster, and
        #: until its first restart: then it checks whether any of it is in use, sometimes before
        #: its tables are there, and fails to start (seen with 4.0.5).
        self.denies_deprecated = _version() >= (3, 12) and not cookie
        self._folder = os.path.join(folder, 'rabbitmq')
        self._epmd = epmd or Epmd(folder, guard)
        self._log_before = 0
        for each in ('', 'mnesia', 'log', 'home'):
            os.mkdir(os.path.join(self._folder, each))
        self._write('rabbitmq.conf', _CONFIG.format(
            host=HOST, port=self.port, vhost=self.vhost, username=self.username,
            password=self.password) + (_DENIED if self.denies_deprecated else ''))
        self._write('enabled_plugins', '[].\n')
        self._write('inetrc', _INETRC)
        self._env = self._environment()
        if cookie:
            self._write('home/.erlang.cookie', cookie)
            os.chmod(os.path.join(self._folder, 'home', '.erlang.cookie'), 0o400)
        self.process = Process(
            'RabbitMQ', [self._script('rabbitmq-server')], os.path.join(folder, 'rabbitmq.log'),
            guard, cwd=self._folder, env=self._env)

    def listen_with_tls(self, ca, certificate, key):
        # type: (Text, Text, Text) -> int
        """Before it is started: listen with TLS, too, for clients with a certificate of `ca`; the
        arguments are files in PEM.  Returns the port."""
        port = free_port()
        self.add_options(_TLS.format(
            host=HOST, port=port, ca=ca, certificate=certificate, key=key))
        return port

    def add_options(self, text):
        # type: (Text) -> None
        """Before it is started: append lines to its rabbitmq.conf."""
        with io.open(os.path.join(self._folder, 'rabbitmq.conf'), 'a', encoding='utf-8') as out:
            out.write(text)

    def begin(self):
        # type: () -> None
        """Start it without waiting for it."""
        if self.process.alive:
            return
        self._epmd.start()
        if self.denies_deprecated and self.process.log():
            self._permit_deprecated()
        # The log is continued at restarts: only what is new counts.
        self._log_before = len(self.process.log())
        self.process.start()

    def ready(self):
        # type: () -> bool
        return ('Server startup complete' in self.process.log()[self._log_before:]
                and answers(self.port))

    def end(self):
        # type: () -> None
        self.process.kill()
        self._epmd.process.kill()

    def vumi_options(self):
        # type: () -> Dict[Text, Any]
        """The options of Vumi's configuration file for workers on this broker."""
        from vumi_snappy.bus.specification import mended  # it needs Vumi, as those workers do
        self._write('vumi-amqp-0-9-1.xml', mended())
        return {'hostname': HOST, 'port': self.port, 'vhost': self.vhost,
                'username': self.username, 'password': self.password,
                'specfile': os.path.join(self._folder, 'vumi-amqp-0-9-1.xml')}

    @property
    def ports(self):
        # type: () -> List[int]
        """The ports for clients, in the order to try them."""
        return [self.port]

    def ctl(self, *arguments):
        # type: (*Text) -> Text
        running = subprocess.Popen(
            [self._script('rabbitmqctl'), '-q'] + list(arguments), env=self._env, close_fds=True,
            cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        timeout = threading.Timer(_CTL_WITHIN, running.kill)
        timeout.start()
        try:
            output = running.communicate()[0].decode('utf-8', 'replace')
        finally:
            timeout.cancel()
        if running.returncode:
            raise ProcessFailed('rabbitmqctl %s: status %d (-9: not done in %g seconds)\n%s' % (
                ' '.join(arguments), running.returncode, _CTL_WITHIN, output))
        return output

    def _permit_deprecated(self):
        # type: () -> None
        self.denies_deprecated = False
        with io.open(os.path.join(self._folder, 'rabbitmq.conf'), encoding='utf-8') as configured:
            options = configured.read()
        self._write('rabbitmq.conf', options.replace(_DENIED, ''))

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
            'ERL_EPMD_PORT': '%d' % (self._epmd.port,),
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
            'RABBITMQ_NODENAME': self.name,
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': '+S 1:1 +sbwt none ' + loopback,
            # The script then execs the broker; else it would be its parent, and get the signals.
            'RUNNING_UNDER_SYSTEMD': 'true',
        }
        # Settings for the machine's own broker are not for this one.
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(('RABBITMQ_', 'ERL_', 'NOTIFY_SOCKET'))}
        kept.update((str(name), str(value)) for name, value in ours.items())
        return kept


def _version():
    # type: () -> Tuple[int, ...]
    """Of the installed RabbitMQ, such as (4, 0, 5); empty if unknown."""
    for folder in _PLUGINS:
        for path in sorted(glob.glob(os.path.join(folder, 'rabbit-[0-9]*'))):
            return tuple(int(part) for part in re.findall('[0-9]+', os.path.basename(path))[:3])
    return ()


def _found(patterns):
    # type: (List[Text]) -> Text
    for pattern in patterns:
        for path in sorted(glob.glob(pattern)):
            return path
    raise ProcessFailed('RabbitMQ is incomplete: there is none of %s' % (', '.join(patterns),))
