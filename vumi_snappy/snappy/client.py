"""Snappy's HTTP API over treq.

Owns the connections: one persistent pool, TLS verified against the system's CAs, no redirects, no
cookies, a bound on the time and the size of every answer.  Promises that every call fires within
its timeout, with a value or a `SnappyError`.  The forwarder, the look-up and the command line call
it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from email.utils import mktime_tz, parsedate_tz
from typing import Any, Callable, Dict, List, Optional, Sequence, Text  # noqa: F401

import attr
from treq.client import HTTPClient
from twisted.internet import defer, error, ssl
from twisted.internet.protocol import Protocol, connectionDone
from twisted.web.client import (
    Agent, BrowserLikePolicyForHTTPS, HTTPConnectionPool, PotentialDataLoss, ResponseDone,
    ResponseFailed, ResponseNeverReceived)
from twisted.web.http_headers import Headers
from twisted.web._newclient import RequestNotSent, RequestTransmissionFailed

from vumi_snappy import __version__
from vumi_snappy.snappy import answers
from vumi_snappy.snappy.errors import (
    BadAnswer, BadCredentials, NotFound, RateLimited, Refused, ServerFault, SnappyError,
    Unanswered, Unreachable)

_NEVER_SENT = (error.ConnectError, error.DNSLookupError, error.ConnectingCancelledError,
               RequestNotSent)


@attr.s(frozen=True, slots=True)
class NoteDraft(object):
    """A note to be posted.

    With `nonce` it is appended to that ticket, without it opens one.  A customer's note has
    `from_name` and `from_address`; a staff member's has `staff_id`, `to_name` and `to_address`.
    """

    mailbox_id = attr.ib()  # type: int
    subject = attr.ib(repr=False)  # type: Text
    message = attr.ib(repr=False)  # type: Text
    from_name = attr.ib(default='', repr=False)  # type: Text
    from_address = attr.ib(default='', repr=False)  # type: Text
    nonce = attr.ib(default=None)  # type: Optional[Text]
    staff_id = attr.ib(default=None)  # type: Optional[int]
    to_name = attr.ib(default='', repr=False)  # type: Text
    to_address = attr.ib(default='', repr=False)  # type: Text
    scope = attr.ib(default=answers.Scope.PUBLIC)  # type: answers.Scope
    tags = attr.ib(default=())  # type: Sequence[Text]

    def body(self):
        # type: () -> Dict[Text, Any]
        """The JSON body of POST /note."""
        body = {'mailbox_id': self.mailbox_id, 'subject': self.subject,
                'message': self.message}  # type: Dict[Text, Any]
        if self.nonce:
            body['id'] = self.nonce
        if self.staff_id is None:
            body['from'] = [{'name': self.from_name, 'address': self.from_address}]
        else:
            body['staff_id'] = self.staff_id
            body['to'] = [{'name': self.to_name, 'address': self.to_address}]
        if self.scope is not answers.Scope.PUBLIC:
            body['scope'] = self.scope.value
        if self.tags:
            body['tags'] = list(self.tags)
        return body


class _Collector(Protocol):
    """The body of an answer, up to a size."""

    def __init__(self, most):
        # type: (int) -> None
        self._most = most
        self.done = defer.Deferred(lambda _: self.transport.loseConnection())
        self._parts, self._size = [], 0  # type: List[bytes], int

    def dataReceived(self, data):
        self._size += len(data)
        if self._size > self._most:
            self._finish(lambda: self.done.errback(
                BadAnswer('the answer is larger than %d bytes' % (self._most,))))
            self.transport.loseConnection()
        else:
            self._parts.append(data)

    def connectionLost(self, reason=connectionDone):
        if reason.check(ResponseDone, PotentialDataLoss):
            self._finish(lambda: self.done.callback(b''.join(self._parts)))
        else:
            self._finish(lambda: self.done.errback(Unanswered('the answer was cut off')))

    def _finish(self, tell):
        if not self.done.called:
            tell()


class SnappyClient(object):
    """Calls the API at `api_url` with `api_key`.

    `timeout`: seconds for a whole call, from connecting to the last byte.  `concurrency`: calls
    at once; more wait.  `max_answer`: bytes.  `on_call(name, seconds, error)` is told of each
    call, with None for no error.
    """

    def __init__(self, reactor, api_url, api_key, timeout=30.0, concurrency=20,
                 max_answer=1024 * 1024, on_call=None):
        # type: (Any, Text, Text, float, int, int, Optional[Callable]) -> None
        self._reactor = reactor
        self._base = api_url.rstrip('/')
        self._auth = (api_key.encode('utf-8'), b'x')
        self._timeout = timeout
        self._most = max_answer
        self._on_call = on_call
        self._slots = defer.DeferredSemaphore(concurrency)
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._pool.maxPersistentPerHost = concurrency
        # A call that was sent must never be sent again behind our back.
        self._pool.retryAutomatically = False
        self._pool._factory.noisy = False
        self._agent = Agent(reactor, contextFactory=BrowserLikePolicyForHTTPS(),
                            connectTimeout=timeout, pool=self._pool)
        self._running = set()  # type: set

    # What can be asked.

    def post_note(self, note):
        # type: (NoteDraft) -> defer.Deferred
        """Add a note, or open a ticket with it.  Fires with the ticket's nonce (text)."""
        return self._call('POST', '/note', answers.parse_nonce, json_body=note.body())

    def get_notes(self, nonce):
        # type: (Text) -> defer.Deferred
        """The notes of a ticket (a list of `Note`), newest first."""
        return self._call('GET', '/ticket/%s/notes' % (nonce,), answers.parse_notes)

    def get_ticket(self, nonce):
        # type: (Text) -> defer.Deferred
        """One `Ticket`."""
        return self._call('GET', '/ticket/%s' % (nonce,), answers.parse_ticket)

    def search(self, account_id, query, page=1):
        # type: (Any, Text, int) -> defer.Deferred
        """A page of the tickets (a list of `Ticket`) that match `query`."""
        return self._call('GET', '/account/%s/search' % (account_id,), answers.parse_tickets,
                          params={'query': query, 'page': '%d' % (page,)})

    def waiting(self, mailbox_id):
        # type: (int) -> defer.Deferred
        """The tickets (a list of `Ticket`) of a mailbox that wait for an answer."""
        return self._call('GET', '/mailbox/%d/waiting' % (mailbox_id,), answers.parse_tickets)

    def set_tags(self, nonce, tags):
        # type: (Text, Sequence[Text]) -> defer.Deferred
        """Replace all tags of a ticket."""
        return self._call('POST', '/ticket/%s/tags' % (nonce,), lambda body: None,
                          json_body={'tags': list(tags)})

    def set_status(self, nonce, status):
        # type: (Text, Text) -> defer.Deferred
        """Set a ticket's status: ``waiting`` or ``replied`` are known."""
        return self._call('PUT', '/ticket/%s/status' % (nonce,), lambda body: None,
                          json_body={'status': status})

    def accounts(self):
        # type: () -> defer.Deferred
        """The accounts (dicts with ``id``) that the key reaches."""
        return self._call('GET', '/accounts', answers.parse_objects)

    def mailboxes(self, account_id):
        # type: (Any) -> defer.Deferred
        """The mailboxes (dicts with ``id``) of an account."""
        return self._call('GET', '/account/%s/mailboxes' % (account_id,), answers.parse_objects)

    def staff(self, account_id):
        # type: (Any) -> defer.Deferred
        """The staff (dicts with ``id``) of an account."""
        return self._call('GET', '/account/%s/staff' % (account_id,), answers.parse_objects)

    def close(self):
        # type: () -> defer.Deferred
        """End the calls that run and close the connections."""
        for running in list(self._running):
            running.cancel()
        return self._pool.closeCachedConnections()

    # How it is asked.

    @defer.inlineCallbacks
    def _call(self, method, path, parse, json_body=None, params=None):
        yield self._slots.acquire()
        began = self._reactor.seconds()
        failed = None
        try:
            answer = yield self._bounded(self._exchange(method, path, json_body, params))
            defer.returnValue(parse(answer))
        except SnappyError as known:
            failed = known
            raise
        finally:
            self._slots.release()
            if self._on_call is not None:
                self._on_call('%s %s' % (method, path.split('/')[1]),
                              self._reactor.seconds() - began, failed)

    def _bounded(self, exchange):
        # type: (defer.Deferred) -> defer.Deferred
        """Cut `exchange` off at the timeout."""
        late = []

        def cut():
            late.append(True)
            exchange.cancel()
        alarm = self._reactor.callLater(self._timeout, cut)
        self._running.add(exchange)

        def over(result):
            self._running.discard(exchange)
            if alarm.active():
                alarm.cancel()
            if late and not getattr(result, 'check', lambda *_: None)(Unreachable):
                raise Unanswered('no answer within %g seconds' % (self._timeout,))
            return result
        return exchange.addBoth(over)

    @defer.inlineCallbacks
    def _exchange(self, method, path, json_body, params):
        headers = Headers({b'User-Agent': [('vumi-snappy/%s' % __version__).encode('ascii')],
                           b'Accept': [b'application/json, text/html']})
        data = None
        if json_body is not None:
            headers.addRawHeader(b'Content-Type', b'application/json; charset=utf-8')
            data = json.dumps(json_body).encode('utf-8')
        try:
            # A client of its own for each call: its cookies go with it (Snappy sets a session).
            response = yield HTTPClient(self._agent).request(
                str(method), (self._base + path).encode('ascii'), headers=headers, data=data,
                params=params, auth=self._auth, allow_redirects=False, unbuffered=True)
        except Exception as failed:
            raise _not_answered(failed)
        collector = _Collector(self._most)
        response.deliverBody(collector)
        body = yield collector.done
        self._raise_for(response.code, response.headers, body)
        defer.returnValue(body)

    def _raise_for(self, status, headers, body):
        # type: (int, Any, bytes) -> None
        if 200 <= status < 300:
            return
        answer = body[:2000].decode('utf-8', 'replace').strip()
        after = self._retry_after(headers)
        said = 'Snappy answered %d' % (status,)
        if status == 429 or (status == 503 and after is not None):
            raise RateLimited(said, status, answer, after)
        if status >= 500:
            raise ServerFault(said, status, answer)
        if status in (401, 403):
            raise BadCredentials(said, status, answer)
        if status == 404:
            raise NotFound(said, status, answer)
        if status >= 400:
            raise Refused(said, status, answer)
        raise BadAnswer(said, status, answer)

    def _retry_after(self, headers):
        # type: (Any) -> Optional[float]
        """Seconds, from either form of the header; None where it is missing or senseless."""
        values = headers.getRawHeaders('retry-after') or []
        if not values:
            return None
        value = values[0].strip()
        if value.isdigit():
            return float(min(int(value), 86400))
        date = parsedate_tz(value)
        if date is None:
            return None
        return float(min(max(mktime_tz(date) - self._reactor.seconds(), 0.0), 86400))


def _not_answered(failed):
    # type: (Exception) -> SnappyError
    """What a request that got no response means."""
    if isinstance(failed, SnappyError):
        return failed
    reasons = [failed]
    if isinstance(failed, (ResponseNeverReceived, RequestTransmissionFailed, ResponseFailed)):
        reasons = [each.value for each in failed.reasons]
        if any(isinstance(each, ssl.SSL.Error) for each in reasons):
            return Unreachable('no TLS connection: the certificate was not accepted')
        return Unanswered('the connection was lost')
    if isinstance(failed, _NEVER_SENT):
        return Unreachable('could not connect (%s)' % (type(reasons[0]).__name__,))
    if isinstance(failed, (error.ConnectionLost, error.ConnectionDone, defer.CancelledError)):
        return Unanswered('the connection was lost')
    return Unanswered('the call failed (%s)' % (type(failed).__name__,))
