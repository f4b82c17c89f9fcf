"""The mobile network as Vumi's bridge transport sees it: accepts text messages, and keeps them.

`vumi.transports.vumi_bridge.GoConversationTransport` sends each outbound message by HTTP PUT to
its `base_url`, reads the network's message id from the response, and publishes an ack; any
other response becomes a nack.  `PhoneNetwork` is that other side, in a thread of this process, so
that tests can read what reached the phones.  Used by `tools.stack`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import hmac
import json
import threading
import time
import uuid
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr
from six.moves.BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
from six.moves.socketserver import TCPServer, ThreadingMixIn

#: The largest body accepted, in bytes; a text message is far smaller.
MAX_BODY = 64 * 1024


@attr.s(frozen=True, slots=True)
class TextMessage(object):
    """A message that reached a phone.  `at` is in seconds since the epoch.

    `message_id` is the worker's, `network_id` the network's own.
    """

    message_id = attr.ib()  # type: Text
    network_id = attr.ib()  # type: Text
    to_addr = attr.ib()  # type: Text
    content = attr.ib()  # type: Optional[Text]
    in_reply_to = attr.ib()  # type: Optional[Text]
    session_event = attr.ib()  # type: Optional[Text]
    helper_metadata = attr.ib()  # type: Dict[Text, Any]
    at = attr.ib()  # type: float


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        # HTTPServer's own resolves the machine's name, which can take long.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


class PhoneNetwork(object):
    """Listens on a free port of 127.0.0.1 from `start()` to `stop()`."""

    def __init__(self, account='demo', token=None, conversation='phones'):
        # type: (Text, Optional[Text], Text) -> None
        self.account = account
        self.token = token or uuid.uuid4().hex
        self.conversation = conversation
        self._lock = threading.Lock()
        self._messages = []  # type: List[TextMessage]
        self._answer_with = 200
        self._server = None  # type: Any

    @property
    def base_url(self):
        # type: () -> Text
        """The transport's option `base_url`."""
        return 'http://127.0.0.1:%d/network' % (self._server.server_port,)

    def start(self):
        # type: () -> None
        """Listen; returns when messages are accepted."""
        handler = type(str('Handler'), (_Handler,), {str('network'): self})
        self._server = _Server((str('127.0.0.1'), 0), handler)
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.daemon = True
        thread.start()

    def stop(self):
        # type: () -> None
        """Stop listening; `messages` still works."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def messages(self):
        # type: () -> List[TextMessage]
        """All that reached the phones, in the order of arrival."""
        with self._lock:
            return list(self._messages)

    def answer_with(self, status):
        # type: (int) -> None
        """Reject messages with this HTTP status from now on (200: accept them again)."""
        self._answer_with = status

    def take(self, body):
        # type: (Dict[Text, Any]) -> Optional[TextMessage]
        """Keep a message of the transport; None when messages are rejected."""
        if self._answer_with != 200:
            return None
        message = TextMessage(
            message_id=body['message_id'], network_id='n' + uuid.uuid4().hex,
            to_addr=body['to_addr'], content=body['content'],
            in_reply_to=body.get('in_reply_to'), session_event=body.get('session_event'),
            helper_metadata=body.get('helper_metadata') or {}, at=time.time())
        with self._lock:
            self._messages.append(message)
        return message

    def authorized(self, header):
        # type: (bytes) -> bool
        """Whether an Authorization header is the transport's."""
        secret = '%s:%s' % (self.account, self.token)
        wanted = b'Basic ' + base64.b64encode(secret.encode('utf-8'))
        return hmac.compare_digest(wanted, header)

    def status_of_refusal(self):
        # type: () -> int
        """The status with which messages are rejected."""
        return self._answer_with


class _Handler(BaseHTTPRequestHandler, object):
    """One request of the transport."""

    network = None  # type: Any
    timeout = 30

    def do_PUT(self):
        if self.path != '/network/%s/messages.json' % (self.network.conversation,):
            return self._answer(404, {'reason': 'not found'})
        header = self.headers.get('Authorization') or ''
        if not self.network.authorized(
                header if isinstance(header, bytes) else header.encode('utf-8')):
            return self._answer(401, {'reason': 'not the transport'})
        length = self.headers.get('Content-Length', '')
        if not length.isdigit() or int(length) > MAX_BODY:
            return self._answer(413, {'reason': 'too long'})
        try:
            message = self.network.take(json.loads(self.rfile.read(int(length)).decode('utf-8')))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._answer(400, {'reason': 'not a message'})
        if message is None:
            return self._answer(self.network.status_of_refusal(), {'reason': 'refused'})
        return self._answer(200, {'message_id': message.network_id})

    def _answer(self, status, body):
        data = json.dumps(body).encode('utf-8')
        self.send_response(status)
        self.send_header(str('Content-Type'), str('application/json; charset=utf-8'))
        self.send_header(str('Content-Length'), str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        """Log nothing: the messages are personal."""
