"""Output of the tools on the terminal, line by line in UTF-8, unbuffered; and its Ctrl-C."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import signal
import sys
from typing import Any, Text  # noqa: F401


def say(line, to=None):
    # type: (Text, Any) -> None
    """Write a line to `to` (standard output by default).  A terminal that was closed is ignored: the
    tool goes on."""
    to = to or sys.stdout
    try:
        # A pipe in the C locale would accept only ASCII, and logs have people's texts.
        getattr(to, 'buffer', to).write(('%s\n' % (line,)).encode('utf-8'))
        to.flush()
    except (EnvironmentError, io.UnsupportedOperation):
        pass


def hear_ctrl_c():
    # type: () -> None
    """Let SIGINT raise `KeyboardInterrupt`, also if this process was started to ignore it.

    That is how a script's shell starts its background jobs, and a tool that prints "Ctrl-C ends
    it" must end.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
