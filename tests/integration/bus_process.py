"""Workers that run as processes of their own, and `twistd` to run them as operators do."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import signal
import subprocess
import sys

from twisted.internet.defer import Deferred
from twisted.python import log

from tools.processes import ROOT
from vumi_snappy.bus.worker import GuardedWorker
from vumi_snappy.vumi.middleware import BaseMiddleware

#: Vumi's own, where there is one.
SUBCOMMAND = 'vumi_worker' if sys.version_info[0] == 2 else 'vumi_snappy'


class Hanging(GuardedWorker):
    """Its handler never comes to an end."""

    shutdown_timeout = 1

    def handle_inbound(self, message):
        log.msg('HANDLING')
        return Deferred()

    def bus_connected(self):
        log.msg('CONNECTED')


class NoPort(Hanging):
    """Its set-up fails."""

    def setup_application(self):
        raise RuntimeError('the port 8020 is in use')


class BadConfig(Hanging):
    def validate_config(self):
        raise ValueError('snappy_mailbox_id is missing')


class BadMiddleware(BaseMiddleware):
    def setup_middleware(self):
        raise ValueError('no such store')


class Twistd(object):
    """A worker under `twistd`; `log` is all that it has said."""

    def __init__(self, stage, folder, worker_class, **config):
        options = stage.options(**config.pop('options', {}))
        path = os.path.join(str(folder), 'worker.yaml')
        with open(path, 'w') as out:
            json.dump(dict({'transport_name': stage.name}, **config), out)  # JSON is YAML
        vumi_options = os.path.join(str(folder), 'vumi.yaml')
        with open(vumi_options, 'w') as out:
            json.dump(options, out)
        self._log_path = os.path.join(str(folder), 'twistd.log')
        with open(self._log_path, 'w') as out:
            self._process = subprocess.Popen([
                sys.executable, '-c', 'from twisted.scripts.twistd import run; run()', '-n',
                '--pidfile=', SUBCOMMAND, '--vumi-config=' + vumi_options, '--worker-class',
                'tests.integration.bus_process.' + worker_class, '--config=' + path,
            ], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)

    @property
    def log(self):
        with open(self._log_path, 'rb') as log_file:
            return log_file.read().decode('utf-8')

    def terminate(self):
        """As supervisord does."""
        self._process.send_signal(signal.SIGTERM)

    @property
    def status(self):
        return self._process.returncode

    def running(self):
        return self._process.poll() is None

    def kill(self):
        if self.running():
            self._process.kill()
            self._process.wait()
