"""A ticket as it is posted: the body of a request, as a value.

Pure.  What is wrong is `Refused`, whose text names the field.  A field that the released bouncer
does not know is not refused: its later forks have some, which agents are told.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import re
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

try:
    from urllib.parse import quote_plus
except ImportError:  # Python 2
    from urllib import quote_plus

from vumi_snappy.bouncer_api.query import Refused
from vumi_snappy.bouncer_api.values import (  # noqa: F401
    ROOT, Conversation, Directory, whole_number)
from vumi_snappy.hookform import bounded_integer, whole

#: Fields of the forks, in the order in which agents are told of them.
_TOLD = ('tag', 'operator', 'faccode', 'facility_code')
#: Characters of these, of an address and of a contact's key.
_LONGEST = 100
_LONGEST_HOOK = 2 ** 20
_OURS = re.compile(r'(?:https?://[^/]+)?%s([a-z]+)/(.*)/\Z' % (re.escape(ROOT),))


@attr.s(frozen=True, slots=True)
class PostedMessage(object):
    """What a person wrote, as it was posted.

    `told` are the fields of forks that agents are told; `others` is everything that the API has no
    field for, to be given back.
    """

    conversation = attr.ib()  # type: Conversation
    contact_key = attr.ib()  # type: Text
    msisdn = attr.ib(repr=False)  # type: Text
    text = attr.ib(repr=False)  # type: Text
    told = attr.ib(repr=False)  # type: List[Tuple[Text, Text]]
    others = attr.ib(repr=False)  # type: Dict[Text, Any]


def read_posted(content_type, body, directory, fields):
    # type: (bytes, bytes, Directory, Any) -> PostedMessage
    """The message in a `body`; `fields` are the names that a ticket of the API has.

    Errors: `Refused`.
    """
    if content_type and not _is_json(content_type):
        raise Refused(400, 'the Content-Type must be application/json')
    given = _read(body)
    msisdn = _text(given, 'msisdn', _LONGEST).strip()
    text = _text(given, 'message', len(body))
    for name, value in (('msisdn', msisdn), ('message', text.strip())):
        if not value:
            raise Refused(400, "The '%s' field has no data and doesn't allow a default or null"
                          " value." % (name,))
    told = [(name, _text(given, name, _LONGEST)) for name in _TOLD]
    return PostedMessage(
        conversation=_conversation(given, directory),
        contact_key=_text(given, 'contact_key', _LONGEST), msisdn=msisdn, text=text,
        told=[(name, value) for name, value in told if value.strip()],
        others={name: value for name, value in given.items() if name not in fields})


def form_of(content_type, body):
    # type: (bytes, Any) -> Optional[bytes]
    """What Snappy's hook would send, for a `body` (a file) that has it as JSON; None otherwise.

    Errors: `Refused`.
    """
    if not _is_json(content_type):
        return None
    given = _read(body.read())
    return b'&'.join(name.encode('ascii') + b'=' + quote_plus(
        _text(given, name, _LONGEST_HOOK).encode('utf-8')).encode('ascii')
        for name in ('event', 'data'))


def _is_json(content_type):
    # type: (bytes) -> bool
    return content_type.partition(b';')[0].strip().lower() == b'application/json'


def _read(body):
    # type: (bytes) -> Dict[Text, Any]
    try:
        given = json.loads(body.decode('utf-8'), parse_int=bounded_integer)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python goes
        raise Refused(400, 'the body is not JSON')
    if not isinstance(given, dict):
        raise Refused(400, 'the body is no JSON object')
    return given


def _text(given, name, longest):
    # type: (Dict[Text, Any], Text, int) -> Text
    value = given.get(name)
    if value is None:
        return ''
    # A bool is an int, but no text.
    if isinstance(value, (bool, float)) or not (
            isinstance(value, Text) or hasattr(value, 'bit_length')):
        raise Refused(400, "The '%s' field must be a text." % (name,))
    text = whole('%s' % (value,))
    if len(text) > longest:
        raise Refused(400, "The '%s' field has more than %d characters." % (name, longest))
    return text


def _conversation(given, directory):
    # type: (Dict[Text, Any], Directory) -> Conversation
    value = given.get('conversation', '')
    if isinstance(value, dict):
        found = _by_id('%s' % (value.get('pk', value.get('id')),), directory)
    elif isinstance(value, Text):
        address = _OURS.match(value)
        if not address or address.group(1) != 'conversation':
            # 404, as the bouncer says: sandbox apps may tell it from 400.
            raise Refused(404, "The 'conversation' field must be the address of a conversation,"
                          " such as %sconversation/1/." % (ROOT,))
        place, _, key = address.group(2).rpartition('/')
        found = directory.conversation(key) if place == 'key' else _by_id(
            address.group(2), directory)
    else:
        raise Refused(400, "The 'conversation' field was given data that was not a URI, not a"
                      " dictionary-alike and does not have a 'pk' attribute: %s." % (
                          json.dumps(value),))
    if found is None:
        raise Refused(400, "Could not find the provided object via resource URI '%s'." % (
            value if isinstance(value, Text) else json.dumps(value),))
    return found


def _by_id(text, directory):
    # type: (Text, Directory) -> Any
    return directory.conversations.get(whole_number(text) or 0)
