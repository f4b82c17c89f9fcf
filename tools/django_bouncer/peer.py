"""Run the released django-snappy-vumi-bouncer 0.2.0 as a real process, by default on SQLite.

`tools/environment` installs it, with its dependencies of that time, into ``ve-bouncer`` from
``requirements-bouncer.lock``.  It is unmodified; only the settings are ours.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import socket
import subprocess
import sys
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

from tools.installing import install
from tools.ports import HOST, free_port
from tools.private_server import PrivateServer
from tools.processes import Process

_HERE = os.path.dirname(os.path.abspath(__file__))

#: For replies that no test looks at: nothing listens there.
NOWHERE = 'http://127.0.0.1:1'


class DjangoBouncer(PrivateServer):
    """The released bouncer, relaying to the Snappy at `snappy_url` (with ``/api/v1``).

    Its database and its log are in `folder`; `guard` is that of the servers.  The
    database is SQLite's, or that of a `tools.database_server.DatabaseServer`.  `go_url` is where
    replies are PUT as Vumi Go takes them: ``<go_url>/go/messages.json``.  Its API, at
    `url`, accepts `username` and `api_key`.  Tasks run inside the request that causes them; with
    `broker_url`, in the Celery worker that `start_celery` starts.  Errors: `NotInstallable`.
    """

    username, api_key = 'sandbox', 'a-key-for-the-sandbox'

    def __init__(self, folder, guard, snappy_url=NOWHERE, snappy_key='x', mailbox_id=1,
                 go_url=NOWHERE, broker_url='', database_server=None):
        # type: (Text, Any, Text, Text, int, Text, Text, Any) -> None
        python = os.path.join(install('ve-bouncer'), 'bin', 'python')
        self._command = (python, os.path.join(_HERE, 'inside.py'))
        self._folder, self._guard = folder, guard
        self.port = free_port()
        self.url = 'http://%s:%d/api/v1/snappybouncer/' % (HOST, self.port)
        self.database = os.path.join(folder, 'bouncer.sqlite')
        password = ''
        if database_server is not None:
            self.database, password = database_server.url, database_server.password
        # Not our sys.path, which has other releases of the same libraries.
        self._env = {str(name): str(value) for name, value in os.environ.items()
                     if name not in ('PYTHONPATH', 'PYTHONHOME')}
        self._env.update({str(name): str(value) for name, value in dict(
            BOUNCER_DATABASE=self.database, BOUNCER_DATABASE_PASSWORD=password,
            BOUNCER_SNAPPY_URL=snappy_url,
            BOUNCER_SNAPPY_KEY=snappy_key, BOUNCER_MAILBOX='%d' % (mailbox_id,),
            BOUNCER_GO_URL=go_url, BOUNCER_BROKER=broker_url, C_FORCE_ROOT='1',
            PYTHONWARNINGS='ignore', PYTHONDONTWRITEBYTECODE='1').items()})
        self._inside('setup', self.username, self.api_key)
        self.process = Process(
            'the Django bouncer', list(self._command) + ['serve', '%d' % (self.port,)],
            os.path.join(folder, 'bouncer.log'), guard, cwd=folder, env=self._env)

    def ready(self):
        # type: () -> bool
        socket.create_connection((str(HOST), self.port), 1).close()
        return True

    def start_celery(self):
        # type: () -> Process
        """Start a Celery worker with its default number of processes.  The caller ends it."""
        worker = Process(
            'Celery', list(self._command) + ['celery', 'worker', '--loglevel=WARNING'],
            os.path.join(self._folder, 'celery.log'), self._guard, cwd=self._folder,
            env=self._env)
        worker.start()
        return worker

    def load(self, models):
        # type: (List[Tuple[Text, List[Dict[Text, Any]]]]) -> None
        """Insert rows: pairs of a model's name (``UserAccount``, ``Conversation``, ``Ticket``) and
        rows of field names and values.  Nothing is relayed."""
        self._inside('load', stdin=json.dumps(models).encode('ascii'))

    def dumpdata(self):
        # type: () -> bytes
        """The output of ``manage.py dumpdata snappybouncer``."""
        return self._inside('dumpdata', 'snappybouncer')

    def csv(self):
        # type: () -> bytes
        """The tickets as the admin pages export them."""
        return self._inside('csv')

    def _inside(self, *arguments, **keywords):
        run = subprocess.Popen(self._command + arguments, env=self._env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=sys.__stderr__)
        out = run.communicate(keywords.get(str('stdin'), b''))[0]
        if run.returncode:
            raise RuntimeError('the Django bouncer failed at: %s' % (arguments[0],))
        return out
