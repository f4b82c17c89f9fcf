"""What each route of the API does: reads or changes through the console's desk, and puts what that
gives into the shapes that the description tells of.

The methods bear the names of the routes; each takes a `Call` and gives the answer's value, or a
Deferred of it.  The API's site calls them.  Errors: `Refusal`, and those of the store.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Dict, Text  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.console.api import telling
from vumi_snappy.console.api.description import description
from vumi_snappy.console.api.refusals import Refusal
from vumi_snappy.console.api.shapes import GAUGES, SERIES
from vumi_snappy.console.forms import TicketFilter, cursor_of
from vumi_snappy.content import html_to_text
from vumi_snappy.health import HealthResource
from vumi_snappy.records import Subscription

_GONE = 'It is not there, or not any more.'


@attr.s(frozen=True, slots=True)
class Call(object):
    """What is asked: by `who` (for the audit trail), with the checked values of path, query and
    body."""

    who = attr.ib()  # type: Text
    inside = attr.ib()  # type: Dict[Text, Any]
    query = attr.ib()  # type: Dict[Text, Any]
    body = attr.ib()  # type: Dict[Text, Any]


class Calls(object):
    """The calls over `desk` (a `desk.Desk`); `clock` is the reactor, `worker` this one's name."""

    def __init__(self, clock, desk, worker=''):
        # type: (Any, Any, Text) -> None
        self._desk = desk
        self._store = desk.store
        self._health = HealthResource(OrderedDict(desk.looks), clock, worker)

    def description(self, call):
        return description()

    def health(self, call):
        return self._health.report()

    @defer.inlineCallbacks
    def overview(self, call):
        now = yield self._desk.now(1)
        told = dict(now.figures, at=now.tallies.now, calls=now.calls,
                    checks=self._health.report()['checks'])
        if now.rate_limit:
            told.update(rate_limit=now.rate_limit, calls_left=now.calls_left)
        defer.returnValue(told)

    @defer.inlineCallbacks
    def tallies(self, call):
        minutes = call.query['hours'] * 60
        tallies = yield self._store.lists.tallies(call.query['hours'])
        defer.returnValue({
            'since': (int(tallies.now // 60) - minutes + 1) * 60, 'minutes': minutes,
            'series': {name: tallies.series(name, minutes, name in GAUGES) for name in SERIES}})

    # Tickets.

    @defer.inlineCallbacks
    def tickets(self, call):
        found = yield self._desk.tickets(
            TicketFilter.of(call.query), cursor_of(call.query.get('after', '')),
            call.query['limit'])
        told = {'tickets': found.tickets}
        if found.cursor:
            told['next'] = '%s,%s' % found.cursor
        defer.returnValue(told)

    @defer.inlineCallbacks
    def search(self, call):
        found = yield self._desk.search(TicketFilter(q=call.query['q'].strip()),
                                        call.query['limit'])
        defer.returnValue({'tickets': found})

    @defer.inlineCallbacks
    def ticket(self, call):
        found = yield self._store.ticket('%d' % (int(call.inside['number']),),
                                         call.query.get('before'))
        if found is None:
            raise Refusal(404, 'There is no such ticket here. Finished tickets are forgotten after'
                          ' a while.')
        defer.returnValue(telling.ticket(found, self._desk.link(found)))

    @defer.inlineCallbacks
    def tags(self, call):
        found = yield self._store.lists.tags()
        defer.returnValue({'tags': [{'tag': tag, 'tickets': count} for tag, count in found]})

    # What could not be done.

    @defer.inlineCallbacks
    def parked(self, call):
        found = yield self._desk.parked(call.query['offset'], call.query['limit'])
        figures = yield self._store.figures()
        defer.returnValue(telling.parked(figures['parked'], found))

    @defer.inlineCallbacks
    def undelivered(self, call):
        found = yield self._store.lists.undelivered(call.query['offset'], call.query['limit'])
        figures = yield self._store.figures()
        defer.returnValue({'total': figures['undelivered'], 'undelivered': [
            dict(each, text=html_to_text(each['html'])) for each in found]})

    def retry_parked(self, call):
        return self._change_one(call, 'parked', False)

    def drop_parked(self, call):
        return self._change_one(call, 'parked', True)

    def retry_undelivered(self, call):
        return self._change_one(call, 'undelivered', False)

    def drop_undelivered(self, call):
        return self._change_one(call, 'undelivered', True)

    @defer.inlineCallbacks
    def _change_one(self, call, kind, drop):
        if not (yield self._desk.change(kind, call.inside['id'], drop,
                                        call.body.get('reason', ''), call.who)):
            raise Refusal(404, _GONE)
        defer.returnValue({'done': True})

    def retry(self, call):
        return self._change_many(call, False)

    def drop(self, call):
        return self._change_many(call, True)

    @defer.inlineCallbacks
    def _change_many(self, call, drop):
        done, gone = [], []
        for item in call.body['items']:
            worked = yield self._desk.change(item['kind'], item['id'], drop,
                                             call.body.get('reason', ''), call.who)
            (done if worked else gone).append(item)
        defer.returnValue({'done': done, 'gone': gone})

    # People.

    @defer.inlineCallbacks
    def opt_out(self, call):
        address = call.query['address']
        since = yield self._store.opted_out_since(address)
        defer.returnValue(telling.opt_out(address, since))

    @defer.inlineCallbacks
    def set_opt_out(self, call):
        wish = Subscription.OPT_OUT if call.body['opted_out'] else Subscription.OPT_IN
        changed = yield self._store.set_subscription(call.body['address'], wish, call.who)
        defer.returnValue({'changed': changed})

    @defer.inlineCallbacks
    def forget(self, call):
        address = call.body['address']
        receipt = yield self._store.lists.forget(address, call.who)
        if receipt.is_empty:
            raise Refusal(404, 'Nothing is known of this address. Is it written as Vumi does, such'
                          ' as +27820001001?', 'address')
        defer.returnValue(telling.receipt(address, receipt))

    @defer.inlineCallbacks
    def audit(self, call):
        start, count = call.query['offset'], call.query['limit']
        found = yield self._store.sessions.audits(start, count + 1)
        told = {'entries': found[:count]}
        if len(found) > count:
            told['next'] = start + count
        defer.returnValue(told)
