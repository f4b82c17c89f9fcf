"""A private Carbon, Graphite's store: receives metrics by UDP, keeps them in whisper files.

Vumi's `UDPMetricsCollector` sends them.  Carbon's own AMQP listener, for Vumi's
`GraphiteMetricsCollector`, speaks AMQP 0-8 only, which RabbitMQ 4 does not.  `tools/environment`
installs Carbon into ``ve-carbon``.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import importlib
import io
import os
import sys
import time
from typing import Any, Dict, List, Sequence, Set, Text, Tuple  # noqa: F401

from tools import graphite
from tools.installing import install
from tools.ports import HOST, answers, free_port
from tools.private_server import PrivateServer
from tools.processes import Process

_LIB = graphite.LIB

_CONFIG = '''\
[cache]
STORAGE_DIR = {folder}
CONF_DIR = {folder}
LOG_DIR = {folder}
PID_DIR = {folder}
LOCAL_DATA_DIR = {folder}/whisper
WHITELISTS_DIR = {folder}
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
LINE_RECEIVER_INTERFACE = {host}
LINE_RECEIVER_PORT = {line_port}
PICKLE_RECEIVER_INTERFACE = {host}
PICKLE_RECEIVER_PORT = 0
CACHE_QUERY_INTERFACE = {host}
CACHE_QUERY_PORT = 0
CARBON_METRIC_INTERVAL = 0
ENABLE_UDP_LISTENER = True
UDP_RECEIVER_INTERFACE = {host}
UDP_RECEIVER_PORT = {line_port}
'''
# Carbon's protobuf receiver needs another release of protobuf than Vumi; without any, it is off.
_START = '\n'.join([
    'import runpy, sys', "sys.modules['google.protobuf'] = None", 'sys.argv.pop(0)',
    "runpy.run_path(sys.argv[0], run_name='__main__')"])


class Carbon(PrivateServer):
    """A Carbon that keeps a value of each metric for every second of the last hour.

    It makes a folder of its own in `folder`; `guard` is that of the servers.
    """

    def __init__(self, folder, guard):
        # type: (Text, Any) -> None
        install('ve-carbon')
        self._folder = os.path.join(folder, 'carbon')
        os.mkdir(self._folder)
        self.port = free_port()
        self._write('carbon.conf', _CONFIG.format(
            folder=self._folder, host=HOST, line_port=self.port))
        self._write('storage-schemas.conf', '[all]\npattern = .*\nretentions = 1s:1h\n')
        self._fetch = _whisper().fetch
        env = dict(os.environ, **{
            str('PYTHONPATH'): str(_LIB), str('PYTHONWARNINGS'): str('ignore'),
            str('GRAPHITE_ROOT'): str(self._folder), str('TZ'): str('UTC')})
        self.process = Process('Carbon', [
            sys.executable, '-c', _START, os.path.join(_LIB, 'bin', 'carbon-cache.py'), '--debug',
            '--config', os.path.join(self._folder, 'carbon.conf'),
            '--pidfile', os.path.join(self._folder, 'carbon.pid'), 'start',
        ], os.path.join(folder, 'carbon.log'), guard, cwd=self._folder, env=env)

    def ready(self):
        # type: () -> bool
        return answers(self.port)

    def collector(self):
        # type: () -> Dict[Text, Any]
        """The configuration of Vumi's `UDPMetricsCollector`, to run with TZ=UTC."""
        return {'metrics_host': HOST, 'metrics_port': self.port, 'timestamp_format': '%s',
                'format_string': '%(metric_name)s %(value)s %(timestamp)s\n'}

    def names(self):
        # type: () -> Set[Text]
        """The metrics that have values."""
        top = os.path.join(self._folder, 'whisper')
        return {os.path.relpath(os.path.join(where, name), top)[:-len('.wsp')].replace('/', '.')
                for where, _, names in os.walk(top) for name in names if name.endswith('.wsp')}

    def values(self, name):
        # type: (Text) -> List[float]
        """All values of the metric, oldest first; empty if it is unknown."""
        path = os.path.join(self._folder, 'whisper', *name.split('.')) + '.wsp'
        if not os.path.exists(path):
            return []
        _, values = self._fetch(str(path), int(time.time()) - 3500, int(time.time()) + 60)
        return [value for value in values if value is not None]

    def ask(self, queries, seconds):
        # type: (Sequence[Text], float) -> graphite.Answers
        """Evaluate `queries` over the last `seconds`: see `graphite.evaluate`."""
        return graphite.evaluate(os.path.join(self._folder, 'whisper'), queries, seconds)

    def _write(self, name, content):
        with io.open(os.path.join(self._folder, name), 'w', encoding='utf-8') as out:
            out.write(content)


def _whisper():
    # type: () -> Any
    sys.path.append(str(_LIB))
    try:
        return importlib.import_module('whisper')
    finally:
        sys.path.remove(str(_LIB))
