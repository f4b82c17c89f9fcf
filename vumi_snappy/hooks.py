"""What Snappy's hook sends, as values.  Pure: bytes in, an `Event` out, `BadHook` otherwise.

A delivery is a form with the fields ``event`` and ``data``, a JSON text in which raw line feeds
were seen.  Only what is needed is taken: the object of a staff member carries tokens, and those
never leave this module.  A note is a reply to a customer only where everything says so: what is
unclear is an error, which Snappy and the operator can see, and never a text message.  What else is
told of a ticket only informs: there, what is unclear is passed over.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.hookform import (
    BadHook, date, field, id_in, object_in, read_form, read_json, seconds, whole)
from vumi_snappy.records import StaffNote, TicketEvent

__all__ = ['BadHook', 'Event', 'HookEvent', 'parse_hook']


class HookEvent(enum.Enum):
    """The events that Snappy documents; others may exist."""

    CONTACT_CREATED = 'contact.created'
    MESSAGE_INCOMING = 'message.incoming'
    MESSAGE_OUTGOING = 'message.outgoing'
    MESSAGE_PRIVATE = 'message.private'
    TAGS_CHANGED = 'tags.changed'
    TICKET_CREATED = 'ticket.created'
    TICKET_REPLIED = 'ticket.replied'
    TICKET_WAITING = 'ticket.waiting'


@attr.s(frozen=True, slots=True)
class Event(object):
    """A delivery: `kind` is None for an event that nobody documents.

    `note` is set for what may be a reply to a customer, `ticket` for what else is told of a
    ticket.  `ignored` says why there is no more to it: ``unknown_event``, ``not_a_reply``,
    ``private``, ``not_by_staff``, or ``no_ticket`` where it does not say which ticket it is about.
    """

    kind = attr.ib()  # type: Optional[HookEvent]
    note = attr.ib(default=None)  # type: Optional[StaffNote]
    ticket = attr.ib(default=None)  # type: Optional[TicketEvent]
    ignored = attr.ib(default='')  # type: Text


_LONGEST_NAME = 100
#: Tags of a ticket that are looked at, and characters of one, and of a status.
_MOST_TAGS, _LONGEST_TAG, _LONGEST_STATUS = 100, 100, 40

#: What an event itself says of its ticket's status.
_STATUSES = {HookEvent.TICKET_REPLIED: 'replied', HookEvent.TICKET_WAITING: 'waiting'}
_OF_TICKETS = (HookEvent.TICKET_CREATED, HookEvent.TICKET_REPLIED, HookEvent.TICKET_WAITING,
               HookEvent.TAGS_CHANGED)


def parse_hook(body):
    # type: (bytes) -> Event
    """Read a delivery's body.  Errors: `BadHook`."""
    fields = read_form(body)
    name = field(fields, 'event')
    try:
        kind = HookEvent(name)
    except ValueError:
        return Event(kind=None, ignored='unknown_event')
    data = read_json(field(fields, 'data'))
    if kind is HookEvent.MESSAGE_OUTGOING:
        return _outgoing(kind, object_in(data, 'note', 'data'))
    if kind in _OF_TICKETS:
        ticket = _ticket_event(kind, data)
        return Event(kind=kind, ticket=ticket, ignored='' if ticket else 'no_ticket')
    why = 'private' if kind is HookEvent.MESSAGE_PRIVATE else 'not_a_reply'
    return Event(kind=kind, ticket=_names(kind, data.get('note')), ignored=why)


def _outgoing(kind, note):
    # type: (HookEvent, Dict[Text, Any]) -> Event
    scope = note.get('scope')
    if not isinstance(scope, Text):
        raise BadHook('data.note.scope is missing or no text')
    if scope != 'public':
        return Event(kind=kind, ticket=_names(kind, note), ignored='private')
    if 'created_by_staff_id' not in note:
        raise BadHook('data.note.created_by_staff_id is missing')
    # Whether notes made through the API come back as events is not known.  Ours are private, or
    # made in a customer's name: neither gets past here, whoever the staff member of the API is.
    staff_id = id_in(note, 'created_by_staff_id', 'data.note')
    if staff_id in ('', '0') or id_in(note, 'created_by_contact_id', 'data.note') not in ('', '0'):
        return Event(kind=kind, ticket=_names(kind, note), ignored='not_by_staff')
    ticket = object_in(note, 'ticket', 'data.note')
    nonce = id_in(ticket, 'nonce', 'data.note.ticket')
    ticket_id = id_in(ticket, 'id', 'data.note.ticket') or id_in(note, 'ticket_id', 'data.note')
    if not nonce and not ticket_id:
        raise BadHook('data.note.ticket has neither nonce nor id')
    note_id = id_in(note, 'id', 'data.note')
    if not note_id:
        raise BadHook('data.note.id is missing')
    return Event(kind=kind, note=StaffNote(
        note_id=note_id, nonce=nonce, ticket_id=ticket_id, html=_content(note),
        staff_id=staff_id, staff_name=_name(note.get('creator')),
        created_at=seconds(note.get('created_at'))))


def _names(kind, note):
    # type: (HookEvent, Any) -> Optional[TicketEvent]
    """By which names Snappy knows the ticket of a note: other events bring only one of them."""
    ticket = note.get('ticket') if isinstance(note, dict) else None
    nonce, ticket_id = _known_by(ticket)
    if not nonce or not ticket_id:
        return None
    return TicketEvent(name=kind.value, nonce=nonce, ticket_id=ticket_id)


def _ticket_event(kind, data):
    # type: (HookEvent, Dict[Text, Any]) -> Optional[TicketEvent]
    ticket = data.get('ticket')
    nonce, ticket_id = _known_by(ticket)
    if not isinstance(ticket, dict) or not (nonce or ticket_id):
        return None
    # Which of its times an event moves is not known: the newest is that of what it shows.
    at = max(date(ticket.get(name)) for name in (
        'updated_at', 'last_reply_at', 'opened_at', 'created_at'))
    if kind is HookEvent.TAGS_CHANGED:
        tags = _tags(ticket['tags']) if isinstance(ticket.get('tags'), list) else None
        added = _tags(data.get('added'))
        return TicketEvent(
            name=kind.value, nonce=nonce, ticket_id=ticket_id, at=at, tags=tags, added=added,
            removed=[tag for tag in _tags(data.get('removed')) if tag not in added])
    status = _STATUSES.get(kind) or ticket.get('status')
    return TicketEvent(
        name=kind.value, nonce=nonce, ticket_id=ticket_id, at=at,
        status=whole(status)[:_LONGEST_STATUS] if isinstance(status, Text) else '')


def _known_by(ticket):
    # type: (Any) -> Tuple[Text, Text]
    """The ticket's nonce and id; each empty where there is none."""
    found = []
    for name in ('nonce', 'id'):
        try:
            found.append(id_in(ticket if isinstance(ticket, dict) else {}, name, ''))
        except BadHook:
            found.append('')
    return found[0], found[1]


def _tags(value):
    # type: (Any) -> List[Text]
    """The tags in a list, each once, without what is none."""
    found = []  # type: List[Text]
    for tag in value[:_MOST_TAGS] if isinstance(value, list) else []:
        tag = whole(tag).strip()[:_LONGEST_TAG] if isinstance(tag, Text) else ''
        if tag and tag not in found:
            found.append(tag)
    return found


def _content(note):
    # type: (Dict[Text, Any]) -> Text
    """What the agent wrote."""
    if not isinstance(note.get('content'), Text):
        raise BadHook('data.note.content is missing or no text')
    return whole(note['content'])


def _name(creator):
    # type: (Any) -> Text
    """The staff member's name, as far as it is given; it is for people to read."""
    if not isinstance(creator, dict):
        return ''
    parts = [creator.get(part) for part in ('first_name', 'last_name')]
    return whole(' '.join(part for part in parts if part and isinstance(part, Text)))[
        :_LONGEST_NAME]
