"""The API's site: which call answers which request, for whom, and what goes wrong in between.

Promises that every answer is JSON, that none is a 500, that nothing is done without a token of the
role that it needs, and that a store that is away is a 503 with Retry-After.  The console's site
builds it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import re
from typing import Any, Callable, Dict, Text  # noqa: F401

from klein import Klein
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from vumi_snappy.console.api.calls import Call, Calls
from vumi_snappy.console.api.gate import Gate
from vumi_snappy.console.api.refusals import Refusal
from vumi_snappy.console.api.routes import PREFIX, ROUTES
from vumi_snappy.console.api.shapes import shaped
from vumi_snappy.console.api.tokens import Tokens
from vumi_snappy.console.api.values import Wrong
from vumi_snappy.console.forms import BadForm, query_values
from vumi_snappy.hookform import bounded_integer
from vumi_snappy.store import StoreError
from vumi_snappy.web import RETRY_AFTER, Answer, answer, fault, sheltered

log = Logger()

_LATER = ((b'Retry-After', ('%d' % (RETRY_AFTER,)).encode('ascii')),)


class Api(object):
    """The API over `desk` (a `desk.Desk`), for the `tokens` (by name; `tokens.Token`).

    `origins` tells who calls, `clock` is the reactor, `worker` the name of this one.
    """

    def __init__(self, clock, desk, tokens, origins, worker=''):
        # type: (Any, Any, Dict[Text, Any], Any, Text) -> None
        self._calls = Calls(clock, desk, worker)
        self._gate = Gate(clock, Tokens(tokens), origins)

    def resource(self):
        # type: () -> Any
        """The API as an `IResource`, for paths that begin with the prefix."""
        return self.app().resource()

    def app(self):
        # type: () -> Klein
        """The Klein app, with a route for each of `ROUTES`."""
        app = Klein()
        for route in ROUTES:
            # Klein tells routes apart by the names of their functions, which these share.
            app.route(PREFIX + re.sub(r'\{(\w+)\}', r'<\1>', route.path), methods=[route.method],
                      endpoint=route.name)(self._handler(route))
        app.handle_errors(HTTPException)(_no_route)
        return app

    def _handler(self, route):
        # type: (Any) -> Callable
        return lambda request, **inside: sheltered(self._answer(request, route, inside))

    @defer.inlineCallbacks
    def _answer(self, request, route, inside):
        try:
            who = ''
            if route.role is not None:
                who = (yield self._gate.let_in(request, route.role)).who
            call = Call(who, _inside(route, inside), _query(route, request),
                        _body(route, request))
            said = yield defer.maybeDeferred(getattr(self._calls, route.name), call)
            made = answer(request, 200, shaped(route.answer, said) if route.answer else said)
        except Refusal as refusal:
            made = _refuse(request, refusal)
        except StoreError:
            made = _refuse(request, Refusal(
                503, 'Redis, where everything is kept, does not answer now. Nothing is lost; ask'
                ' again in a while.', headers=_LATER))
        except Exception:
            log.error('A call of the API failed: {fault}', fault=fault(Failure()))
            made = _refuse(request, Refusal(
                503, 'Something failed here; the log knows more.', headers=_LATER))
        defer.returnValue(made)


def _no_route(request, failure):
    # type: (Any, Failure) -> bytes
    if failure.check(MethodNotAllowed):
        names = ', '.join(sorted(failure.value.valid_methods))
        return _refuse(request, Refusal(405, 'Only %s is taken here.' % (names,), headers=(
            (b'Allow', names.encode('ascii')),)))
    return _refuse(request, Refusal(404, 'There is nothing here. What there is, %s/openapi.json'
                                    ' tells.' % (PREFIX,)))


def _refuse(request, refusal):
    # type: (Any, Refusal) -> bytes
    return Answer.of(refusal.status, refusal.body, *refusal.headers).put(request)


# What comes, checked.

def _inside(route, given):
    # type: (Any, Dict[Text, Text]) -> Dict[Text, Any]
    try:
        return {each.name: each.value.parse(given[each.name]) for each in route.inside}
    except Wrong:
        raise Refusal(404, 'It is not there: there is none with such a name.')


def _query(route, request):
    # type: (Any, Any) -> Dict[Text, Any]
    known = {each.name: each for each in route.query}
    found = {name: each.value.schema['default'] for name, each in known.items()
             if 'default' in each.value.schema}
    try:
        given = query_values(request)
    except BadForm:
        raise Refusal(400, 'The query is no UTF-8.')
    for name, values in sorted(given.items()):
        if name not in known:
            raise Refusal(400, 'There is no such parameter here; known are: %s.' % (
                ', '.join(sorted(known)) or 'none',), name)
        if len(values) > 1:
            raise Refusal(400, 'The parameter is given more than once.', name)
        try:
            found[name] = known[name].value.parse(values[0])
        except Wrong as wrong:
            raise Refusal(400, 'The parameter %s.' % (wrong.must,), name)
    for name, each in sorted(known.items()):
        if each.needed and name not in found:
            raise Refusal(400, 'The parameter is needed.', name)
    return found


def _body(route, request):
    # type: (Any, Any) -> Dict[Text, Any]
    if route.body is None:
        return {}
    raw = request.content.read()
    if not raw and not route.body_needed:
        return {}
    kind = (request.getHeader(b'content-type') or b'').partition(b';')[0].strip().lower()
    if kind != b'application/json':
        raise Refusal(415, 'Send JSON, and say so: "Content-Type: application/json".')
    try:
        value = json.loads(raw.decode('utf-8'), object_pairs_hook=_once,
                           parse_int=bounded_integer)
    # What is nested too deep is a RuntimeError to Python.
    except (ValueError, RuntimeError):
        raise Refusal(400, 'The body is no JSON in UTF-8, or says something twice.')
    try:
        return route.body.check(value)
    except Wrong as wrong:
        raise Refusal(400, 'The %s %s.' % ('field' if wrong.field else 'body', wrong.must),
                      wrong.field)


def _once(pairs):
    # type: (Any) -> Dict[Text, Any]
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError('a field comes twice')
    return found
