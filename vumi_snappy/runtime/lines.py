"""Lines for the log of what happens to many at once: those of a moment go as one entry.

An entry costs what a good part of a webhook does, however short it is.  What is said in one turn
of the reactor is written at its end, in the order in which it was said; the lines behind an
entry's first are indented by Twisted, and begin with the time, so that each can be found alone.
Whoever handles many things uses one, for what goes well: what does not is logged at once.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Text  # noqa: F401

from twisted.logger import formatTime

from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.log_lengths import shortened
from vumi_snappy.runtime.ports import Clock  # noqa: F401


class Lines(object):
    """Lines of level "info" for `log`, a `twisted.logger.Logger`."""

    def __init__(self, log, clock):
        # type: (Any, Clock) -> None
        self._log = log
        self._clock = clock
        self._said = []  # type: List[Text]

    def say(self, line):
        # type: (Text) -> None
        """Have `line` in the log when this turn of the reactor is over."""
        self._said.append(shortened(line))
        if len(self._said) == 1:
            self._clock.callLater(0, self._write)

    def _write(self):
        # type: () -> None
        said, self._said = self._said, []
        between = '\n'
        if len(said) > 1:
            between += '%s ' % (formatTime(wall_time(self._clock)),)
        self._log.info('{lines}', lines=between.join(said))
