"""`Operations`: all that an operator can see and do.

The console's pages, its JSON API and the command line are its faces.  A change of the store is one
call, which writes the audit trail as well.  Every method may fail with `StoreError`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Dict, List, Optional, Sequence, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.operations.failures import Failures
from vumi_snappy.operations.people import People
from vumi_snappy.operations.problems import Problems
from vumi_snappy.operations.tickets import Tickets
from vumi_snappy.store import Store  # noqa: F401


@attr.s(frozen=True, slots=True)
class Now(object):
    """`figures` as the store gives them, `tallies` (`lists.Tallies`), `calls` to Snappy in the last
    minute of the `rate_limit` that are allowed (0: no limit)."""

    figures = attr.ib()  # type: Dict[Text, Any]
    tallies = attr.ib()  # type: Any
    calls = attr.ib()  # type: int
    rate_limit = attr.ib()  # type: float

    @property
    def calls_left(self):
        # type: () -> Optional[int]
        """How many calls are left; None without a limit."""
        return max(int(self.rate_limit) - self.calls, 0) if self.rate_limit else None


class Operations(object):
    """What operators see and do over `store`.

    `rate_limit` is how many calls a minute Snappy allows (0: no limit), `link` is where Snappy
    shows a ticket, with {nonce} or {id}, and `checks` are pairs of a name and what gives a `Check`
    of this worker.
    """

    def __init__(self, store, rate_limit=200.0, link=None, checks=()):
        # type: (Store, float, Optional[Text], Sequence[Tuple[Text, Callable]]) -> None
        self._store = store
        self._rate_limit = rate_limit
        self.checks = checks
        self.tickets = Tickets(store, link or '')
        self.people = People(store)
        self.problems = Problems(store)
        self.failures = Failures(store)

    @defer.inlineCallbacks
    def now(self, hours):
        # type: (int) -> defer.Deferred
        """Fires with `Now`; its tallies reach back so many hours."""
        figures = yield self._store.figures()
        tallies = yield self.tallies(hours)
        defer.returnValue(Now(figures, tallies, tallies.last_minute('calls'), self._rate_limit))

    def tallies(self, hours):
        # type: (int) -> defer.Deferred
        """Fires with the `lists.Tallies` of so many hours."""
        return self._store.lists.tallies(hours)

    @property
    def flaws(self):
        # type: () -> List[Text]
        """Why Redis is not fit to hold messages."""
        return [flaw.text for flaw in self._store.flaws]

    @defer.inlineCallbacks
    def audit(self, start, count):
        # type: (int, int) -> defer.Deferred
        """Fires with a page of the audit trail, the newest first, with where the next page starts
        (None: this is the last), and with the failed log-ins (None: not the first page)."""
        entries = yield self._store.operators.audits(start, count + 1)
        failed = None if start else (yield self._store.operators.failures())
        defer.returnValue((
            entries[:count], start + count if len(entries) > count else None, failed))
