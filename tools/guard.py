"""End our processes when we can't: by a small process that outlives ours for a moment.

It reads a pipe whose other end only we hold; when that end closes, for whatever reason (also
SIGKILL), it kills the registered processes, with all that they started, and removes a folder.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import os
import subprocess
import sys
import threading
from typing import Any, List, Text  # noqa: F401

# Run with -c, so that it needs nothing of the checkout.  Its name is in the text for a person who
# looks at the list of processes.
_WATCHER = r'''"vumi-snappy guard"
import os, shutil, signal, sys
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(each, signal.SIG_IGN)
watched = set()
for line in iter(sys.stdin.readline, ''):
    what, number = line.split()
    (watched.add if what == 'watch' else watched.discard)(int(number))
for number in watched:
    for kill in (os.killpg, os.kill):
        try:
            kill(number, signal.SIGKILL)
        except OSError:
            pass
for attempt in range(20):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    __import__('time').sleep(0.1)
'''

# Registers the process itself, and replaces it by another program; $$ stays its id.
_REGISTER = 'echo "watch $$" >&0; exec "$@" </dev/null'


class Guard(object):
    """Kills what it watches, and removes `folder`, however this process ends."""

    def __init__(self, folder):
        # type: (Text) -> None
        self._lock = threading.Lock()
        self._watcher = subprocess.Popen(
            [sys.executable, '-c', _WATCHER, folder], stdin=subprocess.PIPE, close_fds=True,
            cwd='/', preexec_fn=os.setsid)
        self._pipe = self._watcher.stdin  # type: Any

    def start(self, argv, **how):
        # type: (List[Text], **Any) -> Any
        """Start `argv` as `subprocess.Popen` does (`how` goes there), with a session of its own and
        nothing to read, and watch it.

        It is watched from its very beginning.  To tell the guard of it once it runs would leave a
        gap, of as long as a new process takes to close the files it inherited: seconds, where the
        limit of open files is high.  So it tells the guard itself, through the guard's pipe, which
        stays open until it has, even when this process ends meanwhile.
        """
        return subprocess.Popen(['/bin/sh', '-c', _REGISTER, 'sh'] + argv, stdin=self._pipe,
                                close_fds=True, preexec_fn=os.setsid, **how)

    def watch(self, pid):
        # type: (int) -> None
        """Kill the process `pid`, and the group that it leads, when this process ends."""
        self._tell('watch %d\n' % (pid,))

    def forget(self, pid):
        # type: (int) -> None
        """The process `pid` has ended; its id may be reused soon."""
        self._tell('forget %d\n' % (pid,))

    def close(self):
        # type: () -> None
        """Kill what is still watched, and remove the folder, now."""
        with self._lock:
            if not self._pipe.closed:
                self._pipe.close()
        self._watcher.wait()

    def _tell(self, line):
        # type: (Text) -> None
        with self._lock:
            if self._pipe.closed:
                return
            try:
                self._pipe.write(line.encode('ascii'))
                self._pipe.flush()
            except EnvironmentError as problem:
                # Somebody killed the guard: the tool itself can still end its processes.
                if problem.errno != errno.EPIPE:
                    raise
