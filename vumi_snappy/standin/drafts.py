"""What POST /note may say, read and checked.

Pure.  Which notes Snappy refuses is not known: what is refused here is what its documents call
required, or what no client of theirs could have sent.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

#: The statuses that are known of Snappy's tickets.
STATUSES = ('waiting', 'replied')
SCOPES = ('public', 'private')


class Invalid(ValueError):
    """Something that the stand-in does not take; the text names the field."""


@attr.s(frozen=True, slots=True)
class Draft(object):
    """A note that somebody wants to add; `ticket` is an id, a nonce, or empty for a new ticket,
    `people` are (name, address) pairs, the `from` of a customer or the `to` of a staff member."""

    mailbox_id = attr.ib()  # type: Text
    message = attr.ib(repr=False)  # type: Text
    people = attr.ib(repr=False)  # type: List[Tuple[Text, Text]]
    subject = attr.ib(default='', repr=False)  # type: Text
    ticket = attr.ib(default='')  # type: Text
    staff_id = attr.ib(default='')  # type: Text
    scope = attr.ib(default='public')  # type: Text
    tags = attr.ib(default=None)  # type: Optional[List[Text]]
    status = attr.ib(default=None)  # type: Optional[Text]
    system = attr.ib(default=0)  # type: int


def read_draft(body):
    # type: (Any) -> Draft
    """The draft in the parsed body of POST /note.  Errors: `Invalid`."""
    if not isinstance(body, dict):
        raise Invalid('the body must be a JSON object')
    message = read_text(body, 'message')
    if not message:
        raise Invalid('message is required')
    staff_id = _read_id(body, 'staff_id')
    scope = read_text(body, 'scope') or 'public'
    if scope not in SCOPES:
        raise Invalid('scope is public or private')
    status = read_text(body, 'status') or None
    if status not in STATUSES + (None,):
        raise Invalid('status is %s' % (' or '.join(STATUSES),))
    return Draft(
        mailbox_id=_read_id(body, 'mailbox_id'), message=message,
        people=_read_people(body, 'to' if staff_id else 'from'),
        subject=read_text(body, 'subject'), ticket=_read_id(body, 'id'), staff_id=staff_id,
        scope=scope, tags=None if body.get('tags') is None else read_tags(body['tags']),
        status=status, system=1 if body.get('system') else 0)


def read_text(body, name):
    # type: (Dict[Text, Any], Text) -> Text
    """The text of a field, empty where there is none.  Errors: `Invalid`."""
    value = body.get(name)
    if value is None:
        return ''
    if not isinstance(value, type('')):
        raise Invalid('%s must be a text' % (name,))
    return value


def read_tags(tags):
    # type: (Any) -> List[Text]
    """A list of tags, each of them once.  Errors: `Invalid`."""
    if not isinstance(tags, list) or not all(isinstance(tag, type('')) and tag for tag in tags):
        raise Invalid('tags must be a list of texts')
    return [tag for n, tag in enumerate(tags) if tag not in tags[:n]]


def _read_id(body, name):
    # type: (Dict[Text, Any], Text) -> Text
    value = body.get(name)
    if value is None or value == '':
        return ''
    if isinstance(value, (bool, float, list, dict)):
        raise Invalid('%s must be an id' % (name,))
    return '%s' % (value,)


def _read_people(body, name):
    # type: (Dict[Text, Any], Text) -> List[Tuple[Text, Text]]
    people = body.get(name)
    if not isinstance(people, list) or not people or not all(
            isinstance(each, dict) and '@' in read_text(each, 'address') for each in people):
        raise Invalid('%s must be a list of {name, address}, the addresses as of e-mail' % (name,))
    return [(read_text(each, 'name'), each['address']) for each in people]
