"""The pages but for that of problems: overview, tickets, a ticket, forget a person, audit trail.

Each method makes one page for an `authentication.Visitor`; the site calls them.  Nobody is
forgotten by mistake: the address is typed a second time.  Errors: `HttpError`, and those of the
store.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Dict, List, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.console.forms import filter_query, number_of, query_fields
from vumi_snappy.console.graphs import graph
from vumi_snappy.console.render import page
from vumi_snappy.http.responses import HttpError
from vumi_snappy.monitoring.health import looked
from vumi_snappy.operations.people import STAYS
from vumi_snappy.operations.tickets import TicketFilter

#: Hours that the graphs may show.
_HOURS = (1, 6, 24)
#: Tickets and audit entries on a page.
_TICKETS, _AUDITS = 50, 100


class Pages(object):
    """Pages over what `operations` give."""

    def __init__(self, operations):
        # type: (Any) -> None
        self._operations = operations

    def overview(self, request, visitor):
        """What flows, waits and is parked now, and graphs of the last hours."""
        return self._now(request, visitor, 'overview.html')

    def live(self, request, visitor):
        """The part of the overview that changes."""
        return self._now(request, visitor, '_live.html')

    @defer.inlineCallbacks
    def _now(self, request, visitor, template):
        hours = number_of(query_fields(request).get('hours', ''))
        hours = hours if hours in _HOURS else _HOURS[1]
        now = yield self._operations.now(hours)
        tallies = now.tallies

        def drawn(name, what, gauge=False, style='flow'):
            return graph(name, tallies.series(what, hours * 60, gauge), hours, gauge, style)
        defer.returnValue(page(
            request, template, visitor=visitor, here='overview', figures=now.figures, hours=hours,
            choices=_HOURS, now=tallies.now, calls_left=now.calls_left, rate_limit=now.rate_limit,
            checks=[(name, looked(check)) for name, check in self._operations.checks],
            graphs=[
                drawn('Messages received', 'received'), drawn('Sent to Snappy', 'forwarded'),
                drawn('Replies published', 'published'),
                drawn('Waiting', 'waiting', True, 'waits'),
                drawn('Replies not delivered', 'failed', style='bad'),
                drawn('Requests to Snappy', 'calls', style='quiet')]))

    # Tickets.

    @defer.inlineCallbacks
    def tickets(self, request, visitor):
        """A list of tickets, filtered or searched."""
        fields = query_fields(request)
        wanted = TicketFilter.of(fields)
        after = fields.get('after', '')
        tickets, older = yield self._operations.tickets.page(wanted, after, _TICKETS)
        tags = yield self._operations.tickets.tags()
        defer.returnValue(page(
            request, 'tickets.html', visitor=visitor, here='tickets', tickets=tickets,
            wanted=wanted, tags=tags, query=filter_query(wanted),
            first=self._operations.tickets.cursor(after) is None,
            older=filter_query(wanted, older) if older else ''))

    @defer.inlineCallbacks
    def ticket(self, request, visitor, number):
        """One ticket with the last part of its history, or what was before the entry `before`."""
        ticket = line = None
        before = number_of(query_fields(request).get('before', ''), 10 ** 9) or None
        if number_of(number, 10 ** 9):
            ticket = yield self._operations.tickets.ticket(number, before)
            line = yield self._operations.tickets.line(number)
        if ticket is None or line is None:
            raise HttpError(404, 'There is no ticket %s here. Finished tickets are forgotten after'
                            ' a while.' % (number[:40],))
        defer.returnValue(page(
            request, 'ticket.html', visitor=visitor, here='tickets', ticket=ticket, line=line,
            entries=conversation(ticket), last=before is None))

    # People.

    @defer.inlineCallbacks
    def person(self, request, visitor):
        """The tickets of a person who may be forgotten."""
        address = query_fields(request).get('address', '')
        tickets = (yield self._operations.people.tickets(address)) if address else []
        defer.returnValue(_forget_page(
            request, visitor, tickets[0]['from_addr'] if tickets else address, tickets=tickets))

    @defer.inlineCallbacks
    def forget(self, request, visitor, fields):
        """Forget the person; the receipt is shown once, and kept nowhere."""
        address = fields.get('address', [''])[-1].strip()
        if not address or fields.get('again', [''])[-1].strip() != address:
            raise HttpError(400, 'The two addresses are not the same: nobody was forgotten.')
        receipt = yield self._operations.people.forget(address, visitor.name)
        defer.returnValue(_forget_page(request, visitor, address, forgotten=True, receipt=receipt))

    @defer.inlineCallbacks
    def audit(self, request, visitor):
        """Who changed what, and on the first page, whose log-ins failed."""
        start = number_of(query_fields(request).get('from', ''))
        entries, older, failures = yield self._operations.audit(start, _AUDITS)
        defer.returnValue(page(request, 'audit.html', visitor=visitor, here='audit',
                               entries=entries, failures=failures, start=start, older=older))


def _forget_page(request, visitor, address, tickets=(), forgotten=False, receipt=None):
    # type: (Any, Any, Text, Any, bool, Any) -> bytes
    return page(request, 'forget.html', visitor=visitor, here='tickets', address=address,
                tickets=tickets, stays=STAYS, forgotten=forgotten, receipt=receipt)


def conversation(ticket):
    # type: (Dict[Text, Any]) -> List[Dict[Text, Any]]
    """What was said on a ticket, in the order in which it was stored, as dicts: kind (message,
    reply or answer), what the store keeps of it as `entry`, and `steps` of the history."""
    shown = OrderedDict()  # type: Dict[Any, Dict[Text, Any]]
    kinds = {'message': 'messages', 'reply': 'replies', 'answer': 'answers'}
    kept = {(kind, entry['number']): entry
            for kind, plural in kinds.items() for entry in ticket[plural]}
    for step in ticket['history']:
        for key in ((kind, step.get(kind)) for kind in kinds):
            if key in kept:
                shown.setdefault(key, {'kind': key[0], 'entry': kept[key], 'at': step['at'],
                                       'steps': []})['steps'].append(step)
    return list(shown.values())
