"""Which handler serves which path and method.

Klein finds the route.  Promises that what has no route is answered by the server's form of an
error; and, of `Routes`, that so is whatever fails, that no client sees a traceback or a 500, and
that of a fault only its type and place are logged: an exception's own text may quote a customer or
a secret.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Dict, Sequence, Text, Tuple  # noqa: F401

from klein import Klein
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure  # noqa: F401
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from vumi_snappy.http.responses import HttpError, Response, error_response  # noqa: F401
from vumi_snappy.runtime.faults import fault

log = Logger()


def new_app(respond=error_response, nothing_here='There is nothing here.'):
    # type: (Callable[[HttpError], Response], Text) -> Klein
    """A Klein app that answers what it has no route for as `respond(error)`, with the message
    `nothing_here`.  Faults of its handlers are left to who adds them."""
    def answer(_request, failure):
        # type: (Any, Failure) -> Response
        # Werkzeug's redirects (for // in a path) are not followed: a path may hold a secret.
        return respond(
            HttpError.method(failure.value.valid_methods) if failure.check(MethodNotAllowed)
            else HttpError(404, nothing_here))
    app = Klein()
    app.handle_errors(HTTPException)(answer)
    return app


class Routes(Resource):
    """Routes to handlers: functions of a `GuardedRequest`, and of what the path holds by name,
    that return a `Response` or a Deferred of one, which is cancelled when the client goes away.

    A handler's `HttpError` is answered as `respond(error)`; what has no route, as `new_app` does.
    """

    isLeaf = True

    def __init__(self, respond=error_response, *nothing_here):
        # type: (Callable[[HttpError], Response], *Text) -> None
        Resource.__init__(self)
        self.app = new_app(respond, *nothing_here)
        self._klein = self.app.resource()
        self._respond = respond
        self._fixed = {}  # type: Dict[Tuple[bytes, bytes], Callable]

    def add(self, path, handler, *methods):
        # type: (Text, Callable, *Text) -> None
        """Have `handler` serve `path` for `methods` (all, without any)."""
        def serve(request, **inside):
            return defer.maybeDeferred(handler, request, **inside).addErrback(self._failed)
        # Klein tells routes apart by the names of their functions, which these share.
        self.app.route(path, methods=methods or None,
                       endpoint='%s %s' % (' '.join(methods), path))(serve)
        if '<' not in path:
            self._fixed.update(((method.encode('ascii'), path.encode('utf-8')), serve)
                               for method in methods)

    def render(self, request):
        # type: (Any) -> Any
        """See `IResource`."""
        # Klein takes longer to find a route than a webhook takes to be served: without this short
        # cut the measure webhooks-klein falls by a third.
        serve = self._fixed.get((request.method, request.path))
        if serve is None:
            return self._klein.render(request)
        serving = serve(request)
        if not serving.called:
            request.notifyFinish().addErrback(lambda _: serving.cancel())
        serving.addCallbacks(request.send, lambda failure: failure.trap(defer.CancelledError))
        return NOT_DONE_YET

    def _failed(self, failure):
        # type: (Failure) -> Any
        if failure.check(defer.CancelledError):
            return failure  # the client has gone away
        if failure.check(HttpError):
            return self._respond(failure.value)
        log.error('A request could not be served: {fault}', fault=fault(failure))
        return self._respond(HttpError(503, 'Something failed on the server: try again later.'))
