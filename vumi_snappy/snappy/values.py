"""What goes to Snappy and comes back from it, as values.  Pure; anybody may use them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
from typing import Any, Dict, Optional, Sequence, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.content import safe_text


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

    Texts are made safe when the draft is made, so that what is looked for later is what was sent.
    """

    mailbox_id = attr.ib()  # type: int
    subject = attr.ib(repr=False, converter=safe_text)  # type: Text
    message = attr.ib(repr=False, converter=safe_text)  # type: Text
    from_name = attr.ib(default='', repr=False, converter=safe_text)  # type: Text
    from_address = attr.ib(default='', repr=False)  # type: Text
    nonce = attr.ib(default=None)  # type: Optional[Text]
    staff_id = attr.ib(default=None)  # type: Optional[int]
    to_name = attr.ib(default='', repr=False, converter=safe_text)  # type: Text
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
    """What is read of a ticket; `contact_addresses` are those of opener and contacts.

    `opened_at` is in seconds since the epoch.  What Snappy left out is empty, or 0.
    """

    id = attr.ib()  # type: Text
    nonce = attr.ib()  # type: Text
    status = attr.ib()  # type: Text
    opened_at = attr.ib()  # type: float
    contact_addresses = attr.ib(repr=False)  # type: Tuple[Text, ...]
    tags = attr.ib()  # type: Tuple[Text, ...]


@attr.s(frozen=True, slots=True)
class Note(object):
    """What is read of a note of a ticket."""

    id = attr.ib()  # type: Text
    scope = attr.ib()  # type: Scope
    content = attr.ib(repr=False)  # type: Text
