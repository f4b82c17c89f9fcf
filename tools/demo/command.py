"""The demo's command line: start everything, show the page, stop everything on Ctrl-C."""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import os
import signal
import sys
import webbrowser
from typing import Any, List, Optional, Text  # noqa: F401

from twisted.internet import defer, error, reactor
from vumi_snappy.store import Store

from tools.demo.samples import AUTO_REPLY
from tools.demo.server import DemoServer
from tools.demo.watcher import Watcher
from tools.processes import ProcessFailed
from tools.stack import Stack
from tools.terminal import hear_ctrl_c, say


class _Page(object):
    """The page of one running stack, from `start()` until the reactor stops."""

    def __init__(self, stack, port):
        # type: (Stack, int) -> None
        self._stack, self._port = stack, port
        self._store = Store(reactor, **stack.store_options())
        self._watcher = Watcher(reactor, stack, self._store)
        self._server = DemoServer(reactor, self._watcher, stack.standin)

    def start(self, show):
        # type: (bool) -> None
        """Serve the page and, if `show`, open it in a browser.  Errors: `CannotListenError`."""
        address = self._server.start(self._port)
        self._store.start()
        reactor.addSystemEventTrigger('before', 'shutdown', self._stop)
        # The reactor has handlers of its own for the other signals that end it.
        signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(reactor.stop))
        for part in self._stack.parts():
            say('  %-16s %s' % (part['name'], part['where']))
        say('  %-16s %s' % ('Logs', self._stack.log_dir))
        say('\nOpen %s in a browser. Ctrl-C stops everything.' % (address,))
        if show:
            reactor.callInThread(webbrowser.open, address)

    @defer.inlineCallbacks
    def _stop(self):
        self._watcher.stop()
        yield self._server.stop()
        yield self._store.stop()


def _can_show():
    # type: () -> bool
    """Whether a browser that is opened would be seen by the person at the terminal."""
    return sys.stdout.isatty() and (sys.platform == 'darwin' or any(
        name in os.environ for name in ('DISPLAY', 'WAYLAND_DISPLAY')))


def _interrupt(_number, _frame):
    raise KeyboardInterrupt()


def main(arguments=None):
    # type: (Optional[List[Text]]) -> int
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog='python -m tools.demo', description='One page with a customer\'s phone, the help desk'
        ' and what happens in between, on real parts.')
    parser.add_argument('--port', type=int, default=0, help='port of the page (a free one)')
    parser.add_argument('--no-browser', action='store_true', help='do not open a browser')
    parser.add_argument('--log-dir', help='keep the logs of the processes in this folder')
    options = parser.parse_args(arguments)
    hear_ctrl_c()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    stack = None
    try:
        # One segment a message: a long answer shows how it is split.
        stack = Stack(worker_config={'auto_reply': AUTO_REPLY, 'max_reply_segments': 1},
                      log_dir=options.log_dir, say=lambda line: say('Starting %s' % (line,)))
        stack.start()
        _Page(stack, options.port).start(_can_show() and not options.no_browser)
        reactor.run()
        return 0
    except KeyboardInterrupt:
        return 130
    except (ProcessFailed, error.CannotListenError) as failed:
        say('The demo could not start. %s' % (failed,), sys.stderr)
        return 1
    finally:
        if stack is not None:
            say('\nStopping everything ...')
            stack.stop()
