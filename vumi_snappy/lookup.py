"""Asking Snappy whether a call whose outcome is unknown was carried out (promise 3).

Snappy has no idempotency key.  A note is recognised on its ticket by its content, counted against
the notes of that content that we know of.  A new ticket is recognised by the person's contact
address, an unknown nonce and the content of its first note.  Only the forwarder calls it.
Errors: those of the Snappy client.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content import html_to_text
from vumi_snappy.snappy import NotFound
from vumi_snappy.store import content_hash

#: Pages of search results that are looked through for one ticket.
_PAGES = 3
#: Tickets whose notes are read for one look.
_CANDIDATES = 10


def _same(note, draft, hashed):
    # type: (Any, Any, Text) -> bool
    """Is `note` what `draft` became?  Staff text comes back as HTML, customers' verbatim."""
    if note.scope is not draft.scope:
        return False
    if content_hash(note.content) == hashed:
        return True
    if draft.staff_id is None:
        return False
    return _folded(note.content) == _folded(draft.message)


def _folded(text):
    # type: (Text) -> Text
    """The words of a text, whatever became of its lines on the way through HTML."""
    return ' '.join(html_to_text(text).split())


class Lookup(object):
    """Looks in one mailbox; `allowed()` fires when the rate limit allows one more call."""

    def __init__(self, snappy, store, mailbox_id, allowed):
        # type: (Any, Any, int, Callable[[], defer.Deferred]) -> None
        self._snappy = snappy
        self._store = store
        self._mailbox_id = mailbox_id
        self._allowed = allowed
        self._account = None  # type: Any

    def find(self, attempt, draft, hashed):
        # type: (Any, Any, Text) -> defer.Deferred
        """Fires with the ticket's nonce if an earlier try of `attempt` did its work, else None."""
        if attempt.nonce:
            return self._find_note(attempt, draft, hashed)
        return self._find_ticket(draft, hashed)

    @defer.inlineCallbacks
    def account(self):
        """Fires with the id of the account that the mailbox belongs to.

        Errors: `NotFound` when the API key reaches no such mailbox.
        """
        if self._account is None:
            yield self._allowed()
            for account in (yield self._snappy.accounts()):
                yield self._allowed()
                for mailbox in (yield self._snappy.mailboxes(account['id'])):
                    if int(mailbox['id']) == self._mailbox_id:
                        self._account = account['id']
            if self._account is None:
                raise NotFound('no account of this API key has the mailbox %d'
                               % (self._mailbox_id,))
        defer.returnValue(self._account)

    @defer.inlineCallbacks
    def _find_note(self, attempt, draft, hashed):
        yield self._allowed()
        notes = yield self._snappy.get_notes(attempt.nonce)
        known = yield self._store.sent_before(attempt.ticket, hashed)
        found = sum(1 for note in notes if _same(note, draft, hashed))
        defer.returnValue(attempt.nonce if found > known else None)

    @defer.inlineCallbacks
    def _tickets(self, address):
        """Fires with the tickets that may be it, those that wait first."""
        yield self._allowed()
        tickets = yield self._snappy.waiting(self._mailbox_id)
        account = yield self.account()
        for page in range(1, _PAGES + 1):
            yield self._allowed()
            found = yield self._snappy.search(account, address, page)
            if not found:
                break
            tickets = tickets + found
        defer.returnValue([ticket for ticket in tickets
                           if address.lower() in [a.lower() for a in ticket.contact_addresses]])

    @defer.inlineCallbacks
    def _find_ticket(self, draft, hashed):
        tickets = yield self._tickets(draft.from_address)
        unknown = []
        for nonce in [ticket.nonce for ticket in tickets]:
            if nonce not in unknown and (yield self._store.ticket_of_nonce(nonce)) is None:
                unknown.append(nonce)
        for nonce in unknown[:_CANDIDATES]:
            yield self._allowed()
            try:
                notes = yield self._snappy.get_notes(nonce)
            except NotFound:
                continue
            if any(_same(note, draft, hashed) for note in notes):
                defer.returnValue(nonce)
