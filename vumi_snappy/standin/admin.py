"""What is not Snappy's: a JSON API to steer the stand-in and to see what it got, and the page.

Under ``/_standin/``.  For tests and demonstrations on a loopback interface: it asks for no key.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import os
from typing import Any, Dict, Text  # noqa: F401

from klein import Klein  # noqa: F401
from twisted.web.static import File

from vumi_snappy.standin.model import Invalid, NoSuchTicket

_PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'page')
_BASE = '/_standin'


class Admin(object):
    """Steers the parts of one stand-in; `api` holds them."""

    def __init__(self, api):
        # type: (Any) -> None
        self._api = api
        self._desk = api.desk

    def routes(self, app):
        # type: (Klein) -> None
        """Add the routes to `app`."""
        for method, path, work in [
                ('GET', '/ledger', self._ledger), ('DELETE', '/ledger', self._clear_ledger),
                ('GET', '/faults', self._faults), ('POST', '/faults', self._add_fault),
                ('DELETE', '/faults', self._clear_faults),
                ('GET', '/tickets', self._tickets),
                ('POST', '/tickets/<name>/reply', self._reply),
                ('POST', '/tickets/<name>/tags', self._tags),
                ('GET', '/hook', self._hook), ('POST', '/hook', self._set_hook),
                ('GET', '/deliveries', self._deliveries), ('POST', '/reset', self._reset)]:
            app.route(_BASE + path, methods=[method], endpoint='admin %s %s' % (method, path))(
                self._serve(work))
        app.route('/', branch=True, endpoint='page')(lambda request: File(_PAGE))

    def _serve(self, work):
        def serve(request, **names):
            raw = request.content.read()
            request.setHeader(b'Content-Type', b'application/json; charset=utf-8')
            request.setHeader(b'Cache-Control', b'no-store')
            try:
                body = json.loads(raw.decode('utf-8')) if raw else {}
                if not isinstance(body, dict):
                    raise Invalid('the body must be a JSON object')
                answer = work(request, body, **names)
            except NoSuchTicket:
                request.setResponseCode(404)
                answer = {'error': 'there is no such ticket'}
            except (ValueError, TypeError) as problem:
                request.setResponseCode(400)
                answer = {'error': '%s' % (problem,)}
            return json.dumps(answer).encode('utf-8')
        return serve

    def _ledger(self, request, body):
        since = int(request.args.get(b'since', [b'0'])[0])
        return {'count': self._api.ledger.count, 'calls': self._api.ledger.calls(since)}

    def _clear_ledger(self, request, body):
        self._api.ledger.clear()
        return {}

    def _faults(self, request, body):
        return {'faults': self._api.faults.listed()}

    def _add_fault(self, request, body):
        self._api.faults.add(body)
        return self._faults(request, body)

    def _clear_faults(self, request, body):
        self._api.faults.clear()
        return {'faults': []}

    def _tickets(self, request, body):
        limit = int(request.args.get(b'limit', [b'100'])[0])
        return {'tickets': [dict(ticket, notes=self._desk.notes(ticket))
                            for ticket in self._desk.tickets(limit=limit)],
                'staff': self._desk.staff}

    def _reply(self, request, body, name):
        scope = body.get('scope') or 'public'
        if scope not in ('public', 'private') or not body.get('content'):
            raise Invalid('content is required, and scope is public or private')
        note = self._desk.reply(name, body['content'], scope, body.get('staff_id'))
        told = {'note': self._desk.hook_note(note)}
        if scope == 'private':
            self._api.hooks.send('message.private', told)
        else:
            self._api.hooks.send('message.outgoing', told)
            self._api.hooks.send('ticket.replied', {'ticket': self._desk.ticket(name)})
        return {'note': note}

    def _tags(self, request, body, name):
        ticket = self._desk.ticket(name)
        changed = self._desk.set_tags(ticket, body.get('tags') or [])
        self._api.hooks.send('tags.changed', dict(changed, ticket=ticket))
        return {'ticket': ticket}

    def _hook(self, request, body):
        hooks = self._api.hooks
        return {'url': hooks.url, 'raw_line_feeds': hooks.raw_line_feeds,
                'duplicate': hooks.duplicate, 'delay': hooks.delay,
                'under_way': hooks.under_way}

    def _set_hook(self, request, body):
        unknown = set(body) - {'url', 'raw_line_feeds', 'duplicate', 'delay'}
        if unknown:
            raise Invalid('unknown: %s' % (', '.join(sorted(unknown)),))
        for name, value in body.items():
            setattr(self._api.hooks, str(name), value)
        return self._hook(request, body)

    def _deliveries(self, request, body):
        return {'deliveries': self._api.hooks.listed()}

    def _reset(self, request, body):
        self._desk.reset()
        self._api.ledger.clear()
        self._api.faults.clear()
        return {}
