"""Tickets as operators filter them, search for them, read them and export them.

Pure but for `Tickets`, which asks the store: each of its methods may fail with `StoreError`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import calendar
import re
import time
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr
from six.moves.urllib.parse import quote
from twisted.internet import defer

from vumi_snappy.content import html_to_text, spellings
from vumi_snappy.operations.people import Unclear
from vumi_snappy.store import Store  # noqa: F401
from vumi_snappy.store.lists import Filter

#: The cursor of a page of tickets, as text: Redis writes times with up to 17 digits.
CURSOR = r'[0-9]{1,12}(?:\.[0-9]{1,16})?,[0-9]{1,15}'
_CURSOR = re.compile(CURSOR + r'\Z')
#: Calls to the store for one page of a rare combination of filters.
_CALLS = 5
#: Tickets that one call asks for, and those that a search exports at most.
_EXPORTED_AT_ONCE, _MOST_SEARCHED = 50, 1000


def day(text):
    # type: (Text) -> Optional[float]
    """When a day (UTC) begins that is written as 2026-01-31; None: it is not a day."""
    try:
        return float(calendar.timegm(time.strptime(str(text), str('%Y-%m-%d'))))
    except (UnicodeError, ValueError):
        return None


@attr.s(frozen=True, slots=True)
class TicketFilter(object):
    """Which tickets are shown: the fields as they were typed.  `q` is a search."""

    state = attr.ib(default='')  # type: Text
    tag = attr.ib(default='')  # type: Text
    since = attr.ib(default='')  # type: Text
    until = attr.ib(default='')  # type: Text
    q = attr.ib(default='')  # type: Text

    @classmethod
    def of(cls, fields):
        # type: (Dict[Text, Text]) -> TicketFilter
        """The filter that `fields` ask for; an unknown state and what is not a day are ignored."""
        state = fields.get('state', '')
        since, until = (text if day(text) is not None else ''
                        for text in (fields.get('since', ''), fields.get('until', '')))
        return cls(state=state if state in Filter.STATES else '', tag=fields.get('tag', ''),
                   since=since, until=until, q=fields.get('q', ''))

    @property
    def lists(self):
        # type: () -> List[Text]
        """The lists of the store that a ticket has to be in."""
        return ([self.state] if self.state else []) + ([Filter.tag(self.tag)] if self.tag else [])

    @property
    def bounds(self):
        # type: () -> Tuple[Optional[float], Optional[float]]
        """Seconds between which the last activity lies; the last day is included."""
        until = day(self.until)
        return day(self.since), None if until is None else until + 86399.999

    @property
    def summary(self):
        # type: () -> Text
        """The filter in words, for the audit trail, without the search, which is personal."""
        return ', '.join('%s %s' % (name, getattr(self, name))
                         for name in ('state', 'tag', 'since', 'until')
                         if getattr(self, name)) + (', a search' if self.q else '') or 'all'


class Tickets(object):
    """The tickets of `store`; `link` is where Snappy shows one, with {nonce} or {id}, or empty."""

    def __init__(self, store, link):
        # type: (Store, Text) -> None
        self._store = store
        self._link = link

    @defer.inlineCallbacks
    def page(self, wanted, after, limit):
        # type: (TicketFilter, Text, int) -> defer.Deferred
        """Fires with tickets as the store lists them, and with the cursor of the next page (None:
        this is the last).  `after` is the cursor of this page, or empty; a search has one page."""
        if wanted.q:
            defer.returnValue(((yield self.search(wanted.q, limit)), None))
        tickets = []  # type: List[Dict[Text, Any]]
        cursor = self.cursor(after)
        since, until = wanted.bounds
        for _ in range(_CALLS):
            page = yield self._store.lists.tickets(
                wanted.lists, since, until, cursor, limit - len(tickets))
            tickets.extend(page.tickets)
            cursor = page.cursor
            if cursor is None or len(tickets) >= limit:
                break
        defer.returnValue((tickets, '%s,%s' % cursor if cursor else None))

    @staticmethod
    def cursor(text):
        # type: (Text) -> Optional[Tuple[Text, Text]]
        """The cursor that `text` is; None: that of the first page."""
        if not _CURSOR.match(text):
            return None
        at, _, number = text.partition(',')
        return at, number

    def search(self, query, limit=50):
        # type: (Text, int) -> defer.Deferred
        """Fires with at most `limit` tickets whose number, nonce, Snappy id or person's address
        `query` is."""
        return self._store.lists.find([query.lstrip('#')], spellings(query), limit)

    @defer.inlineCallbacks
    def line(self, number):
        # type: (Text) -> defer.Deferred
        """Fires with the ticket of this number as it is listed, or None."""
        # The number may be Snappy's id of another ticket, too.
        tickets = yield self._store.lists.find([number], limit=3)
        defer.returnValue(next((each for each in tickets if each['ticket'] == number), None))

    @defer.inlineCallbacks
    def ticket(self, number, before=None):
        # type: (Text, Optional[int]) -> defer.Deferred
        """Fires with a ticket of `Store.ticket`, its link and its replies as text; or None."""
        ticket = yield self._store.ticket(number, before)
        defer.returnValue(ticket and self._whole(ticket))

    @defer.inlineCallbacks
    def named(self, name):
        # type: (Text) -> defer.Deferred
        """Fires with the whole ticket that an operator means by `name` (its number, nonce or
        Snappy id, or its person's address), or None.  Errors: `Unclear` where it can be several.
        """
        number = yield self._store.ticket_of_nonce(name)
        if not number and (yield self._store.ticket(name)):
            number = name
        if not number:
            numbers = [each['ticket'] for each in (yield self.search(name))]
            if len(numbers) > 1:
                raise Unclear('%s has several tickets: %s. Name one of them.' % (
                    name, ', '.join(numbers)))
            number = numbers[0] if numbers else name
        ticket = yield self._store.whole_ticket(number)
        defer.returnValue(ticket and self._whole(ticket))

    def _whole(self, ticket):
        # type: (Dict[Text, Any]) -> Dict[Text, Any]
        return dict(ticket, link=self._link_of(ticket), replies=[
            dict(each, text=html_to_text(each['html'])) for each in ticket['replies']])

    def _link_of(self, ticket):
        # type: (Dict[Text, Any]) -> Text
        """Where Snappy shows the ticket; empty where that is not known."""
        link = self._link
        for name, value in (('{nonce}', ticket['nonce']), ('{id}', ticket['snappy_id'])):
            if name in link and not value:
                return ''
            link = link.replace(name, quote(value.encode('utf-8'), safe=str('')))
        return link

    def tags(self):
        # type: () -> defer.Deferred
        """Fires with the commonest tags, as pairs of tag and number of tickets."""
        return self._store.lists.tags()

    def note_export(self, wanted, who):
        # type: (TicketFilter, Text) -> defer.Deferred
        """Have the audit trail say that `who` exports what `wanted` asks for."""
        return self._store.operators.note(who, 'exported tickets', '', wanted.summary)

    @defer.inlineCallbacks
    def export(self, wanted, write):
        # type: (TicketFilter, Callable[[List[Dict[Text, Any]]], Any]) -> defer.Deferred
        """Call ``write(tickets)`` with lists of the tickets that `wanted` asks for, the last
        active first; it may return a Deferred, and False ends the export."""
        if wanted.q:
            for each in (yield self.search(wanted.q, _MOST_SEARCHED)):
                ticket = yield self._store.whole_ticket(each['ticket'])
                if ticket is not None and not (yield write([self._whole(ticket)])):
                    return
            return
        since, until = wanted.bounds
        cursor = None
        while True:
            page = yield self._store.lists.tickets(
                wanted.lists, since, until, cursor, _EXPORTED_AT_ONCE, whole=True)
            if page.tickets and not (yield write([self._whole(each) for each in page.tickets])):
                return
            cursor = page.cursor
            if cursor is None:
                return
