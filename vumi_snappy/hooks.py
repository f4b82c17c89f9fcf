"""What Snappy's hook sends, as values.  Pure: bytes in, an `Event` out, `BadHook` otherwise.

A delivery is a form with the fields ``event`` and ``data``, a JSON text in which raw line feeds
were seen.  Only what is needed is taken: the object of a staff member carries tokens, and those
never leave this module.  A note is a reply to a customer only where everything says so: what is
unclear is an error, which Snappy and the operator can see, and never a text message.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
import json
import re
from typing import Any, Dict, Optional, Text  # noqa: F401

import attr

from vumi_snappy.records import StaffNote

try:
    from urllib.parse import unquote_to_bytes as _unquote
except ImportError:  # Python 2
    from urllib import unquote as _unquote


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
    """A body that can't be understood; its text names the field, and quotes nothing."""


@attr.s(frozen=True, slots=True)
class Event(object):
    """A delivery: `kind` is None for an event that nobody documents.  Either `note` is set, for
    what may be a reply to a customer, or `ignored` says why not: ``unknown_event``,
    ``not_a_reply``, ``private`` or ``not_by_staff``."""

    kind = attr.ib()  # type: Optional[HookEvent]
    note = attr.ib(default=None)  # type: Optional[StaffNote]
    ignored = attr.ib(default='')  # type: Text


#: Fields that a form may have; Snappy's has two.
_MOST_FIELDS = 20
#: Characters of an id; a nonce had 16, but nothing promises that.
_LONGEST_ID = 100
_LONGEST_NAME = 100
_MOST_DIGITS = 20
#: Half of a character beyond U+FFFF: in bytes no UTF-8 (but Python 2 decodes it), in a text of
#: JSON no character.
_HALF_IN_BYTES = re.compile(br'\xed[\xa0-\xbf]')
_HALF_IN_TEXT = re.compile(
    '[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]')


def parse_hook(body):
    # type: (bytes) -> Event
    """Read a delivery's body.  Errors: `BadHook`."""
    fields = _form(body)
    name = _field(fields, 'event')
    try:
        kind = HookEvent(name)
    except ValueError:
        return Event(kind=None, ignored='unknown_event')
    data = _json(_field(fields, 'data'))
    if kind is HookEvent.MESSAGE_PRIVATE:
        return Event(kind=kind, ignored='private')
    if kind is not HookEvent.MESSAGE_OUTGOING:
        return Event(kind=kind, ignored='not_a_reply')
    return _outgoing(kind, _object(data, 'note', 'data'))


def _form(body):
    # type: (bytes) -> Dict[Text, Text]
    """The form's fields.  By hand: the standard library's parser takes ";" for a separator and
    bytes that are no UTF-8 for text."""
    pairs = [pair for pair in body.split(b'&', _MOST_FIELDS + 1) if pair]
    if len(pairs) > _MOST_FIELDS:
        raise BadHook('the form has more than %d fields' % (_MOST_FIELDS,))
    fields = {}  # type: Dict[Text, Text]
    for pair in pairs:
        name, _, value = (_unescape(part) for part in pair.partition(b'='))
        if name in fields:
            raise BadHook('a field of the form is given twice')
        fields[name] = value
    return fields


def _unescape(raw):
    # type: (bytes) -> Text
    plain = _unquote(raw.replace(b'+', b' '))
    try:
        if _HALF_IN_BYTES.search(plain):
            raise UnicodeError
        return plain.decode('utf-8')
    except UnicodeError:
        raise BadHook('the form is not UTF-8')


def _field(fields, name):
    # type: (Dict[Text, Text], Text) -> Text
    if not fields.get(name):
        raise BadHook('the field "%s" is missing' % (name,))
    return fields[name]


def _json(text):
    # type: (Text) -> Dict[Text, Any]
    try:
        # strict: raw line feeds were seen inside strings, and are part of what the agent wrote.
        data = json.loads(text, strict=False, parse_int=_integer, parse_constant=_no_number)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python goes
        raise BadHook('the field "data" is not JSON')
    if not isinstance(data, dict):
        raise BadHook('the field "data" is no JSON object')
    return data


def _integer(digits):
    # type: (Text) -> int
    # The time that Python takes grows with the square of the length.
    if len(digits) > _MOST_DIGITS:
        raise ValueError('a number is too long')
    return int(digits)


def _no_number(_name):
    # type: (Text) -> Any
    raise ValueError('NaN and Infinity are no JSON')


def _outgoing(kind, note):
    # type: (HookEvent, Dict[Text, Any]) -> Event
    scope = note.get('scope')
    if not isinstance(scope, Text):
        raise BadHook('data.note.scope is missing or no text')
    if scope != 'public':
        return Event(kind=kind, ignored='private')
    if 'created_by_staff_id' not in note:
        raise BadHook('data.note.created_by_staff_id is missing')
    # Whether notes made through the API come back as events is not known.  Ours are private, or
    # made in a customer's name: neither gets past here, whoever the staff member of the API is.
    staff_id = _id(note, 'created_by_staff_id', 'data.note')
    if staff_id in ('', '0') or _id(note, 'created_by_contact_id', 'data.note') not in ('', '0'):
        return Event(kind=kind, ignored='not_by_staff')
    ticket = _object(note, 'ticket', 'data.note')
    nonce = _id(ticket, 'nonce', 'data.note.ticket')
    ticket_id = _id(ticket, 'id', 'data.note.ticket') or _id(note, 'ticket_id', 'data.note')
    if not nonce and not ticket_id:
        raise BadHook('data.note.ticket has neither nonce nor id')
    note_id = _id(note, 'id', 'data.note')
    if not note_id:
        raise BadHook('data.note.id is missing')
    return Event(kind=kind, note=StaffNote(
        note_id=note_id, nonce=nonce, ticket_id=ticket_id, html=_content(note),
        staff_id=staff_id, staff_name=_name(note.get('creator')),
        created_at=_seconds(note.get('created_at'))))


def _object(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Dict[Text, Any]
    found = parent.get(name)
    if not isinstance(found, dict):
        raise BadHook('%s.%s is missing or no object' % (path, name))
    return found


def _id(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Text
    """An id, which comes as a number or as a text; empty where there is none."""
    value = parent.get(name)
    if value is None:
        return ''
    if isinstance(value, Text) and len(value) <= _LONGEST_ID:
        return _whole(value)
    # A bool is an int, but no id.
    if isinstance(value, (bool, float)) or not hasattr(value, 'bit_length'):
        raise BadHook('%s.%s is missing or no id' % (path, name))
    return '%d' % (value,)


def _content(note):
    # type: (Dict[Text, Any]) -> Text
    """What the agent wrote."""
    if not isinstance(note.get('content'), Text):
        raise BadHook('data.note.content is missing or no text')
    return _whole(note['content'])


def _name(creator):
    # type: (Any) -> Text
    """The staff member's name, as far as it is given; it is for people to read."""
    if not isinstance(creator, dict):
        return ''
    parts = [creator.get(part) for part in ('first_name', 'last_name')]
    return _whole(' '.join(part for part in parts if part and isinstance(part, Text)))[
        :_LONGEST_NAME]


def _seconds(value):
    # type: (Any) -> float
    """Epoch seconds, as a number or as digits; 0 where it is neither: it decides nothing."""
    text = '%s' % (value,)
    return float(text) if re.match(r'\A[0-9]{1,12}\Z', text) else 0.0


def _whole(text):
    # type: (Text) -> Text
    """The text without halves of characters, which can't be sent on."""
    return _HALF_IN_TEXT.sub('\ufffd', text)
