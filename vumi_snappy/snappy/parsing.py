"""Snappy's responses as values.  Pure: bytes in, values out, `BadAnswer` for anything else.

The shapes are those of recorded traffic and of Snappy's own SDK; where both differ, both are
accepted.  What can't be told from an error or a page is `BadAnswer`: whoever looks whether a note
is there must not take "it can't be parsed" for "it is not there".
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

from vumi_snappy.content import foreign_json
from vumi_snappy.http.call_errors import BadAnswer
from vumi_snappy.snappy.fields import seconds
from vumi_snappy.snappy.values import Note, Scope, Ticket

# 16 characters of [0-9a-z] in every sample, but nothing promises that alphabet.
_NONCE = re.compile(r'[0-9A-Za-z_-]{4,64}\Z')
_USUAL = re.compile(r'(?=.*[0-9])(?=.*[a-z])[0-9a-z]{16}\Z')
_NO_NONCES = frozenset(['null', 'true', 'false'])
_NUMBER = re.compile(r'[0-9]{1,18}\Z')
_DONE = ('', 'OK', 'TRUE')

# What is kept of accounts, mailboxes and staff: staff come with tokens of theirs.
_DESCRIPTION = ('organization', 'domain', 'name', 'address', 'email', 'username', 'first_name',
                'last_name')


def parse_nonce(body):
    # type: (bytes) -> Text
    """The nonce in the answer to POST /note: the bare text, or a JSON string of it."""
    text = _decoded(body).strip()
    if text in _NO_NONCES:
        raise BadAnswer('the answer is not a nonce')
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not _NONCE.match(text):
        raise BadAnswer('the answer is not a nonce')
    return text


def is_usual(nonce):
    # type: (Text) -> bool
    """Whether `nonce` looks as all samples did; any other may be a word of a proxy in front of
    Snappy, such as "Unauthorized"."""
    return _USUAL.match(nonce) is not None


def parse_done(body):
    # type: (bytes) -> None
    """The response to a change: ``OK``, as was seen, nothing, or the object that was changed."""
    if _decoded(body).strip().strip('"').upper() in _DONE:
        return
    raw = _json(body)
    if not isinstance(raw, dict) or not _NUMBER.match(_text(raw.get('id'))):
        raise BadAnswer('the answer does not say that it is done')


def parse_ticket(body):
    # type: (bytes) -> Ticket
    """A single ticket."""
    raw = _json(body)
    if not isinstance(raw, dict):
        raise BadAnswer('the answer is not a ticket')
    return ticket_from(raw)


def parse_tickets(body):
    # type: (bytes) -> List[Ticket]
    """A list of tickets: an array, or the ``data`` of a search's answer."""
    return [ticket_from(raw) for raw in _objects(_json(body))]


def parse_notes(body):
    # type: (bytes) -> List[Note]
    """The notes of a ticket, newest first."""
    return [note_from(raw) for raw in _objects(_json(body))]


def parse_objects(body):
    # type: (bytes) -> List[Dict[Text, Any]]
    """Accounts, mailboxes and staff: a dict each, with ``id`` (int) and texts that describe it."""
    return [dict({name: raw[name] for name in _DESCRIPTION if isinstance(raw.get(name), Text)},
                 id=int(_id(raw))) for raw in _objects(_json(body))]


def _decoded(body):
    # type: (bytes) -> Text
    try:
        return body.decode('utf-8-sig')
    except UnicodeDecodeError:
        raise BadAnswer('the answer is not a text')


def _json(body):
    # type: (bytes) -> Any
    try:
        # Raw line feeds inside strings were seen.
        return foreign_json.read(_decoded(body), line_feeds=True)
    except foreign_json.BadJson:
        raise BadAnswer('the answer is not JSON')


def _text(value):
    # type: (Any) -> Text
    if value is None or isinstance(value, (dict, list)):
        return ''
    return '%s' % (value,)


def _id(raw):
    # type: (Dict[Text, Any]) -> Text
    number = _text(raw.get('id'))
    if not _NUMBER.match(number):
        raise BadAnswer('an object of the answer has no numeric id')
    return number


def _objects(value):
    # type: (Any) -> List[Dict[Text, Any]]
    """A list of objects: as such, as the ``data`` of an object, or as an object with numbers for
    keys, which is how PHP writes a list with gaps."""
    if isinstance(value, dict) and isinstance(value.get('data'), (list, dict)):
        value = value['data']
    if isinstance(value, dict) and value and all(_NUMBER.match(key) for key in value):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadAnswer('the answer is not a list of objects')
    return value


def _dicts(value):
    # type: (Any) -> List[Dict[Text, Any]]
    """The objects in an array, or in the values of an object; none where it is neither."""
    if isinstance(value, dict):
        value = list(value.values())
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _addresses(raw):
    # type: (Dict[Text, Any]) -> Tuple[Text, ...]
    recipients = raw.get('next_recipients')
    people = _dicts([raw.get('opener')]) + _dicts(raw.get('contacts'))
    if isinstance(recipients, dict):
        people += _dicts(recipients.get('to'))
    return tuple(sorted({each[key] for each in people for key in ('address', 'value', 'email')
                         if isinstance(each.get(key), Text)}))


def ticket_from(raw):
    # type: (Dict[Text, Any]) -> Ticket
    """A ticket of the object that it is in the answer."""
    nonce = _text(raw.get('nonce'))
    tags = raw.get('tags') if isinstance(raw.get('tags'), list) else []
    return Ticket(
        id=_id(raw), nonce=nonce if _NONCE.match(nonce) else '',
        status=_text(raw.get('status')), opened_at=seconds(raw.get('opened_at')),
        contact_addresses=_addresses(raw), tags=tuple(_text(tag) for tag in tags or []))


def note_from(raw):
    # type: (Dict[Text, Any]) -> Note
    """A note of the object that it is in the answer."""
    try:
        scope = Scope(raw.get('scope', 'public'))
    except ValueError:
        # Better taken for hidden than shown to a customer.
        scope = Scope.PRIVATE
    return Note(id=_id(raw), scope=scope, content=_text(raw.get('content')))
