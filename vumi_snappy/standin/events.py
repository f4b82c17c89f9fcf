"""Which webhooks a change fires, and in which shape; and the changes that an agent makes.

The shapes are those that integrations got: the ticket nested in the note, a staff member's tokens
leaking, ``ticket.created`` without the nonce and with its recipients as an HTML-escaped text.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Dict, List, Text  # noqa: F401
from xml.sax.saxutils import escape

from vumi_snappy.standin.drafts import read_tags
from vumi_snappy.standin.model import Added  # noqa: F401
from vumi_snappy.standin.people import LEAKS

_NOT_IN_NOTE = ('contacts', 'attachments', 'staff_creator', 'contact_creator')
_NOT_IN_TICKET = ('mailbox', 'unread')


class Events(object):
    """Has `hooks` deliver the events.

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
        self.note_written(added.note, added.ticket)
        if added.waits_again and not added.opened:
            self._hooks.send('ticket.waiting', {'ticket': added.ticket})

    def tagged(self, ticket, changed):
        # type: (Dict[Text, Any], Dict[Text, List[Text]]) -> None
        """A ticket's tags were set; there is no event where they were so already."""
        if changed['added'] or changed['removed']:
            self._hooks.send('tags.changed', dict(changed, ticket=ticket))

    def note_written(self, note, ticket):
        # type: (Dict[Text, Any], Dict[Text, Any]) -> None
        data = {'note': note_in_event(note, ticket)}
        if note['scope'] == 'private':
            self._hooks.send('message.private', data)
        if note['created_by_staff_id'] is None:
            if note['scope'] == 'public':
                self._hooks.send('message.incoming', data)
        elif note['scope'] == 'public' or self.private_twice:
            self._hooks.send('message.outgoing', data)
            if note['scope'] == 'public':
                self._hooks.send('ticket.replied', {'ticket': ticket})


class Agent(object):
    """Works in Snappy's own pages at `desk`; `events` sends the webhooks.

    The errors of its methods are `Invalid` and `NoSuchTicket`.
    """

    def __init__(self, desk, events):
        # type: (Any, Any) -> None
        self._desk = desk
        self._events = events

    def reply(self, name, html, scope='public', staff_id=None):
        # type: (Any, Text, Text, Any) -> Dict[Text, Any]
        """Reply to the ticket of an id or nonce, or write a private note on it, as the first member
        of the staff or another one; returns the note."""
        note = self._desk.reply(name, html, scope, staff_id)
        self._events.note_written(note, self._desk.ticket(name))
        return note

    def tag(self, name, tags):
        # type: (Any, List[Text]) -> Dict[Text, Any]
        """Replace a ticket's tags; returns the ticket."""
        ticket = self._desk.ticket(name)
        self._events.tagged(ticket, self._desk.set_tags(ticket, read_tags(tags)))
        return ticket


def note_in_event(note, ticket):
    # type: (Dict[Text, Any], Dict[Text, Any]) -> Dict[Text, Any]
    """A note as the ``message.*`` events carry it."""
    data = {name: value for name, value in note.items() if name not in _NOT_IN_NOTE}
    data['ticket'] = dict(
        {name: value for name, value in ticket.items() if name not in _NOT_IN_TICKET},
        email_message_id=None)
    if note['created_by_staff_id'] is not None:
        data['creator'] = dict(note['creator'], **LEAKS)
    return data


def new_ticket(ticket):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    """A ticket as ``ticket.created`` carries it."""
    recipients = escape(json.dumps(ticket['next_recipients']), {'"': '&quot;'})
    return dict({name: value for name, value in ticket.items() if name != 'nonce'},
                next_recipients=recipients)
