"""Put the Django bouncer's tickets into the store.

A run may be repeated, and ended at any moment: tickets that are there already are left as they
are.  Tickets that were relayed can be answered from Snappy afterwards; the others are forwarded if
the operator asks for that.  The command line calls it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
import uuid
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Text  # noqa: F401
from xml.sax.saxutils import escape

import attr
from twisted.internet import defer, task

from vumi_snappy.content.numbers import Numbers
from vumi_snappy.content.templates import contact_address, told_apart
from vumi_snappy.django_bouncer.takeover.tickets import BadRow, OldTicket, Reading  # noqa: F401
from vumi_snappy.records import Accepted, ImportedTicket, Inbound, Posted
from vumi_snappy.store import Store  # noqa: F401

#: Tickets that are sent to Redis at once.
_BATCH = 100
#: Bad rows that are reported one by one.
BAD_ROWS = 100
#: Row numbers that a ticket may keep: the store goes through the numbers they skip once.
_NUMBER = re.compile(r'[1-9][0-9]{0,8}\Z')
_NAMES = uuid.UUID('0f0d25a0-7a0b-4c53-8b57-1f5d0c1f7a52')


@attr.s(frozen=True, slots=True)
class Line(object):
    """How people are answered, which the bouncer's data do not say.

    `endpoints` maps conversations' keys to endpoints of the worker; `endpoint` is that of all
    others.
    """

    transport_name = attr.ib()  # type: Text
    transport_type = attr.ib()  # type: Text
    to_addr = attr.ib()  # type: Text
    endpoint = attr.ib(default='default')  # type: Text
    endpoints = attr.ib(factory=dict)  # type: Dict[Text, Text]

    def envelope(self, ticket):
        # type: (OldTicket) -> Dict[Text, Any]
        """The fields of a message that a reply needs (see `Inbound`)."""
        return {
            'from_addr': ticket.msisdn, 'to_addr': self.to_addr, 'message_id': None,
            'transport_name': self.transport_name, 'transport_type': self.transport_type,
            'transport_metadata': {}, 'helper_metadata': {}, 'group': None, 'provider': None,
            'endpoint': self.endpoints.get(ticket.conversation, self.endpoint)}


class Importer(object):
    """Imports into `store`, for people who are reached over `line`.

    `subject` and `contact` are the worker's templates, `numbers` its `Numbers`.  With
    `forward_unsent`, a ticket that was never relayed is stored as a message to be forwarded; with
    `dry_run`, nothing is stored.
    `progress(rows, tickets)` is called after each batch: `rows` of the `Reading` are done.
    """

    def __init__(self, store, line, subject, contact, forward_unsent=False, dry_run=False,
                 progress=lambda rows, tickets: None, numbers=Numbers()):
        # type: (Store, Line, Any, Any, bool, bool, Callable[[int, Reading], None], Numbers) -> None  # noqa: E501
        self._store = store
        self._line = line
        self._subject, self._contact = subject, contact
        self._forward_unsent, self._dry_run = forward_unsent, dry_run
        self._progress = progress
        self._numbers = numbers
        #: The outcomes of the rows.  `unsent` were never relayed, and are not forwarded yet;
        #: `renumbered` are among the `imported`.
        self.counts = OrderedDict((name, 0) for name in (
            'rows', 'imported', 'renumbered', 'known', 'unsent', 'forwarded', 'bad'))
        #: The first of the bad rows.
        self.bad = []  # type: List[BadRow]
        #: Whether it was stopped before the end.
        self.stopped = False
        self._stopping = False

    def stop(self):
        # type: () -> None
        """Stop when the current batch is stored."""
        self._stopping = True

    @defer.inlineCallbacks
    def run(self, tickets):
        # type: (Reading) -> Any
        """Import `tickets`, and close them.  Errors: `StoreError`, `SourceError`."""
        batch = []  # type: List[OldTicket]
        try:
            for row in tickets:
                self.counts['rows'] += 1
                if isinstance(row, BadRow):
                    self._refuse(row)
                else:
                    batch.append(row)
                if self.counts['rows'] % _BATCH == 0:
                    yield self._import(batch, tickets)
                    batch = []
                    if self._stopping:
                        self.stopped = True
                        return
            yield self._import(batch, tickets)
        finally:
            tickets.close()

    @defer.inlineCallbacks
    def _import(self, batch, tickets):
        # Redis executes them in the order of the rows, in which they are sent.
        outcomes = yield defer.gatherResults(
            [self._one(ticket) for ticket in batch], consumeErrors=True).addErrback(
                lambda failed: failed.value.subFailure)
        for ticket, outcome in zip(batch, outcomes):
            if outcome == 'conflict':
                self._refuse(BadRow(ticket.place,
                                    'its support_nonce is that of another person\'s ticket'))
            else:
                self.counts[outcome] += 1
                self.counts['imported'] += outcome == 'renumbered'
        self._progress(self.counts['rows'], tickets)
        # Let the reactor write to and read from the connection.
        yield task.deferLater(self._store.connection.reactor, 0, lambda: None)

    def _refuse(self, row):
        # type: (BadRow) -> None
        self.counts['bad'] += 1
        if len(self.bad) < BAD_ROWS:
            self.bad.append(row)

    def _one(self, ticket):
        # type: (OldTicket) -> defer.Deferred
        envelope = self._line.envelope(ticket)
        spellings = self._numbers.of_message(ticket.msisdn, self._line.transport_type)
        fields = dict(envelope, from_addr=spellings[0])
        contact, apart = contact_address(self._contact, fields), told_apart(self._contact, fields)
        message_id = _message_id(ticket)
        posted = Posted(ticket.conversation, ticket.contact_key)
        if not ticket.nonce and self._forward_unsent and not self._dry_run:
            return self._store.accept_inbound(Inbound(
                message_id=message_id, from_addr=spellings[0], endpoint=envelope['endpoint'],
                transport_type=self._line.transport_type, content=ticket.message,
                sent_at=ticket.created_at, subject=self._subject.render(fields),
                contact_address=contact, envelope=envelope, posted=posted, apart=apart,
                spellings=spellings[1:],
            )).addCallback(
                lambda stored: 'forwarded' if stored.outcome is Accepted.STORED else 'known')
        return self._store.import_ticket(ImportedTicket(
            message_id=message_id, from_addr=spellings[0], endpoint=envelope['endpoint'],
            transport_type=self._line.transport_type, nonce=ticket.nonce,
            ticket_id=ticket.support_id, content=ticket.message, response=escape(ticket.response),
            opened_at=ticket.created_at, seen_at=max(ticket.created_at, ticket.updated_at),
            subject='Support for %s' % (ticket.msisdn,),
            contact_address=contact, envelope=envelope, posted=posted, apart=apart,
            number=int(ticket.key) if _NUMBER.match(ticket.key) else 0), dry_run=self._dry_run)


def _message_id(ticket):
    # type: (OldTicket) -> Text
    """The same in each run.  A row's number is not enough: other databases have it, too."""
    # Whole seconds: a dump has fewer decimals than the database.
    name = '%s %s %d' % (ticket.key, ticket.msisdn, ticket.created_at)
    return '%s' % (uuid.uuid5(_NAMES, str(json.dumps(name))).hex,)
