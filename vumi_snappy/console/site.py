"""The console's site: routes to its pages, who may see them, and error pages.

Promises that nobody sees a page without a session, that nothing is changed without the role, the
session and the form's token, and that a store that is away is a page with status 503.  The bridge
builds it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import math
from functools import partial
from typing import Any, Callable, Dict, Sequence, Text  # noqa: F401

from six.moves.urllib.parse import quote
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import Resource

from vumi_snappy.console import render
from vumi_snappy.console.api.site import Api, error_response
from vumi_snappy.console.authentication import LONGEST, Authentication, TooSoon, same
from vumi_snappy.console.exports import Exports
from vumi_snappy.console.forms import form_fields, query_fields
from vumi_snappy.console.pages import Pages
from vumi_snappy.console.problems import ProblemPages
from vumi_snappy.http.forms import BadForm
from vumi_snappy.http.callers import Callers
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.responses import HttpError
from vumi_snappy.http.retry_after import retry_after_header
from vumi_snappy.http.routing import new_app
from vumi_snappy.http.server import GuardedSite
from vumi_snappy.operations.operations import Operations  # noqa: F401
from vumi_snappy.operations.tokens import Token  # noqa: F401
from vumi_snappy.operations.users import TooBusy, User, Users  # noqa: F401
from vumi_snappy.runtime.faults import fault
from vumi_snappy.http.shielded import shielded
from vumi_snappy.store import StoreError

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
    """The console over `operations`, for the `users` (by name) and, as JSON, for programs with
    `tokens` (by name).

    `operators` are those of the store; a log-in lasts for `hours`.  `proxies` are those whose
    X-Forwarded-For is trusted, and `worker` names this process among others.
    """

    def __init__(self, reactor, operations, operators, users, hours, proxies, tokens, worker):
        # type: (Any, Operations, Any, Dict[Text, User], float, Sequence[Text], Dict[Text, Token], Text) -> None  # noqa: E501
        self._reactor = reactor
        callers = Callers(trusted_proxies=proxies)
        self._authentication = Authentication(
            reactor, operators, Users(reactor, users), callers, hours)
        self._pages = Pages(operations)
        self._problems = ProblemPages(operations)
        self._exports = Exports(reactor, operations)
        self._api = Api(reactor, operations, tokens, callers, worker)

    def site(self):
        # type: () -> GuardedSite
        return GuardedSite(_Both(self._pages_resource(), self._api.resource()), self._reactor,
                           _LIMITS, respond=error_response)

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
                ('GET', '/forget', self._guarded(pages.person)),
                ('POST', '/forget', self._guarded(pages.forget)),
                ('GET', '/audit', self._guarded(pages.audit)),
                ('GET', '/login', self._open(self._log_in_form)),
                ('POST', '/login', self._open(self._log_in)),
                ('POST', '/logout', self._guarded(self._log_out)),
                ('GET', '/static/<name>', self._open(self._file)),
                ('GET', '/<path:rest>', self._open(self._nothing))):
            # Klein tells routes apart by the names of their functions, which these share.
            app.route(path, methods=[method], endpoint='%s %s' % (method, path))(handle)
        return app.resource()

    # Who may see it, and errors.

    def _guarded(self, make):
        # type: (Callable) -> Callable
        """A route's handler that calls ``make(request, visitor, ...)`` for who is logged in."""
        return self._open(partial(self._let_in, make))

    def _open(self, make):
        # type: (Callable) -> Callable
        """A route's handler that calls ``make(request, ...)`` for anybody."""
        return lambda request, **kwargs: shielded(self._respond(request, make, kwargs))

    @defer.inlineCallbacks
    def _let_in(self, make, request, **kwargs):
        visitor = yield self._authentication.visitor(request)
        if visitor is None:
            defer.returnValue(self._to_log_in(request))
        if request.method == b'POST':
            fields = form_fields(request)
            if not same(fields.get('csrf', [''])[-1], visitor.csrf):
                raise BadForm('the form is not ours, or too old: go back, load the page again and'
                              ' repeat it')
            # Everybody may log out.
            if not visitor.may_operate and make != self._log_out:
                raise HttpError(403, 'You may look at everything here, but change nothing.')
            kwargs = dict(kwargs, fields=fields)
        defer.returnValue((yield make(request, visitor, **kwargs)))

    @defer.inlineCallbacks
    def _respond(self, request, make, kwargs):
        render.set_headers(request)
        try:
            body = yield defer.maybeDeferred(make, request, **kwargs)
        except BadForm as wrong:
            body = _error_page(request, 400, 'This can not be done: %s.' % (wrong,))
        except HttpError as error:
            body = _error_page(request, error.status, error.message)
        except StoreError:
            body = _error_page(request, 503, 'Redis is not available. Nothing is lost: load the'
                               ' page again later.')
        except Exception:
            log.error('A page failed: {fault}', fault=fault(Failure()))
            body = _error_page(request, 503, 'This failed. The reason is in the log.')
        defer.returnValue(body)

    # Logging in and out.

    def _to_log_in(self, request):
        if request.path == b'/live':
            request.setResponseCode(401)
            return b''
        where = request.uri.decode('ascii', 'replace') if request.method == b'GET' else '/'
        return render.redirect(request, '/login?next=%s' % (quote(where, safe=str('')),))

    def _log_in_form(self, request, text='', status=200, name=''):
        where = query_fields(request).get('next', '')
        return render.page(request, 'login.html', status, visitor=None, here='login', text=text,
                           name=name, next=_within(where),
                           token=self._authentication.form_token(request))

    @defer.inlineCallbacks
    def _log_in(self, request):
        fields = {name: values[-1] for name, values in form_fields(request).items()}
        if not self._authentication.is_our_form(request, fields.get('token', '')):
            defer.returnValue(self._log_in_form(
                request, 'The page was too old, or cookies are off. Please try again.', 400))
        name = fields.get('name', '').strip()
        try:
            user = yield self._authentication.log_in(request, name, fields.get('password', ''))
        except TooSoon as soon:
            # The same for every name and every password.
            seconds = int(math.ceil(soon.args[0]))
            request.setHeader(*retry_after_header(seconds))
            defer.returnValue(self._log_in_form(
                request, 'Too many log-ins have failed, so this one was not checked.'
                ' Please try again in %d seconds.' % (seconds,), 429, name[:LONGEST]))
        except TooBusy:
            raise HttpError(503, 'Too many log-ins at once. Please try again later.')
        if user is None:
            defer.returnValue(self._log_in_form(
                request, 'The name or the password is wrong.', 401, name[:LONGEST]))
        defer.returnValue(render.redirect(request, _within(fields.get('next', ''))))

    @defer.inlineCallbacks
    def _log_out(self, request, visitor, fields):
        yield self._authentication.log_out(request)
        defer.returnValue(render.redirect(request, '/login'))

    def _file(self, request, name):
        if name not in render.FILES:
            return self._nothing(request)
        return render.static_file(request, name)

    def _nothing(self, request, rest=''):
        raise HttpError(404, 'There is no such page.')


def _within(where):
    # type: (Text) -> Text
    """The address of a page of ours, whatever was given."""
    fine = where.startswith('/') and not where.startswith('//') and not set(where) & set('\\\r\n')
    return quote(where.encode('utf-8'), safe=str("/?&=%#,:+-._~")) if fine else '/'


def _error_page(request, status, text):
    # type: (Any, int, Text) -> bytes
    if status == 503:
        request.setHeader(*retry_after_header())
    return render.page(request, 'trouble.html', status, visitor=None, here='', text=text)
