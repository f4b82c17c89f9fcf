"""A ticket as it is posted: the body of a request, as a value.

Pure.  Errors: `HttpError`, whose text names the field.  A field that the released bouncer does not
know is accepted: its later forks have some, which agents see.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr
import six
from six.moves.urllib.parse import urlencode

from vumi_snappy.content import foreign_json
from vumi_snappy.django_bouncer.api.values import (  # noqa: F401
    ROOT, Conversation, Directory, whole_number)
from vumi_snappy.http.responses import HttpError

#: Fields of the forks, in the order in which agents see them.
_AGENT_FIELDS = ('tag', 'operator', 'faccode', 'facility_code')
#: Characters of these, of an address and of a contact's key.
_LONGEST = 100
_LONGEST_HOOK = 2 ** 20
_OURS = re.compile(r'(?:https?://[^/]+)?%s([a-z]+)/(.*)/\Z' % (re.escape(ROOT),))


@attr.s(frozen=True, slots=True)
class PostedMessage(object):
    """What a person wrote, as it was posted.

    `agent_fields` are the fields of forks that agents see; `others` is everything that the API has
    no field for, to be returned.
    """

    conversation = attr.ib()  # type: Conversation
    contact_key = attr.ib()  # type: Text
    msisdn = attr.ib(repr=False)  # type: Text
    text = attr.ib(repr=False)  # type: Text
    agent_fields = attr.ib(repr=False)  # type: List[Tuple[Text, Text]]
    others = attr.ib(repr=False)  # type: Dict[Text, Any]


def read_posted(content_type, body, directory, fields):
    # type: (bytes, bytes, Directory, Any) -> PostedMessage
    """The message in a `body`; `fields` are the names that a ticket of the API has.

    Errors: `HttpError`.
    """
    if content_type and not _is_json(content_type):
        raise HttpError(400, 'The Content-Type must be application/json.')
    given = _read(body)
    msisdn = _text(given, 'msisdn', _LONGEST).strip()
    text = _text(given, 'message', len(body))
    for name, value in (('msisdn', msisdn), ('message', text.strip())):
        if not value:
            raise HttpError(400, "The '%s' field has no data and doesn't allow a default or null"
                            " value." % (name,))
    agent_fields = [(name, _text(given, name, _LONGEST)) for name in _AGENT_FIELDS]
    return PostedMessage(
        conversation=_conversation(given, directory),
        contact_key=_text(given, 'contact_key', _LONGEST), msisdn=msisdn, text=text,
        agent_fields=[(name, value) for name, value in agent_fields if value.strip()],
        others={name: value for name, value in given.items() if name not in fields})


def form_of(content_type, body):
    # type: (bytes, Any) -> Optional[bytes]
    """The form that Snappy's hook would send, for a `body` (a file) of JSON; None otherwise.

    Errors: `HttpError`.
    """
    if not _is_json(content_type):
        return None
    given = _read(body.read())
    return six.ensure_binary(urlencode([
        (name, _text(given, name, _LONGEST_HOOK).encode('utf-8')) for name in ('event', 'data')]))


def _is_json(content_type):
    # type: (bytes) -> bool
    return content_type.partition(b';')[0].strip().lower() == b'application/json'


def _read(body):
    # type: (bytes) -> Dict[Text, Any]
    try:
        given = foreign_json.read(body)
    except foreign_json.BadJson:
        raise HttpError(400, 'The body is not JSON.')
    if not isinstance(given, dict):
        raise HttpError(400, 'The body is not a JSON object.')
    return given


def _text(given, name, longest):
    # type: (Dict[Text, Any], Text, int) -> Text
    value = given.get(name)
    if value is None:
        return ''
    try:
        text = foreign_json.text_of(value)
    except ValueError:
        raise HttpError(400, "The '%s' field must be a text." % (name,))
    if len(text) > longest:
        raise HttpError(400, "The '%s' field has more than %d characters." % (name, longest))
    return text


def _conversation(given, directory):
    # type: (Dict[Text, Any], Directory) -> Conversation
    value = given.get('conversation', '')
    if isinstance(value, dict):
        conversation = _by_id('%s' % (value.get('pk', value.get('id')),), directory)
    elif isinstance(value, Text):
        address = _OURS.match(value)
        if not address or address.group(1) != 'conversation':
            # 404, as the bouncer says: sandbox apps may tell it from 400.
            raise HttpError(404, "The 'conversation' field must be the address of a conversation,"
                            " such as %sconversation/1/." % (ROOT,))
        place, _, key = address.group(2).rpartition('/')
        conversation = directory.conversation(key) if place == 'key' else _by_id(
            address.group(2), directory)
    else:
        raise HttpError(400, "The 'conversation' field was given data that was not a URI, not a"
                        " dictionary-alike and does not have a 'pk' attribute: %s." % (
                          json.dumps(value),))
    if conversation is None:
        raise HttpError(400, "Could not find the provided object via resource URI '%s'." % (
            value if isinstance(value, Text) else json.dumps(value),))
    return conversation


def _by_id(text, directory):
    # type: (Text, Directory) -> Any
    return directory.conversations.get(whole_number(text) or 0)
