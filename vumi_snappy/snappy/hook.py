"""Parses what Snappy's hook sends.  Pure: bytes in, an `Event` out, `BadHook` otherwise.

A delivery is a form with the fields ``event`` and ``data``, a JSON text in which raw line feeds
were seen.  Only what is needed is taken: the tokens in a staff member's object never leave this
module.  A note is a reply to a customer only where everything says so: what is unclear is an
error, which Snappy and the operator can see, and never a text message.  Other events of a ticket
only inform: there, what is unclear is ignored.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
import re
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.content import foreign_json, safe_text, without_pictures
from vumi_snappy.http.forms import BadForm, read_fields
from vumi_snappy.records import TOO_LARGE, StaffNote, TicketEvent
from vumi_snappy.snappy.fields import (
    BadHook, date, flag_in, id_in, object_in, seconds, staff_in)

__all__ = ['BadHook', 'Event', 'HookEvent', 'parse_cut_hook', 'parse_hook']

#: Bytes beside the cut in which a plain place is looked for.
_NEAR = 8192


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
    """A delivery.

    `note` is set for what may be a reply to a customer, `ticket` for any other event of a ticket.
    `ignored` says why a delivery is no more than that: ``unknown_event`` (not documented),
    ``not_a_reply``, ``private``, ``system``, ``not_by_staff``, or ``no_ticket`` (it names none).
    """

    note = attr.ib(default=None)  # type: Optional[StaffNote]
    ticket = attr.ib(default=None)  # type: Optional[TicketEvent]
    ignored = attr.ib(default='')  # type: Text


#: A place in a form that is in the middle of no escape, of the form's or of JSON.
_PLAIN = re.compile(br'[^%]{12}')
#: Fields that a form may have; Snappy's has two.
_MOST_FIELDS = 20
#: Characters of a staff member's name.
_LONGEST_NAME = 100
#: Tags of a ticket that are read, and characters of one, and of a status.
_MOST_TAGS, _LONGEST_TAG, _LONGEST_STATUS = 100, 100, 40

#: The status of a ticket that an event implies.
_STATUSES = {HookEvent.TICKET_REPLIED: 'replied', HookEvent.TICKET_WAITING: 'waiting'}
_OF_TICKETS = (HookEvent.TICKET_CREATED, HookEvent.TICKET_REPLIED, HookEvent.TICKET_WAITING,
               HookEvent.TAGS_CHANGED)


def parse_hook(body):
    # type: (bytes) -> Event
    """Errors: `BadHook`."""
    try:
        fields = read_fields(body, _MOST_FIELDS)
    except BadForm as bad:
        raise BadHook('%s' % (bad,))
    name = _field(fields, 'event')
    try:
        kind = HookEvent(name)
    except ValueError:
        return Event(ignored='unknown_event')
    data = _json_object(_field(fields, 'data'))
    if kind is HookEvent.MESSAGE_OUTGOING:
        return _outgoing(kind, object_in(data, 'note', 'data'))
    if kind in _OF_TICKETS:
        ticket = _ticket_event(kind, data)
        return Event(ticket=ticket, ignored='' if ticket else 'no_ticket')
    ignored = 'private' if kind is HookEvent.MESSAGE_PRIVATE else 'not_a_reply'
    return Event(ticket=_names(kind, data.get('note')), ignored=ignored)


def parse_cut_hook(head, tail):
    # type: (bytes, bytes) -> Event
    """Parse a delivery that was too large, of which only the two ends are there: as a rule, the
    fields of a note stand around its text, which becomes `TOO_LARGE`.

    Errors: `BadHook`, also where the ends do not tell which note it is.
    """
    last = None
    for last in _PLAIN.finditer(head, max(len(head) - _NEAR, 0)):
        pass
    first = _PLAIN.search(tail, 0, _NEAR)
    event = parse_hook((head[:last.end()] if last else head)
                       + (tail[first.end():] if first else tail))
    if event.note is None:
        raise BadHook('it is not a reply')
    return attr.evolve(event, note=attr.evolve(event.note, html=TOO_LARGE))


def _field(fields, name):
    # type: (Dict[Text, Text], Text) -> Text
    if not fields.get(name):
        raise BadHook('the field "%s" is missing' % (name,))
    return fields[name]


def _json_object(text):
    # type: (Text) -> Dict[Text, Any]
    try:
        data = foreign_json.read(text, line_feeds=True)
    except foreign_json.BadJson:
        raise BadHook('the field "data" is not JSON')
    if not isinstance(data, dict):
        raise BadHook('the field "data" is not a JSON object')
    return data


def _outgoing(kind, note):
    # type: (HookEvent, Dict[Text, Any]) -> Event
    scope = note.get('scope')
    if not isinstance(scope, Text):
        raise BadHook('data.note.scope is missing or not a text')
    if scope != 'public':
        return Event(ticket=_names(kind, note), ignored='private')
    if flag_in(note, 'system', 'data.note'):  # Snappy's own, such as who merged what
        return Event(ticket=_names(kind, note), ignored='system')
    if 'created_by_staff_id' not in note:
        raise BadHook('data.note.created_by_staff_id is missing')
    # Whether notes made through the API come back as events is not known.  Ours are private, or
    # made in a customer's name: neither gets past here, whoever the staff member of the API is.
    staff_id = staff_in(note, 'created_by_staff_id', 'data.note')
    if not staff_id or id_in(note, 'created_by_contact_id', 'data.note'):
        return Event(ticket=_names(kind, note), ignored='not_by_staff')
    ticket = object_in(note, 'ticket', 'data.note')
    nonce = id_in(ticket, 'nonce', 'data.note.ticket')
    nested, beside = id_in(ticket, 'id', 'data.note.ticket'), id_in(note, 'ticket_id', 'data.note')
    ticket_id = nested or beside
    if not nonce and not ticket_id:
        raise BadHook('data.note.ticket has neither nonce nor id')
    note_id = id_in(note, 'id', 'data.note')
    if not note_id:
        raise BadHook('data.note.id is missing')
    return Event(note=StaffNote(
        note_id=note_id, nonce=nonce, ticket_id=ticket_id, html=_content(note),
        staff_id=staff_id, staff_name=_name(note.get('creator')),
        created_at=seconds(note.get('created_at')),
        other_ticket_id='' if beside in ('', ticket_id) else beside))


def _names(kind, note):
    # type: (HookEvent, Any) -> Optional[TicketEvent]
    """Both names of the ticket of a note: other events have only one of them."""
    ticket = note.get('ticket') if isinstance(note, dict) else None
    nonce, ticket_id = _known_by(ticket)
    if not nonce or not ticket_id or _known_by({'id': note.get('ticket_id')})[1] not in (
            '', ticket_id):
        return None
    return TicketEvent(name=kind.value, nonce=nonce, ticket_id=ticket_id)


def _ticket_event(kind, data):
    # type: (HookEvent, Dict[Text, Any]) -> Optional[TicketEvent]
    ticket = data.get('ticket')
    nonce, ticket_id = _known_by(ticket)
    if not isinstance(ticket, dict) or not (nonce or ticket_id):
        return None
    # Which of its times an event changes is not known: the newest is that of the event.
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
        status=status[:_LONGEST_STATUS] if isinstance(status, Text) else '')


def _known_by(ticket):
    # type: (Any) -> Tuple[Text, Text]
    """The ticket's nonce and id; each empty where there is none."""
    names = []
    for name in ('nonce', 'id'):
        try:
            names.append(id_in(ticket if isinstance(ticket, dict) else {}, name, ''))
        except BadHook:
            names.append('')
    return names[0], names[1]


def _tags(value):
    # type: (Any) -> List[Text]
    """The tags in a list, each once, without what is none."""
    tags = [tag.strip()[:_LONGEST_TAG] for tag in value[:_MOST_TAGS] if isinstance(tag, Text)
            ] if isinstance(value, list) else []
    return [tag for n, tag in enumerate(tags) if tag and tag not in tags[:n]]


def _content(note):
    # type: (Dict[Text, Any]) -> Text
    """The agent's text, without embedded pictures; empty for an attachment alone."""
    content = note.get('content')
    if content is None:
        return ''
    if not isinstance(content, Text):
        raise BadHook('data.note.content is not a text')
    return safe_text(without_pictures(content))


def _name(creator):
    # type: (Any) -> Text
    """The staff member's name, as far as it is given."""
    if not isinstance(creator, dict):
        return ''
    parts = [creator.get(part) for part in ('first_name', 'last_name')]
    return safe_text(' '.join(part for part in parts if part and isinstance(part, Text)))[
        :_LONGEST_NAME]
