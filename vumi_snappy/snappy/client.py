"""Snappy's HTTP API: its calls, and what the responses mean.

Promises that every call ends in a value or a `CallError`, that no more than `concurrency` run at
once, and that nothing of a call is logged.  The forwarder, the look-up and the command line call
it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json
import re
from typing import (  # noqa: F401
    Any, Callable, Dict, Iterable, List, Optional, Sequence, Text)

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.compat import urlquote
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers

from vumi_snappy import __version__
from vumi_snappy.http.call_errors import (  # noqa: F401
    BadAnswer, CallError, NotFound, TooLarge, Unreachable, error_for)
from vumi_snappy.http.retry_after import retry_after_in
from vumi_snappy.http.wire import ClientResponse, End, Wire  # noqa: F401
from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.faults import fault
from vumi_snappy.snappy import parsing
from vumi_snappy.snappy.listed import Listed
from vumi_snappy.snappy.values import NoteDraft  # noqa: F401

log = Logger()

#: Seconds that a Retry-After of Snappy's may ask for, at most: people wait meanwhile.
LONGEST_RETRY_AFTER = 300.0


_TICKET_NAME = re.compile(r'[0-9A-Za-z_-]{1,64}\Z')
_CONTROLS = re.compile(r'[\s\x00-\x1f\x7f-\x9f]+')


class SnappyClient(object):
    """Calls the API at `api_url` with `api_key`.

    `timeout`: seconds for a whole call, from connecting to the last byte; waiting for one of the
    `concurrency` slots is not part of it, so the caller bounds how many wait.  `max_answer`:
    bytes.  `on_call(name, seconds, error)` is called after each call, with the name of its method,
    and None for no error.
    """

    def __init__(self, reactor, api_url, api_key, timeout=30.0, concurrency=20,
                 max_answer=1024 * 1024, on_call=lambda name, seconds, error: None):
        # type: (Any, Text, Text, float, int, int, Callable) -> None
        self._reactor = reactor
        self._base = api_url.rstrip('/').encode('ascii')
        self._auth = (api_key.encode('utf-8'), b'x')
        self._secrets = [each for each in (
            api_key, base64.b64encode(b':'.join(self._auth)).decode('ascii'),
            _quoted(api_key).decode('ascii')) if each]
        self._on_call = on_call
        self._slots = defer.DeferredSemaphore(concurrency)
        self._wire = Wire(reactor, timeout, concurrency, max_answer)
        self._closed = False

    # The calls.

    def post_note(self, note):
        # type: (NoteDraft) -> defer.Deferred
        """Add a note, or open a ticket with it.  Fires with the ticket's nonce (text)."""
        return self._call('post_note', 'POST', ['note'], parsing.parse_nonce, body=note.body())

    def get_notes(self, nonce, wanted=lambda note: True):
        # type: (Text, Callable[[Any], Any]) -> defer.Deferred
        """The notes of a ticket (a list of `Note`) that are `wanted(note)`, newest first."""
        listed = Listed(parsing.note_from, parsing.parse_notes, wanted)
        return self._on_ticket('get_notes', 'GET', nonce, ['notes'], listed.result, listed=listed)

    def get_ticket(self, nonce):
        # type: (Text) -> defer.Deferred
        """One `Ticket`."""
        return self._on_ticket('get_ticket', 'GET', nonce, [], parsing.parse_ticket)

    def search(self, account_id, query, page=1):
        # type: (Any, Text, int) -> defer.Deferred
        """A page of the tickets (a list of `Ticket`) that match `query`."""
        return self._call('search', 'GET', ['account', account_id, 'search'],
                          parsing.parse_tickets, query=[('query', query), ('page', page)])

    def waiting(self, mailbox_id, wanted=lambda ticket: True):
        # type: (int, Callable[[Any], Any]) -> defer.Deferred
        """The tickets (a list of `Ticket`) of a mailbox that wait for an answer and are
        `wanted(ticket)`.  Those that nobody has taken may be in the inbox alone."""
        return self._tickets('waiting', mailbox_id, wanted)

    def inbox(self, mailbox_id, wanted=lambda ticket: True):
        # type: (int, Callable[[Any], Any]) -> defer.Deferred
        """As `waiting`, for the inbox of a mailbox."""
        return self._tickets('inbox', mailbox_id, wanted)

    def set_tags(self, nonce, tags):
        # type: (Text, Sequence[Text]) -> defer.Deferred
        """Replace all tags of a ticket.  Fires with None."""
        return self._on_ticket('set_tags', 'POST', nonce, ['tags'], parsing.parse_done,
                               body={'tags': list(tags)})

    def set_status(self, nonce, status):
        # type: (Text, Text) -> defer.Deferred
        """Set a ticket's status: ``waiting`` or ``replied`` are known.  Fires with None."""
        return self._on_ticket('set_status', 'PUT', nonce, ['status'], parsing.parse_done,
                               body={'status': status})

    def accounts(self):
        # type: () -> defer.Deferred
        """The accounts (dicts with ``id``, an int) that the key reaches."""
        return self._call('accounts', 'GET', ['accounts'], parsing.parse_objects)

    def mailboxes(self, account_id):
        # type: (Any) -> defer.Deferred
        """The mailboxes (dicts with ``id``, an int) of an account."""
        return self._call('mailboxes', 'GET', ['account', account_id, 'mailboxes'],
                          parsing.parse_objects)

    def staff(self, account_id):
        # type: (Any) -> defer.Deferred
        """The staff (dicts with ``id``, an int) of an account, without their tokens."""
        return self._call('staff', 'GET', ['account', account_id, 'staff'],
                          parsing.parse_objects)

    def close(self):
        # type: () -> defer.Deferred
        """End the calls that run or wait, by errors, and close the connections.

        Fires within seconds.  Any later call fails with `Unreachable`.
        """
        self._closed = True
        for waiting in list(self._slots.waiting):
            waiting.cancel()
        return self._wire.close()

    # How a call is made.

    def _on_ticket(self, name, method, nonce, path, parse, body=None, listed=None):
        # type: (Text, Text, Text, List[Any], Callable, Optional[Dict], Any) -> defer.Deferred
        if not _TICKET_NAME.match(nonce):
            return defer.fail(NotFound('no ticket can have such a nonce'))
        return self._call(name, method, ['ticket', nonce] + path, parse, body, listed=listed)

    def _tickets(self, name, mailbox_id, wanted):
        # type: (Text, int, Callable[[Any], Any]) -> defer.Deferred
        listed = Listed(parsing.ticket_from, parsing.parse_tickets, wanted)
        return self._call(name, 'GET', ['mailbox', mailbox_id, name], listed.result,
                          listed=listed)

    @defer.inlineCallbacks
    def _call(self, name, method, path, parse, body=None, query=(), listed=None):
        yield self._slot()
        began = self._reactor.seconds()
        failed = None  # type: Any
        try:
            response = yield self._wire.exchange(
                method, self._url(path, query), self._headers(body),
                None if body is None else json.dumps(body).encode('utf-8'), self._auth, listed)
            defer.returnValue(self._result(name, response, parse))
        except Exception as error:
            failed = error
            raise
        finally:
            self._slots.release()
            self._count(name, self._reactor.seconds() - began, failed)

    @defer.inlineCallbacks
    def _slot(self):
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

    def _count(self, name, seconds, failed):
        # type: (Text, float, Optional[Exception]) -> None
        try:
            self._on_call(name, seconds, failed)
        except Exception:
            # A fault of the metrics must not make a note that was taken look as if it was not.
            log.error('A call to Snappy could not be counted: {fault}', fault=fault(Failure()))

    # What the responses mean.

    def _result(self, name, response, parse):
        # type: (Text, ClientResponse, Callable[[bytes], Any]) -> Any
        status = response.status
        if 200 <= status < 300:
            if response.end is End.TOO_LARGE:
                raise TooLarge('the answer to %s is too large to be read' % (name,), status)
            try:
                return parse(response.body)
            except BadAnswer as bad:
                raise BadAnswer('%s' % (bad,), status, self._shown(response.body))
        retry_after = retry_after_in(response.headers, wall_time(self._reactor))
        if retry_after is not None:
            retry_after = min(retry_after, LONGEST_RETRY_AFTER)
        raise error_for(status)('Snappy answered %d' % (status,), status,
                                self._shown(response.body), retry_after)

    def _shown(self, body):
        # type: (bytes) -> Text
        """The beginning of a response for the operator: on one line, without the API key."""
        text = body.decode('utf-8', 'replace')
        for secret in self._secrets:
            text = text.replace(secret, '(key)')
        return _CONTROLS.sub(' ', text).strip()


def _quoted(value):
    # type: (Any) -> bytes
    """A value as part of a path or a query."""
    return urlquote(('%s' % (value,)).encode('utf-8'), str('')).encode('ascii')
