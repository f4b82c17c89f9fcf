"""Snappy's HTTP API: its calls, and what its answers mean.

Promises that every call ends in a value or a `SnappyError`, that no more than `concurrency` run at
once, and that nothing is logged.  The forwarder, the look-up and the command line call it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import base64
import json
import re
from typing import (  # noqa: F401
    Any, Callable, Dict, Iterable, List, Optional, Sequence, Text, Type)

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.compat import urlquote
from twisted.python.url import URL
from twisted.web.http import stringToDatetime
from twisted.web.http_headers import Headers

from vumi_snappy import __version__
from vumi_snappy.snappy import answers
from vumi_snappy.snappy.errors import (
    BadAnswer, BadCredentials, NotFound, RateLimited, Refused, ServerFault, SnappyError,
    Unanswered, Unreachable)
from vumi_snappy.snappy.values import NoteDraft  # noqa: F401
from vumi_snappy.snappy.wire import Answer, End, Wire  # noqa: F401

log = Logger()

#: The longest time, in seconds, that Snappy can ask us to stay away.
LONGEST_RETRY_AFTER = 86400.0

_TICKET_NAME = re.compile(r'[0-9A-Za-z_-]{1,64}\Z')
_CONTROLS = re.compile(r'[\s\x00-\x1f\x7f-\x9f]+')


class SnappyClient(object):
    """Calls the API at `api_url` with `api_key`.

    `timeout`: seconds for a whole call, from connecting to the last byte; waiting for one of the
    `concurrency` places is not part of it, so the caller bounds how many wait.  `max_answer`:
    bytes.  `on_call(name, seconds, error)` is told of each call that was made, by the name of its
    method, with None for no error.
    """

    def __init__(self, reactor, api_url, api_key, timeout=30.0, concurrency=20,
                 max_answer=1024 * 1024, on_call=None):
        # type: (Any, Text, Text, float, int, int, Optional[Callable]) -> None
        self._reactor = reactor
        self._base = URL.fromText(api_url.rstrip('/')).asURI().asText().encode('ascii')
        self._auth = (api_key.encode('utf-8'), b'x')
        self._secrets = [each for each in (
            api_key, base64.b64encode(b':'.join(self._auth)).decode('ascii'),
            _quoted(api_key).decode('ascii')) if each]
        self._on_call = on_call
        self._slots = defer.DeferredSemaphore(concurrency)
        self._wire = Wire(reactor, timeout, concurrency, max_answer)
        self._closed = False

    # What can be asked.

    def post_note(self, note):
        # type: (NoteDraft) -> defer.Deferred
        """Add a note, or open a ticket with it.  Fires with the ticket's nonce (text)."""
        return self._call('post_note', 'POST', ['note'], answers.parse_nonce, body=note.body())

    def get_notes(self, nonce):
        # type: (Text) -> defer.Deferred
        """The notes of a ticket (a list of `Note`), newest first."""
        return self._on_ticket('get_notes', 'GET', nonce, ['notes'], answers.parse_notes)

    def get_ticket(self, nonce):
        # type: (Text) -> defer.Deferred
        """One `Ticket`."""
        return self._on_ticket('get_ticket', 'GET', nonce, [], answers.parse_ticket)

    def search(self, account_id, query, page=1):
        # type: (Any, Text, int) -> defer.Deferred
        """A page of the tickets (a list of `Ticket`) that match `query`."""
        return self._call('search', 'GET', ['account', account_id, 'search'],
                          answers.parse_tickets, query=[('query', query), ('page', page)])

    def waiting(self, mailbox_id):
        # type: (int) -> defer.Deferred
        """The tickets (a list of `Ticket`) of a mailbox that wait for an answer."""
        return self._call('waiting', 'GET', ['mailbox', mailbox_id, 'waiting'],
                          answers.parse_tickets)

    def set_tags(self, nonce, tags):
        # type: (Text, Sequence[Text]) -> defer.Deferred
        """Replace all tags of a ticket.  Fires with None."""
        return self._on_ticket('set_tags', 'POST', nonce, ['tags'], answers.parse_done,
                               body={'tags': list(tags)})

    def set_status(self, nonce, status):
        # type: (Text, Text) -> defer.Deferred
        """Set a ticket's status: ``waiting`` or ``replied`` are known.  Fires with None."""
        return self._on_ticket('set_status', 'PUT', nonce, ['status'], answers.parse_done,
                               body={'status': status})

    def accounts(self):
        # type: () -> defer.Deferred
        """The accounts (dicts with ``id``, an int) that the key reaches."""
        return self._call('accounts', 'GET', ['accounts'], answers.parse_objects)

    def mailboxes(self, account_id):
        # type: (Any) -> defer.Deferred
        """The mailboxes (dicts with ``id``, an int) of an account."""
        return self._call('mailboxes', 'GET', ['account', account_id, 'mailboxes'],
                          answers.parse_objects)

    def staff(self, account_id):
        # type: (Any) -> defer.Deferred
        """The staff (dicts with ``id``, an int) of an account, without their tokens."""
        return self._call('staff', 'GET', ['account', account_id, 'staff'],
                          answers.parse_objects)

    def close(self):
        # type: () -> defer.Deferred
        """End the calls that run or wait, by errors, and close the connections.

        Fires within seconds.  A call that is made afterwards fails with `Unreachable`.
        """
        self._closed = True
        for waiting in list(self._slots.waiting):
            waiting.cancel()
        return self._wire.close()

    # How it is asked.

    def _on_ticket(self, name, method, nonce, path, parse, body=None):
        # type: (Text, Text, Text, List[Any], Callable, Optional[Dict]) -> defer.Deferred
        if not _TICKET_NAME.match(nonce):
            return defer.fail(NotFound('no ticket can have such a nonce'))
        return self._call(name, method, ['ticket', nonce] + path, parse, body=body)

    @defer.inlineCallbacks
    def _call(self, name, method, path, parse, body=None, query=()):
        yield self._place()
        began = self._reactor.seconds()
        failed = None  # type: Any
        try:
            answer = yield self._wire.exchange(
                method, self._url(path, query), self._headers(body),
                None if body is None else json.dumps(body).encode('utf-8'), self._auth)
            defer.returnValue(self._understood(answer, parse))
        except Exception as error:
            failed = error
            raise
        finally:
            self._slots.release()
            self._tell(name, self._reactor.seconds() - began, failed)

    @defer.inlineCallbacks
    def _place(self):
        if not self._closed:
            try:
                yield self._slots.acquire()
                return
            except defer.CancelledError:
                if not self._closed:
                    raise
        raise Unreachable('the client was closed')

    def _url(self, path, query):
        # type: (List[Any], Iterable) -> bytes
        url = b'/'.join([self._base] + [_quoted(each) for each in path])
        if query:
            url += b'?' + b'&'.join(_quoted(name) + b'=' + _quoted(value)
                                    for name, value in query)
        return url

    def _headers(self, body):
        # type: (Any) -> Headers
        headers = Headers({b'User-Agent': [('vumi-snappy/%s' % (__version__,)).encode('ascii')],
                           b'Accept': [b'application/json, text/html']})
        if body is not None:
            headers.addRawHeader(b'Content-Type', b'application/json; charset=utf-8')
        return headers

    def _tell(self, name, seconds, failed):
        # type: (Text, float, Optional[Exception]) -> None
        if self._on_call is None:
            return
        try:
            self._on_call(name, seconds, failed)
        except Exception:
            # Whoever measures must not make a note that was taken look like one that was not.
            log.failure('The observer of calls to Snappy failed')

    # What the answers mean.

    def _understood(self, answer, parse):
        # type: (Answer, Callable[[bytes], Any]) -> Any
        status = answer.status
        if 200 <= status < 300:
            if answer.end is End.TOO_LARGE:
                raise BadAnswer('the answer is larger than %d bytes' % (len(answer.body),), status)
            try:
                return parse(answer.body)
            except BadAnswer as bad:
                raise BadAnswer('%s' % (bad,), status, self._shown(answer.body))
        after = self._retry_after(answer.headers)
        raise _error_for(status, after is not None)(
            'Snappy answered %d' % (status,), status, self._shown(answer.body), after)

    def _shown(self, body):
        # type: (bytes) -> Text
        """The beginning of an answer for the operator: on one line, without the API key."""
        text = body.decode('utf-8', 'replace')
        for secret in self._secrets:
            text = text.replace(secret, '(key)')
        return _CONTROLS.sub(' ', text).strip()

    def _retry_after(self, headers):
        # type: (Headers) -> Optional[float]
        """Seconds, from either form of the header; None where it is missing or senseless."""
        value = (headers.getRawHeaders(b'retry-after') or [b''])[0].strip()
        try:
            seconds = (float(value) if value.isdigit()
                       else stringToDatetime(value) - self._reactor.seconds())
        except (ValueError, IndexError, OverflowError):
            return None
        return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _error_for(status, asked_to_wait):
    # type: (int, bool) -> Type[SnappyError]
    """What a status other than 2xx means; `asked_to_wait`: with a Retry-After."""
    if status == 429 or (status == 503 and asked_to_wait):
        return RateLimited
    if status == 408:  # "I did not wait for the rest of your request"
        return Unanswered
    if status in (401, 403):
        return BadCredentials
    if status == 404:
        return NotFound
    if 400 <= status < 500:
        return Refused
    if 500 <= status < 600:
        return ServerFault
    return BadAnswer


def _quoted(value):
    # type: (Any) -> bytes
    """A value as part of a path or a query."""
    return urlquote(('%s' % (value,)).encode('utf-8'), str('')).encode('ascii')
