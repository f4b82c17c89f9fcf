"""What goes to Snappy and comes back from it, as values.  Pure; anybody may use them."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
import re
from typing import Any, Dict, Optional, Sequence, Text, Tuple  # noqa: F401

import attr

# Half of a pair: an SMS that was cut inside an emoji brings one.
_LONE_SURROGATE = re.compile(
    '[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]')


def _sendable(text):
    # type: (Text) -> Text
    """`text` without what is not a character: a strict JSON reader refuses the whole note for it.

    It is done when the draft is made, so that who looks for the note later looks for what was
    sent.
    """
    return _LONE_SURROGATE.sub('\ufffd', text)


class Scope(enum.Enum):
    """Who may see a note."""

    PUBLIC = 'public'
    PRIVATE = 'private'


@attr.s(frozen=True, slots=True)
class NoteDraft(object):
    """A note to be posted.

    With `nonce` it is appended to that ticket, without it opens one.  A customer's note has
    `from_name` and `from_address`; a staff member's has `staff_id`, `to_name` and `to_address`.
    Addresses must look like those of e-mail.
    """

    mailbox_id = attr.ib()  # type: int
    subject = attr.ib(repr=False, converter=_sendable)  # type: Text
    message = attr.ib(repr=False, converter=_sendable)  # type: Text
    from_name = attr.ib(default='', repr=False, converter=_sendable)  # type: Text
    from_address = attr.ib(default='', repr=False)  # type: Text
    nonce = attr.ib(default=None)  # type: Optional[Text]
    staff_id = attr.ib(default=None)  # type: Optional[int]
    to_name = attr.ib(default='', repr=False, converter=_sendable)  # type: Text
    to_address = attr.ib(default='', repr=False)  # type: Text
    scope = attr.ib(default=Scope.PUBLIC)  # type: Scope
    tags = attr.ib(default=())  # type: Sequence[Text]

    def body(self):
        # type: () -> Dict[Text, Any]
        """The JSON body of POST /note."""
        body = {'mailbox_id': self.mailbox_id, 'subject': self.subject,
                'message': self.message}  # type: Dict[Text, Any]
        if self.nonce:
            body['id'] = self.nonce
        if self.staff_id is None:
            body['from'] = [{'name': self.from_name, 'address': self.from_address}]
        else:
            body['staff_id'] = self.staff_id
            body['to'] = [{'name': self.to_name, 'address': self.to_address}]
        if self.scope is not Scope.PUBLIC:
            body['scope'] = self.scope.value
        if self.tags:
            body['tags'] = list(self.tags)
        return body


@attr.s(frozen=True, slots=True)
class Ticket(object):
    """A ticket as Snappy lists it; `contact_addresses` are those of opener and contacts.

    `opened_at` is in seconds since the epoch.  What Snappy left out is empty, or 0.
    """

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
    """A note of a ticket; `created_at` is in seconds since the epoch."""

    id = attr.ib()  # type: Text
    ticket_id = attr.ib()  # type: Text
    scope = attr.ib()  # type: Scope
    content = attr.ib(repr=False)  # type: Text
    created_at = attr.ib()  # type: float
    created_by_staff_id = attr.ib()  # type: Optional[Text]
    created_by_contact_id = attr.ib()  # type: Optional[Text]
