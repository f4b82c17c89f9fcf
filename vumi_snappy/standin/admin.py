"""What is not Snappy's: a JSON API to control the stand-in and to see its calls, and the page.

Under ``/_standin/``.  For tests and demonstrations on a loopback interface: it needs no key.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
from typing import Any, Dict, Text  # noqa: F401

from klein import Klein  # noqa: F401
from twisted.web.static import File

from vumi_snappy.standin.drafts import Invalid, read_text
from vumi_snappy.standin.model import NoSuchTicket
from vumi_snappy.standin.wire import as_json, read_number, read_query

_PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'page')
_BASE = '/_standin'


class Admin(object):
    """Controls one `service.StandIn` for callers that `origins` admits."""

    def __init__(self, standin, origins):
        # type: (Any, Any) -> None
        self._standin = standin
        self._origins = origins
        self._desk = standin.desk

    def routes(self, app):
        # type: (Klein) -> None
        for method, path, work in [
                ('GET', '/ledger', self._ledger), ('DELETE', '/ledger', self._clear_ledger),
                ('GET', '/faults', self._faults), ('POST', '/faults', self._add_fault),
                ('DELETE', '/faults', self._clear_faults),
                ('GET', '/tickets', self._tickets), ('GET', '/tickets/<name>', self._ticket),
                ('POST', '/tickets/<name>/reply', self._reply),
                ('POST', '/tickets/<name>/tags', self._tags),
                ('GET', '/hook', self._hook), ('POST', '/hook', self._set_hook),
                ('GET', '/deliveries', self._deliveries), ('POST', '/reset', self._reset)]:
            app.route(_BASE + path, methods=[method], endpoint='admin %s %s' % (method, path))(
                self._serve(work))
        app.route(_BASE + '/', branch=True, endpoint='admin')(self._serve(self._otherwise))
        app.route('/', branch=True, endpoint='page')(self._page)

    def _serve(self, work):
        def serve(request, **names):
            request.setHeader(b'Cache-Control', b'no-store')
            if not self._origins.admit(request):
                return as_json(request, {'error': 'pages of this origin are not allowed'}, 403)
            try:
                raw = request.content.read()
                body = json.loads(raw.decode('utf-8')) if raw else {}
                if not isinstance(body, dict):
                    raise Invalid('the body must be a JSON object')
                return as_json(request, work(request, body, **names))
            except NoSuchTicket:
                return as_json(request, {'error': 'there is no such ticket'}, 404)
            except ValueError as problem:
                return as_json(request, {'error': '%s' % (problem,)}, 400)
        return serve

    def _otherwise(self, request, body):
        # The preflight request of a browser, for a page of another origin.
        if request.method != b'OPTIONS':
            raise NoSuchTicket(request.path)
        return {}

    def _page(self, request):
        request.setHeader(b'Content-Security-Policy', b"default-src 'self'")
        request.setHeader(b'X-Frame-Options', b'SAMEORIGIN')
        request.setHeader(b'Cache-Control', b'no-cache')
        return File(_PAGE)

    def _ledger(self, request, body):
        ledger = self._standin.ledger
        return {'count': ledger.count, 'calls': ledger.calls(
            read_number(request, b'since', 0), read_number(request, b'limit', None))}

    def _clear_ledger(self, request, body):
        self._standin.ledger.clear(read_number(request, b'until', None))
        return {}

    def _faults(self, request, body):
        return {'faults': self._standin.faults.listed()}

    def _add_fault(self, request, body):
        number = self._standin.faults.add(body).number
        return dict(self._faults(request, body), number=number)

    def _clear_faults(self, request, body):
        self._standin.faults.clear(read_number(request, b'number', None, least=1))
        return self._faults(request, body)

    def _tickets(self, request, body):
        tickets = self._desk.tickets(limit=read_number(request, b'limit', 100))
        if read_query(request, b'notes') != '0':
            tickets = [self._with_notes(ticket) for ticket in tickets]
        return {'tickets': tickets, 'staff': self._desk.staff}

    def _ticket(self, request, body, name):
        return {'ticket': self._with_notes(self._desk.ticket(name))}

    def _with_notes(self, ticket):
        return dict(ticket, notes=self._desk.notes(ticket))

    def _reply(self, request, body, name):
        return {'note': self._standin.agent.reply(
            name, read_text(body, 'content'), read_text(body, 'scope') or 'public',
            body.get('staff_id'))}

    def _tags(self, request, body, name):
        return {'ticket': self._standin.agent.tag(name, body.get('tags'))}

    def _hook(self, request, body):
        return self._standin.hooks.settings()

    def _set_hook(self, request, body):
        self._standin.hooks.set(body)
        return self._hook(request, body)

    def _deliveries(self, request, body):
        return {'deliveries': self._standin.hooks.listed(
            read_number(request, b'since', 0), read_number(request, b'limit', None))}

    def _reset(self, request, body):
        self._standin.reset()
        return {}
