"""What our Klein apps have in common: answers in JSON, and faults that tell strangers nothing.

Promises that no caller sees a traceback or a 500, and that what is logged of a fault is its type
and place: an exception's own words may quote a customer or a secret.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Text  # noqa: F401

from klein import Klein
from twisted.logger import Logger
from twisted.python.failure import Failure  # noqa: F401
from werkzeug.exceptions import HTTPException, MethodNotAllowed

log = Logger()

#: Seconds after which a caller may try again when we could not do our part.
RETRY_AFTER = 30


def answer(request, status, body):
    # type: (Any, int, Any) -> bytes
    """Answer `request` with `status` and `body` (JSON values); returns the bytes to send."""
    said = json.dumps(body).encode('utf-8')
    request.setResponseCode(status)
    request.setHeader(b'Content-Type', b'application/json; charset=utf-8')
    request.setHeader(b'Content-Length', ('%d' % (len(said),)).encode('ascii'))
    request.setHeader(b'Cache-Control', b'no-store')
    request.setHeader(b'X-Content-Type-Options', b'nosniff')
    return said


def answer_later(request, why):
    # type: (Any, Text) -> bytes
    """Answer that the same request may work in a while (503 with Retry-After)."""
    request.setHeader(b'Retry-After', ('%d' % (RETRY_AFTER,)).encode('ascii'))
    return answer(request, 503, {'error': why})


def fault(failure):
    # type: (Failure) -> Text
    """What is known of an unexpected exception that may be logged: its type and its place."""
    place = ''
    if failure.frames:
        function, path, line = failure.frames[-1][:3]
        place = ' in %s (%s:%d)' % (function, path, line)
    return '%s%s' % (failure.type.__name__, place)


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
    log.error('A page failed: {fault}', fault=fault(failure))
    return answer_later(request, 'something failed here, come again')
