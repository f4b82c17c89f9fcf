"""What one more message costs Redis where there is much of something already, of which there can
be any amount: each kind of much is a function that makes it.

Judged by Redis's own clock on the worker's scripts (``INFO commandstats``).  Other work on the
machine can only add to that, so the least of several samples counts.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Text  # noqa: F401

from benchmarks.blocking_store import blocking_store, claimed, now
from vumi_snappy.records import Inbound, ReplyState, StaffNote, Wait

#: Messages whose cost is taken together, and how often.
_CYCLES, _SAMPLES = 10, 15
_BEGIN = 1416000000.5
_HALF_A_WEEK = 80 * 3600.0


class Life(object):
    """People, an agent and workers on an empty store of the `client`'s Redis at `port`."""

    def __init__(self, client, port):
        # type: (Any, int) -> None
        self._client = client
        self._time = _BEGIN
        self._notes = 0
        client.flushall()
        self.store = blocking_store(port, 'growing', lambda: self._time, rate_limit=0)

    def spent(self):
        # type: () -> int
        """Microseconds of Redis in scripts, so far."""
        stats = self._client.info('commandstats')
        return sum(stats.get('cmdstat_%s' % (name,), {}).get('usec', 0)
                   for name in ('eval', 'evalsha'))

    def passes(self, seconds):
        # type: (float) -> None
        """Time passes."""
        self._time += seconds

    def says(self, person, text='My card is lost, please help me.'):
        # type: (int, Text) -> None
        """A message is stored."""
        self.passes(0.001)
        address = '+27%08d' % (person,)
        now(self.store.accept_inbound(Inbound(
            message_id=uuid.uuid4().hex, from_addr=address, endpoint='default',
            transport_type='sms', content=text, sent_at=self._time,
            subject='Support for %s' % (address,), contact_address='%s@example.org' % (address,),
            envelope={'to_addr': '12345', 'message_id': uuid.uuid4().hex})))

    def forwards(self, nonce=None):
        # type: (Any) -> bool
        """What is next goes to Snappy; whether there was anything."""
        attempt = claimed(self.store.forwards)
        if isinstance(attempt, Wait):
            return False
        now(self.store.forwards.finish(
            attempt, attempt.nonce or nonce or uuid.uuid4().hex[:16], uuid.uuid4().hex[:16]))
        return True

    def answers(self, nonce, state=ReplyState.ACKED):
        # type: (Text, ReplyState) -> None
        """An agent's reply goes out, and its transport says what became of it."""
        self.passes(0.001)
        self._notes += 1
        now(self.store.accept_reply(StaffNote(
            note_id='%d' % (self._notes,), nonce=nonce, ticket_id='', html='<p>Yes</p>',
            created_at=self._time)))
        reply = claimed(self.store.replies)
        now(self.store.replies.finish(reply.message_id))
        now(self.store.record_event(reply.message_id, state, 'no such number'))

    def least(self, cycle):
        # type: (Callable[[int], Any]) -> float
        """Microseconds of Redis for one call of ``cycle(number)``."""
        samples = []  # type: List[float]
        for sample in range(_SAMPLES):
            before = self.spent()
            for number in range(_CYCLES):
                cycle(10 ** 6 + sample * _CYCLES + number)
            samples.append((self.spent() - before) / _CYCLES)
        return min(samples)


def _one_more(life):
    # type: (Life) -> Callable[[int], None]
    def cycle(number):
        # type: (int) -> None
        life.says(number)
        life.forwards('n%d' % (number,))
        life.answers('n%d' % (number,))
    return cycle


def people(life, much):
    # type: (Life, int) -> float
    """Of a new person, where `much` people had tickets."""
    for number in range(much):
        life.says(number)
        life.forwards()
    return life.least(_one_more(life))


def waiting(life, much):
    # type: (Life, int) -> float
    """Stored and one forwarded, where `much` messages wait."""
    for number in range(much):
        life.says(number)

    def cycle(number):
        # type: (int) -> None
        life.says(number)
        life.forwards()
        now(life.store.figures())
    return life.least(cycle)


def parked(life, much):
    # type: (Life, int) -> float
    """Of a new person, where `much` is parked."""
    for number in range(much):
        life.says(number)
        now(life.store.forwards.park(claimed(life.store.forwards), 'refused'))
    return life.least(_one_more(life))


def messages(life, much):
    # type: (Life, int) -> float
    """On a ticket of `much` messages, with its page in the console."""
    for _ in range(much):
        life.says(1)
        life.forwards('n1')

    def cycle(_):
        # type: (int) -> None
        life.says(1)
        life.forwards('n1')
        life.answers('n1')
        now(life.store.lists.tickets())
    return life.least(cycle)


def replies(life, much):
    # type: (Life, int) -> float
    """A reply that does not arrive, on a ticket of `much` replies, a tenth of which did not."""
    life.says(1)
    life.forwards('n1')
    for number in range(much):
        life.answers('n1', ReplyState.FAILED if number % 10 == 0 else ReplyState.ACKED)
    while life.forwards():
        pass

    def cycle(_):
        # type: (int) -> None
        life.answers('n1', ReplyState.FAILED)
        [lost] = now(life.store.lists.undelivered(0, 1))
        now(life.store.lists.settle_undelivered(lost['id'], drop=True))
        while life.forwards():
            pass
    return life.least(cycle)


def tickets(life, much):
    # type: (Life, int) -> float
    """A new ticket of a person who had `much`, and a search for them that shows the first 50."""
    for _ in range(much):
        life.says(1)
        life.forwards()
        life.passes(_HALF_A_WEEK)

    def cycle(_):
        # type: (int) -> None
        life.says(1)
        life.forwards()
        life.passes(_HALF_A_WEEK)
        now(life.store.lists.find([], ['+27%08d' % (1,)]))
    return life.least(cycle)


def burst(life, much):
    # type: (Life, int) -> float
    """A message of somebody of whom `much` wait, which are sent joined."""
    for _ in range(much + 50 * _CYCLES * _SAMPLES):
        life.says(1)

    def cycle(_):
        # type: (int) -> None
        life.says(1)
        life.forwards('n1')
    return life.least(cycle) / 50


def size(life, much):
    # type: (Life, int) -> float
    """A message of `much` characters."""
    def cycle(number):
        # type: (int) -> None
        life.says(number, 'x' * much)
        life.forwards()
    return life.least(cycle)


def in_hand(life, much):
    # type: (Life, int) -> float
    """Of a new person, while workers have those of `much` others in hand."""
    for number in range(much):
        life.says(number)
        claimed(life.store.forwards)
    return life.least(_one_more(life))


#: By what there is much of: how much of it, and the function.  Ten times that is much more.
KINDS = OrderedDict([
    ('people', (2000, people)), ('messages that wait', (2000, waiting)),
    ('parked attempts', (500, parked)), ('messages on one ticket', (500, messages)),
    ('replies on one ticket', (300, replies)), ('tickets of one person', (100, tickets)),
    ('messages of one person in a burst', (500, burst)),
    ('characters of a message', (100, size)), ('people in the hands of workers', (20, in_hand)),
])  # type: Any
