"""Which webhooks a change fires, and in which shape.

The shapes are those that integrations got: the ticket nested in the note, a staff member's tokens
leaking, ``ticket.created`` without the nonce and with its recipients as an HTML-escaped text.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Dict, List, Text  # noqa: F401
from xml.sax.saxutils import escape

from vumi_snappy.standin.model import Added  # noqa: F401
from vumi_snappy.standin.people import LEAKS

_NOT_IN_NOTE = ('contacts', 'attachments', 'staff_creator', 'contact_creator')
_NOT_IN_TICKET = ('mailbox', 'unread')


class Events(object):
    """Has `hooks` deliver what is to be told.

    `fires`: whether notes that are made through the API fire webhooks; `private_twice`: whether a
    private note fires ``message.outgoing`` as well.  Neither is known of Snappy.
    """

    def __init__(self, hooks, fires=True, private_twice=False):
        # type: (Any, bool, bool) -> None
        self._hooks = hooks
        self.fires = fires
        self.private_twice = private_twice

    def note_posted(self, added):
        # type: (Added) -> None
        """A note came through the API."""
        if not self.fires:
            return
        for contact in added.newcomers:
            self._hooks.send('contact.created', {'contact': contact})
        if added.opened:
            self._hooks.send('ticket.created', {'ticket': new_ticket(added.ticket)})
        self._note(added.note, added.ticket)
        if added.waits_again and not added.opened:
            self._hooks.send('ticket.waiting', {'ticket': added.ticket})

    def replied(self, note, ticket):
        # type: (Dict[Text, Any], Dict[Text, Any]) -> None
        """An agent wrote in Snappy's own pages."""
        self._note(note, ticket)

    def tagged(self, ticket, changed):
        # type: (Dict[Text, Any], Dict[Text, List[Text]]) -> None
        """A ticket's tags were set; nothing is told when they were so already."""
        if changed['added'] or changed['removed']:
            self._hooks.send('tags.changed', dict(changed, ticket=ticket))

    def _note(self, note, ticket):
        told = {'note': note_in_event(note, ticket)}
        if note['scope'] == 'private':
            self._hooks.send('message.private', told)
        if note['created_by_staff_id'] is None:
            if note['scope'] == 'public':
                self._hooks.send('message.incoming', told)
        elif note['scope'] == 'public' or self.private_twice:
            self._hooks.send('message.outgoing', told)
            if note['scope'] == 'public':
                self._hooks.send('ticket.replied', {'ticket': ticket})


def note_in_event(note, ticket):
    # type: (Dict[Text, Any], Dict[Text, Any]) -> Dict[Text, Any]
    """A note as the ``message.*`` events carry it."""
    told = {name: value for name, value in note.items() if name not in _NOT_IN_NOTE}
    told['ticket'] = dict(
        {name: value for name, value in ticket.items() if name not in _NOT_IN_TICKET},
        email_message_id=None)
    if note['created_by_staff_id'] is not None:
        told['creator'] = dict(note['creator'], **LEAKS)
    return told


def new_ticket(ticket):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    """A ticket as ``ticket.created`` carries it."""
    told = {name: value for name, value in ticket.items() if name != 'nonce'}
    told['next_recipients'] = escape(json.dumps(ticket['next_recipients']), {'"': '&quot;'})
    return told
