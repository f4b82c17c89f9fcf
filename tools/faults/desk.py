"""What reaches the help desk, as it does: the stand-in's ledger, read as it grows.

Cheap to ask again and again, also when thousands of notes are there.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import time
from typing import Any, Dict, List, Set, Text, Tuple  # noqa: F401

from twisted.internet import defer, task, threads

#: Seconds between two looks.
_EVERY = 0.1
#: Seconds after which a call that was not answered will not do its work any more.
_LATE = 10.0


class DeskWatch(object):
    """Watches the stand-in behind `standin` (a `tools.standin_client.StandinClient`)."""

    def __init__(self, reactor, standin):
        # type: (Any, Any) -> None
        self._standin = standin
        self._seen = 0
        self._done = set()  # type: Set[int]
        self._wanted = []  # type: List[Tuple[Text, defer.Deferred]]
        #: The newest ticket of each person who has one: contact address -> nonce.
        self.tickets = {}  # type: Dict[Text, Text]
        self._looking = task.LoopingCall(self._look)
        self._looking.clock = reactor

    def start(self):
        # type: () -> None
        """Begin to watch."""
        self._looking.start(_EVERY)

    def stop(self):
        # type: () -> None
        """Watch no more."""
        self._looking.stop()

    def until(self, text):
        # type: (Text) -> defer.Deferred
        """Fires with the nonce of the ticket on which `text` turns up from now on."""
        found = defer.Deferred()
        self._wanted.append((text, found))
        return found

    @defer.inlineCallbacks
    def _look(self):
        try:
            calls = yield threads.deferToThread(self._standin.ledger, self._seen)
        except EnvironmentError:
            return  # busy; the next look is soon
        under_way = []
        for call in calls:
            number = call['number']
            if number in self._done:
                continue
            # It may hang for ever, or its work may be done a little later.
            if not call['work'] and call['status'] is None and time.time() - call['at'] < _LATE:
                under_way.append(number)
                continue
            self._done.add(number)
            if (call['work'] in ('ticket opened', 'note added')
                    and not call['body'].get('staff_id')):
                self._arrived(call)
        if calls:
            self._seen = min(under_way + [calls[-1]['number'] + 1]) - 1
            self._done = {number for number in self._done if number > self._seen}

    def _arrived(self, call):
        self.tickets[call['body']['from'][0]['address']] = call['nonce']
        for text, found in list(self._wanted):
            if text in call['body']['message']:
                self._wanted.remove((text, found))
                if not found.called:
                    found.callback(call['nonce'])
