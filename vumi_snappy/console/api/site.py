"""The API's site: dispatches requests to calls, after authentication and checks.

Promises that every response is JSON, that none is a 500, that nothing is done without a token of
the role that it needs, and that a store that is away is a 503 with Retry-After.  The console's
site builds it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Callable, Dict, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.console.api.calls import Call, Calls
from vumi_snappy.console.api.gate import Gate
from vumi_snappy.console.api.routes import PREFIX, ROUTES
from vumi_snappy.console.api.values import Wrong
from vumi_snappy.console.forms import query_values
from vumi_snappy.content import foreign_json
from vumi_snappy.http.forms import BadForm
from vumi_snappy.http.responses import HttpError, Response
from vumi_snappy.http.routing import Routes
from vumi_snappy.operations.shapes import shaped
from vumi_snappy.operations.tokens import Tokens
from vumi_snappy.http.shielded import shielded
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store import StoreError

#: The word for each status, for programs; beside it there is a sentence for people.
CODES = {
    400: 'invalid', 401: 'unauthorized', 403: 'forbidden', 404: 'not_found',
    405: 'method_not_allowed', 408: 'timeout', 413: 'too_large', 415: 'unsupported_media_type',
    431: 'too_large', 501: 'not_implemented', 503: 'unavailable'}
#: Characters of a field's name as a client wrote it.
_LONGEST = 100


def error_response(error):
    # type: (HttpError) -> Response
    """The response for an error, also to what never reaches the API."""
    values = {'code': CODES.get(error.status, 'invalid'), 'message': error.message}
    if error.field:
        values['field'] = error.field[:_LONGEST]
    return Response.of(error.status, values, *error.headers)


class Api(object):
    """The API over `operations`, for the `tokens` (by name).

    `callers` finds clients' addresses, `clock` is the reactor, `worker` the name of this one.
    """

    def __init__(self, clock, operations, tokens, callers, worker):
        # type: (Clock, Any, Dict[Text, Any], Any, Text) -> None
        self._calls = Calls(clock, operations, worker)
        self._gate = Gate(clock, Tokens(tokens), callers)

    def resource(self):
        # type: () -> Routes
        """The API as an `IResource`, for paths that begin with the prefix."""
        routes = Routes(error_response, 'There is nothing here: see %s/openapi.json.' % (PREFIX,))
        for route in ROUTES:
            routes.add(PREFIX + re.sub(r'\{(\w+)\}', r'<\1>', route.path), self._handler(route),
                       route.method)
        return routes

    def _handler(self, route):
        # type: (Any) -> Callable
        return lambda request, **in_path: shielded(self._respond(request, route, in_path))

    @defer.inlineCallbacks
    def _respond(self, request, route, in_path):
        # type: (Any, Any, Dict[Text, Text]) -> defer.Deferred
        try:
            who = ''
            if route.role is not None:
                who = (yield self._gate.let_in(request, route.role)).who
            call = Call(who, _in_path(route, in_path), _query(route, request),
                        _body(route, request))
            values = yield defer.maybeDeferred(getattr(self._calls, route.name), call)
        except StoreError:
            raise HttpError(503, 'Redis is not available. Nothing is lost: try again later.')
        defer.returnValue(Response.of(
            200, shaped(route.response, values) if route.response else values))


# Checks of what comes.

def _in_path(route, given):
    # type: (Any, Dict[Text, Text]) -> Dict[Text, Any]
    try:
        return {each.name: each.value.parse(given[each.name]) for each in route.in_path}
    except Wrong:
        raise HttpError(404, 'There is nothing with this id.')


def _query(route, request):
    # type: (Any, Any) -> Dict[Text, Any]
    known = {each.name: each for each in route.query}
    checked = {name: each.value.schema['default'] for name, each in known.items()
               if 'default' in each.value.schema}
    try:
        given = query_values(request)
    except BadForm:
        raise HttpError(400, 'The query is not UTF-8.')
    for name, values in sorted(given.items()):
        if name not in known:
            raise HttpError(400, 'Unknown parameter: fix its name or remove it. Known are: %s.' % (
                ', '.join(sorted(known)) or 'none',), name)
        if len(values) > 1:
            raise HttpError(400, 'The parameter is given more than once.', name)
        try:
            checked[name] = known[name].value.parse(values[0])
        except Wrong as wrong:
            raise HttpError(400, 'The parameter %s.' % (wrong.must,), name)
    for name, each in sorted(known.items()):
        if each.required and name not in checked:
            raise HttpError(400, 'The parameter is required.', name)
    return checked


def _body(route, request):
    # type: (Any, Any) -> Dict[Text, Any]
    if route.body is None:
        return {}
    raw = request.content.read()
    if not raw and not route.body_required:
        return {}
    kind = (request.getHeader(b'content-type') or b'').partition(b';')[0].strip().lower()
    if kind != b'application/json':
        raise HttpError(415, 'Send JSON, with "Content-Type: application/json".')
    try:
        value = foreign_json.read(raw, pairs_hook=_once)
    except foreign_json.BadJson:
        raise HttpError(400, 'The body is not JSON in UTF-8, or has a field twice.')
    try:
        return route.body.check(value)
    except Wrong as wrong:
        raise HttpError(400, 'The %s %s.' % ('field' if wrong.field else 'body', wrong.must),
                        wrong.field)


def _once(pairs):
    # type: (Any) -> Dict[Text, Any]
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError('a field comes twice')
    return fields
