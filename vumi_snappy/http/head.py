"""The head of a request, checked line by line before Twisted sees it.

Owns what our HTTP servers take for a request: plain HTTP/1.0 or 1.1 with a body of a stated
length, or none.  What Twisted 20.3 lets through is refused here (``Content-Length: +5``, chunked
bodies with sizes like ``0x3``, folded lines): where two programs may read a request differently,
one of them can be fooled.  Pure: `channel` feeds it; it does no I/O.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

from six.moves.urllib.parse import unquote_to_bytes as _unquote

from vumi_snappy.http.forms import utf8
from vumi_snappy.http.limits import Limits  # noqa: F401
from vumi_snappy.http.responses import HttpError

_TOKEN = br"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(br'\A' + _TOKEN + br' (/[!-~]*) HTTP/1\.([01])\Z')
_NAME = re.compile(br'\A' + _TOKEN + br'\Z')
_CONTROLS = re.compile(br'[\x00-\x08\x0a-\x1f\x7f]')
_DIGITS = re.compile(br'\A[0-9]+\Z')
_HOST = re.compile(br'\A[0-9A-Za-z._~:\[\]-]*\Z')
#: Status and message.
HEAD_TOO_LARGE = (431, 'The head of the request is too large.')


class RequestHead(object):
    """Reads the head of one request within `limits`."""

    def __init__(self, limits):
        # type: (Limits) -> None
        self._limits = limits
        self._left = limits.max_header
        self._blank_before = False
        self._version = b''
        self._headers = 0
        self._hosts = 0
        self._lengths = 0
        #: Bytes of the body.
        self.length = 0

    def read(self, line):
        # type: (bytes) -> None
        """Take the next line, without its line end; the last one is empty.

        Errors: `HttpError`.
        """
        self._left -= len(line) + 2
        if self._left < 0:
            raise HttpError(*HEAD_TOO_LARGE)
        if not self._version:
            self._first(line)
        elif line:
            self._header(line)
        elif self._version == b'1' and not self._hosts:
            raise HttpError(400, 'The header Host is missing.')

    def _first(self, line):
        # type: (bytes) -> None
        # RFC 7230, 3.5: one empty line before a request is to be forgiven.
        if not line and not self._blank_before:
            self._blank_before = True
            return
        match = _REQUEST_LINE.match(line)
        if not match:
            raise HttpError(400, 'The first line is not an HTTP/1.x request for a path.')
        target, self._version = match.groups()
        path = _unquote(target.partition(b'?')[0])
        try:
            utf8(path)
        except UnicodeError:
            raise HttpError(400, 'The path is not UTF-8.')

    def _header(self, line):
        # type: (bytes) -> None
        self._headers += 1
        if self._headers > self._limits.max_headers:
            raise HttpError(431, 'There are too many headers.')
        name, colon, value = line.partition(b':')
        if not colon or not _NAME.match(name) or _CONTROLS.search(line):
            raise HttpError(400, 'A header is malformed.')
        name, value = name.lower(), value.strip(b' \t')
        if name == b'transfer-encoding':
            raise HttpError(501, 'Transfer-Encoding is not supported: send a Content-Length.')
        if name == b'content-length':
            self._length(value)
        elif name == b'host':
            self._hosts += 1
            if self._hosts > 1 or not _HOST.match(value):
                raise HttpError(400, 'The header Host is malformed or given twice.')

    def _length(self, value):
        # type: (bytes) -> None
        self._lengths += 1
        if self._lengths > 1 or not _DIGITS.match(value):
            raise HttpError(400, 'The header Content-Length is malformed or given twice.')
        most = self._limits.longest if self._limits.large_body else self._limits.max_body
        # Python 2 takes time in proportion to the square of the digits.
        if len(value) > len('%d' % (most,)) + 20 or int(value) > most:
            raise HttpError(413, 'The body is larger than %d bytes.' % (most,))
        self.length = int(value)
