"""All state of the bridge, in Redis: the only room that sends a Redis command.

`Store` is what the other rooms are given.  It takes in what arrives (`accept_inbound`,
`accept_reply`, `record_event`, `record_ticket_event`), hands out the work that leads on
(`forwards`, `lookups`, `replies`) and tells what became of everything (`recent_tickets`, `parked`,
`figures`).

Promises: when a call has fired without an error, what it changed is in Redis, whole; any call may
be repeated without doing its work twice, as one that fails with `StoreUnavailable` should be.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Sequence, Text, Tuple  # noqa: F401

from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.content.numbers import Numbers
from vumi_snappy.records import (  # noqa: F401
    Accepted, AnswerState, ImportedTicket, Inbound, ReplyState, StaffNote, TicketEvent)
from vumi_snappy.store.connection import RedisConnection
from vumi_snappy.store.data_check import check_owner, check_schema
from vumi_snappy.store.envelopes import pack
from vumi_snappy.store.errors import (
    HeldBack, NonceTaken, StoreError, StoreRefused, StoreUnavailable)
from vumi_snappy.store.fitness import Flaw, ask_info, flaws
from vumi_snappy.store.identity import content_hash, event_digest
from vumi_snappy.store.inbound import InboundMessages, posted_json, who_is
from vumi_snappy.store.lanes import BreakerRules, ForwardLane, LookupLane
from vumi_snappy.store.lists import Lists
from vumi_snappy.store.operators import Operators
from vumi_snappy.store.posted import PostedTickets
from vumi_snappy.store.replies import EARLY_FOR, MOST_EARLY, ReplyLane
from vumi_snappy.store.scripts import Scripts
from vumi_snappy.store.server import RedisServer
from vumi_snappy.store.subscriptions import Subscriptions
from vumi_snappy.store.views import ENTRIES, complete, ticket_part, view

__all__ = ['BreakerRules', 'Flaw', 'HeldBack', 'NonceTaken', 'RedisServer', 'Store', 'StoreError',
           'StoreRefused', 'StoreUnavailable', 'content_hash']

log = Logger()

#: Seconds in which an event that says the very same is the same one, brought again; and events
#: that are kept for a ticket whose nonce is not known yet.
_SAME_EVENT, _EARLY_EVENTS = 300, 50


class Store(object):
    """The state of one bridge, under `key_prefix`, in the Redis that `server` says.

    `remember` (seconds) is how long a message or note that comes again is recognised;
    `new_ticket_after` (seconds) is the silence after which a person's message opens a new ticket;
    `lease` (seconds) is how long a worker that died keeps its work from the others;
    `call_timeout` (seconds) is how long a call to Snappy may take effect after it began.
    `ack_timeout` (seconds; 0: never) is when a reply of which nothing is heard is overdue;
    `owner` is the `transport_name` of the bridge whose the data must be (empty: anybody's); with
    `claims` data that are nobody's yet become its own.
    `numbers` tells which addresses are one number in several spellings; `notices`: an agent is
    told by a private note of a reply that did not reach its person; `delivered_notices`: and of
    one that did.
    `clock` is for tests: without it, Redis's own time is used.

    The `who` of calls is the operator who makes them, for the audit trail.
    """

    def __init__(self, reactor, server, key_prefix='vumi_snappy',
                 timeout=5.0, new_ticket_after=72 * 3600.0, remember=30 * 86400,
                 rate_limit=200.0, breaker=BreakerRules(), lease=15.0, call_timeout=30.0,
                 clock=None, ack_timeout=0.0, owner='', claims=False, numbers=Numbers(),
                 notices=False, delivered_notices=False):
        # type: (Any, RedisServer, Text, float, float, int, float, BreakerRules, float, float, Optional[Callable[[], float]], float, Text, bool, Numbers, bool, bool) -> None  # noqa: E501
        self.key_prefix = key_prefix
        self.connection = RedisConnection(reactor, server, timeout, on_ready=self._on_ready)
        self._scripts = scripts = Scripts(self.connection, key_prefix, clock, server.wait_replicas)
        self._owner, self._claims = owner, claims
        #: Called when we are connected to another Redis than before, or to one that began anew: it
        #: may have lost the last moment.
        self.on_moved = []  # type: List[Callable[[], None]]
        self._replid = ''
        #: What makes this Redis unfit to hold messages; empty when nothing.
        self.flaws = ()  # type: Tuple[Flaw, ...]
        self._remember = remember = int(remember)
        self.forwards = ForwardLane(scripts, rate_limit, breaker, lease, call_timeout, remember)
        self.numbers = numbers
        #: Who asked for no more messages.
        self.subscriptions = Subscriptions(scripts, numbers)
        self.replies = ReplyLane(reactor, scripts, self.subscriptions, lease, remember,
                                 ack_timeout, notices)
        self.lookups = LookupLane(scripts, self.forwards, lease)
        self._inbound = InboundMessages(
            reactor, scripts, [self.forwards, self.lookups, self.replies], new_ticket_after,
            remember)
        self._notices, self._delivered_notices = notices, delivered_notices
        #: Who is logged in to the operator's pages, and what they read and change.
        self.operators = Operators(scripts)
        self.lists = Lists(scripts, remember, numbers)
        #: The tickets that the Django bouncer's API tells of.
        self.posted = PostedTickets(scripts, numbers)

    def start(self):
        # type: () -> None
        """Begin to connect; calls fail with `StoreUnavailable` until that is done."""
        self.connection.start()

    def usable_within(self, seconds):
        # type: (float) -> defer.Deferred
        """Fires with None when calls can work, or after `seconds` in which they could not."""
        return self.connection.usable_within(seconds)

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
    def _on_ready(self, opening):
        # type: (Any) -> defer.Deferred
        info = yield ask_info(opening)
        scripts = self._scripts.through(opening)
        yield check_schema(scripts)
        yield scripts.load()
        if self._owner:
            yield check_owner(scripts, self._owner, self._claims)
        # Before anything is claimed.
        yield self._note_master(scripts, info.get('master_replid', ''),
                                info.get('master_replid2', ''))
        yield self._judge(info, scripts)

    @defer.inlineCallbacks
    def _note_master(self, scripts, replid, before):
        # type: (Scripts, Text, Text) -> defer.Deferred
        if not replid:
            return
        outcome = yield scripts.call('note_master', replid=replid, before=before)
        if outcome == b'failed over':
            log.warn('A replica of Redis has become the master: what waits is looked for before'
                     ' it is sent, as the last moment may be missing.')
        known, self._replid = self._replid, replid
        if known not in ('', replid):
            for moved in self.on_moved:
                moved()

    @defer.inlineCallbacks
    def examine(self):
        # type: () -> defer.Deferred
        """See anew which `flaws` Redis has; one that we can't work with any more is left."""
        try:
            info = yield ask_info(self.connection)
        except StoreError as unusable:
            self.connection.leave('%s' % (unusable,))
        else:
            yield self._judge(info, self._scripts)

    @defer.inlineCallbacks
    def _judge(self, info, scripts):
        # type: (Dict[Text, Text], Scripts) -> defer.Deferred
        back = yield scripts.call('clock_back')
        self.flaws = tuple(flaws(info, float(back), bool(self.connection.server.sentinels)))

    def take_over(self, name, who):
        # type: (Text, Text) -> defer.Deferred
        """Make the data those of the bridge `name`, which was renamed.

        Fires with the name of the bridge whose they were (empty: nobody's).
        """
        d = self._scripts.call('own', owner=name, claims=True, who=who)
        return d.addCallback(lambda owner: owner.decode('utf-8'))

    # What arrives.

    def accept_inbound(self, message):
        # type: (Inbound) -> defer.Deferred
        """Store an `Inbound` with its ticket, history and job, and those of its answers that apply.

        Fires with an `InboundOutcome`.  Errors besides those of any call: `StoreRefused`, where
        this message could not be stored, and `HeldBack`, where one of the same person before it
        could not.
        """
        return self._inbound.accept(message)

    def import_ticket(self, ticket, dry_run=False):
        # type: (ImportedTicket, bool) -> defer.Deferred
        """Store an `ImportedTicket`, or with `dry_run` only tell what would become of it.

        Fires with ``imported``, ``renumbered`` (imported, but its number was taken), ``known``,
        ``unsent`` (it has no nonce; nothing is stored) or ``conflict`` (its nonce is that of
        another person's ticket).
        """
        thread, spelled, addr, endpoint, transport_type, transport_name, apart = who_is(ticket)
        d = self._scripts.call(
            'import_ticket', thread=thread, spelled=spelled, addr=addr, endpoint=endpoint,
            transport_type=transport_type, transport_name=transport_name, apart=apart,
            message_id=ticket.message_id, nonce=ticket.nonce, sid=ticket.ticket_id,
            content=ticket.content, response=ticket.response,
            opened='%.3f' % (ticket.opened_at,), seen='%.3f' % (ticket.seen_at,),
            subject=ticket.subject, contact=ticket.contact_address,
            envelope=pack(ticket.envelope, ticket.from_addr), dry_run=dry_run,
            posted=posted_json(ticket.posted), number=ticket.number, remember=self._remember,
            source_addr=ticket.envelope.get('from_addr') or '')
        return d.addCallback(lambda outcome: outcome.decode('ascii'))

    def accept_reply(self, note):
        # type: (StaffNote) -> defer.Deferred
        """Store a `StaffNote` as a reply to be published.

        Fires with `Accepted.STORED`, `Accepted.DUPLICATE` (the note was seen before),
        `Accepted.REFUSED` (stored, but not to be published: it contradicts itself),
        `Accepted.UNKNOWN_TICKET` (we did not open its ticket; nothing is stored) or
        `Accepted.TOO_EARLY` (it may be brought again; nothing is stored).
        """
        return self.replies.accept(note)

    @defer.inlineCallbacks
    def record_event(self, message_id, state, detail=''):
        # type: (Text, Optional[ReplyState], Text) -> defer.Deferred
        """Record what a transport says of a reply; `state` is a `ReplyState` or None (pending).

        A failure becomes the tag ``#undelivered`` on the ticket and, with `notices`, a private
        note to the agent, as does that a reply has arrived which was said to be unconfirmed; with
        `delivered_notices` any delivery becomes one, too.
        Fires with the `ReplyState` that the reply has come to by this, or None (it is as before,
        or not ours), and with whether this is how we learn that the reply is on the bus.  The
        worker's own answers are moved on likewise, without a word to the agent, and give an
        `AnswerState` (or None) and False.  What is said of a message that can not have been on the
        bus changes nothing.
        """
        row = yield self._scripts.call(
            'record_event', message_id=message_id, state=state.value if state else '',
            detail=detail, notice=self._notices, ack_timeout=self.replies.ack_timeout,
            delivered_notice=self._delivered_notices)
        if row[0] == b'unpublished':
            log.warn('Message {id}: an event came of it, but it has not been published: ignored.',
                     id=message_id)
        states = {b'moved': ReplyState, b'answer moved': AnswerState}.get(row[0])
        moved = states(row[2].decode('ascii')) if states else None
        defer.returnValue((moved, row[0] in (b'moved', b'kept') and row[1] == 1))

    @defer.inlineCallbacks
    def record_ticket_event(self, event):
        # type: (TicketEvent) -> defer.Deferred
        """Keep what a `TicketEvent` tells of its ticket.

        Fires with `Accepted.STORED`, `Accepted.DUPLICATE` (the very same came minutes ago) or
        `Accepted.UNKNOWN_TICKET`.  What is older than what is known changes nothing.
        """
        change = {'at': event.at, 'status': event.status, 'added': event.added,
                  'removed': event.removed}
        if event.tags is not None:
            change['tags'] = event.tags
        digest = event_digest(event.name, event.nonce, event.ticket_id,
                              json.dumps(change, sort_keys=True))
        outcome = yield self._scripts.call(
            'record_ticket_event', nonce=event.nonce, sid=event.ticket_id, event=change,
            digest=digest, repeated=_SAME_EVENT, most=_EARLY_EVENTS, keep=EARLY_FOR,
            tickets=MOST_EARLY)
        defer.returnValue(Accepted(outcome.decode('ascii')))

    # What became of it.

    def recent_tickets(self, limit=50):
        # type: (int) -> defer.Deferred
        """The `limit` tickets that saw something last, newest first, as `ticket` gives them."""
        return self._scripts.call_json(
            'recent_tickets', limit=limit, ticket=None, entries=ENTRIES, before=None).addCallback(
            lambda rows: [view(row) for row in rows])

    def ticket(self, number, before=None):
        # type: (Text, Optional[int]) -> defer.Deferred
        """One ticket as a JSON-ready dict, or None: the last `ENTRIES` of its history, or those
        before the entry `before`, and the messages, replies and answers that came by these.

        `earlier` of the dict is the `before` that gives what was earlier: None where nothing was.
        """
        return ticket_part(self._scripts, number, before)

    def whole_ticket(self, number):
        # type: (Text) -> defer.Deferred
        """One ticket as `ticket` gives it, with all of its history, or None."""
        return self.ticket(number).addCallback(partial(complete, self._scripts))

    def figures(self):
        # type: () -> defer.Deferred
        """What waits and what is wrong: forwards, replies, lookups, parked, too_large (counts),
        oldest (seconds), breaker (why it is open, or empty), hold (seconds), tickets and
        undelivered (counts), and early (replies whose ticket is not known yet)."""
        return self._scripts.call_json('figures')

    def parked(self, offset=0, limit=100):
        # type: (int, int) -> defer.Deferred
        """A page of what is parked, oldest first, as dicts."""
        return self._scripts.call_json('parked_list', offset=offset, limit=limit)

    def unpark(self, parked_id, drop=False, reason='', who=''):
        # type: (Text, bool, Text, Text) -> defer.Deferred
        """Put what is parked back on its queue, or drop it.  Fires with False if unknown."""
        d = self._scripts.call('unpark', id=parked_id, action='drop' if drop else 'retry',
                               reason=reason, who=who)
        return d.addCallback(lambda outcome: outcome == b'done')

    def sweep(self, retention, limit, offset):
        # type: (float, int, int) -> defer.Deferred
        """Forget finished tickets without activity for `retention` seconds.

        Looks at `limit` tickets behind the `offset` oldest; fires with how many were forgotten
        and how many were kept because something of theirs waits or is parked.
        """
        return self._scripts.call('sweep', retention=retention, limit=limit, offset=offset)

    def ticket_of_nonce(self, nonce):
        # type: (Text) -> defer.Deferred
        """Our number of the ticket that Snappy calls `nonce`, or None."""
        d = self._scripts.send('GET', self._scripts.key('nonce:%s' % (nonce,)))
        return d.addCallback(lambda kid: kid.decode('utf-8') if kid else None)

    def sent_before(self, ticket, hashed):
        # type: (Text, Text) -> defer.Deferred
        """How many notes of this content we know to be on the ticket."""
        d = self._scripts.send('HGET', self._scripts.key('ticket:%s' % (ticket,)),
                               'x:%s' % (hashed,))
        return d.addCallback(lambda count: int(count or 0))
