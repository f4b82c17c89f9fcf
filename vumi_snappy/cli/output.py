"""What commands print: text for people, JSON for scripts."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import sys
import time
from typing import Any, Text  # noqa: F401


def say(options, value, text):
    # type: (Any, Any, Text) -> None
    """Print `value` as JSON where that was asked for, else `text`."""
    shown = json.dumps(value, indent=2, sort_keys=True) if options.json else text
    sys.stdout.write(str('%s\n') % (shown if sys.version_info[0] > 2 else shown.encode('utf-8'),))


class Progress(object):
    """How far long work has come, on a terminal alone: a pipe or a log is told nothing.

    `unit` is what is counted, as in ``1200 tickets``.
    """

    def __init__(self, unit, out=None):
        # type: (Text, Any) -> None
        self._unit = unit
        self._out = sys.stderr if out is None else out
        self._shown = False

    def show(self, count):
        # type: (int) -> None
        """`count` are done."""
        if self._out.isatty():
            self._out.write(str('\r%d %s') % (count, self._unit))
            self._out.flush()
            self._shown = True

    def end(self):
        # type: () -> None
        """No more comes: what is written next has a line of its own."""
        if self._shown:
            self._out.write(str('\n'))


def when(seconds):
    # type: (Any) -> Text
    """A time (epoch seconds) for people."""
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S UTC'), time.gmtime(float(seconds))),)
