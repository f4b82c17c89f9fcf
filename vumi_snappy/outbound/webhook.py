"""The webhook, which Snappy calls: authenticate, limit, parse, store.

Promises a 200 only when what matters is in the store; never a 500; and that neither a secret nor
an agent's words are in the log or a response.  Responses: 200 accepted or ignored, 400 with the
reason, 401 wrong secret, 403 not from an allowed network, 405, 413, 415, and 503 with Retry-After
when the store is unavailable.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import hmac
from typing import Any, Callable, List, Optional, Sequence, Text, Tuple  # noqa: F401

from six.moves.urllib.parse import unquote_to_bytes as _unquote
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.http.basic_auth import credentials
from vumi_snappy.http.callers import Callers
from vumi_snappy.http.forms import check_form_type
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.responses import HttpError, Response
from vumi_snappy.http.routing import Routes  # noqa: F401
from vumi_snappy.http.throttle import SecretThrottle
from vumi_snappy.records import Accepted
from vumi_snappy.runtime.faults import fault
from vumi_snappy.runtime.lines import Lines
from vumi_snappy.http.shielded import shielded_call
from vumi_snappy.runtime.ports import Clock, Meter  # noqa: F401
from vumi_snappy.snappy.hook import BadHook, Event, parse_cut_hook, parse_hook  # noqa: F401
from vumi_snappy.store import Store  # noqa: F401
from vumi_snappy.store.errors import StoreError

log = Logger()

#: Headers of a 401.
_CHALLENGE = ((b'WWW-Authenticate', b'Basic realm="vumi-snappy"'),)
#: The responses, by what became of a webhook in the store.
_RESPONSES = {accepted: Response.of(200, {'result': accepted.value}) for accepted in Accepted}


class WebhookResource(object):
    """The webhook at `path`, for any of `secrets` (one, or two while they are changed).

    The secret comes as HTTP Basic password, or as what follows `path` and a slash.
    `allowed_networks` and `trusted_proxies` are as `Callers` takes them, `max_body` is in bytes.
    Errors: ValueError without a secret, or for a bad network.
    """

    def __init__(self, store, secrets, path, metrics, clock, allowed_networks=(),
                 trusted_proxies=(), max_body=Limits().max_body):
        # type: (Store, Sequence[Text], Text, Meter, Clock, Sequence[Text], Sequence[Text], int) -> None  # noqa: E501
        if not secrets or not all(secrets):
            raise ValueError('the webhook needs a secret that is not empty')
        self._store = store
        self._secrets = [secret.encode('utf-8') for secret in secrets]
        self._path = '/' + path.strip('/')
        self._metrics = metrics
        self._clock = clock
        self._callers = Callers(allowed_networks, trusted_proxies)
        self._throttle = SecretThrottle(clock)
        self._lines = Lines(log, clock)
        self._max_body = max_body

    def add_to(self, routes):
        # type: (Routes) -> None
        """Add the webhook's routes."""
        below = self._path.rstrip('/') + '/'
        # A secret may hold slashes; the path with a slash at its end is the path.
        handlers = [(self._path, self._by_password), (below, self._by_password),
                    (below + '<path:secret>', self._by_path)]  # type: List[Tuple[Text, Callable]]
        for path, handler in handlers:
            routes.add(path, handler, 'POST')
            routes.add(path, self._wrong_method)

    def may_send_more(self, path, headers):
        # type: (bytes, Any) -> Optional[bool]
        """Whether a request with this path and these `Headers` has our secret; None: it is not for
        the webhook."""
        path, own = path.partition(b'?')[0], self._path.encode('utf-8').rstrip(b'/')
        if path in (own, own + b'/'):
            return self._knows(credentials(headers)[1])
        return self._knows(_unquote(path[len(own) + 1:])) if path.startswith(own + b'/') else None

    def _by_password(self, request):
        # type: (Any) -> defer.Deferred
        return self._guarded(self._take, request, credentials(request.requestHeaders)[1])

    def _by_path(self, request, secret):
        # type: (Any, Text) -> defer.Deferred
        return self._guarded(self._take, request, secret.encode('utf-8'))

    def _wrong_method(self, request, secret=None):
        # type: (Any, Optional[Text]) -> None
        self._metrics.count('webhooks.rejected')
        raise HttpError.method(['POST'])

    def receive(self, request, form=None):
        # type: (Any, Optional[bytes]) -> defer.Deferred
        """Receive what an authenticated caller brings to another address: the body of `request`, or
        a `form`.

        Fires when it is stored.  Errors: `HttpError`.  Unlike at our own address, a reply on an
        unknown ticket is a 404: when it is brought again, the ticket may have been imported.
        """
        return self._guarded(self._take_brought, request, form)

    def _guarded(self, take, request, argument):
        # type: (Callable[[Any, Any], defer.Deferred], Any, Any) -> defer.Deferred
        return defer.maybeDeferred(take, request, argument).addErrback(self._failed)

    def _take(self, request, secret):
        # type: (Any, bytes) -> defer.Deferred
        if not self._callers.allows(request):
            raise HttpError(403, 'Calls from this address are not allowed.')
        if not self._knows(secret):
            return self._reject(request)
        event = self._event(request)
        return self._store_event(event).addCallback(self._accepted, event)

    def _take_brought(self, request, form):
        # type: (Any, Optional[bytes]) -> defer.Deferred
        event = self._event(request) if form is None else _parsed(form)
        return self._store_event(event).addCallback(self._accepted, event, known_only=True)

    @defer.inlineCallbacks
    def _reject(self, request):
        # type: (Any) -> defer.Deferred
        """Fails, after a delay for who has guessed before."""
        caller = self._callers.caller(request)
        yield self._throttle.rejected(caller, lambda: log.warn(
            'A webhook from {caller} had no valid secret.', caller=caller))
        raise HttpError(401, 'The secret is wrong.', headers=_CHALLENGE)

    def _failed(self, failure):
        # type: (Failure) -> Any
        if failure.check(defer.CancelledError):
            return failure  # the client has gone away
        self._metrics.count('webhooks.rejected')
        if failure.check(HttpError):
            if failure.value.status in (400, 413, 415):
                # It had the secret, so it is likely Snappy's, and the operator should know.
                log.warn('A webhook was refused: {why}', why=failure.value.message)
            return failure
        if failure.check(StoreError, defer.TimeoutError):
            log.warn('A webhook could not be stored; Snappy must send it again: {why}',
                     why=failure.type.__name__)
            raise HttpError(503, 'The store is not available: try again later.')
        log.error('A webhook could not be processed; Snappy must send it again: {fault}',
                  fault=fault(failure))
        raise HttpError(503, 'Something failed on the server: try again later.')

    def _knows(self, secret):
        # type: (bytes) -> bool
        # Every secret is compared, each in constant time: how long it takes tells nothing.
        known = False
        for each in self._secrets:
            known = hmac.compare_digest(each, secret) or known
        return known

    def _event(self, request):
        # type: (Any) -> Event
        check_form_type(request.getHeader(b'content-type') or b'')
        body = request.content.read(self._max_body + 1)
        if len(body) > self._max_body:
            raise HttpError(413, 'The body is larger than %d bytes.' % (self._max_body,))
        if not request.is_cut:
            return _parsed(body)
        log.warn('A webhook is larger than {most} bytes (web_body_limit).', most=self._max_body)
        try:
            return parse_cut_hook(body, request.tail)
        except BadHook:
            raise HttpError(413, 'The body is larger than %d bytes, and does not tell which note'
                            ' it is.' % (self._max_body,))

    def _store_event(self, event):
        # type: (Event) -> defer.Deferred
        """Fires with what became of it in the store, `Accepted`."""
        if event.note is not None:
            return shielded_call(self._clock, self._store.accept_reply, event.note)
        if event.ticket is not None:
            return shielded_call(self._clock, self._store.record_ticket_event, event.ticket)
        return defer.succeed(Accepted.STORED)

    def _accepted(self, accepted, event, known_only=False):
        # type: (Accepted, Event, bool) -> Response
        unknown = accepted is Accepted.UNKNOWN_TICKET
        if unknown and known_only and event.note is not None:
            raise HttpError(404, 'No ticket of that nonce is known here.')
        if accepted is Accepted.TOO_EARLY:
            raise HttpError(503, 'Too many replies wait for tickets that are being opened: try'
                            ' again later.')
        self._metrics.count('webhooks.accepted')
        ignored = event.ignored or ('unknown_ticket' if unknown else '')
        if ignored:
            self._metrics.count('webhooks.ignored')
            return Response.of(200, {'result': 'ignored: %s' % (ignored,)})
        if accepted is Accepted.DUPLICATE:
            self._metrics.count('webhooks.duplicate')
        if event.note is not None:
            self._lines.say("Note %s on Snappy's ticket %s: %s." % (
                event.note.note_id, event.note.nonce or event.note.ticket_id, accepted.value))
            if accepted is Accepted.REFUSED:
                log.warn('Note {note} is not sent: it contradicts itself, or what is known of its'
                         ' ticket. Its agent is told.', note=event.note.note_id)
                self._metrics.count('replies.refused')
        return _RESPONSES[accepted]


def _parsed(body):
    # type: (bytes) -> Event
    try:
        return parse_hook(body)
    except BadHook as bad:
        raise HttpError(400, 'The webhook can not be understood: %s.' % (bad,))
