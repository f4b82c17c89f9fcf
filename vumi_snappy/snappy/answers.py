"""Snappy's answers as values.  Pure: bytes in, values out, `BadAnswer` for anything else.

The shapes are those of recorded traffic and of Snappy's own SDK; where both differ, both are
accepted.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
import json
import re
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.snappy.errors import BadAnswer

# 16 characters of [0-9a-z] in every sample, but nothing promises that alphabet.
_NONCE = re.compile(r'^[0-9A-Za-z_-]{4,64}$')


class Scope(enum.Enum):
    """Who may see a note."""

    PUBLIC = 'public'
    PRIVATE = 'private'


@attr.s(frozen=True, slots=True)
class Ticket(object):
    """A ticket as Snappy lists it; `contact_addresses` are those of opener and contacts."""

    id = attr.ib()  # type: Text
    nonce = attr.ib()  # type: Text
    mailbox_id = attr.ib()  # type: Text
    subject = attr.ib(repr=False)  # type: Text
    status = attr.ib()  # type: Text
    opened_at = attr.ib()  # type: float
    summary = attr.ib(repr=False)  # type: Text
    contact_addresses = attr.ib(repr=False)  # type: Tuple[Text, ...]
    tags = attr.ib()  # type: Tuple[Text, ...]


@attr.s(frozen=True, slots=True)
class Note(object):
    """A note of a ticket."""

    id = attr.ib()  # type: Text
    ticket_id = attr.ib()  # type: Text
    scope = attr.ib()  # type: Scope
    content = attr.ib(repr=False)  # type: Text
    created_at = attr.ib()  # type: float
    created_by_staff_id = attr.ib()  # type: Optional[Text]
    created_by_contact_id = attr.ib()  # type: Optional[Text]


def parse_nonce(body):
    # type: (bytes) -> Text
    """The nonce in the answer to POST /note: the bare text, or a JSON string of it."""
    try:
        text = body.decode('utf-8').strip()
    except UnicodeDecodeError:
        raise BadAnswer('the answer is not a text')
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not _NONCE.match(text):
        raise BadAnswer('the answer is not a nonce', answer=text)
    return text


def _json(body):
    # type: (bytes) -> Any
    try:
        return json.loads(body.decode('utf-8'), strict=False)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python recurses
        raise BadAnswer('the answer is not JSON', answer=body[:500].decode('utf-8', 'replace'))


def _text(value):
    # type: (Any) -> Text
    if value is None or isinstance(value, (dict, list)):
        return ''
    return '%s' % (value,)


def _seconds(value):
    # type: (Any) -> float
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _objects(value, field='data'):
    # type: (Any, Text) -> List[Dict[Text, Any]]
    """A list of objects: given as such, as an object of them, or under `field`."""
    if isinstance(value, dict):
        value = value[field] if field in value else list(value.values())
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadAnswer('the answer is not a list of objects')
    return value


def _addresses(raw):
    # type: (Dict[Text, Any]) -> Tuple[Text, ...]
    found = []
    contacts = raw.get('contacts') if isinstance(raw.get('contacts'), list) else []
    for each in [raw.get('opener')] + contacts:
        if isinstance(each, dict):
            found.extend(each[key] for key in ('address', 'value', 'email')
                         if isinstance(each.get(key), type('')))
    recipients = raw.get('next_recipients')
    if isinstance(recipients, dict) and isinstance(recipients.get('to'), list):
        found.extend(each['address'] for each in recipients['to']
                     if isinstance(each, dict) and isinstance(each.get('address'), type('')))
    return tuple(sorted(set(found)))


def _ticket(raw):
    # type: (Dict[Text, Any]) -> Ticket
    tags = raw.get('tags') if isinstance(raw.get('tags'), list) else []
    return Ticket(
        id=_text(raw.get('id')), nonce=_text(raw.get('nonce')),
        mailbox_id=_text(raw.get('mailbox_id')), subject=_text(raw.get('default_subject')),
        status=_text(raw.get('status')), opened_at=_seconds(raw.get('opened_at')),
        summary=_text(raw.get('summary')), contact_addresses=_addresses(raw),
        tags=tuple(_text(tag) for tag in tags))


def _note(raw):
    # type: (Dict[Text, Any]) -> Note
    try:
        scope = Scope(raw.get('scope', 'public'))
    except ValueError:
        # Better taken for hidden than shown to a customer.
        scope = Scope.PRIVATE
    return Note(
        id=_text(raw.get('id')), ticket_id=_text(raw.get('ticket_id')), scope=scope,
        content=_text(raw.get('content')), created_at=_seconds(raw.get('created_at')),
        created_by_staff_id=_text(raw.get('created_by_staff_id')) or None,
        created_by_contact_id=_text(raw.get('created_by_contact_id')) or None)


def parse_ticket(body):
    # type: (bytes) -> Ticket
    """A single ticket."""
    raw = _json(body)
    if not isinstance(raw, dict):
        raise BadAnswer('the answer is not a ticket')
    return _ticket(raw)


def parse_tickets(body):
    # type: (bytes) -> List[Ticket]
    """A list of tickets: an array, or the ``data`` of a search's answer."""
    return [_ticket(raw) for raw in _objects(_json(body))]


def parse_notes(body):
    # type: (bytes) -> List[Note]
    """The notes of a ticket, newest first."""
    return [_note(raw) for raw in _objects(_json(body))]


def parse_objects(body):
    # type: (bytes) -> List[Dict[Text, Any]]
    """Accounts, mailboxes and staff: objects with at least a numeric ``id``."""
    found = _objects(_json(body))
    for each in found:
        if not _text(each.get('id')).isdigit():
            raise BadAnswer('an object of the answer has no numeric id')
    return found
