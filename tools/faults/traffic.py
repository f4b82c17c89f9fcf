"""People who write and an agent who replies, each text with its number.

A person's message is ``p7 m3.`` and an agent's reply ``p7 r3.``, so that every output shows whose
and which text it is.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import re
import uuid
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

from twisted.internet import defer, task, threads

from vumi_snappy.vumi.message import TransportUserMessage

#: Of so many replies, the network rejects one, and reports another as not delivered.
_FAILURES = 10
_REPLY = re.compile(r'p\d+ r(\d+)\.')
#: People with higher numbers write once.
_NEWCOMER = 1000000


def phone_of(person):
    # type: (int) -> Text
    """The phone number of a person."""
    return '+2782%07d' % (person,)


def person_of(address):
    # type: (Text) -> int
    """The person of a phone number or of an address at Snappy."""
    return int(address.partition('@')[0].lstrip('+')[4:])


def fate_of(text):
    # type: (Text) -> Text
    """The network's outcome for a reply: ``delivered``, ``nack`` or ``failed``."""
    found = _REPLY.search(text)
    return {3: 'nack', 7: 'failed'}.get(int(found.group(1)) % _FAILURES if found else 0,
                                        'delivered')


class Traffic(object):
    """Writes as `people` people at once, and replies to their tickets.

    `random` (with a known seed) chooses the pauses, of up to `pause` seconds; `desk` is a
    `tools.faults.desk.DeskWatch`, and `wire` a `tools.faults.wire.Wire`.
    """

    def __init__(self, reactor, wire, standin, desk, people, random, pause):
        # type: (Any, Any, Any, Any, int, Any, float) -> None
        self._reactor = reactor
        self._wire, self._standin, self._desk = wire, standin, desk
        self._people = people
        self._random = random
        self._pause = pause
        self._going = False
        self._done = []  # type: List[defer.Deferred]
        self._newcomers = 0
        #: The current fault.
        self.phase = ''
        #: Messages that the broker has confirmed, and replies of the agent: person -> the fault
        #: during each.
        self.said = {}  # type: Dict[int, List[Text]]
        self.answered = {}  # type: Dict[int, List[Text]]
        #: Snappy's id of the note that a reply is: (person, number of the reply) -> id.
        self.notes = {}  # type: Dict[Tuple[int, int], int]

    def start(self):
        # type: () -> None
        """Begin to write and to reply."""
        self._going = True
        self._done = [self._write(person) for person in range(self._people)]
        self._done.append(self._agent())

    def stop(self):
        # type: () -> defer.Deferred
        """Stop writing; fires when everything written is confirmed."""
        self._going = False
        return defer.gatherResults(self._done, consumeErrors=True)

    @property
    def texts(self):
        # type: () -> int
        """Messages and replies so far."""
        return sum(len(each) for each in list(self.said.values()) + list(self.answered.values()))

    @defer.inlineCallbacks
    def say(self, person):
        """One more message of a person."""
        numbers = self.said.setdefault(person, [])
        message = TransportUserMessage(
            message_id=uuid.uuid4().hex, from_addr=phone_of(person), to_addr='12345',
            transport_name='sms', transport_type='sms', transport_metadata={},
            timestamp=datetime.datetime.utcnow(), content='p%d m%d.' % (person, len(numbers)))
        phase = self.phase
        yield self._wire.publish('inbound', message.to_json())
        numbers.append(phase)

    def say_once(self):
        # type: () -> defer.Deferred
        """Somebody writes once and never again; fires when that is confirmed."""
        self._newcomers += 1
        return self.say(_NEWCOMER + self._newcomers)

    @defer.inlineCallbacks
    def newcomer(self):
        """Somebody writes for the first time, and gets a reply as soon as there is a ticket.

        Fires with the seconds from the message to the ticket, and to the reply on the bus.
        """
        self._newcomers += 1
        person = _NEWCOMER + self._newcomers
        began = self._reactor.seconds()
        ticket = self._desk.until('p%d m0.' % (person,))
        yield self.say(person)
        nonce = yield ticket
        opened = self._reactor.seconds()
        reply = self._wire.until('p%d r0.' % (person,))
        yield self.answer(person, nonce)
        yield reply
        defer.returnValue((opened - began, self._reactor.seconds() - began))

    @defer.inlineCallbacks
    def answer(self, person, nonce):
        """One more reply of the agent, on a person's ticket."""
        numbers = self.answered.setdefault(person, [])
        numbers.append(self.phase)
        number = len(numbers) - 1
        note = yield threads.deferToThread(
            self._standin.reply, nonce, '<p>p%d <b>r%d</b>.</p>' % (person, number))
        self.notes[person, number] = note['id']

    @defer.inlineCallbacks
    def _write(self, person):
        while self._going:
            yield self.say(person)
            yield self._wait(self._random.random() * self._pause)

    @defer.inlineCallbacks
    def _agent(self):
        while self._going:
            known = sorted(self._desk.tickets)
            for address in self._random.sample(known, min(5, len(known))):
                if person_of(address) < _NEWCOMER:
                    yield self.answer(person_of(address), self._desk.tickets[address])
            yield self._wait(self._pause / 4)

    def _wait(self, seconds):
        return task.deferLater(self._reactor, seconds, lambda: None)
