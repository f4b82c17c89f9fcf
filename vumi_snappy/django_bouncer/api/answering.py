"""The API's responses: JSON and errors as django-tastypie sends them.  `resources` calls it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
from typing import Any, Sequence, Text, Tuple  # noqa: F401
from xml.sax.saxutils import escape

from vumi_snappy.http.responses import HttpError, Response

Header = Tuple[bytes, bytes]

_NO_STORE, _NO_SNIFF = (b'Cache-Control', b'no-store'), (b'X-Content-Type-Options', b'nosniff')
_HOST = re.compile(br'[0-9A-Za-z.:\[\]_-]+\Z')


def object_response(status, value, *headers):
    # type: (int, Any, *Header) -> Response
    """A JSON value; its fields in the order of their names."""
    return Response.of_bytes(
        status, json.dumps(value, sort_keys=True).encode('utf-8'),
        (b'Content-Type', b'application/json'), _NO_STORE, _NO_SNIFF, *headers)


def error_response(error):
    # type: (HttpError) -> Response
    """An error; its text is escaped as django-tastypie does."""
    return object_response(error.status, {'error': escape(error.message)}, *error.headers)


def text_response(status, text='', *headers):
    # type: (int, Text, *Header) -> Response
    return Response.of_bytes(
        status, text.encode('ascii'), (b'Content-Type', b'text/html; charset=utf-8'), _NO_STORE,
        *headers)


def method_response(request, allowed):
    # type: (Any, Sequence[Text]) -> Response
    """The allowed methods: 200 for OPTIONS, and 405 otherwise."""
    names = ','.join(allowed)
    allow = (b'Allow', names.encode('ascii'))
    if request.method != b'OPTIONS':
        return error_response(HttpError(
            405, 'Use one of these methods: %s.' % (names,), headers=(allow,)))
    return text_response(200, names, allow)


def location(request, path, by_tls):
    # type: (Any, Text, bool) -> Header
    """The Location header, absolute as Django's where the client has named the host."""
    host = request.getHeader(b'host') or b''
    before = b''
    if _HOST.match(host):
        before = (b'https://' if by_tls else b'http://') + host
    return b'Location', before + path.encode('ascii')
