"""One call from its arrival to its answer: ledger, faults, key, rate limit, and then the work.

Knows nothing of what the calls mean; `api` hands it the work.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import math
from collections import deque
from typing import Any, Callable, Text  # noqa: F401

from twisted.internet import defer, task
from twisted.python import log
from twisted.web.http import datetimeToString

from vumi_snappy.http.basic_auth import credentials
from vumi_snappy.standin.drafts import Invalid
from vumi_snappy.standin.faults import Effect
from vumi_snappy.standin.model import NoSuchTicket
from vumi_snappy.standin.wire import as_json, read_body

#: Effects of calls whose work is not done, at least not now.
_NOT_DONE = (Effect.RESET_BEFORE, Effect.HANG, Effect.STATUS, Effect.GARBAGE_BEFORE,
             Effect.RESET_LATE, Effect.WRONG_NONCE_BEFORE)
#: Seconds of the rate limit: Snappy documents 200 requests per account in any 60 seconds.
_WINDOW = 60.0


class RateLimit(object):
    """Lets `most` calls through in any minute (0: all); `clock()` gives seconds."""

    def __init__(self, clock, most):
        # type: (Callable[[], float], int) -> None
        self._clock = clock
        self.most = most
        self._passed = deque()  # type: deque

    def take(self):
        # type: () -> float
        """0.0, and the call is counted; or the seconds until the next one may pass."""
        now = self._clock()
        while self._passed and self._passed[0] <= now - _WINDOW:
            self._passed.popleft()
        if self.most and len(self._passed) >= self.most:
            return self._passed[0] + _WINDOW - now
        if self.most:
            self._passed.append(now)
        return 0.0

    def reset(self):
        # type: () -> None
        self._passed.clear()


class Serving(object):
    """Serves calls with `api_key` as the user name of HTTP Basic; `base` is left out of the paths
    in the ledger; `other_nonce(nonce)` gives that of another ticket; `retry_after`: whether a 429
    of the rate limit has a Retry-After."""

    def __init__(self, reactor, base, ledger, faults, limit, api_key, other_nonce,
                 retry_after=True):
        # type: (Any, Text, Any, Any, Any, Text, Callable[[Text], Text], bool) -> None
        self._reactor = reactor
        self._base = base
        self._ledger, self._faults, self._limit = ledger, faults, limit
        self._api_key = api_key
        self._other_nonce = other_nonce
        self._tells_when = retry_after
        self._late = set()  # type: set

    def stop(self):
        # type: () -> None
        """Cancel work that is still to be done late."""
        for late in list(self._late):
            late.cancel()

    @defer.inlineCallbacks
    def call(self, request, work, names):
        # type: (Any, Callable[..., Any], Any) -> Any
        """Fires with the body; is cancelled when the caller hangs up.

        ``work(request, call, body, **names)`` does the work, notes it in the ledger's `call` and
        returns bytes or a value for JSON, or raises `NoSuchTicket` or `Invalid`.
        """
        body = read_body(request)
        path = request.path.decode('utf-8', 'replace')[len(self._base):]
        method = request.method.decode('ascii', 'replace')
        user = credentials(request.requestHeaders)[0]
        call = self._ledger.begin(
            self._reactor.seconds(), method, path, user == self._api_key.encode('utf-8'), body,
            request.uri.partition(b'?')[2].decode('utf-8', 'replace'))
        request.notifyFinish().addBoth(lambda failure: setattr(call, 'answered', not failure))
        request.setHeader(b'Set-Cookie', b'snappy_session=stand-in; path=/; httponly')
        met = self._faults.for_call(method, path, _message_of(body))
        call.fault = ' '.join(fault.effect.value for fault in met)
        for fault in met:
            if fault.effect is Effect.LATENCY:
                yield task.deferLater(self._reactor, fault.seconds, lambda: None)

        def do():
            return self._do(request, call, work, names, body)
        for fault in met:
            if fault.effect is not Effect.LATENCY:
                answer = yield self._go_wrong(request, call, fault, do, body)
                break
        else:
            answer = do()
        call.status = request.code
        defer.returnValue(answer)

    @defer.inlineCallbacks
    def _go_wrong(self, request, call, fault, do, body):
        effect = fault.effect
        answer = b'' if effect in _NOT_DONE else do()
        if effect is Effect.RESET_LATE:
            self._do_late(fault.seconds, do)
        if effect in (Effect.RESET_BEFORE, Effect.RESET_AFTER, Effect.RESET_LATE):
            request.transport.abortConnection()
        if effect is Effect.TRUNCATED:
            request.setHeader(b'Content-Length', b'%d' % (len(answer) + 1,))
            request.write(answer[:len(answer) // 2])
            request.transport.loseConnection()
        if effect in (Effect.STATUS, Effect.STATUS_AFTER):
            self._fail(request, fault)
            defer.returnValue(b'{"error": "a fault on demand"}')
        if effect in (Effect.GARBAGE, Effect.GARBAGE_BEFORE):
            request.setResponseCode(fault.status or 200)
            request.setHeader(b'Content-Type', fault.content_type.encode('ascii'))
            defer.returnValue(fault.body.encode('utf-8') * int(fault.repeat))
        if effect in (Effect.WRONG_NONCE, Effect.WRONG_NONCE_BEFORE):
            own = call.nonce or (body.get('id') if isinstance(body, dict) else '')
            defer.returnValue(self._other_nonce('%s' % (own,)).encode('ascii'))
        if effect is Effect.LONGER:
            defer.returnValue(_longer(answer, fault.body.encode('utf-8'), int(fault.repeat)))
        # No answer: until the caller has hung up.
        yield defer.Deferred()

    def _fail(self, request, fault):
        request.setResponseCode(int(fault.status or 500))
        request.setHeader(b'Content-Type', b'application/json')
        if fault.location:
            request.setHeader(b'Location', fault.location.encode('ascii'))
        if fault.retry_after is not None:
            request.setHeader(b'Retry-After', self._retry_after(fault))

    def _retry_after(self, fault):
        if fault.as_date:
            return datetimeToString(math.ceil(self._reactor.seconds() + fault.retry_after))
        if isinstance(fault.retry_after, type('')):
            return fault.retry_after.encode('ascii')
        return b'%d' % (math.ceil(fault.retry_after),)

    def _do_late(self, seconds, do):
        late = task.deferLater(self._reactor, seconds, do)
        self._late.add(late)
        late.addErrback(lambda failure: failure.trap(defer.CancelledError) and None)
        late.addErrback(log.err, 'Late work failed')
        late.addBoth(lambda _: self._late.discard(late))

    def _do(self, request, call, work, names, body):
        if not call.key_is_right:
            request.setHeader(b'WWW-Authenticate', b'Basic realm="Snappy"')
            return as_json(request, {'error': 'Unauthorized'}, 401)
        wait = self._limit.take()
        if wait:
            if self._tells_when:
                request.setHeader(b'Retry-After', b'%d' % (math.ceil(wait),))
            return as_json(request, {'error': 'Too Many Requests'}, 429)
        try:
            answer = work(request, call, body, **names)
            return answer if isinstance(answer, bytes) else as_json(request, answer)
        except NoSuchTicket:
            return as_json(request, {'error': 'Not Found'}, 404)
        except Invalid as problem:
            return as_json(request, {'error': '%s' % (problem,)}, 422)


def _message_of(body):
    # type: (Any) -> Text
    message = body.get('message') if isinstance(body, dict) else None
    return message if isinstance(message, type('')) else ''


def _longer(answer, item, repeat):
    # type: (bytes, bytes, int) -> bytes
    """`answer` with `item` in front, `repeat` times, where it is a list."""
    if not answer.startswith(b'['):
        return answer
    rest = answer[1:] if answer == b'[]' else b',' + answer[1:]
    return b'[' + b','.join([item] * repeat) + rest
