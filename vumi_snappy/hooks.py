"""What Snappy's hook sends, as values.  Pure: bytes in, an `Event` out, `BadHook` otherwise.

A delivery is a form with exactly two fields, ``event`` and ``data`` (a JSON text in which raw line
feeds were seen).  Only what is needed is taken: a staff member's object carries tokens, and those
never leave this module.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
import json
from typing import Any, Dict, Optional, Text  # noqa: F401

import attr

from vumi_snappy.records import StaffNote

try:
    from urllib import parse as _urls
except ImportError:  # Python 2
    import urlparse as _urls


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


class BadHook(ValueError):
    """A body that can't be understood; its text names the field."""


@attr.s(frozen=True, slots=True)
class Event(object):
    """A delivery: `kind` is None for an event that nobody documents; `note` is set for what may
    be a reply to a customer; `ignored` says why not otherwise."""

    kind = attr.ib()  # type: Optional[HookEvent]
    note = attr.ib(default=None)  # type: Optional[StaffNote]
    ignored = attr.ib(default='')  # type: Text


def parse_hook(body):
    # type: (bytes) -> Event
    """Read a delivery's body.  Errors: `BadHook`."""
    fields = _form(body)
    name = fields['event']
    try:
        kind = HookEvent(name)
    except ValueError:
        return Event(kind=None, ignored='unknown_event')
    data = _data(fields['data'])
    if kind is not HookEvent.MESSAGE_OUTGOING:
        return Event(kind=kind, ignored='not_a_reply')
    note = data.get('note')
    if not isinstance(note, dict):
        raise BadHook('data.note is missing or no object')
    return _outgoing(kind, note)


def _form(body):
    # type: (bytes) -> Dict[Text, Text]
    try:
        text = body.decode('ascii')
        # The pairs are split by hand: "data" may be large, and a ";" is no separator here.
        pairs = [pair.partition('=') for pair in text.split('&') if pair]
        decoded = [(_unquote(name), _unquote(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise BadHook('the form is not percent-encoded UTF-8')
    fields = {}  # type: Dict[Text, Text]
    for name, value in decoded:
        if name in fields:
            raise BadHook('a field of the form is given twice')
        fields[name] = value
    for name in ('event', 'data'):
        if not fields.get(name):
            raise BadHook('the field "%s" is missing' % (name,))
    return fields


def _unquote(text):
    # type: (Text) -> Text
    raw = text.replace('+', ' ')
    if hasattr(_urls, 'unquote_to_bytes'):
        return _urls.unquote_to_bytes(raw).decode('utf-8')
    return _urls.unquote(raw.encode('ascii')).decode('utf-8')


def _data(text):
    # type: (Text) -> Dict[Text, Any]
    try:
        # Raw line feeds were seen inside strings, and are part of what the agent wrote.
        data = json.loads(text, strict=False)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python recurses
        raise BadHook('the field "data" is not JSON')
    if not isinstance(data, dict):
        raise BadHook('the field "data" is no JSON object')
    return data


def _identity(value):
    # type: (Any) -> Text
    """An id, which comes as a number or as a text."""
    if isinstance(value, bool) or isinstance(value, float):
        return ''
    if isinstance(value, int) or type(value).__name__ == 'long':
        return '%d' % (value,)
    return value if isinstance(value, type('')) and len(value) <= 100 else ''


def _outgoing(kind, note):
    # type: (HookEvent, Dict[Text, Any]) -> Event
    if note.get('scope', 'public') != 'public':
        return Event(kind=kind, ignored='private')
    creator = note.get('creator') if isinstance(note.get('creator'), dict) else {}
    staff = _identity(note.get('created_by_staff_id'))
    if not staff and _identity(note.get('created_by_contact_id')):
        return Event(kind=kind, ignored='not_by_staff')
    if not staff:
        return Event(kind=kind, ignored='not_by_staff')
    note_id = _identity(note.get('id'))
    if not note_id:
        raise BadHook('data.note.id is missing')
    if not isinstance(note.get('content'), type('')):
        raise BadHook('data.note.content is missing or no text')
    ticket = note.get('ticket')
    if not isinstance(ticket, dict):
        raise BadHook('data.note.ticket is missing or no object')
    nonce, ticket_id = _identity(ticket.get('nonce')), _identity(
        note.get('ticket_id')) or _identity(ticket.get('id'))
    if not nonce and not ticket_id:
        raise BadHook('data.note.ticket has neither nonce nor id')
    names = [creator.get(name) for name in ('first_name', 'last_name')]
    created = note.get('created_at')
    return Event(kind=kind, note=StaffNote(
        note_id=note_id, nonce=nonce, ticket_id=ticket_id, html=note['content'], staff_id=staff,
        staff_name=' '.join(name for name in names if isinstance(name, type('')))[:100],
        created_at=float(created) if isinstance(created, int) and created >= 0 else 0.0))
