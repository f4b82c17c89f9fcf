"""The API's objects: accounts and conversations, which the configuration lists, and tickets.

Pure.  The objects are JSON values with the fields that the Django bouncer gives them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from datetime import datetime, timedelta
from typing import Any, Dict, Optional, Sequence, Text  # noqa: F401

import attr

from vumi_snappy.content import html_to_text

#: Where the API is; its objects' addresses begin so.
ROOT = '/api/v1/snappybouncer/'
_EPOCH = datetime(1970, 1, 1)
_DIGITS = re.compile(r'[0-9]{1,15}\Z')
#: Between two texts of a person, or two replies.
_BETWEEN = '\n\n'


@attr.s(frozen=True, slots=True)
class Account(object):
    """A user account, as the bouncer calls the owner of conversations."""

    id = attr.ib()  # type: int
    key = attr.ib()  # type: Text
    name = attr.ib(default='')  # type: Text
    notes = attr.ib(default='')  # type: Text

    def to_object(self):
        # type: () -> Dict[Text, Any]
        return _named('useraccount', self)


@attr.s(frozen=True, slots=True)
class Conversation(object):
    """Where messages are posted from, and how their replies leave.

    `account` is the id of its `Account`; `line` are the fields of a Vumi message from there
    (transport_name, transport_type, to_addr and such), `endpoint` that of the worker.
    """

    id = attr.ib()  # type: int
    key = attr.ib()  # type: Text
    account = attr.ib()  # type: int
    endpoint = attr.ib()  # type: Text
    line = attr.ib(repr=False)  # type: Dict[Text, Any]
    name = attr.ib(default='')  # type: Text
    notes = attr.ib(default='')  # type: Text

    def to_object(self):
        # type: () -> Dict[Text, Any]
        return dict(_named('conversation', self), user_account=uri('useraccount', self.account))


@attr.s(frozen=True, slots=True)
class Directory(object):
    """The accounts and conversations of a deployment, each by its id."""

    accounts = attr.ib(factory=dict)  # type: Dict[int, Account]
    conversations = attr.ib(factory=dict)  # type: Dict[int, Conversation]

    def conversation(self, key):
        # type: (Text) -> Optional[Conversation]
        return next((each for each in self.conversations.values() if each.key == key), None)


def uri(resource, number):
    # type: (Text, int) -> Text
    return '%s%s/%d/' % (ROOT, resource, number)


def _named(resource, value):
    # type: (Text, Any) -> Dict[Text, Any]
    # The configuration has no times.
    return {'id': value.id, 'key': value.key, 'name': value.name, 'notes': value.notes,
            'created_at': None, 'updated_at': None, 'resource_uri': uri(resource, value.id)}


def ticket_object(ticket, directory):
    # type: (Any, Directory) -> Dict[Text, Any]
    """What the API shows of a `PostedTicket`."""
    conversation = directory.conversation(ticket.conversation)
    return {
        'id': ticket.number, 'resource_uri': uri('ticket', ticket.number),
        'conversation': uri('conversation', conversation.id) if conversation else None,
        'contact_key': ticket.contact_key, 'msisdn': ticket.from_addr,
        'message': _BETWEEN.join(ticket.messages),
        'response': _BETWEEN.join(html_to_text(html) for html in ticket.replies),
        'support_nonce': ticket.nonce or None,
        'support_id': whole_number(ticket.snappy_id),
        'created_at': moment(ticket.opened), 'updated_at': moment(ticket.at)}


def whole_number(text):
    # type: (Text) -> Optional[int]
    """The number that the digits of a text are; None where it has others, or too many."""
    return int(text) if _DIGITS.match(text) else None


def moment(seconds):
    # type: (float) -> Text
    """A time in UTC as Django writes it, without a zone."""
    return '%s' % ((_EPOCH + timedelta(microseconds=round(seconds * 1e6))).isoformat(),)
