"""Snappy's HTTP API: its routes, and what each call does to the desk."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Text  # noqa: F401

from klein import Klein  # noqa: F401

from vumi_snappy.standin.drafts import Invalid, read_draft, read_tags
from vumi_snappy.standin.model import NoSuchTicket
from vumi_snappy.standin.wire import read_number, read_query

BASE = '/api/v1'
#: Tickets on a page of a search, and in a list that is asked for without a limit.
_PAGE, _LIST = 25, 1000


class Api(object):
    """The API over `desk`; `serving` serves its calls, `events` sends the webhooks."""

    def __init__(self, desk, serving, events):
        # type: (Any, Any, Any) -> None
        self._desk = desk
        self._serving = serving
        self._events = events

    def routes(self, app):
        # type: (Klein) -> None
        for method, path, work in [
                ('GET', '/accounts', lambda *_: self._desk.accounts),
                ('GET', '/account/<account>/mailboxes', lambda *_: self._desk.mailboxes),
                ('GET', '/account/<account>/staff', lambda *_: self._desk.staff),
                ('GET', '/account/<account>/contacts/<contact>', self._contact),
                ('GET', '/account/<account>/search', self._search),
                ('GET', '/account/<account>/<kind>', self._list),
                ('GET', '/mailbox/<mailbox>/<kind>', self._list),
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
        def checked(request, call, body, account=None, mailbox=None, **names):
            for number, known in ((account, self._desk.accounts), (mailbox, self._desk.mailboxes)):
                if number and number not in ['%s' % (each['id'],) for each in known]:
                    raise NoSuchTicket(number)
            return work(request, call, body, **names)

        def serve(request, **names):
            return self._serving.call(request, checked, names)
        return serve

    def _unknown(self, request, call, body):
        raise NoSuchTicket(request.path)

    # What is read.

    def _contact(self, request, call, body, contact):
        found = self._desk.contacts.find(contact)
        if found is None:
            raise NoSuchTicket(contact)
        return found

    def _search(self, request, call, body):
        page = read_number(request, b'page', 1, least=1)
        found = self._desk.search(read_query(request, b'query'))
        return {'meta': {'total': len(found), 'page': '%d' % (page,)},
                'data': found[(page - 1) * _PAGE:page * _PAGE]}

    def _list(self, request, call, body, kind):
        limit = read_number(request, b'limit', _LIST)
        if kind == 'yours':
            return self._desk.assigned(limit)
        if kind not in ('inbox', 'waiting'):
            raise NoSuchTicket(kind)
        return self._desk.tickets('waiting' if kind == 'waiting' else None, limit)

    def _ticket(self, request, call, body, name):
        return self._desk.ticket(name)

    def _notes(self, request, call, body, name):
        return self._desk.notes(self._desk.ticket(name))

    # What is changed.

    def _note(self, request, call, body):
        added = self._desk.add_note(read_draft(body))
        call.work = 'ticket opened' if added.opened else 'note added'
        call.nonce = added.ticket['nonce']
        self._events.note_posted(added)
        return _text(request, call.nonce)

    def _tags(self, request, call, body, name):
        ticket = self._desk.ticket(name)
        tags = body.get('tags') if isinstance(body, dict) else None
        if isinstance(tags, type('')):
            try:
                tags = json.loads(tags)
            except ValueError:
                raise Invalid('tags is not JSON')
        changed = self._desk.set_tags(ticket, read_tags(tags))
        call.work, call.nonce = 'tags set', ticket['nonce']
        self._events.tagged(ticket, changed)
        return _text(request, 'OK')

    def _status(self, request, call, body, name):
        ticket = self._desk.ticket(name)
        self._desk.set_status(ticket, body.get('status') if isinstance(body, dict) else None)
        call.work, call.nonce = 'status set', ticket['nonce']
        return ticket

    def _delete(self, request, call, body, name):
        ticket = self._desk.ticket(name)
        self._desk.delete(ticket)
        call.work, call.nonce = 'ticket deleted', ticket['nonce']
        return _text(request, 'OK')


def _text(request, text):
    # type: (Any, Text) -> bytes
    request.setHeader(b'Content-Type', b'text/html; charset=UTF-8')
    return text.encode('utf-8')
