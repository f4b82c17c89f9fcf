"""Telling the store what the broker has: many in one call, and each only once.

The broker's word for a reply comes twice, as the answer to its publication and as its receipt, and
mostly in the same moment.  The responder alone uses it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

from twisted.internet import defer

from vumi_snappy.runner import persist
from vumi_snappy.store.grouping import Grouping

#: How many that the store has noted are remembered, so as not to tell them again.
_REMEMBERED = 1000


class Noting(object):
    """Notes in `lane` (a `ReplyLane`) what is published.

    What that is, is a pair: the reply `number` of `ticket`; or, where that is '', the answer of
    the worker's own with the message_id `number`.
    """

    def __init__(self, clock, lane):
        # type: (Any, Any) -> None
        self._clock = clock
        self._calls = Grouping(clock, lane.finish_all)
        self._waiting = {}  # type: Dict[Tuple[Text, Any], List[defer.Deferred]]
        self._noted = OrderedDict()  # type: Any

    def leaves(self, ticket, number):
        # type: (Text, Any) -> None
        """The store has given it to be published: that it is on the bus has to be told (again,
        where Redis has lost what it was told before)."""
        self._noted.pop((ticket, number), None)

    def published(self, ticket, number):
        # type: (Text, Any) -> defer.Deferred
        """The broker has it, as it has answered; tells the store until that has heard it.

        Fires with True, or with False if that was known before.  Where it is cancelled, the
        receipt will tell.  Errors: `StoreRefused`.
        """
        return persist(self._clock, self._tell, (ticket, number))

    def received(self, ticket, number):
        # type: (Text, Any) -> defer.Deferred
        """The broker has it, as a receipt says; as `published`, but fails with `StoreUnavailable`:
        a receipt must be back on its queue, where it is counted, while the store can't be told."""
        return self._tell((ticket, number))

    def _tell(self, what):
        # type: (Tuple[Text, Any]) -> defer.Deferred
        if what in self._noted:
            return defer.succeed(False)
        noted = defer.Deferred()  # type: defer.Deferred
        waiting = self._waiting.setdefault(what, [])
        waiting.append(noted)
        if len(waiting) == 1:
            self._calls.call(what).addBoth(self._heard, what)
        return noted

    def _heard(self, first, what):
        # type: (Any, Tuple[Text, Any]) -> None
        if first is True:  # else it may be parked, and leave again when somebody puts it back
            self._noted[what] = True
            if len(self._noted) > _REMEMBERED:
                self._noted.popitem(last=False)
        for number, noted in enumerate(self._waiting.pop(what)):
            # Only one of those who wait has brought the news; a failure is everybody's.
            noted.callback(first and number == 0 if isinstance(first, bool) else first)
