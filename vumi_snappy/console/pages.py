"""The pages that only show: overview, tickets, one ticket, the audit trail.

Each method makes one page for a `doors.Visitor`; the site calls them.  Errors: `Problem`, and
those of the store.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Dict, List, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.console.forms import TicketFilter, cursor_of, number_of, query_fields
from vumi_snappy.console.graphs import graph
from vumi_snappy.console.render import page

#: Hours that the graphs may show.
_HOURS = (1, 6, 24)
#: Tickets and audit entries on a page.
_TICKETS, _AUDITS = 50, 100


class Problem(Exception):
    """What is shown instead of a page: a status, and why, in words."""

    def __init__(self, status, text):
        # type: (int, Text) -> None
        Exception.__init__(self, status, text)
        self.status, self.text = status, text


class Pages(object):
    """Pages over what `desk` (a `desk.Desk`) gives."""

    def __init__(self, desk):
        # type: (Any) -> None
        self._desk = desk
        self._store = desk.store

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
        now = yield self._desk.now(hours)
        tallies = now.tallies

        def drawn(name, what, gauge=False, style='flow'):
            return graph(name, tallies.series(what, hours * 60, gauge), hours, gauge, style)
        defer.returnValue({
            'figures': now.figures, 'hours': hours, 'choices': _HOURS, 'now': tallies.now,
            'calls_left': now.calls_left, 'rate_limit': now.rate_limit, 'checks': now.checks,
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
        found = yield self._desk.tickets(wanted, after, _TICKETS)
        tags = yield self._store.lists.tags()
        defer.returnValue(page(
            request, 'tickets.html', visitor=visitor, here='tickets', tickets=found.tickets,
            wanted=wanted, tags=tags, first=after is None,
            older=wanted.query(after='%s,%s' % found.cursor) if found.cursor else ''))

    @defer.inlineCallbacks
    def ticket(self, request, visitor, number):
        """One ticket with its history: the last part of it, or what was before the entry that the
        address's `before` says."""
        found = line = None
        before = number_of(query_fields(request).get('before', ''), 10 ** 9) or None
        if number_of(number, 10 ** 9):
            found = yield self._store.ticket(number, before)
            # As what it is listed; a number may be Snappy's id of another ticket, too.
            for each in (yield self._store.lists.find([number], limit=3)):
                line = each if each['ticket'] == number else line
        if found is None or line is None:
            raise Problem(404, 'There is no ticket %s here. Finished tickets are forgotten after'
                          ' a while.' % (number[:40],))
        defer.returnValue(page(
            request, 'ticket.html', visitor=visitor, here='tickets', ticket=found, line=line,
            entries=conversation(found), link=self._desk.link(found), last=before is None))

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
