"""Tickets by the million, as the worker leaves them when they are finished.

The worker's own scripts make one ticket of three messages; `Pattern` keeps what that left in Redis
and says it again for other people, tickets and times, as Redis commands.  A test holds that this
equals what the scripts make.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import hashlib
import struct
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import attr

from benchmarks.blocking_store import claimed, now
from vumi_snappy.records import Inbound, TicketEvent
from vumi_snappy.store.identity import thread_id

#: Tickets have eight digits: what is said of one is as long as what is said of another.
FIRST = 10000001
#: Days of the small hashes of ids that were seen.
_PERIOD = 10 * 86400
#: Longest piece of an envelope, as the store keeps it.
_PIECE = 60
_ENDPOINT, _KIND, _NAME = 'default', 'sms', 'sms_transport'
_TEXTS = ('My card is lost, and I do not know what to do now. Who can help me?',
          'I have called the number on the web page, but nobody answers there. Please help me!',
          'Thank you very much, I have it now.')


@attr.s(frozen=True, slots=True)
class Story(object):
    """The ticket `number` of the person `person`, opened at `at` (seconds, a whole number)."""

    number = attr.ib()  # type: int
    person = attr.ib()  # type: int
    at = attr.ib()  # type: int

    @property
    def address(self):
        # type: () -> Text
        """The person's."""
        return '+2783%07d' % (self.person,)

    @property
    def nonce(self):
        # type: () -> Text
        """Snappy's name of the ticket."""
        return 'n%015d' % (self.number,)

    @property
    def snappy_id(self):
        # type: () -> Text
        """Snappy's number of it."""
        return '9%09d' % (self.number,)

    def message_id(self, n):
        # type: (int) -> Text
        """That of the message `n` of three."""
        return '%d%031d' % (n, self.number)

    def time(self, n):
        # type: (int) -> float
        """When message `n` came, and was forwarded; never a number that can be told in less."""
        return self.at + 60 * n + 0.123

    def values(self):
        # type: () -> Dict[Text, bytes]
        """What differs between tickets, by name, in the form that Redis is told it."""
        found = {'number': b'%d' % (self.number,), 'address': self.address.encode('ascii'),
                 'digits': self.address[1:].encode('ascii'),
                 'nonce': self.nonce.encode('ascii'), 'sid': self.snappy_id.encode('ascii'),
                 'tid': thread_id(_ENDPOINT, _KIND, self.address, _NAME).encode('ascii')}
        for n in range(3):
            at, name = self.time(n), self.message_id(n).encode('ascii')
            digest = hashlib.sha1(b'%s %s' % (found['tid'], name)).hexdigest()
            found['id%d' % n] = name
            found['text%d' % n] = b'%.3f' % (at,)
            found['double%d' % n] = struct.pack(str('>d'), at)
            found['where%d' % n] = ('%d/%s' % (at // _PERIOD, digest[:3])).encode('ascii')
            found['seen%d' % n] = struct.pack(str('>II'), int(digest[3:11], 16),
                                              int(digest[11:19], 16))
        return found


def play(store, clock, story, tag=''):
    # type: (Any, Any, Story, Text) -> None
    """Let the worker's scripts make the ticket of `story`; ``clock(seconds)`` sets the time."""
    for n, text in enumerate(_TEXTS):
        clock(story.time(n))
        now(store.accept_inbound(Inbound(
            message_id=story.message_id(n), from_addr=story.address, endpoint=_ENDPOINT,
            transport_type=_KIND, content=text, sent_at=story.time(n),
            subject='Support for %s' % (story.address,),
            contact_address='%s@sms.example.org' % (story.address[1:],),
            envelope={
                'to_addr': '12345', 'from_addr': story.address, 'transport_name': _NAME,
                'transport_type': _KIND, 'transport_metadata': {}, 'helper_metadata': {},
                'group': None, 'provider': None, 'message_id': story.message_id(n),
                'endpoint': _ENDPOINT, 'received_at': story.time(n), 'in_session': False,
                'session_over': False})))
        attempt = claimed(store.forwards)
        now(store.forwards.finish(attempt, story.nonce, '%016d' % (n,)))
    now(store.record_ticket_event(TicketEvent(
        'ticket.tags', story.nonce, story.snappy_id, at=story.time(2), tags=[tag] if tag else [])))


def command(*parts):
    # type: (*bytes) -> bytes
    """A command in Redis's protocol."""
    return b'*%d\r\n' % (len(parts),) + b''.join(
        b'$%d\r\n%s\r\n' % (len(part), part) for part in parts)


def _writing(client, key):
    # type: (Any, bytes) -> List[bytes]
    """The command that makes `key` what it is."""
    kind = client.type(key)
    if kind == b'hash':
        return [b'HSET', key] + [each for pair in sorted(client.hgetall(key).items())
                                 for each in pair]
    if kind == b'list':
        return [b'RPUSH', key] + client.lrange(key, 0, -1)
    if kind == b'set':
        return [b'SADD', key] + sorted(client.smembers(key))
    if kind == b'zset':
        pairs = client.zrange(key, 0, -1, withscores=True)
        return [b'ZADD', key] + [part for member, score in pairs
                                 for part in (b'%.3f' % (score,), member)]
    return [b'SET', key, client.get(key)]


class Pattern(object):
    """Makes of a `Story` the commands that store its ticket under the key prefix `target`, as that of
    another `story` is, which is all that there is under `prefix` in the `client`'s Redis.

    `shared` are the commands for what is not of one ticket alone.
    """

    def __init__(self, client, prefix, story, target):
        # type: (Any, Text, Story, Text) -> None
        # Longer ones first: the person's digits are a part of their address.
        names = sorted(story.values().items(), key=lambda pair: (-len(pair[1]), pair[0]))
        self._envelope = b''
        self.shared, always, seen = b'', [], []
        for key in sorted(client.keys('%s:*' % (prefix,))):
            name = key[len(prefix) + 1:]
            if name.startswith((b'seen:e:', b'tally:')):  # These are gone soon.
                continue
            told = _writing(client, key)
            told[1] = target.encode('ascii') + b':' + name
            written, pieces = command(*told).replace(b'%', b'%%'), []  # type: bytes, List[bytes]
            if name.startswith(b'thread:'):
                fields = dict(zip(told[2::2], told[3::2]))
                pieces = [fields[b'e%d' % (n,)] for n in range(1, int(fields[b'e']) + 1)]
                self._envelope = _named(b''.join(pieces).replace(b'%', b'%%'), names)
            for n, piece in enumerate(pieces):
                written = written.replace(piece, b'%%(piece%d)s' % (n,))
            written = _named(written, names)
            if b'%(' not in written:
                self.shared += written
            elif name.startswith(b'seen:m/'):
                seen.append(written)
            else:
                always.append(written)
        self._always, self._seen = b''.join(always), b''.join(seen)

    def commands(self, story, is_seen=True):
        # type: (Story, bool) -> bytes
        """Those for the ticket of `story`; not `is_seen`: it is so old that the ids of its messages
        are not remembered any more."""
        values = {name.encode('ascii'): value for name, value in story.values().items()}
        envelope = self._envelope % values
        for n in range(-(-len(envelope) // _PIECE)):
            values[b'piece%d' % (n,)] = envelope[n * _PIECE:(n + 1) * _PIECE]
        written = self._always % values
        return written + self._seen % values if is_seen else written


def _named(written, names):
    # type: (bytes, List[Tuple[Text, bytes]]) -> bytes
    """`written` with the names of values in their place."""
    for name, value in names:
        # In what is written, a "%" is doubled.
        written = written.replace(value.replace(b'%', b'%%'),
                                  ('%%(%s)s' % (name,)).encode('ascii'))
    return written
