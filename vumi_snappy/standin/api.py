"""Snappy's HTTP API over the model, with the ledger, the rate limit and the faults."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import base64
import json
from collections import deque
from typing import Any, Dict, List, Optional, Text  # noqa: F401

from klein import Klein
from twisted.internet import defer, task
from twisted.web.server import NOT_DONE_YET

from vumi_snappy.standin.faults import Effect
from vumi_snappy.standin.model import Invalid, NoSuchTicket

try:
    from urllib.parse import parse_qs
except ImportError:  # Python 2
    from urlparse import parse_qs

BASE = '/api/v1'


class Api(object):
    """The API of one `desk` for one key.

    `rate_limit` is in requests a minute (0: none); `retry_after` says whether a 429 tells when to
    come back; `fires` whether notes made through the API fire webhooks.
    """

    def __init__(self, reactor, desk, ledger, faults, hooks, api_key, rate_limit=200,
                 retry_after=True, fires=True):
        # type: (Any, Any, Any, Any, Any, Text, int, bool, bool) -> None
        self._reactor = reactor
        self.desk, self.ledger, self.faults, self.hooks = desk, ledger, faults, hooks
        self.api_key = api_key
        self.rate_limit = rate_limit
        self.retry_after = retry_after
        self.fires = fires
        self._recent = deque()  # type: deque

    def routes(self, app):
        # type: (Klein) -> None
        """Add the API's routes to `app`."""
        for method, path, work in [
                ('GET', '/accounts', self._accounts),
                ('GET', '/account/<account>/mailboxes', self._mailboxes),
                ('GET', '/account/<account>/staff', self._staff),
                ('GET', '/account/<account>/contacts/<contact>', self._contact),
                ('GET', '/account/<account>/search', self._search),
                ('GET', '/<place>/<number>/waiting', self._waiting),
                ('GET', '/<place>/<number>/inbox', self._inbox),
                ('GET', '/<place>/<number>/yours', self._yours),
                ('GET', '/ticket/<name>', self._ticket),
                ('GET', '/ticket/<name>/', self._ticket),
                ('DELETE', '/ticket/<name>', self._delete),
                ('GET', '/ticket/<name>/notes', self._notes),
                ('GET', '/ticket/<name>/notes/', self._notes),
                ('POST', '/ticket/<name>/tags', self._tags),
                ('PUT', '/ticket/<name>/status', self._status),
                ('POST', '/note', self._note)]:
            app.route(BASE + path, methods=[method], endpoint='%s %s' % (method, path))(
                self._serve(work))
        app.route(BASE + '/', branch=True, endpoint='unknown')(self._serve(self._unknown))

    def _serve(self, work):
        def serve(request, **names):
            return self._call(request, work, names)
        return serve

    @defer.inlineCallbacks
    def _call(self, request, work, names):
        body = _body(request)
        path = request.path.decode('utf-8')[len(BASE):]
        method = request.method.decode('ascii')
        key_is_right = _user(request) == self.api_key
        call = self.ledger.begin(self._reactor.seconds(), method, path, key_is_right, body)
        request.setHeader(b'Set-Cookie', b'snappy_session=stand-in; path=/; httponly')
        met = self.faults.for_call(method, path)
        call.fault = ' '.join(fault.effect.value for fault in met)
        for fault in met:
            if fault.effect is Effect.LATENCY:
                yield task.deferLater(self._reactor, fault.seconds, lambda: None)
        broken = next((fault for fault in met if fault.effect is not Effect.LATENCY), None)
        if broken is not None and broken.effect is Effect.RESET_BEFORE:
            defer.returnValue(_cut(request))
        if broken is not None and broken.effect is Effect.HANG:
            yield defer.Deferred()  # until the caller has had enough
        if broken is not None and broken.effect is Effect.STATUS:
            defer.returnValue(self._failed(request, call, broken))
        answer = self._answer(request, call, work, names, body, key_is_right)
        if broken is not None:
            if broken.effect is Effect.RESET_AFTER:
                defer.returnValue(_cut(request))
            if broken.effect is Effect.HANG_AFTER:
                yield defer.Deferred()
            if broken.effect is Effect.STATUS_AFTER:
                defer.returnValue(self._failed(request, call, broken))
            request.setHeader(b'Content-Type', b'text/html; charset=UTF-8')
            answer = broken.body.encode('utf-8')
        call.status = request.code
        defer.returnValue(answer)

    def _failed(self, request, call, fault):
        call.status = fault.status
        request.setResponseCode(fault.status)
        if fault.retry_after is not None:
            request.setHeader(b'Retry-After', fault.retry_after.encode('ascii'))
        return b'{"error": "a fault on demand"}'

    def _answer(self, request, call, work, names, body, key_is_right):
        if not key_is_right:
            request.setHeader(b'WWW-Authenticate', b'Basic realm="Snappy"')
            return _json(request, {'error': 'Unauthorized'}, 401)
        if not self._allowed():
            if self.retry_after:
                wait = max(self._recent[0] + 60 - self._reactor.seconds(), 0)
                request.setHeader(b'Retry-After', ('%d' % (int(wait) + 1,)).encode('ascii'))
            return _json(request, {'error': 'Too Many Requests'}, 429)
        try:
            return work(request, call, body, **names)
        except NoSuchTicket:
            return _json(request, {'error': 'Not Found'}, 404)
        except Invalid as problem:
            return _json(request, {'error': '%s' % (problem,)}, 422)

    def _allowed(self):
        if not self.rate_limit:
            return True
        now = self._reactor.seconds()
        while self._recent and self._recent[0] <= now - 60:
            self._recent.popleft()
        if len(self._recent) >= self.rate_limit:
            return False
        self._recent.append(now)
        return True

    # The calls.

    def _unknown(self, request, call, body, **names):
        return _json(request, {'error': 'Not Found'}, 404)

    def _accounts(self, request, call, body):
        return _json(request, [{'id': self.desk.account_id, 'organization':
                                self.desk.organisation, 'domain': 'standin'}])

    def _mailboxes(self, request, call, body, account):
        return _json(request, self.desk.mailboxes)

    def _staff(self, request, call, body, account):
        return _json(request, self.desk.staff)

    def _contact(self, request, call, body, account, contact):
        for found in self.desk.contacts.values():
            if contact in (found['value'], '%d' % (found['id'],)):
                return _json(request, found)
        return _json(request, {'error': 'Not Found'}, 404)

    def _search(self, request, call, body, account):
        query = request.args.get(b'query', [b''])[0].decode('utf-8')
        page = max(int(request.args.get(b'page', [b'1'])[0]), 1)
        found = self.desk.search(query)
        return _json(request, {'meta': {'total': len(found), 'page': '%d' % (page,)},
                               'data': found[(page - 1) * 25:page * 25]})

    def _waiting(self, request, call, body, place, number):
        return _json(request, self.desk.tickets('waiting'))

    def _inbox(self, request, call, body, place, number):
        return _json(request, self.desk.tickets())

    def _yours(self, request, call, body, place, number):
        return _json(request, [])

    def _ticket(self, request, call, body, name):
        return _json(request, self.desk.ticket(name))

    def _notes(self, request, call, body, name):
        return _json(request, self.desk.notes(self.desk.ticket(name)))

    def _delete(self, request, call, body, name):
        self.desk.delete(self.desk.ticket(name))
        call.work = 'ticket deleted'
        return _json(request, {'deleted': 1})

    def _tags(self, request, call, body, name):
        ticket = self.desk.ticket(name)
        tags = (body or {}).get('tags') if isinstance(body, dict) else None
        if isinstance(tags, type('')):
            tags = json.loads(tags)
        if not isinstance(tags, list):
            raise Invalid('tags must be a list')
        changed = self.desk.set_tags(ticket, tags)
        call.work, call.nonce = 'tags set', ticket['nonce']
        self.hooks.send('tags.changed', dict(changed, ticket=ticket))
        return b'OK'

    def _status(self, request, call, body, name):
        ticket = self.desk.ticket(name)
        status = body.get('status') if isinstance(body, dict) else None
        if status not in ('waiting', 'replied'):
            raise Invalid('status must be waiting or replied')
        ticket['status'] = status
        call.work, call.nonce = 'status set', ticket['nonce']
        return _json(request, ticket)

    def _note(self, request, call, body):
        if not isinstance(body, dict):
            raise Invalid('the body must be a JSON object')
        note = self.desk.add_note(body)
        ticket = self.desk.ticket(note['ticket_id'])
        call.work = 'note added' if body.get('id') else 'ticket opened'
        call.nonce = ticket['nonce']
        if self.fires:
            if not body.get('id'):
                told = {name: value for name, value in ticket.items() if name != 'nonce'}
                self.hooks.send('ticket.created', {'ticket': told})
            kind = 'private' if note['scope'] == 'private' else 'incoming'
            self.hooks.send('message.%s' % (kind,), {'note': self.desk.hook_note(note)})
        request.setHeader(b'Content-Type', b'text/html; charset=UTF-8')
        return ticket['nonce'].encode('ascii')


def _user(request):
    # type: (Any) -> Text
    kind, _, coded = (request.getHeader(b'authorization') or b'').partition(b' ')
    if kind.lower() != b'basic':
        return ''
    try:
        return base64.b64decode(coded).partition(b':')[0].decode('utf-8')
    except (TypeError, ValueError):
        return ''


def _body(request):
    # type: (Any) -> Any
    """The parsed body: JSON, a form as a dict of its first values, or None."""
    raw = request.content.read()
    if not raw:
        return None
    try:
        return json.loads(raw.decode('utf-8'))
    except ValueError:
        pass
    form = parse_qs(raw.decode('utf-8', 'replace'))
    return {name: values[0] for name, values in form.items()} or None


def _json(request, value, status=200):
    # type: (Any, Any, int) -> bytes
    request.setResponseCode(status)
    request.setHeader(b'Content-Type', b'application/json')
    return json.dumps(value).encode('utf-8')


def _cut(request):
    # type: (Any) -> Any
    request.transport.abortConnection()
    return NOT_DONE_YET
