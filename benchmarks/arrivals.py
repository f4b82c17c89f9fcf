"""Which messages have arrived at Snappy, and when, from the stand-in's ledger.

Entries that were read are deleted from it, so that it stays small.  Used by long measures; a
message is one of `benchmarks.processes.publish`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import time
from array import array
from typing import Any, List, Text, Tuple  # noqa: F401

from tools.processes import ProcessFailed

_NUMBERED = re.compile(r'Number ([0-9]+) at ([0-9]+\.[0-9]+)\.')
_NOTED = ('ticket opened', 'note added')


class Arrivals(object):
    """`count` messages from number `first` on, in calls after the stand-in's call number `since`.

    `arrived` counts those that have, `twice` duplicates; `took` has the seconds from publication
    to response for each by its number, less than 0 if it has not arrived.
    """

    def __init__(self, standin, since, count, first=0, latency=0.0):
        # type: (Any, int, int, int, float) -> None
        self._standin = standin
        self._since, self._first, self._latency = since, first, latency
        self.arrived = self.twice = self.calls = 0
        self.took = array(str('d'), [-1.0]) * count

    def look(self):
        # type: () -> None
        """Read new entries, up to the first call without a response."""
        while True:
            page = self._standin.get('ledger?since=%d&limit=500' % (self._since,))['calls']
            ended = _ended(page)
            for call in ended:
                self._take(call)
            if ended:
                self._since = ended[-1]['number']
                self._standin.delete('ledger?until=%d' % (self._since,))
            if len(ended) < 500:
                return

    def await_all(self, quiet=60.0, pause=0.5, each=lambda: None):
        # type: (float, float, Any) -> None
        """Return when all have arrived; `each` is called at every poll.  Errors: `ProcessFailed` when
        nothing new has arrived for `quiet` seconds, or one came twice."""
        seen, at = self.arrived, time.time()
        while True:
            self.look()
            each()
            if self.twice:
                raise ProcessFailed('%d messages arrived more than once' % (self.twice,))
            if self.arrived == len(self.took):
                return
            if self.arrived != seen:
                seen, at = self.arrived, time.time()
            elif time.time() > at + quiet:
                raise ProcessFailed('%d of %d messages arrived, and then none for %g seconds' % (
                    self.arrived, len(self.took), quiet))
            time.sleep(pause)

    def _take(self, call):
        # type: (Any) -> None
        if call['work'] not in _NOTED:
            return
        self.calls += 1
        for number, published in _NUMBERED.findall(call['body']['message']):
            place = int(number) - self._first
            if not 0 <= place < len(self.took):
                raise ProcessFailed('message %s was not published' % (number,))
            if self.took[place] >= 0:
                self.twice += 1
                continue
            self.arrived += 1
            self.took[place] = max(0.0, call['at'] + self._latency - float(published))


def _ended(calls):
    # type: (List[Any]) -> List[Any]
    """Those before the first that is still in progress: it may yet take effect."""
    for place, call in enumerate(calls):
        if call['answered'] is None:
            return calls[:place]
    return calls
