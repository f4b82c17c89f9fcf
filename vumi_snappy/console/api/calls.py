"""What each route of the API does: it calls the `Operations`.

The methods have the names of the routes; each takes a `Call` and returns the response's values, as
the route's schema describes them, or a Deferred of them.  None is left out of a response.  The
API's site calls them.  Errors: `HttpError`, and those of the store.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Dict, Text  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.console.api.description import description
from vumi_snappy.http.responses import HttpError
from vumi_snappy.monitoring.health import HealthResource
from vumi_snappy.operations.operations import Operations  # noqa: F401
from vumi_snappy.operations.people import Unclear
from vumi_snappy.operations.shapes import GAUGES, SERIES
from vumi_snappy.operations.tickets import TicketFilter
from vumi_snappy.runtime.ports import Clock  # noqa: F401


@attr.s(frozen=True, slots=True)
class Call(object):
    """A request of `who` (for the audit trail), with the checked values that came with it."""

    who = attr.ib()  # type: Text
    in_path = attr.ib()  # type: Dict[Text, Any]
    query = attr.ib()  # type: Dict[Text, Any]
    body = attr.ib()  # type: Dict[Text, Any]


def _page_of(kind):
    # type: (Text) -> Callable
    @defer.inlineCallbacks
    def page(self, call):
        problems = yield self._problems.page(kind, call.query['offset'], call.query['limit'])
        totals = yield self._problems.totals()
        defer.returnValue({'total': totals[kind], kind: problems})
    return page


def _change_of(kind, drop):
    # type: (Text, bool) -> Callable
    @defer.inlineCallbacks
    def change(self, call):
        if not (yield self._problems.change(
                kind, call.in_path['id'], drop, call.body.get('reason', ''), call.who)):
            raise HttpError(404, 'It is not there, or not any more.')
        defer.returnValue({'done': True})
    return change


class Calls(object):
    """The calls over `operations`; `clock` is the reactor, `worker` this one's name."""

    def __init__(self, clock, operations, worker):
        # type: (Clock, Operations, Text) -> None
        self._operations = operations
        self._tickets, self._people = operations.tickets, operations.people
        self._problems = operations.problems
        self._health = HealthResource(operations.checks, clock, worker)

    def description(self, call):
        return description()

    def health(self, call):
        return self._health.report()

    @defer.inlineCallbacks
    def overview(self, call):
        now = yield self._operations.now(1)
        defer.returnValue(dict(
            now.figures, at=now.tallies.now, calls=now.calls, calls_left=now.calls_left,
            rate_limit=now.rate_limit or None, checks=self._health.report()['checks']))

    @defer.inlineCallbacks
    def tallies(self, call):
        minutes = call.query['hours'] * 60
        tallies = yield self._operations.tallies(call.query['hours'])
        defer.returnValue({
            'since': (int(tallies.now // 60) - minutes + 1) * 60, 'minutes': minutes,
            'series': {name: tallies.series(name, minutes, name in GAUGES) for name in SERIES}})

    # Tickets.

    @defer.inlineCallbacks
    def tickets(self, call):
        tickets, following = yield self._tickets.page(
            TicketFilter.of(call.query), call.query.get('after', ''), call.query['limit'])
        defer.returnValue({'tickets': tickets, 'next': following})

    @defer.inlineCallbacks
    def search(self, call):
        tickets = yield self._tickets.search(call.query['q'].strip(), call.query['limit'])
        defer.returnValue({'tickets': tickets})

    @defer.inlineCallbacks
    def ticket(self, call):
        ticket = yield self._tickets.ticket('%d' % (int(call.in_path['number']),),
                                            call.query.get('before'))
        if ticket is None:
            raise HttpError(404, 'There is no such ticket here. Finished tickets are forgotten'
                            ' after a while.')
        defer.returnValue(ticket)

    @defer.inlineCallbacks
    def tags(self, call):
        tags = yield self._tickets.tags()
        defer.returnValue({'tags': [{'tag': tag, 'tickets': count} for tag, count in tags]})

    # What could not be done.

    parked, undelivered = _page_of('parked'), _page_of('undelivered')
    retry_parked, drop_parked = _change_of('parked', False), _change_of('parked', True)
    retry_undelivered = _change_of('undelivered', False)
    drop_undelivered = _change_of('undelivered', True)

    def retry(self, call):
        return self._change_many(call, False)

    def drop(self, call):
        return self._change_many(call, True)

    @defer.inlineCallbacks
    def _change_many(self, call, drop):
        done, gone = yield self._problems.change_many(
            [(item['kind'], item['id']) for item in call.body['items']], drop,
            call.body.get('reason', ''), call.who)
        defer.returnValue({'done': done, 'gone': gone})

    # People.

    @defer.inlineCallbacks
    def opt_out(self, call):
        try:
            address = yield self._people.address(call.query['address'])
        except Unclear:
            address = call.query['address']  # known as nothing: not as opted out either
        defer.returnValue((yield self._people.opt_out(address)))

    @defer.inlineCallbacks
    def set_opt_out(self, call):
        try:
            address = yield self._people.address(call.body['address'])
        except Unclear as unclear:
            raise HttpError(404, '%s' % (unclear,), 'address')
        changed = yield self._people.set_opted_out(address, call.body['opted_out'], call.who)
        defer.returnValue({'changed': changed})

    @defer.inlineCallbacks
    def forget(self, call):
        receipt = yield self._people.forget(call.body['address'], call.who)
        if receipt is None:
            raise HttpError(404, 'Nothing is known of this address. Is it written as Vumi does,'
                            ' such as +27820001001?', 'address')
        defer.returnValue(receipt)

    @defer.inlineCallbacks
    def audit(self, call):
        entries, following, failed = yield self._operations.audit(
            call.query['offset'], call.query['limit'])
        defer.returnValue({'entries': entries, 'next': following, 'failed_log_ins': failed})
