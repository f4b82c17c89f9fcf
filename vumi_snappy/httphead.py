"""The head of a request, checked line by line before Twisted sees it.

Owns what our HTTP servers take for a request: plain HTTP/1.0 or 1.1 with a body of a stated
length, or none.  What Twisted 20.3 lets through is refused here (``Content-Length: +5``, chunked
bodies with sizes like ``0x3``, folded lines): where two programs may read a request differently,
one of them can be fooled.  Pure: `httpd` feeds it; it does no I/O.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import Text  # noqa: F401

import attr

try:
    from urllib.parse import unquote_to_bytes as _unquote
except ImportError:  # Python 2
    from urllib import unquote as _unquote

_TOKEN = br"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(br'\A' + _TOKEN + br' (/[!-~]*) HTTP/1\.([01])\Z')
_NAME = re.compile(br'\A' + _TOKEN + br'\Z')
_CONTROLS = re.compile(br'[\x00-\x08\x0a-\x1f\x7f]')
_DIGITS = re.compile(br'\A[0-9]+\Z')
_HOST = re.compile(br'\A[0-9A-Za-z._~:\[\]-]*\Z')


@attr.s(frozen=True, slots=True)
class Limits(object):
    """What one caller, and all of them, may use: bytes, numbers and seconds."""

    #: Bytes of a body.
    max_body = attr.ib(default=1024 * 1024)  # type: int
    #: Bytes of the request line and all headers together.
    max_header = attr.ib(default=16 * 1024)  # type: int
    #: Number of headers.
    max_headers = attr.ib(default=100)  # type: int
    #: Seconds for the head and the body together, however steadily they trickle in.
    request_time = attr.ib(default=15.0)  # type: float
    #: Seconds that a kept connection may wait for its next request.
    idle_time = attr.ib(default=30.0)  # type: float
    #: Connections in all.
    connections = attr.ib(default=200)  # type: int


class Refused(Exception):
    """A request is not taken: the status to answer with, and why, in words for its sender."""

    def __init__(self, status, why):
        # type: (int, Text) -> None
        Exception.__init__(self, status, why)
        self.status = status
        self.why = why


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

    def read(self, line):
        # type: (bytes) -> None
        """Take the next line, without its line end; the last one is empty.  Errors: `Refused`."""
        self._left -= len(line) + 2
        if self._left < 0:
            raise Refused(431, 'the head of the request is too large')
        if not self._version:
            self._first(line)
        elif line:
            self._header(line)
        elif self._version == b'1' and not self._hosts:
            raise Refused(400, 'the header Host is missing')

    def _first(self, line):
        # type: (bytes) -> None
        # RFC 7230, 3.5: one empty line before a request is to be forgiven.
        if not line and not self._blank_before:
            self._blank_before = True
            return
        match = _REQUEST_LINE.match(line)
        if not match:
            raise Refused(400, 'the first line is no HTTP/1.x request for a path')
        target, self._version = match.groups()
        try:
            _unquote(target.partition(b'?')[0]).decode('utf-8')
        except UnicodeDecodeError:
            raise Refused(400, 'the path is not UTF-8')

    def _header(self, line):
        # type: (bytes) -> None
        self._headers += 1
        if self._headers > self._limits.max_headers:
            raise Refused(431, 'there are too many headers')
        name, colon, value = line.partition(b':')
        if not colon or not _NAME.match(name) or _CONTROLS.search(line):
            raise Refused(400, 'a header is malformed')
        name, value = name.lower(), value.strip(b' \t')
        if name == b'transfer-encoding':
            raise Refused(501, 'a Transfer-Encoding is not taken here: send a Content-Length')
        if name == b'content-length':
            self._length(value)
        elif name == b'host':
            self._hosts += 1
            if self._hosts > 1 or not _HOST.match(value):
                raise Refused(400, 'the header Host is malformed or given twice')

    def _length(self, value):
        # type: (bytes) -> None
        self._lengths += 1
        if self._lengths > 1 or not _DIGITS.match(value):
            raise Refused(400, 'the header Content-Length is malformed or given twice')
        if int(value) > self._limits.max_body:
            raise Refused(413, 'the body is larger than %d bytes' % (self._limits.max_body,))
