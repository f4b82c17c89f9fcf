"""People who write and an agent who answers, each text with its number."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import datetime
import uuid
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

from twisted.internet import defer, task, threads
from vumi.message import TransportUserMessage


def number_of(person):
    # type: (int) -> Text
    """The phone number of a person."""
    return '+2782%07d' % (person,)


class Traffic(object):
    """Writes as `people` persons, all at once, and answers their tickets.

    `random` (with a known seed) chooses the pauses, of up to `pause` seconds.
    """

    def __init__(self, reactor, wire, standin, people, random, pause):
        # type: (Any, Any, Any, int, Any, float) -> None
        self._reactor = reactor
        self._wire = wire
        self._standin = standin
        self._people = people
        self._random = random
        self._pause = pause
        self._going = False
        self._done = []  # type: List[defer.Deferred]
        self._probes = 0
        #: Messages that the broker has confirmed, and replies that the agent wrote: person ->
        #: how many.
        self.said = {}  # type: Dict[int, int]
        self.answered = {}  # type: Dict[int, int]
        #: Snappy's id of the note that a reply is: (person, number of the reply) -> id.
        self.notes = {}  # type: Dict[Tuple[int, int], int]

    def start(self):
        # type: () -> None
        """Begin to write and to answer."""
        self._going = True
        self._done = [self._write(person) for person in range(self._people)]
        self._done.append(self._agent())

    def stop(self):
        # type: () -> defer.Deferred
        """Write no more; fires when what was begun is confirmed."""
        self._going = False
        return defer.gatherResults(self._done, consumeErrors=True)

    @defer.inlineCallbacks
    def say(self, person):
        """One more message of a person."""
        number = self.said.get(person, 0)
        message = TransportUserMessage(
            message_id=uuid.uuid4().hex, from_addr=number_of(person), to_addr='12345',
            transport_name='sms', transport_type='sms', transport_metadata={},
            timestamp=datetime.datetime.utcnow(), content='p%d m%d.' % (person, number))
        yield self._wire.publish('inbound', message.to_json())
        self.said[person] = number + 1

    @defer.inlineCallbacks
    def probe(self):
        """Fires with the seconds that a newcomer's first message takes to its ticket."""
        self._probes += 1
        person = 1000000 + self._probes
        began = self._reactor.seconds()
        yield self.say(person)
        wanted = 'p%d m0.' % (person,)
        while True:
            try:
                tickets = yield threads.deferToThread(self._standin.tickets, 60)
            except EnvironmentError:
                tickets = []
            if any(wanted in note['content'] for ticket in tickets for note in ticket['notes']):
                defer.returnValue(self._reactor.seconds() - began)
            yield task.deferLater(self._reactor, 0.1, lambda: None)

    @defer.inlineCallbacks
    def _write(self, person):
        while self._going:
            yield self.say(person)
            yield task.deferLater(self._reactor, self._random.random() * self._pause,
                                  lambda: None)

    @defer.inlineCallbacks
    def _agent(self):
        # One agent, who answers the newest ticket of somebody, again and again.
        while self._going:
            try:
                tickets = yield threads.deferToThread(self._standin.tickets, 200)
                newest = {}  # type: Dict[Text, Any]
                for ticket in reversed(tickets):
                    newest[ticket['contacts'][0]['value']] = ticket
                for address in self._random.sample(sorted(newest), min(5, len(newest))):
                    person = int(address[4:].partition('@')[0])
                    number = self.answered.get(person, 0)
                    note = yield threads.deferToThread(
                        self._standin.reply, newest[address]['nonce'],
                        '<p>p%d <b>r%d</b>.</p>' % (person, number))
                    self.answered[person] = number + 1
                    self.notes[person, number] = note['id']
            except EnvironmentError:
                pass
            yield task.deferLater(self._reactor, self._pause / 4, lambda: None)
