"""Puts the Django bouncer's tickets into the store.

Promises that a run may be repeated, and ended at any moment: what is there is known and left as it
is.  Tickets that were relayed can be answered from Snappy afterwards; those that were not are
forwarded when that is asked for.  The command line calls it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import re
import uuid
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Text  # noqa: F401
from xml.sax.saxutils import escape

import attr
from twisted.internet import defer, task

from vumi_snappy.records import Accepted, ImportedTicket, Inbound, Posted
from vumi_snappy.takeover.reading import Reading  # noqa: F401
from vumi_snappy.takeover.tickets import BadRow, OldTicket  # noqa: F401
from vumi_snappy.templates import contact_address

#: Tickets that are on their way to Redis at once.
_BATCH = 100
#: Bad rows that are told one by one.
BAD_ROWS = 100
#: Numbers of rows that may be those of tickets: what they leap over is looked through once.
_NUMBER = re.compile(r'[1-9][0-9]{0,8}\Z')
_NAMES = uuid.UUID('0f0d25a0-7a0b-4c53-8b57-1f5d0c1f7a52')


@attr.s(frozen=True, slots=True)
class Line(object):
    """Over which line people are answered, which the bouncer's data do not tell.

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
        """What a reply to the ticket's person needs (see `Inbound`)."""
        return {
            'from_addr': ticket.msisdn, 'to_addr': self.to_addr, 'message_id': None,
            'transport_name': self.transport_name, 'transport_type': self.transport_type,
            'transport_metadata': {}, 'helper_metadata': {}, 'group': None, 'provider': None,
            'endpoint': self.endpoints.get(ticket.conversation, self.endpoint)}


class Importer(object):
    """Imports into `store`, for people who are reached over `line`.

    `subject` and `contact` are the worker's templates.  With `forward_unsent` what was never
    relayed is stored as a message to be forwarded; with `dry_run` nothing is stored at all.
    `progress(rows, tickets)` is called now and then: that many rows of the `Reading` are done.
    """

    def __init__(self, store, line, subject, contact, forward_unsent=False, dry_run=False,
                 progress=lambda rows, tickets: None):
        # type: (Any, Line, Any, Any, bool, bool, Callable[[int, Reading], None]) -> None
        self._store = store
        self._line = line
        self._subject, self._contact = subject, contact
        self._forward_unsent, self._dry_run = forward_unsent, dry_run
        self._progress = progress
        #: What became of the rows; `unsent` were never relayed, and are not yet forwarded.  Those
        #: `renumbered` are among those `imported`.
        self.counts = OrderedDict((name, 0) for name in (
            'rows', 'imported', 'renumbered', 'known', 'unsent', 'forwarded', 'bad'))
        #: The first of the bad rows.
        self.bad = []  # type: List[BadRow]
        #: Whether it was stopped before the end.
        self.stopped = False
        self._stopping = False

    def stop(self):
        # type: () -> None
        """Stop soon: when the tickets that are on their way are there."""
        self._stopping = True

    @defer.inlineCallbacks
    def run(self, tickets):
        # type: (Reading) -> Any
        """Import `tickets`, and close them.  Errors: the store's and the source's."""
        try:
            yield self._run(tickets)
        finally:
            tickets.close()

    @defer.inlineCallbacks
    def _run(self, tickets):
        batch = []  # type: List[OldTicket]
        for row in tickets:
            self.counts['rows'] += 1
            if isinstance(row, BadRow):
                self._refuse(row)
            else:
                batch.append(row)
            if self.counts['rows'] % _BATCH == 0:
                yield self._take(batch, tickets)
                batch = []
                if self._stopping:
                    self.stopped = True
                    return
        yield self._take(batch, tickets)

    @defer.inlineCallbacks
    def _take(self, batch, tickets):
        # Sent in the order of the rows and carried out in it: Redis has one line of commands.
        said = yield defer.gatherResults(
            [self._one(ticket) for ticket in batch], consumeErrors=True).addErrback(
                lambda failed: failed.value.subFailure)
        for ticket, word in zip(batch, said):
            if word == 'conflict':
                self._refuse(BadRow(ticket.place,
                                    'its support_nonce is that of another person\'s ticket'))
            else:
                self.counts[word] += 1
                self.counts['imported'] += word == 'renumbered'
        self._progress(self.counts['rows'], tickets)
        # Let the connection be written to and read from.
        yield task.deferLater(self._store.connection.reactor, 0, lambda: None)

    def _refuse(self, row):
        # type: (BadRow) -> None
        self.counts['bad'] += 1
        if len(self.bad) < BAD_ROWS:
            self.bad.append(row)

    def _one(self, ticket):
        # type: (OldTicket) -> defer.Deferred
        envelope = self._line.envelope(ticket)
        message_id = _message_id(ticket)
        posted = Posted(ticket.conversation, ticket.contact_key)
        if not ticket.nonce and self._forward_unsent and not self._dry_run:
            return self._store.accept_inbound(Inbound(
                message_id=message_id, from_addr=ticket.msisdn, endpoint=envelope['endpoint'],
                transport_type=self._line.transport_type, content=ticket.message,
                sent_at=ticket.created_at, subject=self._subject.render(envelope),
                contact_address=contact_address(self._contact, envelope), envelope=envelope,
                posted=posted,
            )).addCallback(lambda said: 'forwarded' if said is Accepted.STORED else 'known')
        return self._store.import_ticket(ImportedTicket(
            message_id=message_id, from_addr=ticket.msisdn, endpoint=envelope['endpoint'],
            transport_type=self._line.transport_type, nonce=ticket.nonce,
            ticket_id=ticket.support_id, content=ticket.message, response=escape(ticket.response),
            opened_at=ticket.created_at, seen_at=max(ticket.created_at, ticket.updated_at),
            subject='Support for %s' % (ticket.msisdn,),
            contact_address=contact_address(self._contact, envelope), envelope=envelope,
            posted=posted, number=_number(ticket.key)), dry_run=self._dry_run)


def _number(key):
    # type: (Text) -> int
    """The row's number, which its ticket keeps where that is free; 0 where it has none."""
    return int(key) if _NUMBER.match(key) else 0


def _message_id(ticket):
    # type: (OldTicket) -> Text
    """The same each time; a row's number alone is no name, other databases have it, too."""
    # Whole seconds: a dump has fewer decimals than the database.
    name = '%s %s %d' % (ticket.key, ticket.msisdn, ticket.created_at)
    return '%s' % (uuid.uuid5(_NAMES, str(json.dumps(name))).hex,)
