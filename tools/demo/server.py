"""The demo's own small web server: the page, its state, and what people do on it.

Listens on 127.0.0.1 and answers no other site: the Host header must be this machine's, and what
changes something must be JSON, which a foreign page can not send here.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
from typing import Any, Dict, Text  # noqa: F401

from klein import Klein
from twisted.internet import defer, threads
from twisted.logger import Logger
from twisted.web.server import Site

from tools.demo.samples import CUSTOMERS
from tools.demo.watcher import PLUGS
from tools.processes import ProcessFailed

log = Logger()

#: Seconds that a page's question for news may wait.
WAIT_FOR = 20.0
#: Limits of what may be posted: bytes, and characters of a text message.
MAX_BODY = 64 * 1024
MAX_TEXT = 1500

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'page')
_TYPES = {'.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8',
          '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml'}
_HEADERS = {
    'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store', 'Cross-Origin-Resource-Policy': 'same-origin'}


class Refused(Exception):
    """A request that can not be carried out: an HTTP status and a sentence for the person."""

    def __init__(self, status, sentence):
        # type: (int, Text) -> None
        Exception.__init__(self, sentence)
        self.status = status


class DemoServer(object):
    """Serves the page: `watcher` has its state, `standin` takes the agent's answers."""

    def __init__(self, reactor, watcher, standin):
        # type: (Any, Any, Any) -> None
        self._reactor, self._watcher, self._standin = reactor, watcher, standin
        self._port = None  # type: Any
        self.app = Klein()
        for method, path, answer in [
                ('GET', '/', self._index), ('GET', '/page/<name>', self._page),
                ('GET', '/api/state', self._state), ('POST', '/api/phone', self._phone),
                ('POST', '/api/desk', self._desk), ('POST', '/api/plug', self._plug)]:
            self.app.route(path, methods=[method], endpoint=path)(_guarded(answer))

    def start(self, port=0):
        # type: (int) -> Text
        """Listen on `port` (0: a free one) of 127.0.0.1 and return the page's address."""
        site = Site(self.app.resource(), reactor=self._reactor)
        site.noisy = False
        site.log = lambda request: None
        self._port = self._reactor.listenTCP(port, site, interface='127.0.0.1')
        return 'http://127.0.0.1:%d/' % (self._port.getHost().port,)

    def stop(self):
        # type: () -> defer.Deferred
        """Listen no more."""
        return defer.maybeDeferred(self._port.stopListening) if self._port else defer.succeed(None)

    def _index(self, request):
        return self._page(request, 'index.html')

    def _page(self, request, name):
        if name not in os.listdir(_FOLDER):
            raise Refused(404, 'There is nothing here.')
        request.setHeader(b'Content-Type', _TYPES[os.path.splitext(name)[1]].encode('ascii'))
        with open(os.path.join(_FOLDER, name), 'rb') as found:
            return found.read()

    @defer.inlineCallbacks
    def _state(self, request):
        since = request.args.get(b'since', [b''])[0].decode('utf-8', 'replace')
        state = yield self._watcher.state(since, WAIT_FOR)
        if state is None:
            request.setResponseCode(204)
            defer.returnValue(b'')
        defer.returnValue(_json(request, state))

    @defer.inlineCallbacks
    def _phone(self, request):
        body = _body(request)
        number, text = body.get('from'), body.get('text')
        if number not in [one['number'] for one in CUSTOMERS]:
            raise Refused(400, 'That is not one of the phones.')
        if not isinstance(text, type('')) or not 0 < len(text.strip()) <= MAX_TEXT:
            raise Refused(400, 'A text message has 1 to %d characters.' % (MAX_TEXT,))
        if not (yield self._watcher.send(number, text)):
            raise Refused(502, "Vumi's transport did not take the message.")
        defer.returnValue(_json(request, {}))

    @defer.inlineCallbacks
    def _desk(self, request):
        body = _body(request)
        html, nonce = body.get('html'), body.get('ticket')
        if not isinstance(html, type('')) or not html.strip() or not isinstance(nonce, type('')):
            raise Refused(400, 'An answer needs a ticket and a text.')
        scope = 'private' if body.get('private') else 'public'
        try:
            yield threads.deferToThread(self._standin.reply, nonce, html, scope)
        except EnvironmentError as error:
            log.warn('The help desk did not take an answer: {error}', error=error)
            raise Refused(502, 'The help desk did not take the answer.')
        defer.returnValue(_json(request, {}))

    @defer.inlineCallbacks
    def _plug(self, request):
        body = _body(request)
        part, plugged = body.get('part'), body.get('plugged')
        if part not in PLUGS or not isinstance(plugged, bool):
            raise Refused(400, 'That is nothing that has a plug.')
        try:
            yield self._watcher.plug(part, plugged)
        except (EnvironmentError, ProcessFailed) as error:
            log.warn('{part} could not be (un)plugged: {error}', part=part, error=error)
            raise Refused(502, 'That did not work; the log of the demo tells why.')
        defer.returnValue(_json(request, {}))


def _guarded(answer):
    """`answer` for this machine alone, with the headers of all answers and words for a refusal."""
    @defer.inlineCallbacks
    def guarded(request, **names):
        for name, value in _HEADERS.items():
            request.setHeader(name.encode('ascii'), value.encode('ascii'))
        try:
            host = (request.getHeader(b'host') or b'').rsplit(b':', 1)[0]
            if host not in (b'127.0.0.1', b'localhost'):
                raise Refused(403, 'Use http://127.0.0.1 or http://localhost.')
            defer.returnValue((yield answer(request, **names)))
        except Refused as refused:
            request.setResponseCode(refused.status)
            defer.returnValue(_json(request, {'error': '%s' % (refused,)}))
    return guarded


def _body(request):
    # type: (Any) -> Dict[Text, Any]
    """The posted JSON object.  Errors: `Refused`."""
    kind = (request.getHeader(b'content-type') or b'').split(b';')[0].strip().lower()
    if kind != b'application/json':
        raise Refused(415, 'Only JSON is taken.')
    raw = request.content.read(MAX_BODY + 1)
    if len(raw) > MAX_BODY:
        raise Refused(413, 'That is too long.')
    try:
        body = json.loads(raw.decode('utf-8'))
    except ValueError:
        raise Refused(400, 'That is not JSON.')
    if not isinstance(body, dict):
        raise Refused(400, 'A JSON object is needed.')
    return body


def _json(request, body):
    request.setHeader(b'Content-Type', b'application/json')
    return json.dumps(body).encode('utf-8')
