"""What the page shows, kept up to date while somebody looks.

Owns the messages that were sent on the page and the state made of everything; reads the store and
the help desk a few times a second, and tells those who wait when the state has changed.  Plays the
phones' part in the network as well: reports each message that reached one as delivered.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

from twisted.internet import defer, task, threads
from twisted.logger import Logger

from tools.demo.view import Sent, page_state

log = Logger()

#: Seconds between two looks.
LOOK_EVERY = 0.2
#: Looking goes on so many seconds after the last question.
IDLE_AFTER = 30.0
#: Seconds after which a phone reports that it has a message.
REPORT_AFTER = 0.4
#: What can be unplugged: without the phones, their network refuses what is sent to them.
PLUGS = ('snappy', 'worker', 'phones')


class Watcher(object):
    """Watches one running `tools.stack.Stack`, whose store `store` reads.

    Calls of the stack block, so they are made in threads.
    """

    def __init__(self, reactor, stack, store):
        # type: (Any, Any, Any) -> None
        self._reactor, self._stack, self._store = reactor, stack, store
        self._sent = []  # type: List[Sent]
        self._seen = ([], [])  # type: Any
        self._agent = ''
        self._reported = set()  # type: set
        self._unplugged = set()  # type: set
        self._state = {}  # type: Dict[Text, Any]
        self._waiting = []  # type: List[defer.Deferred]
        self._asked_at = 0.0
        self._looking = task.LoopingCall(self._look)
        self._looking.clock = reactor

    def stop(self):
        # type: () -> None
        """Look no more; those who wait get what there is."""
        if self._looking.running:
            self._looking.stop()
        for waiting in list(self._waiting):
            self._wake(waiting)

    @defer.inlineCallbacks
    def state(self, since, within):
        # type: (Text, float) -> Any
        """Fires with the state as soon as its version is not `since`, or after `within` seconds
        with None."""
        self._asked_at = time.time()
        if not self._looking.running:
            self._looking.start(LOOK_EVERY)
        deadline = time.time() + within
        while not self._state or self._state['version'] == since:
            left = deadline - time.time()
            if left <= 0 or not self._looking.running:
                defer.returnValue(None)
            yield self._news(left)
        defer.returnValue(self._state)

    @defer.inlineCallbacks
    def send(self, number, text):
        """Send a message from a phone.  Fires with False when the transport did not take it."""
        place = len(self._sent)
        message = Sent(self._stack.new_message_id(), number, text, time.time())
        self._sent.append(message)
        try:
            yield threads.deferToThread(
                self._stack.send_message, number, text, message.message_id)
            taken = True
        except EnvironmentError as error:
            log.warn('The transport did not take a message: {error}', error=error)
            taken = False
        self._sent[place] = Sent(message.message_id, number, text, message.at, taken)
        defer.returnValue(taken)

    @defer.inlineCallbacks
    def plug(self, part, plugged):
        """Unplug one of `PLUGS`, or put its plug back; fires when that is done."""
        if part == 'worker':
            work = (self._stack.start_worker if plugged else self._stack.kill_worker,
                    0)  # type: Tuple[Any, ...]
        elif part == 'phones':
            work = (self._stack.network.answer_with, 200 if plugged else 503)
        elif plugged:
            work = (self._stack.standin.clear_faults,)
        else:
            work = (self._stack.standin.add_fault, 'status')
        yield threads.deferToThread(*work)
        (self._unplugged.discard if plugged else self._unplugged.add)(part)

    def _news(self, seconds):
        waiting = defer.Deferred()
        self._waiting.append(waiting)
        alarm = self._reactor.callLater(seconds, self._wake, waiting)
        waiting.addBoth(lambda _ignored: alarm.active() and alarm.cancel())
        return waiting

    def _wake(self, waiting):
        if waiting in self._waiting:
            self._waiting.remove(waiting)
            waiting.callback(None)

    @defer.inlineCallbacks
    def _look(self):
        if time.time() - self._asked_at > IDLE_AFTER and not self._waiting:
            self._looking.stop()
            return
        try:
            self._agent = self._agent or (
                yield threads.deferToThread(self._stack.standin.agent_name))
            tickets = yield self._store.recent_tickets(30)
            desk = yield threads.deferToThread(self._stack.standin.tickets)
            self._seen = (tickets, desk)
            yield self._report_deliveries()
        except Exception as error:
            # A part is away: the page keeps what it has, and tells which one it is.
            log.debug('Could not look: {error}', error=error)
        tickets, desk = self._seen
        state = page_state(self._sent, self._stack.outbound(), tickets, desk,
                           self._stack.parts(), self._agent, self._unplugged)
        if state['version'] != self._state.get('version'):
            self._state = state
            for waiting in list(self._waiting):
                self._wake(waiting)

    @defer.inlineCallbacks
    def _report_deliveries(self):
        for message in self._stack.outbound():
            late = time.time() - message.at > REPORT_AFTER
            if late and message.network_id not in self._reported:
                self._reported.add(message.network_id)
                yield threads.deferToThread(self._stack.report_delivery, message)
