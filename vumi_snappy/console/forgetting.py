"""The page by which an operator has a person forgotten, and the receipt of it.

Promises that nobody is forgotten by a slip: the address is typed a second time.  The receipt is
shown once and kept nowhere; the audit trail tells that it was done, and of whom only the last
digits.  The site calls it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, List, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.console.forms import TicketFilter, query_fields
from vumi_snappy.console.pages import Problem
from vumi_snappy.console.render import page

#: What is left elsewhere, for the receipt and the documentation.
STAYS = (
    'At Snappy: the tickets named here and the person\'s contact. Delete them there.',
    'In Redis: that the ids of these messages and notes were seen, without whose they were, for'
    ' 30 days.',
    'In Redis: what Snappy told of a ticket that it was just opening, without whose it was, for up'
    ' to 30 days.',
    'On RabbitMQ: bodies on the failures queue that could not be understood; and what the'
    ' transports keep.',
    'In logs: numbers with all but their last digits left out, and no texts.',
    'In backups of Redis, until they are overwritten.')


class ForgettingPages(object):
    """The page over `store`."""

    def __init__(self, store):
        # type: (Any) -> None
        self._store = store

    @defer.inlineCallbacks
    def show(self, request, visitor):
        """Who would be forgotten, and what is known of them."""
        address = query_fields(request).get('address', '')
        found = []  # type: List[Dict[Text, Any]]
        if address:
            found = yield self._store.lists.find([], TicketFilter(q=address).addresses)
        defer.returnValue(page(request, 'forget.html', visitor=visitor, here='tickets',
                               address=found[0]['from_addr'] if found else address,
                               found=found, stays=STAYS, receipt=None))

    @defer.inlineCallbacks
    def forget(self, request, visitor, fields):
        """Forget them."""
        address = fields.get('address', [''])[-1].strip()
        if not address or fields.get('again', [''])[-1].strip() != address:
            raise Problem(400, 'The two addresses are not the same: nobody was forgotten.')
        receipt = yield self._store.lists.forget(address, visitor.name)
        defer.returnValue(page(request, 'forget.html', visitor=visitor, here='tickets',
                               address=address, found=[], stays=STAYS, receipt=receipt))
