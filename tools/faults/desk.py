"""Follow what reaches the help desk, in the stand-in's ledger.

It reads only new entries, so that it stays cheap with thousands of notes.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
from typing import Any, Dict, List, Set, Text, Tuple  # noqa: F401

from twisted.internet import defer, task, threads

#: Seconds between two polls.
_EVERY = 0.1
#: Seconds after which a call without a response has no more effect.
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
        self._polling = task.LoopingCall(self._poll)
        self._polling.clock = reactor

    def start(self):
        # type: () -> None
        """Start polling."""
        self._polling.start(_EVERY)

    def stop(self):
        # type: () -> None
        """Stop polling."""
        self._polling.stop()

    def until(self, text):
        # type: (Text) -> defer.Deferred
        """Fires with the nonce of the ticket on which `text` appears from now on."""
        found = defer.Deferred()
        self._wanted.append((text, found))
        return found

    @defer.inlineCallbacks
    def _poll(self):
        try:
            calls = yield threads.deferToThread(self._standin.ledger, self._seen)
        except EnvironmentError:
            return  # busy; the next poll is soon
        in_progress = []
        for call in calls:
            number = call['number']
            if number in self._done:
                continue
            # It may hang for ever, or take effect a little later.
            if not call['work'] and call['status'] is None and time.time() - call['at'] < _LATE:
                in_progress.append(number)
                continue
            self._done.add(number)
            if (call['work'] in ('ticket opened', 'note added')
                    and not call['body'].get('staff_id')):
                self._arrived(call)
        if calls:
            self._seen = min(in_progress + [calls[-1]['number'] + 1]) - 1
            self._done = {number for number in self._done if number > self._seen}

    def _arrived(self, call):
        self.tickets[call['body']['from'][0]['address']] = call['nonce']
        for text, found in list(self._wanted):
            if text in call['body']['message']:
                self._wanted.remove((text, found))
                if not found.called:
                    found.callback(call['nonce'])
