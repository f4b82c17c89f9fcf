"""Asking Snappy whether a call whose outcome is unknown was carried out (promise 3).

Snappy has no idempotency key.  A note is recognised on its ticket by its content, counted against
the notes of that content that we know of.  A message that is sent alone may also be in a note that
we do not know, joined with others that a fail-over of Redis has lost.  A new ticket is recognised
by the contact address, an unknown nonce, the content of a note, and that it is no older than the
message: a ticket that was forgotten here is unknown, too, and may have the same words.  It is
searched for first, then looked for in the lists of what waits.  The forwarder calls it.  Errors:
those of the Snappy client.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from functools import partial
from typing import Any, Callable, List, Sequence, Set, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content import html_to_text
from vumi_snappy.http.call_errors import NotFound
from vumi_snappy.inbound.joining import texts_of
from vumi_snappy.records import ForwardAttempt  # noqa: F401
from vumi_snappy.snappy import NoteDraft  # noqa: F401
from vumi_snappy.snappy.client import SnappyClient  # noqa: F401
from vumi_snappy.snappy.error_confirmation import Control  # noqa: F401
from vumi_snappy.store import Store, content_hash  # noqa: F401

#: Pages of search results that are looked through for one ticket.
_PAGES = 3
#: Tickets whose notes are read of those found in one place, the newest first.
_CANDIDATES = 10
#: Seconds by which Snappy's clock may differ from ours, time zones included.
_CLOCKS_APART = 86400.0


def _same(note, draft, hashed):
    # type: (Any, Any, Text) -> bool
    """Is `note` what `draft` became?  Staff text comes back as HTML, customers' verbatim."""
    if note.scope is not draft.scope:
        return False
    return content_hash(note.content) == hashed or (
        draft.staff_id is not None and _folded(note.content) == _folded(draft.message))


def _times_in(note, draft, hashed):
    # type: (Any, Any, Text) -> int
    """How often `note` tells what `draft` does."""
    if _same(note, draft, hashed):
        return 1
    if note.scope is not draft.scope or draft.staff_id is not None:
        return 0
    return [content_hash(text) for text in texts_of(note.content)].count(hashed)


def _folded(text):
    # type: (Text) -> Text
    """The words of a text, whatever became of its lines on the way through HTML."""
    return ' '.join(html_to_text(text).split())


class SentAlready(object):
    """Looks in one mailbox; `allowed()` fires when the rate limit allows one more call, `control`
    is an `error_confirmation.Control`."""

    def __init__(self, snappy, store, mailbox_id, allowed, control):
        # type: (SnappyClient, Store, int, Callable[[], defer.Deferred], Control) -> None
        self._snappy = snappy
        self._store = store
        self._mailbox_id = mailbox_id
        self._allowed = allowed
        self._control = control

    def find(self, attempt, draft, hashed):
        # type: (Any, Any, Text) -> defer.Deferred
        """Fires with the ticket's nonce if an earlier try of `attempt` did its work, else None."""
        if attempt.nonce:
            return self._find_note(attempt, draft, hashed)
        return self._find_ticket(attempt.stored_at - _CLOCKS_APART, draft, hashed)

    @defer.inlineCallbacks
    def _find_note(self, attempt, draft, hashed):
        # type: (ForwardAttempt, NoteDraft, Text) -> defer.Deferred
        yield self._allowed()
        notes = yield self._snappy.get_notes(
            attempt.nonce, wanted=lambda note: _times_in(note, draft, hashed))
        known = yield self._store.sent_before(attempt.ticket, hashed)
        joined = [note for note in notes if not _same(note, draft, hashed)]
        times = len(notes) - len(joined)
        for content in sorted({content_hash(note.content) for note in joined}):
            alike = [note for note in joined if content_hash(note.content) == content]
            # Of those that we know, it is known what became of each of their messages.
            unknown = len(alike) - (yield self._store.sent_before(attempt.ticket, content))
            times += max(unknown, 0) * _times_in(alike[0], draft, hashed)
        defer.returnValue(attempt.nonce if times > known else None)

    @defer.inlineCallbacks
    def _find_ticket(self, earliest, draft, hashed):
        # type: (float, NoteDraft, Text) -> defer.Deferred
        address = draft.from_address.lower()

        def may_be_it(ticket):
            # type: (Any) -> bool
            # Where Snappy leaves it out, opened_at is 0.
            return (address in [each.lower() for each in ticket.contact_addresses] and
                    not 0 < ticket.opened_at < earliest)
        read = set()  # type: Set[Text]
        for candidates in (self._searched, self._waiting):
            tickets = yield candidates(draft.from_address, may_be_it)
            nonce = yield self._among(tickets, read, draft, hashed)
            if nonce:
                defer.returnValue(nonce)

    @defer.inlineCallbacks
    def _searched(self, address, wanted):
        # type: (Text, Callable[[Any], bool]) -> defer.Deferred
        account = yield self._control.account()
        tickets = []  # type: List[Any]
        for page in range(1, _PAGES + 1):
            yield self._allowed()
            results = yield self._snappy.search(account, address, page)
            if not results:
                break
            tickets.extend(ticket for ticket in results if wanted(ticket))
        defer.returnValue(tickets)

    @defer.inlineCallbacks
    def _waiting(self, _address, wanted):
        # type: (Text, Callable[[Any], bool]) -> defer.Deferred
        # A ticket that nobody has taken yet may be in the inbox alone.
        yield self._allowed()
        waiting = yield self._snappy.waiting(self._mailbox_id, wanted=wanted)
        yield self._allowed()
        inbox = yield self._snappy.inbox(self._mailbox_id, wanted=wanted)
        defer.returnValue(waiting + inbox)

    @defer.inlineCallbacks
    def _among(self, tickets, read, draft, hashed):
        # type: (Sequence[Any], Set[Text], NoteDraft, Text) -> defer.Deferred
        """Fires with the nonce of the ticket that has the note, or None; `read` are the nonces whose
        notes need not be read again."""
        unknown = []  # type: List[Text]
        for ticket in sorted(tickets, key=lambda each: -each.opened_at):
            if ticket.nonce not in read and ticket.nonce not in unknown:
                if (yield self._store.ticket_of_nonce(ticket.nonce)) is None:
                    unknown.append(ticket.nonce)
        for nonce in unknown[:_CANDIDATES]:
            read.add(nonce)
            yield self._allowed()
            try:
                notes = yield self._control.sure(partial(
                    self._snappy.get_notes, nonce,
                    wanted=lambda note: _times_in(note, draft, hashed)))
            except NotFound:
                continue
            if notes:
                defer.returnValue(nonce)
