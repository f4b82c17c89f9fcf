"""Where Snappy's hook calls: authenticate, limit, parse, store.

Promises a 200 only when what matters is in the store; never a 500; and that neither a secret nor
an agent's words are in the log or in an answer.  Answers: 200 taken or of no concern, 400 with the
reason, 401 wrong secret, 403 not from an allowed network, 405, 413, 415, and 503 with Retry-After
when the store is away.  The worker builds it and counts what it tells.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import base64
import hmac
from typing import Any, Dict, Optional, Sequence, Text  # noqa: F401

from klein import Klein  # noqa: F401
from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure

from vumi_snappy.callers import Guessers, Origins
from vumi_snappy.hooks import BadHook, Event, parse_hook  # noqa: F401
from vumi_snappy.httphead import Limits
from vumi_snappy.lines import Lines
from vumi_snappy.records import Accepted
from vumi_snappy.store.errors import StoreError
from vumi_snappy.web import Answer, Direct, fault, new_app, patiently, wrong_method

log = Logger()

_TYPE = b'application/x-www-form-urlencoded'
_CHARSETS = (b'', b'utf-8', b'utf8', b'us-ascii')
#: What is answered to what the store took.
_KEPT = {said: Answer.of(200, {'result': said.value}) for said in Accepted}


class _Rejected(Exception):
    """A call that is not taken: the status, the word to count it by, and why, for its sender."""

    def __init__(self, status, word, why):
        # type: (int, Text, Text) -> None
        Exception.__init__(self, status, word)
        self.status, self.word, self.why = status, word, why

    def answer(self):
        # type: () -> Answer
        """What its sender is told."""
        if self.status == 503:
            return Answer.later(self.why)
        more = ((b'WWW-Authenticate', b'Basic realm="vumi-snappy"'),) if self.status == 401 else ()
        return Answer.of(self.status, {'error': self.why}, *more)


class WebhookResource(object):
    """The webhook at `path`, for any of `secrets` (one, or two while they are changed).

    The secret comes as HTTP Basic password, or as what follows `path` and a slash.
    `store.accept_reply(StaffNote)` takes the replies, `store.record_ticket_event(TicketEvent)`
    what else is told of tickets.  `observer` counts, whatever is answered with a 200, by
    ``webhook_accepted(name)``, of these what was there before or is of no concern, by
    ``webhook_duplicate()`` and ``webhook_ignored(why)``, and everything else by
    ``webhook_rejected(reason)``.  `allowed_networks` and `trusted_proxies` are as `Origins` takes
    them, `max_body` is in bytes.  Errors: ValueError without a secret, or for a bad network.
    """

    def __init__(self, store, secrets, path, observer, clock, allowed_networks=(),
                 trusted_proxies=(), max_body=Limits().max_body):
        # type: (Any, Sequence[Text], Text, Any, Any, Sequence[Text], Sequence[Text], int) -> None
        if not secrets or not all(secrets):
            raise ValueError('the webhook needs a secret, and no empty one')
        self._store = store
        self._secrets = [secret.encode('utf-8') for secret in secrets]
        self._path = '/' + path.strip('/')
        self._observer = observer
        self._clock = clock
        self._origins = Origins(allowed_networks, trusted_proxies)
        self._guessers = Guessers(clock)
        self._lines = Lines(log, clock)
        self._max_body = max_body

    def resource(self):
        # type: () -> Any
        """The webhook alone, as an `IResource`."""
        app = new_app()
        self.add_to(app)
        return Direct(app, self.takers())

    def add_to(self, app):
        # type: (Klein) -> None
        """Add the webhook's routes to an app of `web.new_app`."""
        below = self._path.rstrip('/') + '/'
        # A secret may hold slashes; the path with a slash at its end is the path.
        for route, take in ((self._path, self._by_password), (below, self._by_password),
                            (below + '<path:secret>', self._by_path)):
            app.route(route, methods=['POST'])(take)
            app.route(route)(self._wrong_method)

    def takers(self):
        # type: () -> Dict[Text, Any]
        """What `Direct` may take past those routes: calls with the secret as password."""
        return {self._path: self._take_by_password}

    def _by_password(self, request):
        return self._put(request, self._take_by_password(request))

    def _by_path(self, request, secret):
        return self._put(request, self._take(request, secret.encode('utf-8')))

    def _put(self, request, said):
        # type: (Any, defer.Deferred) -> defer.Deferred
        return said.addCallback(lambda answer: answer.put(request))

    def _wrong_method(self, request, secret=None):
        self._observer.webhook_rejected('method')
        return wrong_method(request, ['POST'])

    def _take_by_password(self, request):
        # type: (Any) -> defer.Deferred
        kind, _, coded = (request.getHeader(b'authorization') or b'').partition(b' ')
        password = b''
        if kind.lower() == b'basic':
            try:
                password = base64.b64decode(coded.strip()).partition(b':')[2]
            except (TypeError, ValueError):
                pass
        return self._take(request, password)

    def _take(self, request, secret):
        # type: (Any, bytes) -> defer.Deferred
        """Fires with the `Answer`."""
        try:
            if not (self._origins.take_all or self._origins.allows(self._origins.caller(request))):
                raise _Rejected(403, 'network', 'calls from this address are not taken')
            if self._knows(secret):
                event = self._read(self._body(request))
                said = self._keep(event).addCallback(self._accepted, event)
            else:
                said = self._turn_away(request)
        except Exception:
            said = defer.fail()
        return said.addErrback(self._failed)

    def receive(self, request, form=None):
        # type: (Any, Optional[bytes]) -> defer.Deferred
        """Take what is brought by a caller whom somebody else has let in: the body of `request`, or
        a `form`.

        Fires with the `Answer`.  Unlike at our own address, a reply on a ticket that is not known
        is a 404: when it is brought again, the ticket may have been taken over.
        """
        try:
            event = self._read(self._body(request) if form is None else form)
            said = self._keep(event).addCallback(self._known, event)
            said.addCallback(self._accepted, event)
        except Exception:
            said = defer.fail()
        return said.addErrback(self._failed)

    @staticmethod
    def _known(said, event):
        # type: (Accepted, Event) -> Accepted
        if said is Accepted.UNKNOWN_TICKET and event.note is not None:
            raise _Rejected(404, 'unknown_ticket', 'no ticket of that nonce is known here')
        return said

    @defer.inlineCallbacks
    def _turn_away(self, request):
        """Fails, when whoever does not know the secret may be told so."""
        caller = self._origins.caller(request)
        yield self._guessers.turned_away(caller, lambda: log.warn(
            'A webhook came from {caller} without our secret.', caller=caller))
        raise _Rejected(401, 'secret', 'the secret is wrong')

    def _failed(self, failure):
        # type: (Failure) -> Any
        if failure.check(defer.CancelledError):
            return failure  # the caller has gone away
        if failure.check(_Rejected):
            no = failure.value
            self._observer.webhook_rejected(no.word)
            return no.answer()
        log.error('A webhook failed, Snappy has to bring it again: {fault}', fault=fault(failure))
        self._observer.webhook_rejected('fault')
        return Answer.later('something failed here, come again')

    def _knows(self, given):
        # type: (bytes) -> bool
        # Every secret is compared, each in constant time: how long it takes tells nothing.
        found = False
        for secret in self._secrets:
            found = hmac.compare_digest(secret, given) or found
        return found

    def _body(self, request):
        # type: (Any) -> bytes
        kind, _, parameters = (request.getHeader(b'content-type') or b'').partition(b';')
        name, _, charset = parameters.partition(b'=')
        if kind.strip().lower() != _TYPE:
            raise self._refused(415, 'type', 'the body must be %s' % (_TYPE.decode('ascii'),))
        if name.strip().lower() == b'charset' and (
                charset.strip(b' \t"').lower() not in _CHARSETS):
            raise self._refused(415, 'type', 'the charset must be UTF-8')
        body = request.content.read(self._max_body + 1)
        if len(body) > self._max_body:
            raise self._refused(
                413, 'size', 'the body is larger than %d bytes' % (self._max_body,))
        return body

    def _refused(self, status, word, why):
        # type: (int, Text, Text) -> _Rejected
        # It had the secret, so it is likely Snappy's, and the operator should know.
        log.warn('A webhook was refused: {why}.', why=why)
        return _Rejected(status, word, why)

    def _read(self, body):
        # type: (bytes) -> Event
        try:
            return parse_hook(body)
        except BadHook as bad:
            raise self._refused(400, 'body', '%s' % (bad,))

    def _keep(self, event):
        # type: (Event) -> defer.Deferred
        """Fires with what the store said of it, `Accepted`."""
        if event.note is not None:
            storing = patiently(self._clock, self._store.accept_reply, event.note)
        elif event.ticket is not None:
            storing = patiently(self._clock, self._store.record_ticket_event, event.ticket)
        else:
            return defer.succeed(Accepted.STORED)
        return storing.addErrback(self._not_kept)

    def _not_kept(self, failure):
        # type: (Failure) -> Any
        failure.trap(StoreError, defer.TimeoutError)
        log.warn('A webhook could not be stored, Snappy has to bring it again: {why}',
                 why=failure.type.__name__)
        raise _Rejected(503, 'store', 'the store is away, come again')

    def _accepted(self, said, event):
        # type: (Accepted, Event) -> Answer
        self._observer.webhook_accepted(event.kind.value if event.kind else 'other')
        ignored = event.ignored or (
            'unknown_ticket' if said is Accepted.UNKNOWN_TICKET else '')
        if ignored:
            self._observer.webhook_ignored(ignored)
            return Answer.of(200, {'result': 'ignored: %s' % (ignored,)})
        if event.note is not None:
            self._lines.say("Note %s on Snappy's ticket %s: %s." % (
                event.note.note_id, event.note.nonce or event.note.ticket_id, said.value))
        if said is Accepted.DUPLICATE:
            self._observer.webhook_duplicate()
        return _KEPT[said]
