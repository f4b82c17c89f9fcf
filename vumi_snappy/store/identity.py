"""How people and replies are named in the store.  Pure; used by the store alone."""
from __future__ import absolute_import, division, print_function, unicode_literals

import hashlib
import json
import uuid
from typing import Any, Text  # noqa: F401

_ANSWERS = uuid.UUID('c1c0a2f4-7a3f-4f43-8f0b-52a1f1d0c6b7')
_REPLIES = uuid.UUID('5b0e6d0e-3c1f-4f0e-9f57-6f0d6a8c8a11')


def thread_id(endpoint, transport_type, from_addr, transport_name='', apart=''):
    # type: (Text, Text, Text, Text, Text) -> Text
    """The name of one person on one channel: what is kept in order, and answered together.

    `transport_name` tells two transports apart on which one local number is two people; `apart` is
    what else the contact address tells of a person.
    """
    parts = [endpoint, transport_type, from_addr]
    if transport_name or apart:
        parts.append(transport_name)
    if apart:
        parts.append(apart)
    return hashlib.sha1(json.dumps(parts).encode('ascii')).hexdigest()[:24]


def reply_message_id(prefix, note_id, part=0):
    # type: (Text, Text, int) -> Text
    """The message_id of the reply that a note becomes: the same each time (promise 3), in the form
    that Vumi's have.  `prefix` tells one deployment from another."""
    return _derived(_REPLIES, prefix, note_id, part)


def answer_message_id(prefix, thread, message_id, kind):
    # type: (Text, Text, Text, Text) -> Text
    """The message_id of the worker's own answer of that kind to a message: the same each time.  Two
    people's messages can have one id, so it depends on the `thread`, too."""
    return _derived(_ANSWERS, prefix, thread, message_id, kind)


def _derived(space, *parts):
    # type: (uuid.UUID, *Any) -> Text
    # ASCII: a native string on every Python.
    return '%s' % (uuid.uuid5(space, str(json.dumps(parts))).hex,)


def event_digest(*parts):
    # type: (*Text) -> Text
    """What tells one of Snappy's events from another."""
    return hashlib.sha1(json.dumps(parts).encode('utf-8')).hexdigest()


def content_hash(text):
    # type: (Text) -> Text
    """What tells one note's text from another's, whatever Snappy did to its line ends."""
    settled = '\n'.join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha1(settled.encode('utf-8')).hexdigest()[:16]
