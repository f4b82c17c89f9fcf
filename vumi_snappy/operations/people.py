"""People as operators find them, opt them out and in, and have them forgotten.

Each method of `People` may fail with `StoreError`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content import spellings
from vumi_snappy.records import Subscription
from vumi_snappy.store import Store  # noqa: F401

#: What is left elsewhere after a person was forgotten, for the receipt and the documentation.
STAYS = (
    'At Snappy: the tickets named here and the person\'s contact. Delete them there.',
    'In Redis, for 30 days: that the ids of these messages and notes were seen, but not whose they'
    ' were.',
    'In Redis, for up to an hour: what Snappy sent about a ticket that it was just opening, but'
    ' not whose it was.',
    'On RabbitMQ: messages on the failures queue that could not be parsed; and whatever the'
    ' transports keep.',
    'In logs: numbers without all but their last digits, and no texts.',
    'In backups of Redis, until they are overwritten.')
#: A telephone number with its country code.
_WHOLE_NUMBER = re.compile(r'\+[0-9]{8,15}\Z')


class Unclear(Exception):
    """Whom or what an operator means is not clear; the text says what to do."""


class People(object):
    """The people that `store` knows."""

    def __init__(self, store):
        # type: (Store) -> None
        self._store = store

    @defer.inlineCallbacks
    def address(self, typed):
        # type: (Text) -> defer.Deferred
        """Fires with the address of the person that an operator typed as `typed`.

        An unknown number is taken as it is if it is complete, with its plus, or if the store
        brings numbers to one spelling.  Errors: `Unclear`.
        """
        known = {each['from_addr'] for each in (yield self.tickets(typed))}
        for each in spellings(typed):
            if (yield self._store.subscriptions.since(each)) is not None:
                known.add(each)
        if typed in known or not known and _WHOLE_NUMBER.match(typed):
            defer.returnValue(typed)
        spelled = [self._store.numbers.spellings(each) for each in known or spellings(typed)]
        people = {some[0] for some in spelled if known or len(some) > 1}
        if len(people) == 1:
            defer.returnValue(people.pop())
        if known:
            raise Unclear('This address can be that of several people: %s. Write one of these.'
                          % (', '.join(sorted(known)),))
        raise Unclear('Nobody with this address is known. Write it as the transport does, such as'
                      ' +27820001001.')

    def tickets(self, typed):
        # type: (Text) -> defer.Deferred
        """Fires with the tickets of the person that an operator typed as `typed`."""
        return self._store.lists.find([], spellings(typed))

    @defer.inlineCallbacks
    def opt_out(self, address):
        # type: (Text) -> defer.Deferred
        """Fires with an OptOut: `since` in seconds since the epoch, or None (not opted out)."""
        since = yield self._store.subscriptions.since(address)
        defer.returnValue({'address': address, 'opted_out': since is not None, 'since': since})

    def set_opted_out(self, address, opted_out, who):
        # type: (Text, bool, Text) -> defer.Deferred
        """Opt a person out, or in again; fires with False if it was so before."""
        wish = Subscription.OPT_OUT if opted_out else Subscription.OPT_IN
        return self._store.subscriptions.change(address, wish, who)

    @defer.inlineCallbacks
    def forget(self, address, who):
        # type: (Text, Text) -> defer.Deferred
        """Erase all that is known of a person.  Fires with a receipt (a dict), which is kept
        nowhere, or None: nothing was known.

        The audit trail says that `who` did it, and no more of the address than its last digits.
        """
        receipt = yield self._store.lists.forget(address, who)
        if receipt is not None:
            receipt.update(address=address, stays=STAYS)
        defer.returnValue(receipt)
