"""The pages that only show: overview, tickets, one ticket, the audit trail.

Each method makes one page for a `doors.Visitor`; the site calls them.  Errors: `Problem`, and
those of the store.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Dict, List, Text  # noqa: F401

from six.moves.urllib.parse import quote
from twisted.internet import defer

from vumi_snappy.console.forms import TicketFilter, cursor_of, number_of, query_fields
from vumi_snappy.console.graphs import graph
from vumi_snappy.console.render import page

#: Hours that the graphs may show.
_HOURS = (1, 6, 24)
#: Tickets and audit entries on a page; calls to the store for one page of a rare combination.
_TICKETS, _AUDITS, _CALLS = 50, 100, 5


class Problem(Exception):
    """What is shown instead of a page: a status, and why, in words."""

    def __init__(self, status, text):
        # type: (int, Text) -> None
        Exception.__init__(self, status, text)
        self.status, self.text = status, text


class Pages(object):
    """Pages over `store`; the rest is as `Console` takes it."""

    def __init__(self, store, rate_limit, ticket_url, checks):
        # type: (Any, float, Any, Any) -> None
        self._store = store
        self._rate_limit = rate_limit
        self._ticket_url = ticket_url
        self._checks = checks

    # The overview.

    @defer.inlineCallbacks
    def overview(self, request, visitor):
        """What flows, waits and is parked now, and graphs of the last hours."""
        values = yield self._now(request)
        defer.returnValue(page(request, 'overview.html', visitor=visitor, here='overview',
                               **values))

    @defer.inlineCallbacks
    def live(self, request, visitor):
        """The part of the overview that changes."""
        values = yield self._now(request)
        defer.returnValue(page(request, '_live.html', visitor=visitor, **values))

    @defer.inlineCallbacks
    def _now(self, request):
        hours = number_of(query_fields(request).get('hours', ''))
        hours = hours if hours in _HOURS else _HOURS[1]
        figures = yield self._store.figures()
        tallies = yield self._store.lists.tallies(hours)

        def drawn(name, what, gauge=False, style='flow'):
            return graph(name, tallies.series(what, hours * 60, gauge), hours, gauge, style)
        defer.returnValue({
            'figures': figures, 'hours': hours, 'choices': _HOURS, 'now': tallies.now,
            'calls': tallies.last_minute('calls'), 'rate_limit': self._rate_limit,
            'checks': [(name, check()) for name, check in self._checks],
            'graphs': [
                drawn('Messages received', 'received'), drawn('Sent to Snappy', 'forwarded'),
                drawn('Replies published', 'published'),
                drawn('Waiting', 'waiting', True, 'waits'),
                drawn('Replies not delivered', 'failed', style='bad'),
                drawn('Requests to Snappy', 'calls', style='quiet')]})

    # Tickets.

    @defer.inlineCallbacks
    def tickets(self, request, visitor):
        """A list of tickets, filtered or searched."""
        fields = query_fields(request)
        wanted = TicketFilter.of(fields)
        after = cursor_of(fields.get('after', ''))
        found, cursor = [], None  # type: List[Dict[Text, Any]], Any
        if wanted.q:
            found = yield self._store.lists.find(wanted.words, wanted.addresses, _TICKETS)
        else:
            cursor = after
            since, until = wanted.bounds
            for _ in range(_CALLS):
                some = yield self._store.lists.tickets(
                    wanted.lists, since, until, cursor, _TICKETS - len(found))
                found.extend(some.tickets)
                cursor = some.cursor
                if cursor is None or len(found) >= _TICKETS:
                    break
        tags = yield self._store.lists.tags()
        defer.returnValue(page(
            request, 'tickets.html', visitor=visitor, here='tickets', tickets=found,
            wanted=wanted, tags=tags, first=after is None,
            older=wanted.query(after='%s,%s' % cursor) if cursor else ''))

    @defer.inlineCallbacks
    def ticket(self, request, visitor, number):
        """One ticket with its whole history."""
        found = None
        if number_of(number, 10 ** 9):
            found = yield self._store.ticket(number)
        if found is None:
            raise Problem(404, 'There is no ticket %s here. Finished tickets are forgotten after'
                          ' a while.' % (number[:40],))
        defer.returnValue(page(
            request, 'ticket.html', visitor=visitor, here='tickets', ticket=found,
            entries=conversation(found), link=self._link(found)))

    def _link(self, ticket):
        # type: (Dict[Text, Any]) -> Text
        """Where Snappy shows the ticket; empty where that is not known."""
        link = self._ticket_url or ''
        for name, value in (('{nonce}', ticket['nonce']), ('{id}', ticket['snappy_id'])):
            if name in link and not value:
                return ''
            link = link.replace(name, quote(value.encode('utf-8'), safe=str('')))
        return link

    # The audit trail.

    @defer.inlineCallbacks
    def audit(self, request, visitor):
        """Who changed what."""
        start = number_of(query_fields(request).get('from', ''))
        found = yield self._store.sessions.audits(start, _AUDITS + 1)
        defer.returnValue(page(
            request, 'audit.html', visitor=visitor, here='audit', entries=found[:_AUDITS],
            start=start, older=start + _AUDITS if len(found) > _AUDITS else None))


def conversation(ticket):
    # type: (Dict[Text, Any]) -> List[Dict[Text, Any]]
    """What was said on a ticket, in the order in which it was stored, each with its steps.

    Each is a dict: kind (message, reply or answer), what the store keeps of it as `entry`, and
    `steps` (entries of the history).
    """
    said = OrderedDict()  # type: Dict[Any, Dict[Text, Any]]
    kept = {}
    for kind, plural in (('message', 'messages'), ('reply', 'replies'), ('answer', 'answers')):
        for entry in ticket[plural]:
            kept[kind, entry['number']] = entry
    for step in ticket['history']:
        for kind in ('message', 'reply', 'answer'):
            key = (kind, step.get(kind))
            if key in kept:
                said.setdefault(key, {'kind': kind, 'entry': kept[key], 'at': step['at'],
                                      'steps': []})['steps'].append(step)
    return list(said.values())
