"""All state of the bridge, in Redis: the only room that sends a Redis command.

`Store` is what the other rooms are given.  It takes in what arrives (`accept_inbound`,
`accept_reply`, `record_event`, `record_ticket_event`), hands out the work that leads on
(`forwards`, `lookups`, `replies`) and tells what became of everything (`recent_tickets`, `parked`,
`figures`).

Promises: when a call has fired without an error, what it changed is in Redis, whole; any call may
be repeated without doing its work twice.  A call that fails with `StoreUnavailable` may or may not
have been carried out: repeat it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Callable, Dict, Optional, Sequence, Text  # noqa: F401

from twisted.internet import defer
from twisted.python import failure

from vumi_snappy.content import mask_address
from vumi_snappy.records import (  # noqa: F401
    SCHEMA_VERSION, Accepted, AnswerState, ImportedTicket, Inbound, ReplyState, StaffNote,
    Subscription)
from vumi_snappy.store.connection import RedisConnection
from vumi_snappy.store.durability import check_durability
from vumi_snappy.store.envelopes import pack
from vumi_snappy.store.errors import HeldBack, StoreError, StoreRefused, StoreUnavailable
from vumi_snappy.store.identity import content_hash, event_digest, thread_id
from vumi_snappy.store.inbound import accept_all, posted_json
from vumi_snappy.store.lanes import BreakerRules, ForwardLane, LookupLane, RateLimit
from vumi_snappy.store.lists import Lists
from vumi_snappy.store.posted import PostedTickets
from vumi_snappy.store.replies import ReplyLane, accept_replies
from vumi_snappy.store.scripts import Scripts
from vumi_snappy.store.sessions import Sessions
from vumi_snappy.store.views import ENTRIES, view, whole_ticket

__all__ = ['BreakerRules', 'HeldBack', 'RateLimit', 'Store', 'StoreError', 'StoreRefused',
           'StoreUnavailable', 'content_hash']


#: Seconds in which an event that says the very same is the same one, brought again.
_SAME_EVENT = 300
#: Events that are kept for a ticket whose nonce is not known yet.
_EARLY_EVENTS = 50
#: Seconds for which they are.
_EARLY_FOR = 3 * 86400


class Store(object):
    """The state of one bridge, under `key_prefix`, in the Redis at `host`:`port`.

    `remember` (seconds) is how long a message or note that comes again is recognised;
    `new_ticket_after` (seconds) is the silence after which a person's message opens a new ticket;
    `lease` (seconds) is how long a worker that died keeps its work from the others;
    `call_timeout` (seconds) is how long a call to Snappy may take effect after it began.
    `ack_timeout` (seconds; 0: never) is when a reply of which nothing is heard is overdue;
    `clock` is for tests: without it, Redis's own time is used.
    """

    def __init__(self, reactor, host, port, db=0, password=None, key_prefix='vumi_snappy',
                 timeout=5.0, new_ticket_after=72 * 3600.0, remember=30 * 86400,
                 rate_limit=200.0, breaker=BreakerRules(), lease=15.0, call_timeout=30.0,
                 clock=None, ack_timeout=0.0):
        # type: (Any, Text, int, int, Optional[Text], Text, float, float, int, float, BreakerRules, float, float, Optional[Callable[[], float]], float) -> None  # noqa: E501
        self.key_prefix = key_prefix
        self.connection = RedisConnection(reactor, host, port, db, password, timeout,
                                          on_ready=self._on_ready)
        self._scripts = Scripts(self.connection, key_prefix + ':', clock)
        self._new_ticket_after = new_ticket_after
        self._remember = int(remember)
        #: What could make Redis lose what it has acknowledged, in words; empty when nothing.
        self.durability = ''
        self.forwards = ForwardLane(self._scripts, RateLimit(rate_limit), breaker, lease=lease,
                                    settle=call_timeout, remember=self._remember)
        self.replies = ReplyLane(self._scripts, key_prefix, lease=lease, remember=self._remember,
                                 ack_timeout=ack_timeout)
        self.lookups = LookupLane(self._scripts, lease=lease)
        #: Who is logged in to the operator's pages, and what they read and change.
        self.sessions = Sessions(self._scripts, self.connection, key_prefix)
        self.lists = Lists(self._scripts, self.connection, key_prefix, self._remember, self.ticket)
        #: The tickets that the Django bouncer's API tells of.
        self.posted = PostedTickets(self._scripts, self.connection, key_prefix)

    def start(self):
        # type: () -> None
        """Begin to connect; calls fail with `StoreUnavailable` until that is done."""
        self.connection.start()

    def stop(self):
        # type: () -> defer.Deferred
        """Close the connection."""
        return self.connection.stop()

    @property
    def trouble(self):
        # type: () -> Text
        """Why the store can't be used now, in words; empty when it can."""
        return self.connection.trouble

    @defer.inlineCallbacks
    def _on_ready(self):
        self.durability = yield check_durability(self.connection, self.key_prefix)
        yield self._scripts.load()

    # What arrives.

    @defer.inlineCallbacks
    def accept_inbound(self, message):
        """Store an `Inbound` with its ticket, history and job, and those of its answers that apply.

        Fires with `Accepted.STORED`, or `Accepted.DUPLICATE` for a message_id seen before.
        """
        [outcome] = yield self.accept_all_inbound([message])
        if isinstance(outcome, failure.Failure):
            outcome.raiseException()
        defer.returnValue(outcome.said)

    def accept_all_inbound(self, messages):
        # type: (Sequence[Inbound]) -> defer.Deferred
        """As `accept_inbound`, for many in one call.

        Fires with the outcomes, in order: for each a `Taken`, or a Failure of its own, `HeldBack`
        for what the same person wrote behind a message that failed.
        """
        return accept_all(self._scripts, self.key_prefix, messages, self._new_ticket_after,
                          self._remember)

    def import_ticket(self, ticket, dry_run=False):
        # type: (ImportedTicket, bool) -> defer.Deferred
        """Store an `ImportedTicket`, or with `dry_run` only tell what would become of it.

        Fires with ``imported``, ``renumbered`` (imported, but its number was taken), ``known``,
        ``unsent`` (it has no nonce; nothing is stored) or ``conflict`` (its nonce is that of
        another person's ticket).
        """
        d = self._scripts.call(
            'import_ticket', ticket.message_id,
            thread_id(ticket.endpoint, ticket.transport_type, ticket.from_addr),
            ticket.from_addr, ticket.endpoint, ticket.transport_type, ticket.nonce,
            ticket.ticket_id, ticket.content, ticket.response, '%.3f' % (ticket.opened_at,),
            '%.3f' % (ticket.seen_at,), ticket.subject, ticket.contact_address,
            pack(ticket.envelope, ticket.from_addr), SCHEMA_VERSION, int(dry_run),
            posted_json(ticket.posted), ticket.number, self._remember)
        return d.addCallback(lambda said: said.decode('ascii'))

    @defer.inlineCallbacks
    def accept_reply(self, note):
        """Store a `StaffNote` as a reply to be published.

        Fires with `Accepted.STORED`, `Accepted.DUPLICATE` (the note was seen before) or
        `Accepted.UNKNOWN_TICKET` (we did not open its ticket; nothing is stored).
        """
        [outcome] = yield self.accept_replies([note])
        if isinstance(outcome, failure.Failure):
            outcome.raiseException()
        defer.returnValue(outcome)

    def accept_replies(self, notes):
        # type: (Sequence[StaffNote]) -> defer.Deferred
        """As `accept_reply`, for many in one call.

        Fires with the outcomes, in order: for each an `Accepted`, or a Failure of its own.
        """
        return accept_replies(self._scripts, self.key_prefix, notes, self._remember)

    @defer.inlineCallbacks
    def record_event(self, message_id, state, detail='', notice=False, delivered_notice=False):
        """Record what a transport says of a reply; `state` is a `ReplyState` or None (pending).

        A failure becomes the tag ``#undelivered`` on the ticket and, with `notice`, a private
        note to the agent, as does that a reply has arrived which was said to be unconfirmed; with
        `delivered_notice` any delivery becomes one, too.
        Fires with the `ReplyState` that the reply has come to by this, or None (it is as before,
        or not ours), and with whether this is how we learn that the reply is on the bus.  A reply
        of several messages has failed when one has, and is acked or delivered when all are.  The
        worker's own answers are moved on likewise, without a word to the agent, and give an
        `AnswerState` (or None) and False.
        """
        said = yield self._scripts.call('record_event', message_id,
                                        state.value if state else '', detail, int(notice),
                                        self.replies.ack_timeout, int(delivered_notice))
        states = {b'moved': ReplyState, b'answer moved': AnswerState}.get(said[0])
        moved = states(said[2].decode('ascii')) if states else None
        defer.returnValue((moved, said[0] in (b'moved', b'kept') and said[1] == 1))

    @defer.inlineCallbacks
    def record_ticket_event(self, event):
        """Keep what a `TicketEvent` tells of its ticket.

        Fires with `Accepted.STORED`, `Accepted.DUPLICATE` (the very same came minutes ago) or
        `Accepted.UNKNOWN_TICKET`.  What is older than what is known changes nothing.
        """
        told = {'at': event.at, 'status': event.status, 'added': event.added,
                'removed': event.removed}
        if event.tags is not None:
            told['tags'] = event.tags
        told_json = json.dumps(told, sort_keys=True)
        digest = event_digest(event.name, event.nonce, event.ticket_id, told_json)
        said = yield self._scripts.call(
            'record_ticket_event', event.nonce, event.ticket_id, told_json, digest, _SAME_EVENT,
            _EARLY_EVENTS, _EARLY_FOR)
        defer.returnValue(Accepted(said.decode('ascii')))

    # What became of it.

    def recent_tickets(self, limit=50):
        # type: (int) -> defer.Deferred
        """The `limit` tickets that saw something last, newest first, as `ticket` gives them."""
        return self._scripts.call_json('recent_tickets', limit, '', ENTRIES, '').addCallback(
            lambda found: [view(each) for each in found])

    def ticket(self, number, before=None):
        # type: (Text, Optional[int]) -> defer.Deferred
        """One ticket as a JSON-ready dict, or None: the last `ENTRIES` of its history, or those
        before the entry `before`, and the messages, replies and answers that came by these.

        `earlier` of the dict is the `before` that gives what was earlier: None where nothing was.
        """
        return self._scripts.call_json(
            'recent_tickets', 1, number, ENTRIES, '' if before is None else before).addCallback(
            lambda found: view(found[0]) if found else None)

    def whole_ticket(self, number):
        # type: (Text) -> defer.Deferred
        """One ticket as `ticket` gives it, with all of its history, or None."""
        return whole_ticket(self, number)

    def figures(self):
        # type: () -> defer.Deferred
        """What waits and what is wrong: forwards, replies, lookups, parked (counts), oldest
        (seconds), breaker (why it is open, or empty), hold (seconds), tickets and
        undelivered (counts)."""
        return self._scripts.call_json('figures')

    def parked(self, offset=0, limit=100):
        # type: (int, int) -> defer.Deferred
        """A page of what is parked, oldest first, as dicts."""
        return self._scripts.call_json('parked_list', offset, limit)

    def unpark(self, parked_id, drop=False, reason='', who=''):
        # type: (Text, bool, Text, Text) -> defer.Deferred
        """Put what is parked back on its queue, or drop it.  Fires with False if unknown.

        `who` is the operator, for the audit trail.
        """
        d = self._scripts.call('unpark', parked_id, 'drop' if drop else 'retry', reason, who)
        return d.addCallback(lambda said: said == b'done')

    def sweep(self, retention, limit, offset):
        # type: (float, int, int) -> defer.Deferred
        """Forget finished tickets without activity for `retention` seconds.

        Looks at `limit` tickets behind the `offset` oldest; fires with how many were forgotten
        and how many were kept because something of theirs waits or is parked.
        """
        return self._scripts.call('sweep', retention, limit, offset)

    def opted_out_since(self, address):
        # type: (Text) -> defer.Deferred
        """When the person of `address` asked for no more messages (seconds since the epoch), or
        None."""
        d = self.connection.send('HGET', '%s:opted_out' % (self.key_prefix,), address)
        return d.addCallback(lambda since: float(since) if since else None)

    def set_subscription(self, address, subscription, who=''):
        # type: (Text, Subscription, Text) -> defer.Deferred
        """Write to `address` no more, or again.  Fires with False if it was so before.

        `who` is the operator, for the audit trail.
        """
        d = self._scripts.call('set_subscription', address, subscription.value, who,
                               mask_address(address))
        return d.addCallback(lambda changed: changed == 1)

    def ticket_of_nonce(self, nonce):
        # type: (Text) -> defer.Deferred
        """Our number of the ticket that Snappy calls `nonce`, or None."""
        d = self.connection.send('GET', '%s:nonce:%s' % (self.key_prefix, nonce))
        return d.addCallback(lambda kid: kid.decode('utf-8') if kid else None)

    def sent_before(self, ticket, hashed):
        # type: (Text, Text) -> defer.Deferred
        """How many notes of this content we know to be on the ticket."""
        d = self.connection.send('HGET', '%s:ticket:%s' % (self.key_prefix, ticket),
                                 'x:%s' % (hashed,))
        return d.addCallback(lambda count: int(count or 0))
