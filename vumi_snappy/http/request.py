"""A request as our servers read and answer it.

Says nothing of the server to its client, and nothing of its path to the log: that can hold a
secret.  A form in a body is left for the resource to parse: ``request.args`` holds the query
alone.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.logger import Logger
from twisted.web.http import datetimeToString
from twisted.web.server import Request

from vumi_snappy.http.responses import Response  # noqa: F401
from vumi_snappy.runtime.faults import fault

log = Logger()


class GuardedRequest(Request):
    """See `Request`; a body that is too large may be cut to its two ends."""

    #: Whether the body was too large, and only its ends are there.
    is_cut = False
    #: The end of a body that is cut; its beginning is in `content`.
    tail = b''
    _content_type = None  # type: Any
    _kept = 0

    def __repr__(self):
        return str('<%s at 0x%x>') % (self.__class__.__name__, id(self))

    def requestReceived(self, command, path, version):
        # Twisted would parse a form or a multipart body before its sender is authenticated.
        self._content_type = self.requestHeaders.getRawHeaders(b'content-type')
        self.requestHeaders.removeHeader(b'content-type')
        Request.requestReceived(self, command, path, version)

    def cut(self, keep):
        # type: (int) -> None
        """Keep `keep` bytes of each end of the body, and drop what is between them."""
        self.is_cut, self._kept = True, keep

    def handleContentChunk(self, data):
        if self.is_cut:
            room = max(self._kept - self.content.tell(), 0)
            self.tail = (self.tail + data[room:])[-self._kept:] if self._kept else b''
            data = data[:room]
        Request.handleContentChunk(self, data)

    def process(self):
        if self._content_type is not None:
            self.requestHeaders.setRawHeaders(b'content-type', self._content_type)
        Request.process(self)

    def write(self, data):
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b'server')
        Request.write(self, data)

    def send(self, response):
        # type: (Response) -> None
        """Send a whole `Response` and finish; nothing, if the client has gone away.

        `write` looks at each header several times: a tenth of a webhook's time in the measure
        webhooks-klein.
        """
        if self._disconnected:
            return
        self.setResponseCode(response.status)
        self.startedWriting = 1
        headers = [(b'Date', datetimeToString())]
        if self.responseHeaders.hasHeader(b'connection'):
            headers.append((b'Connection', b'close'))  # as the client has asked
        sent = response.to_bytes(self.clientproto, *headers)
        if self.method == b'HEAD':
            sent = sent[:len(sent) - len(response.body)]
        self.channel.write(sent)
        self.finish()

    def processingFailed(self, reason):
        log.error('A request could not be served: {fault}', fault=fault(reason))
        if self.startedWriting:
            self.loseConnection()
        elif not self._disconnected:
            self.setResponseCode(500)
            self.setHeader(b'content-length', b'0')
            self.finish()
        return reason
