"""What the operator's pages read: tickets in lists, what did not arrive, counts by the minute.

Every page has a bounded size, and is read from lists that the transitions themselves keep: no more
of a million tickets than of a hundred.  `operations/` calls it; every method may fail with
`StoreUnavailable`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import uuid
from typing import Any, Dict, List, Optional, Sequence, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.content.numbers import Numbers  # noqa: F401
from vumi_snappy.store.forgetting import forget_person
from vumi_snappy.store.identity import reply_message_id
from vumi_snappy.store.people import threads_by_address
from vumi_snappy.store.views import complete, view

#: Tickets that one call looks at, at most.
_LOOK_AT = 1000
#: Entries of the history of each of a page of whole tickets that one call looks at.
_ENTRIES = 60
#: Tags that are offered as filters.
_TAGS = 100


class Filter(object):
    """Names of the lists that a ticket can be in."""

    WAITING, PARKED, UNDELIVERED = 'waiting', 'parked', 'undelivered'
    STATES = (WAITING, PARKED, UNDELIVERED)

    @staticmethod
    def tag(tag):
        # type: (Text) -> Text
        """The list of the tickets with this tag."""
        return 'tag:%s' % (tag,)


@attr.s(frozen=True, slots=True)
class Page(object):
    """Some tickets (dicts), and where the next ones are: None when these are the last.

    A page may be short, or empty, and still have a `cursor`: what it looks through is bounded.
    """

    tickets = attr.ib()  # type: List[Dict[Text, Any]]
    cursor = attr.ib(default=None)  # type: Optional[Tuple[Text, Text]]


@attr.s(frozen=True, slots=True)
class Tallies(object):
    """Counts by the minute: `minutes[what][minute]`, where a minute is seconds // 60."""

    now = attr.ib()  # type: float
    minutes = attr.ib()  # type: Dict[Text, Dict[int, int]]

    def series(self, what, minutes, gauge=False):
        # type: (Text, int, bool) -> List[int]
        """The counts of `what` in each of the last `minutes`, the present one last.

        A `gauge` stands where it was last seen.
        """
        counts = self.minutes.get(what, {})
        last = int(self.now // 60)
        series = []  # type: List[int]
        for minute in range(last - minutes + 1, last + 1):
            before = series[-1] if gauge and series else 0
            series.append(counts.get(minute, before))
        return series

    def last_minute(self, what):
        # type: (Text) -> int
        """About how many there were in the last sixty seconds."""
        counts = self.minutes.get(what, {})
        this = int(self.now // 60)
        rest = 1 - (self.now % 60) / 60.0
        return int(round(counts.get(this, 0) + counts.get(this - 1, 0) * rest))


class Lists(object):
    """The lists of the store whose `scripts` these are.

    `remember` (seconds) is how long a note is recognised.  People are found by any spelling that
    `numbers` knows of their address.
    """

    def __init__(self, scripts, remember, numbers):
        # type: (Any, int, Numbers) -> None
        self._scripts = scripts
        self._remember = remember
        self._numbers = numbers

    @defer.inlineCallbacks
    def tickets(self, filters=(), since=None, until=None, cursor=None, limit=50, whole=False):
        # type: (Sequence[Text], Optional[float], Optional[float], Any, int, bool) -> Any
        """A `Page` of the tickets in all the lists that `filters` names, the last active first.

        `since` and `until` (seconds, both included) bound the last activity; `cursor` is that of
        the page before.  Each is as `_summary.lua` makes it, or with `whole` as
        `Store.whole_ticket` gives it.
        """
        at, ticket = cursor or (None, None)
        page = yield self._scripts.call_json(
            'list_tickets', lists=list(filters), earliest=since, latest=until, at=at,
            ticket=ticket, limit=limit, look_at=max(_LOOK_AT, limit),
            entries=_ENTRIES if whole else 0)
        tickets = [view(row) if whole else _line(row) for row in page['tickets']]
        if whole:
            for each in tickets:
                yield complete(self._scripts, each)
        following = tuple(page['cursor']) if page['cursor'] else None  # type: Any
        defer.returnValue(Page(tickets, following))

    @defer.inlineCallbacks
    def find(self, words, addresses=(), limit=50):
        # type: (Sequence[Text], Sequence[Text], int) -> Any
        """Tickets whose number, nonce or Snappy id is one of `words`, or whose person's address
        is one of `addresses`; at most `limit`, the newest of a person first."""
        threads = yield threads_by_address(self._scripts, addresses, self._numbers)
        rows = yield self._scripts.call_json('find_tickets', limit=limit, words=list(words),
                                             threads=threads)
        defer.returnValue([_line(row) for row in rows])

    def tags(self):
        # type: () -> defer.Deferred
        """The commonest tags, as pairs of tag and number of tickets."""
        d = self._scripts.send('ZREVRANGE', self._scripts.key('tags'), 0, _TAGS - 1, 'WITHSCORES')
        return d.addCallback(lambda flat: [
            (tag.decode('utf-8'), int(float(count)))
            for tag, count in zip(flat[::2], flat[1::2])])

    def undelivered(self, offset=0, limit=100):
        # type: (int, int) -> defer.Deferred
        """A page of the replies that did not arrive, oldest first, as dicts."""
        return self._scripts.call_json('undelivered_list', offset=offset, limit=limit)

    def settle_undelivered(self, item, drop=False, reason='', who=''):
        # type: (Text, bool, Text, Text) -> defer.Deferred
        """Send a reply that did not arrive (`item` is its id) again, or let it be.

        Fires with False when it is no such reply, or not any more.
        """
        ticket, _, number = item.partition(':')
        if not number.isdigit():
            return defer.succeed(False)
        note = 'again:%s' % (uuid.uuid4().hex,)
        d = self._scripts.call(
            'settle_undelivered', ticket=ticket, reply=number, action='drop' if drop else 'retry',
            reason=reason, who=who, note=note, remember=self._remember,
            message_id=reply_message_id(self._scripts.prefix, note))
        return d.addCallback(lambda outcome: outcome == b'done')

    @defer.inlineCallbacks
    def tallies(self, hours):
        # type: (int) -> defer.Deferred
        """The `Tallies` of the last `hours` (at most 24)."""
        tallies = yield self._scripts.call_json('tallies', hours=min(hours, 24))
        minutes = {}  # type: Dict[Text, Dict[int, int]]
        for hour, counts in tallies['hours']:
            for key, count in counts.items():
                minute, _, what = key.partition(':')
                minutes.setdefault(what, {})[hour * 60 + int(minute)] = count
        defer.returnValue(Tallies(float(tallies['now']), minutes))

    def forget(self, address, who=''):
        # type: (Text, Text) -> defer.Deferred
        """Erase all that is known of a person's `address`.

        Fires with a receipt, or None: nothing was known.  It has `tickets` (dicts: ticket, nonce,
        snappy_id), messages, replies, answers, waiting and parked (counts) and opted_out.
        """
        return forget_person(self._scripts, address, who, self._numbers)


def _line(raw):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    return dict(raw, opened=float(raw['opened']), at=float(raw['at']),
                tags=json.loads(raw['tags']) or [])
