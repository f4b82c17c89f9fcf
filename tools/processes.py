"""A process that the tools start: its log, its end, and waiting until it is ready.

Used by `tools.servers` and `tools.stack`.  A process gets its own session, so that Ctrl-C in the
terminal reaches only the tool, which then stops its processes in order; a signal goes to the
process and to its children.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import io
import os
import signal
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Text  # noqa: F401

#: The checkout's folder.
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: Lines of a log that are shown when its process has failed.
TAIL = 25


def twistd_of(python):
    # type: (Text) -> List[Text]
    """The start of every command line with twistd."""
    return [python, os.path.join(os.path.dirname(python), 'twistd'), '-n', '--pidfile=']


#: That of this interpreter.
TWISTD = twistd_of(sys.executable)


def vumi_python():
    # type: () -> Optional[Text]
    """An interpreter that has Vumi: this one, or that of ``ve`` if it was made."""
    return sys.executable if sys.version_info[0] == 2 else _made('ve')


def worker_of(python):
    # type: (Text) -> List[Text]
    """The start of every command line of a worker.  Python 3 has no Vumi, nor its plugin."""
    return twistd_of(python) + ['vumi_worker' if python == vumi_python() else 'vumi_snappy']


def shown_by():
    # type: () -> Text
    """The interpreter with which make runs the demo: that of ``ve3`` if it was made."""
    return _made('ve3') or sys.executable


def _made(folder):
    # type: (Text) -> Optional[Text]
    folder = os.path.join(ROOT, folder)
    complete = os.path.exists(os.path.join(folder, '.complete'))
    return os.path.join(folder, 'bin', 'python') if complete else None


def environment(*folders):
    # type: (*Text) -> Dict[str, str]
    """For a Python process that imports from `folders`, then from this checkout: logs in UTC, as
    operators run Vumi, and no proxy."""
    parts = folders + (ROOT, os.environ.get(str('PYTHONPATH'), ''))
    path = os.pathsep.join(part for part in parts if part)
    return dict(os.environ, **{
        str('PYTHONPATH'): str(path), str('PYTHONWARNINGS'): str('ignore'),
        str('TZ'): str('UTC'), str('NO_PROXY'): str('*')})


class ProcessFailed(Exception):
    """A process ended, or was not ready in time; the text has the end of its log."""


class Process(object):
    """`argv` run in the folder `cwd`, with its output appended to the file `log_path`.

    `guard` starts it, and kills it when this process ends.
    """

    def __init__(self, name, argv, log_path, guard, cwd=None, env=None):
        # type: (Text, List[Text], Text, Any, Optional[Text], Optional[Dict[str, str]]) -> None
        self.name, self.argv, self.log_path = name, argv, log_path
        self._guard, self._cwd, self._env = guard, cwd, env
        self._popen = None  # type: Any

    def start(self):
        # type: () -> None
        """Start it; the log is appended to."""
        if self.alive:
            return
        with open(self.log_path, 'ab') as log:
            self._popen = self._guard.start(self.argv, stdout=log, stderr=subprocess.STDOUT,
                                            cwd=self._cwd, env=self._env)

    @property
    def pid(self):
        # type: () -> Optional[int]
        """Its process id, or None before the first start."""
        return self._popen.pid if self._popen else None

    @property
    def alive(self):
        # type: () -> bool
        """Whether it runs."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def status(self):
        # type: () -> Optional[int]
        """Its exit status (negative: the signal), or None while it runs."""
        return self._popen.poll() if self._popen else None

    def stop(self, within=15.0):
        # type: (float) -> None
        """End it with SIGTERM, and with SIGKILL when it takes longer than `within` seconds."""
        self.ask_to_end()
        if not self._ended(within):
            self.kill()
        self._forget()

    def ask_to_end(self):
        # type: () -> None
        """Send SIGTERM (also to one that is frozen) and return at once."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def kill(self):
        # type: () -> None
        """End it with SIGKILL, like a crash."""
        self._signal(signal.SIGKILL)
        self._ended(10.0)
        self._forget()

    def freeze(self):
        # type: () -> None
        """Stop it (SIGSTOP) until `thaw()`."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        # type: () -> None
        """Continue it (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def log(self):
        # type: () -> Text
        """Its whole log."""
        if not os.path.exists(self.log_path):
            return ''
        with io.open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def tail(self, lines=TAIL):
        # type: (int) -> Text
        """The end of its log, indented, for a person."""
        end = self.log().rstrip().splitlines()[-lines:]
        return '\n'.join('    | %s' % (line,) for line in end) or '    | (nothing)'

    def wait_until(self, check, within, what='ready'):
        # type: (Callable[[], Any], float, Text) -> Any
        """Return the first true value of `check()`; an `EnvironmentError` counts as false.

        Errors: `ProcessFailed` when the process ends, or after `within` seconds.
        """
        deadline = time.time() + within
        why = ''
        while time.time() < deadline:
            if not self.alive:
                raise ProcessFailed('%s ended with status %s. The end of its log:\n%s' % (
                    self.name, self.status, self.tail()))
            try:
                found = check()
            except EnvironmentError as problem:
                found, why = None, ' (%s)' % (problem,)
            if found:
                return found
            time.sleep(0.05)
        raise ProcessFailed('%s was not %s in %g seconds%s. The end of its log:\n%s' % (
            self.name, what, within, why, self.tail()))

    def _ended(self, within):
        deadline = time.time() + within
        while self.alive:
            if time.time() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _signal(self, number):
        if not self.alive:
            return
        try:
            # The whole group: RabbitMQ's start script leaves the broker as its child.
            os.killpg(self._popen.pid, number)
        except OSError as problem:
            if problem.errno != errno.ESRCH:
                raise

    def _forget(self):
        if self._popen is not None and not self.alive:
            self._guard.forget(self._popen.pid)
