"""The console's site: which page answers which address, to whom, and what goes wrong in between.

Promises that nobody sees a page without a session, that nothing is changed without the role, the
session and the form's token, and that a store that is away is told in words, with a 503.  The
worker builds it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Text  # noqa: F401

from six.moves.urllib.parse import quote
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource

from vumi_snappy.callers import Origins
from vumi_snappy.console import render
from vumi_snappy.console.api.refusals import trouble
from vumi_snappy.console.api.site import Api
from vumi_snappy.console.desk import Desk
from vumi_snappy.console.doors import LONGEST, Doors, same
from vumi_snappy.console.exports import Exports
from vumi_snappy.console.forgetting import ForgettingPages
from vumi_snappy.console.forms import BadForm, form_fields, query_fields
from vumi_snappy.console.pages import Pages, Problem
from vumi_snappy.console.problems import ProblemPages
from vumi_snappy.console.users import TooBusy, Users
from vumi_snappy.httpd import GuardedSite
from vumi_snappy.httphead import Limits
from vumi_snappy.store import StoreError
from vumi_snappy.web import RETRY_AFTER, fault, new_app, sheltered

log = Logger()

_API = b'/api/'
#: A form with a hundred boxes ticked is a few kilobytes; one has to have some time to read.
_LIMITS = Limits(max_body=64 * 1024, connections=100)


class _Both(Resource):
    """The pages, and the API below its prefix."""

    isLeaf = True

    def __init__(self, pages, api):
        # type: (Any, Any) -> None
        Resource.__init__(self)
        self._pages, self._api = pages, api

    def render(self, request):
        return (self._api if request.path.startswith(_API) else self._pages).render(request)


class Console(object):
    """The console over `store`, for the `users` (by name; `users.User`) and, as JSON, for programs
    with `tokens` (by name; `api.tokens.Token`).

    `hours` is how long a session lasts, `proxies` are those whose X-Forwarded-For is believed,
    `rate_limit` is what Snappy allows a minute, `ticket_url` is where Snappy shows a ticket (with
    {nonce} or {id}, or None), `checks` is what `Status.checks` gives, and `worker` names this one.
    """

    def __init__(self, reactor, store, users, hours=12.0, proxies=(), rate_limit=200.0,
                 ticket_url=None, checks=(), tokens=None, worker=''):
        # type: (Any, Any, Any, float, Any, float, Any, Any, Any, Text) -> None
        self._reactor = reactor
        origins = Origins(trusted_proxies=proxies)
        self._doors = Doors(reactor, store.sessions, Users(reactor, users), origins, hours)
        desk = Desk(store, rate_limit, ticket_url, checks)
        self._pages = Pages(desk)
        self._problems = ProblemPages(desk)
        self._forgetting = ForgettingPages(store)
        self._exports = Exports(reactor, store)
        self._api = Api(reactor, desk, tokens or {}, origins, worker)

    def site(self):
        # type: () -> GuardedSite
        """What the listener serves."""
        return GuardedSite(_Both(self._pages_resource(), self._api.resource()), self._reactor,
                           _LIMITS, refusal=trouble)

    def _pages_resource(self):
        # type: () -> Any
        app, pages, problems = new_app(), self._pages, self._problems
        for method, path, handle in (
                ('GET', '/', self._guarded(pages.overview)),
                ('GET', '/live', self._guarded(pages.live)),
                ('GET', '/tickets', self._guarded(pages.tickets)),
                ('GET', '/tickets.csv', self._guarded(self._exports.tickets)),
                ('GET', '/tickets/<number>', self._guarded(pages.ticket)),
                ('GET', '/problems', self._guarded(problems.show)),
                ('POST', '/problems', self._guarded(problems.change)),
                ('GET', '/forget', self._guarded(self._forgetting.show)),
                ('POST', '/forget', self._guarded(self._forgetting.forget)),
                ('GET', '/audit', self._guarded(pages.audit)),
                ('GET', '/login', self._open(self._log_in_form)),
                ('POST', '/login', self._open(self._log_in)),
                ('POST', '/logout', self._guarded(self._log_out)),
                ('GET', '/static/<name>', self._open(self._file)),
                ('GET', '/<path:rest>', self._open(self._nothing))):
            # Klein tells routes apart by the names of their functions, which these share.
            app.route(path, methods=[method], endpoint='%s %s' % (method, path))(handle)
        return app.resource()

    # Who may see it, and what goes wrong.

    def _guarded(self, make):
        # type: (Callable) -> Callable
        """A route's handler that calls ``make(request, visitor, ...)`` for who is logged in."""
        return lambda request, **kwargs: sheltered(
            self._answer(request, self._let_in, make, kwargs))

    def _open(self, make):
        # type: (Callable) -> Callable
        """A route's handler that calls ``make(request, ...)`` for anybody."""
        return lambda request, **kwargs: sheltered(
            self._answer(request, lambda request, make, kwargs: make(request, **kwargs), make,
                         kwargs))

    @defer.inlineCallbacks
    def _let_in(self, request, make, kwargs):
        visitor = yield self._doors.visitor(request)
        if visitor is None:
            defer.returnValue(self._show_door(request))
        if request.method == b'POST':
            fields = form_fields(request)
            if not same(fields.get('csrf', [''])[-1], visitor.csrf):
                raise BadForm('the form is not, or no longer, one of ours: go back, load the page'
                              ' again and repeat it')
            # Logging out is everybody's.
            if not visitor.may_operate and make != self._log_out:
                raise Problem(403, 'You may look at everything here, but change nothing.')
            kwargs = dict(kwargs, fields=fields)
        said = yield make(request, visitor, **kwargs)
        defer.returnValue(said)

    @defer.inlineCallbacks
    def _answer(self, request, ask, make, kwargs):
        render.set_headers(request)
        try:
            said = yield defer.maybeDeferred(ask, request, make, kwargs)
        except BadForm as wrong:
            said = _trouble(request, 400, 'That can not be done: %s.' % (wrong,))
        except Problem as problem:
            said = _trouble(request, problem.status, problem.text)
        except StoreError:
            said = _trouble(request, 503, 'Redis, where everything is kept, does not answer now.'
                            ' Nothing is lost; load the page again in a while.')
        except Exception:
            log.error('A page failed: {fault}', fault=fault(Failure()))
            said = _trouble(request, 503, 'Something failed here; the log knows more.')
        defer.returnValue(said)

    # The door.

    def _show_door(self, request):
        if request.path == b'/live':
            request.setResponseCode(401)
            return b''
        where = request.uri.decode('ascii', 'replace') if request.method == b'GET' else '/'
        return render.redirect(request, '/login?next=%s' % (quote(where, safe=str('')),))

    def _log_in_form(self, request, said='', status=200, name=''):
        where = query_fields(request).get('next', '')
        return render.page(request, 'login.html', status, visitor=None, here='login', said=said,
                           name=name, next=_within(where),
                           token=self._doors.form_token(request))

    @defer.inlineCallbacks
    def _log_in(self, request):
        fields = {name: values[-1] for name, values in form_fields(request).items()}
        if not self._doors.is_our_form(request, fields.get('token', '')):
            defer.returnValue(self._log_in_form(
                request, 'The page was too old, or cookies are off. Please try again.', 400))
        name = fields.get('name', '').strip()
        try:
            user = yield self._doors.log_in(request, name, fields.get('password', ''))
        except TooBusy:
            raise Problem(503, 'Too many log-ins at once. Please try again in a while.')
        if user is None:
            defer.returnValue(self._log_in_form(
                request, 'The name or the password is wrong.', 401, name[:LONGEST]))
        defer.returnValue(render.redirect(request, _within(fields.get('next', ''))))

    @defer.inlineCallbacks
    def _log_out(self, request, visitor, fields):
        yield self._doors.log_out(request)
        defer.returnValue(render.redirect(request, '/login'))

    # The rest.

    def _file(self, request, name):
        if name not in render.FILES:
            return self._nothing(request)
        return render.static_file(request, name)

    def _nothing(self, request, rest=''):
        raise Problem(404, 'There is no such page.')


def _within(where):
    # type: (Text) -> Text
    """The address of a page of ours, whatever was given."""
    fine = where.startswith('/') and not where.startswith('//') and not set(where) & set('\\\r\n')
    return quote(where.encode('utf-8'), safe=str("/?&=%#,:+-._~")) if fine else '/'


def _trouble(request, status, text):
    # type: (Any, int, Text) -> bytes
    if status == 503:
        request.setHeader(b'Retry-After', ('%d' % (RETRY_AFTER,)).encode('ascii'))
    return render.page(request, 'trouble.html', status, visitor=None, here='', text=text)
