"""What the Django bouncer's API reads: the tickets that came by it, or were taken over from it.

Promises to read no more of a million tickets than of a hundred: what would have to go through too
many is refused.  The API alone calls it; every method may fail with `StoreUnavailable`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Optional, Sequence, Text  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.content.numbers import Numbers  # noqa: F401
from vumi_snappy.store.people import threads_by_address

#: Tickets that one call reads: Redis does nothing else meanwhile.
_AT_ONCE = 200
#: Tickets that a filter may have to go through.
_MOST = 5000


class TooMany(Exception):
    """The filter fits more tickets than may be gone through."""


@attr.s(frozen=True, slots=True)
class PostedTicket(object):
    """A ticket; `messages` are the person's texts and `replies` the agents' HTML, oldest first,
    as many as are told.  Times are epoch seconds; what is not known is empty."""

    number = attr.ib()  # type: int
    contact_key = attr.ib()  # type: Text
    conversation = attr.ib()  # type: Text
    from_addr = attr.ib(repr=False)  # type: Text
    nonce = attr.ib()  # type: Text
    snappy_id = attr.ib()  # type: Text
    opened = attr.ib()  # type: float
    at = attr.ib()  # type: float
    messages = attr.ib(repr=False)  # type: List[Text]
    replies = attr.ib(repr=False)  # type: List[Text]


class PostedTickets(object):
    """The tickets in the store whose `scripts` these are."""

    def __init__(self, scripts, numbers):
        # type: (Any, Numbers) -> None
        self._scripts = scripts
        self._numbers = numbers

    @defer.inlineCallbacks
    def page(self, offset, limit, contact_keys=None, addresses=None):
        # type: (int, int, Optional[Sequence[Text]], Optional[Sequence[Text]]) -> defer.Deferred
        """How many there are in all, and `limit` of them behind the first `offset`, by number.

        With `contact_keys` or `addresses` only those of one of these.  Errors: `TooMany`.
        """
        threads = None
        if addresses is not None:
            threads = yield threads_by_address(self._scripts, addresses, self._numbers)
        tickets, total = [], 0  # type: List[PostedTicket], int
        for at in range(0, limit, _AT_ONCE):
            page = yield self._scripts.call_json(
                'list_posted', offset=offset + at, limit=min(limit - at, _AT_ONCE),
                contact_keys=contact_keys, threads=threads, most=_MOST)
            total = page['total']
            if total < 0:
                raise TooMany
            tickets.extend(_ticket(each) for each in page['tickets'])
            if offset + at + _AT_ONCE >= total:
                break
        defer.returnValue((total, tickets))

    @defer.inlineCallbacks
    def tickets(self, numbers):
        # type: (Sequence[int]) -> defer.Deferred
        """Those of `numbers` that are there, in that order."""
        tickets = []  # type: List[PostedTicket]
        for at in range(0, len(numbers), _AT_ONCE):
            some = ['%d' % (number,) for number in numbers[at:at + _AT_ONCE]]
            rows = yield self._scripts.call_json('posted_tickets', numbers=some)
            tickets.extend(_ticket(row) for row in rows)
        defer.returnValue(tickets)


def _ticket(raw):
    # type: (Dict[Text, Any]) -> PostedTicket
    # An empty list of Lua's is an object of JSON.
    return PostedTicket(**dict(
        {str(name): value for name, value in raw.items()}, number=int(raw['number']),
        opened=float(raw['opened']), at=float(raw['at']), messages=list(raw['messages']),
        replies=list(raw['replies'])))
