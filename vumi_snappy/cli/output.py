"""What commands print: text for people, JSON for scripts."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import sys
from typing import Any, Optional, Text  # noqa: F401

import six

from vumi_snappy.operations import words


def say(options, value, text):
    # type: (Any, Any, Text) -> None
    """Print `value` as JSON where that was asked for, else `text`."""
    shown = json.dumps(value, indent=2, sort_keys=True) if options.json else text
    sys.stdout.write(six.ensure_str('%s\n' % (shown,)))


#: Characters of a bar.
_WIDTH = 30


class Progress(object):
    """The progress of long work, on a terminal only, not in a pipe or a log.

    `unit` is what is counted, as in ``1200 tickets``; where it is known beforehand how many there
    are in all, there is a bar.
    """

    def __init__(self, unit, total=None, out=None):
        # type: (Text, Optional[int], Any) -> None
        self._unit = unit
        self._total = total
        self._out = sys.stderr if out is None else out
        self._shown = False

    def show(self, count):
        # type: (int) -> None
        if self._out.isatty():
            self._out.write(str('\r%s%d %s') % (self._bar(count), count, self._unit))
            self._out.flush()
            self._shown = True

    def _bar(self, count):
        # type: (int) -> Text
        if not self._total:
            return ''
        share = min(float(count) / self._total, 1.0)
        return '[%s] %3d %%  ' % (
            ('#' * int(share * _WIDTH)).ljust(_WIDTH, '.'), int(share * 100))

    def end(self):
        # type: () -> None
        """No more comes: what is written next has a line of its own."""
        if self._shown:
            self._out.write(str('\n'))


def when(seconds):
    # type: (Any) -> Text
    """A time (epoch seconds) for people."""
    return words.when(seconds) + ' UTC'
