"""What operators see and do, whatever it is shown as: the pages and the API both come here.

Reads the store and puts together what belongs together; every change is one call of the store,
which also keeps the audit trail.  Every method may fail with `StoreError`.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import attr
from six.moves.urllib.parse import quote
from twisted.internet import defer

from vumi_snappy.store.lists import Page

#: Calls to the store for one page of a rare combination.
_CALLS = 5

_WHAT = {'msg': 'message', 'notice': 'notice of a reply that was not delivered',
         'private': 'private note', 'tags': 'tag', 'status': 'status', 'reply': 'reply',
         'answer': 'automatic answer'}


@attr.s(frozen=True, slots=True)
class Now(object):
    """How it is: `figures` as the store gives them, `tallies` (`lists.Tallies`), `calls` to Snappy
    in the last minute of the `rate_limit` that are allowed, `checks` (pairs of name and `Check`).
    """

    figures = attr.ib()  # type: Dict[Text, Any]
    tallies = attr.ib()  # type: Any
    calls = attr.ib()  # type: int
    rate_limit = attr.ib()  # type: float
    checks = attr.ib()  # type: List[Tuple[Text, Any]]

    @property
    def calls_left(self):
        # type: () -> int
        """How many are left; where there is a limit."""
        return max(int(self.rate_limit) - self.calls, 0)


class Desk(object):
    """The desk over `store`; the rest is as `Console` takes it."""

    def __init__(self, store, rate_limit=200.0, ticket_url=None, checks=()):
        # type: (Any, float, Any, Any) -> None
        self.store = store
        self._rate_limit = rate_limit
        self._ticket_url = ticket_url
        #: What this worker is looked at for: pairs of name and what gives a `Check`.
        self.looks = checks

    @defer.inlineCallbacks
    def now(self, hours):
        """Fires with `Now`; its tallies reach back so many hours."""
        figures = yield self.store.figures()
        tallies = yield self.store.lists.tallies(hours)
        defer.returnValue(Now(figures, tallies, tallies.last_minute('calls'), self._rate_limit,
                              [(name, look()) for name, look in self.looks]))

    # Tickets.

    @defer.inlineCallbacks
    def tickets(self, wanted, after, limit):
        """Fires with a `lists.Page` of the tickets that `wanted` (a `forms.TicketFilter`) asks
        for, behind the cursor `after`; what is searched for is found on the first."""
        if wanted.q:
            found = yield self.search(wanted, limit)
            defer.returnValue(Page(found))
        since, until = wanted.bounds
        found, cursor = [], after
        for _ in range(_CALLS):
            some = yield self.store.lists.tickets(
                wanted.lists, since, until, cursor, limit - len(found))
            found.extend(some.tickets)
            cursor = some.cursor
            if cursor is None or len(found) >= limit:
                break
        defer.returnValue(Page(found, cursor))

    def search(self, wanted, limit):
        # type: (Any, int) -> defer.Deferred
        """Fires with the tickets that `wanted` searches for."""
        return self.store.lists.find(wanted.words, wanted.addresses, limit)

    def link(self, ticket):
        # type: (Dict[Text, Any]) -> Text
        """Where Snappy shows the ticket; empty where that is not known."""
        link = self._ticket_url or ''
        for name, value in (('{nonce}', ticket['nonce']), ('{id}', ticket['snappy_id'])):
            if name in link and not value:
                return ''
            link = link.replace(name, quote(value.encode('utf-8'), safe=str('')))
        return link

    # What could not be done.

    @defer.inlineCallbacks
    def parked(self, start, count):
        """Fires with a page of what is parked, oldest first; each with `what` it is, in words."""
        found = yield self.store.parked(start, count)
        for each in found:
            each['what'] = what_is_parked(each)
        defer.returnValue(found)

    def change(self, kind, name, drop, reason, who):
        # type: (Text, Text, bool, Text, Text) -> defer.Deferred
        """Retry or drop the ``parked`` attempt, or the ``undelivered`` reply, called `name`.

        Fires with False where it is none, or not any more; `who` is for the audit trail.  Errors:
        KeyError for another `kind`.
        """
        change = {'parked': self.store.unpark,
                  'undelivered': self.store.lists.settle_undelivered}[kind]
        return change(name, drop, reason, who)


def what_is_parked(entry):
    # type: (Dict[Text, Any]) -> Text
    """What a parked attempt carries, in words."""
    jobs = [json.loads(raw) for raw in json.loads(entry['jobs'])]
    name = _WHAT.get(jobs[0]['k'], jobs[0]['k']) if jobs else 'nothing'
    if len(jobs) > 1:
        name = '%d %ss' % (len(jobs), name)
    return '%s for %s' % (name, 'the phone' if entry['lane'] == 'b' else 'Snappy')
