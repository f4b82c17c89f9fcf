"""Ends a process whose reactor has not turned for a minute, so that its supervisor starts another.

A process that hangs in a C library (OpenSSL 1.1.1i does for ever on a certificate made for it,
CVE-2022-0778) or in a loop looks alive, and nothing in it can go on.  Two things watch:

- A thread counts the seconds since the reactor last turned.  It says in the log where the reactor
  stands, and ends the process with exit status 1.  It counts the moments in which it ran itself:
  a process that was stopped (SIGSTOP), or a machine that slept, is not ended for that.
- Code that does not let other threads run stops that thread, too.  For this case the kernel counts
  the processor time since the last turn, and ends the process by SIGPROF, without a word.

`Bridge` starts and stops it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import signal
import sys
import threading
import time
import traceback
from typing import Any, Text  # noqa: F401

from twisted.logger import Logger

from vumi_snappy.runtime.periodic import Periodic

log = Logger()

#: Seconds that writing the last log entry may take.
_LAST_WORDS = 5.0


class Watchdog(object):
    """Watches `reactor`, in whose thread it is started; `patience` and `tick` are in seconds."""

    def __init__(self, reactor, patience=60.0, tick=1.0):
        # type: (Any, float, float) -> None
        self._tick = tick
        self._patience = patience
        self._left = patience
        self._reactor_thread = None  # type: Any
        self._stopped = threading.Event()
        #: The job, for health.
        self.job = Periodic(reactor, 'Telling the watchdog that all is well', self._turned,
                            min(5.0, patience / 10.0), now=True)

    def start(self):
        # type: () -> None
        """Watch from now on; called when the reactor runs."""
        # The default action needs no Python to run: it is the kernel that ends the process.
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        self._reactor_thread = threading.current_thread().ident
        self.job.start()
        watching = threading.Thread(target=self._watch, name=str('watchdog'))
        watching.daemon = True
        watching.start()

    def stop(self):
        # type: () -> None
        """Watch no more: what runs when the reactor has stopped may take its time."""
        self.job.stop()
        self._stopped.set()
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _turned(self):
        # type: () -> None
        self._left = self._patience
        # The thread goes first, for it says more.
        signal.setitimer(signal.ITIMER_PROF, self._patience * 1.5)

    def _watch(self):
        # type: () -> None
        while not self._stopped.is_set():
            # Not Event.wait, which on Python 2 goes by the wall clock.
            time.sleep(self._tick)
            self._left -= self._tick
            if self._left <= 0 and not self._stopped.is_set():
                self._end()

    def _end(self):
        # type: () -> None
        # Should the log hang as well, the kernel ends the process.
        signal.setitimer(signal.ITIMER_REAL, _LAST_WORDS)
        try:
            log.critical('The reactor has not turned for {seconds:g} seconds: this process ends'
                         ' itself, to be started anew. It stands at:\n{where}',
                         seconds=self._patience, where=self._where())
        finally:
            os._exit(1)

    def _where(self):
        # type: () -> Text
        frame = sys._current_frames().get(self._reactor_thread)
        return '%s' % (''.join(traceback.format_stack(frame)) if frame else 'an unknown place',)
