"""What a person does in Snappy's own pages, told to the webhook as Snappy would.

Used by the admin calls, and by tests in the same process.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, List, Text  # noqa: F401

from vumi_snappy.standin.drafts import read_tags


class Agent(object):
    """Works at `desk`; `events` tells of it."""

    def __init__(self, desk, events):
        # type: (Any, Any) -> None
        self._desk = desk
        self._events = events

    def reply(self, name, html, scope='public', staff_id=None):
        # type: (Any, Text, Text, Any) -> Dict[Text, Any]
        """Answer the ticket of an id or nonce, or write a private note on it, in the name of the
        first member of the staff or of another; returns the note.

        Errors: `Invalid`, `NoSuchTicket`.
        """
        note = self._desk.reply(name, html, scope, staff_id)
        self._events.replied(note, self._desk.ticket(name))
        return note

    def tag(self, name, tags):
        # type: (Any, List[Text]) -> Dict[Text, Any]
        """Replace a ticket's tags; returns the ticket.  Errors: `Invalid`, `NoSuchTicket`."""
        ticket = self._desk.ticket(name)
        self._events.tagged(ticket, self._desk.set_tags(ticket, read_tags(tags)))
        return ticket
