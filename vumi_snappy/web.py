"""What our pages have in common: answers in JSON, and faults that tell strangers nothing.

Promises that no caller sees a traceback or a 500, and that what is logged of a fault is its type
and place: an exception's own words may quote a customer or a secret.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Callable, Dict, Sequence, Text, Tuple  # noqa: F401

import attr
from klein import Klein
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure  # noqa: F401
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from werkzeug.exceptions import HTTPException, MethodNotAllowed

log = Logger()

#: Seconds that the store is given; it has limits of its own, this is the last one.
STORE_TIME = 15.0
#: Seconds after which a caller may try again when we could not do our part.
RETRY_AFTER = 30


#: Headers that every answer has, beside the length of its body.
_HEADERS = ((b'Content-Type', b'application/json; charset=utf-8'), (b'Cache-Control', b'no-store'),
            (b'X-Content-Type-Options', b'nosniff'))


@attr.s(frozen=True, slots=True)
class Answer(object):
    """What a request is answered with, made before it is known how it goes out.

    `body` are bytes, `headers` pairs of bytes.
    """

    status = attr.ib()  # type: int
    body = attr.ib()  # type: bytes
    headers = attr.ib()  # type: Tuple[Tuple[bytes, bytes], ...]

    @classmethod
    def of(cls, status, values, *headers):
        # type: (int, Any, *Tuple[bytes, bytes]) -> Answer
        """An answer of JSON `values`, with `headers` beside those that every answer has."""
        body = json.dumps(values).encode('utf-8')
        length = ('%d' % (len(body),)).encode('ascii')
        return cls(status, body, headers + _HEADERS + ((b'Content-Length', length),))

    @classmethod
    def later(cls, why):
        # type: (Text) -> Answer
        """That the same request may work in a while (503 with Retry-After)."""
        return cls.of(503, {'error': why},
                      (b'Retry-After', ('%d' % (RETRY_AFTER,)).encode('ascii')))

    def put(self, request):
        # type: (Any) -> bytes
        """Set status and headers of `request`; returns the bytes to send."""
        request.setResponseCode(self.status)
        for name, value in self.headers:
            request.setHeader(name, value)
        return self.body


def answer(request, status, body):
    # type: (Any, int, Any) -> bytes
    """Answer `request` with `status` and `body` (JSON values); returns the bytes to send."""
    return Answer.of(status, body).put(request)


def answer_later(request, why):
    # type: (Any, Text) -> bytes
    """Answer that the same request may work in a while; returns the bytes to send."""
    return Answer.later(why).put(request)


def fault(failure):
    # type: (Failure) -> Text
    """What is known of an unexpected exception that may be logged: its type and its place."""
    place = ''
    if failure.frames:
        function, path, line = failure.frames[-1][:3]
        place = ' in %s (%s:%d)' % (function, path, line)
    return '%s%s' % (failure.type.__name__, place)


def sheltered(running):
    # type: (defer.Deferred) -> defer.Deferred
    """What a page waits for goes on when its reader goes away: Klein would cancel it."""
    told = defer.Deferred()  # type: defer.Deferred
    running.addCallbacks(told.callback, told.errback)
    return told


def patiently(clock, call, *arguments):
    # type: (Any, Callable, *Any) -> defer.Deferred
    """Fires with what `call` (of the store) does, sheltered; with `TimeoutError` when that takes
    too long."""
    return sheltered(defer.maybeDeferred(call, *arguments)).addTimeout(STORE_TIME, clock)


def new_app():
    # type: () -> Klein
    """A Klein app that answers what it has no route for, and its own faults, in JSON."""
    app = Klein()
    app.handle_errors(HTTPException)(_no_route)
    app.handle_errors(Exception)(_failed)
    return app


def _no_route(request, failure):
    # type: (Any, Failure) -> bytes
    # Werkzeug's redirections (for // in a path) are not followed: a path may hold a secret.
    if failure.check(MethodNotAllowed):
        return wrong_method(request, failure.value.valid_methods)
    return answer(request, 404, {'error': 'there is nothing here'})


def wrong_method(request, allowed):
    # type: (Any, Any) -> bytes
    """Answer that only the methods `allowed` are taken at this path (405 with Allow)."""
    names = ', '.join(sorted(allowed))
    request.setHeader(b'Allow', names.encode('ascii'))
    return answer(request, 405, {'error': 'only %s is taken here' % (names,)})


def _failed(request, failure):
    # type: (Any, Failure) -> bytes
    return _apology(failure).put(request)


def _apology(failure):
    # type: (Failure) -> Answer
    log.error('A page failed: {fault}', fault=fault(failure))
    return Answer.later('something failed here, come again')


class Direct(Resource):
    """Takes what is posted to a few paths past the routes of `app`, and leaves all else to it.

    To find a route costs Klein more than to serve it, which matters where many come.  `takers` are
    functions of a `GuardedRequest`, by path, which give an `Answer` or a Deferred of one; that is
    cancelled when the caller goes away.
    """

    isLeaf = True

    def __init__(self, app, takers):
        # type: (Klein, Dict[Text, Any]) -> None
        Resource.__init__(self)
        self._others = app.resource()
        self._takers = {path.encode('utf-8'): take for path, take in takers.items()}

    def render(self, request):
        # type: (Any) -> Any
        """As `IResource`."""
        take = self._takers.get(request.path) if request.method == b'POST' else None
        if take is None:
            return self._others.render(request)
        said = defer.maybeDeferred(take, request)
        if not said.called:
            request.notifyFinish().addErrback(lambda _: said.cancel())
        said.addErrback(self._failed).addCallback(request.answer)
        return NOT_DONE_YET

    @staticmethod
    def _failed(failure):
        # type: (Failure) -> Any
        # Nobody waits for the answer to what was cancelled.
        return None if failure.check(defer.CancelledError) else _apology(failure)
