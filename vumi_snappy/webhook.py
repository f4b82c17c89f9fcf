"""Where Snappy's hook calls: authenticate, limit, parse, store.

Promises a 200 only when what matters is in the store; never a 500; and that neither the secret nor
an agent's words are in the log or in an answer.  Answers: 200 taken or of no concern, 400 with the
reason, 401 wrong secret, 405, 413, 415, 503 with Retry-After when the store is away.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import base64
import hmac
import json
from collections import OrderedDict
from typing import Any, List, Optional, Sequence, Text  # noqa: F401

from klein import Klein
from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.hooks import BadHook, parse_hook
from vumi_snappy.records import Accepted
from vumi_snappy.store.errors import StoreError

log = Logger()

#: Seconds after which Snappy may try again when the store is away.
_RETRY_AFTER = 30
#: Wrong secrets from one address: each delays the next answer more, up to this (seconds).
_SLOWEST = 8.0
#: Addresses whose wrong secrets are remembered, and for how long (seconds).
_REMEMBERED, _FORGIVEN_AFTER = 1000, 600.0

_TYPE = b'application/x-www-form-urlencoded'


class _Offenders(object):
    """Who gave wrong secrets lately; a bounded table."""

    def __init__(self, clock):
        self._clock = clock
        self._seen = OrderedDict()  # type: OrderedDict

    def delay(self, address):
        # type: (Text) -> float
        """Seconds that the answer to one more wrong secret from `address` is held back."""
        now = self._clock.seconds()
        count, at = self._seen.pop(address, (0, now))
        count = count + 1 if now - at < _FORGIVEN_AFTER else 1
        self._seen[address] = (count, now)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return 0.0 if count <= 3 else min(0.25 * 2 ** min(count - 4, 10), _SLOWEST)


class WebhookResource(object):
    """The webhook at `path`, for any of `secrets` (one, or two while they are changed).

    `store.accept_reply(StaffNote)` takes the replies; `observer` counts:
    ``webhook_accepted(name)``, ``webhook_duplicate()``, ``webhook_rejected(reason)`` and
    ``webhook_ignored(why)``.
    """

    def __init__(self, store, secrets, path, observer, clock):
        # type: (Any, Sequence[Text], Text, Any, Any) -> None
        self._store = store
        self._secrets = [secret.encode('utf-8') for secret in secrets]
        self._observer = observer
        self._clock = clock
        self._offenders = _Offenders(clock)
        self.app = Klein()
        path = '/' + path.strip('/')
        self.app.route(path, methods=['POST'])(self._by_password)
        self.app.route(path + '/<secret>', methods=['POST'])(self._by_path)
        for each in (path, path + '/<_secret>'):
            self.app.route(each)(self._wrong_method)

    def _by_password(self, request):
        # twisted's own parser gives nothing for a header that is not Basic
        given = request.getHeader(b'authorization') or b''
        kind, _, coded = given.partition(b' ')
        password = b''
        if kind.lower() == b'basic':
            try:
                password = base64.b64decode(coded.strip()).partition(b':')[2]
            except (TypeError, ValueError):
                password = b''
        return self._take(request, password)

    def _by_path(self, request, secret):
        return self._take(request, secret.encode('utf-8'))

    def _wrong_method(self, request, _secret=None):
        request.setHeader(b'Allow', b'POST')
        return self._reject(request, 405, 'method', 'only POST is taken here')

    def _knows(self, given):
        # type: (bytes) -> bool
        # Every secret is compared, each in constant time.
        found = False
        for secret in self._secrets:
            found = hmac.compare_digest(secret, given) or found
        return found

    @defer.inlineCallbacks
    def _take(self, request, secret):
        if not self._knows(secret):
            delay = self._offenders.delay(request.getClientAddress().host)
            if delay:
                yield task.deferLater(self._clock, delay, lambda: None)
            request.setHeader(b'WWW-Authenticate', b'Basic realm="vumi-snappy"')
            defer.returnValue(self._reject(request, 401, 'secret', 'the secret is wrong'))
        kind = (request.getHeader(b'content-type') or b'').partition(b';')[0].strip().lower()
        if kind != _TYPE:
            defer.returnValue(self._reject(
                request, 415, 'type', 'the body must be %s' % (_TYPE.decode('ascii'),)))
        try:
            event = parse_hook(request.content.read())
        except BadHook as bad:
            defer.returnValue(self._reject(request, 400, 'body', '%s' % (bad,)))
        if event.note is None:
            self._observer.webhook_accepted(event.kind.value if event.kind else 'other')
            self._observer.webhook_ignored(event.ignored)
            defer.returnValue(b'')
        try:
            said = yield self._store.accept_reply(event.note)
        except StoreError as failed:
            log.warn('A reply could not be stored, Snappy has to bring it again: {why}',
                     why=type(failed).__name__)
            defer.returnValue(self._away(request))
        except Exception as failed:
            # The exception's own text may quote the reply.
            log.error('A reply could not be stored through a fault of our own: {why}',
                      why=type(failed).__name__)
            defer.returnValue(self._away(request))
        self._observer.webhook_accepted(event.kind.value)
        if said is Accepted.DUPLICATE:
            self._observer.webhook_duplicate()
        elif said is Accepted.UNKNOWN_TICKET:
            self._observer.webhook_ignored('unknown_ticket')
        defer.returnValue(b'')

    def _away(self, request):
        request.setHeader(b'Retry-After', ('%d' % (_RETRY_AFTER,)).encode('ascii'))
        return self._reject(request, 503, 'store', 'the store is away, come again')

    def _reject(self, request, status, reason, text):
        # type: (Any, int, Text, Text) -> bytes
        self._observer.webhook_rejected(reason)
        return answer(request, status, {'error': text})


def answer(request, status, body):
    # type: (Any, int, Any) -> bytes
    """A JSON answer."""
    request.setResponseCode(status)
    request.setHeader(b'Content-Type', b'application/json; charset=utf-8')
    request.setHeader(b'Cache-Control', b'no-store')
    return json.dumps(body).encode('utf-8')
