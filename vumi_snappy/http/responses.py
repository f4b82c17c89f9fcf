"""Responses as values, and the one error that ends in a response.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Text, Tuple  # noqa: F401

import attr
from twisted.web.http import RESPONSES
from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET
from zope.interface import implementer

from vumi_snappy.http.retry_after import retry_after_header

#: Headers of every response, beside the length of its body.
_HEADERS = ((b'Content-Type', b'application/json; charset=utf-8'), (b'Cache-Control', b'no-store'),
            (b'X-Content-Type-Options', b'nosniff'))


class HttpError(Exception):
    """A request is not carried out.

    `status`: the response's; a 503 tells when to try again.  `message`: why, for the client; it is
    sent as it is.  `field`: what the client has to correct (empty: no single field).  `headers`:
    pairs of bytes.
    """

    def __init__(self, status, message, field='', headers=()):
        # type: (int, Text, Text, Tuple[Tuple[bytes, bytes], ...]) -> None
        Exception.__init__(self, status, message)
        self.status, self.message, self.field = status, message, field
        self.headers = headers + ((retry_after_header(),) if status == 503 else ())

    @classmethod
    def method(cls, allowed):
        # type: (Any) -> HttpError
        """The method is none of those `allowed` (405 with Allow)."""
        names = ', '.join(sorted(allowed))
        return cls(405, 'Use one of these methods: %s.' % (names,),
                   headers=((b'Allow', names.encode('ascii')),))


@implementer(IResource)
@attr.s(frozen=True, slots=True)
class Response(object):
    """A whole response: `body` are bytes, `headers` pairs of bytes, the body's length included.

    As an `IResource` it is something that Klein knows how to send.
    """

    isLeaf = True

    status = attr.ib()  # type: int
    body = attr.ib()  # type: bytes
    headers = attr.ib()  # type: Tuple[Tuple[bytes, bytes], ...]

    @classmethod
    def of(cls, status, values, *headers):
        # type: (int, Any, *Tuple[bytes, bytes]) -> Response
        """A response of JSON `values`, with `headers` beside those of every response."""
        return cls.of_bytes(status, json.dumps(values).encode('utf-8'), *(headers + _HEADERS))

    @classmethod
    def of_bytes(cls, status, body, *headers):
        # type: (int, bytes, *Tuple[bytes, bytes]) -> Response
        """A response with `headers` and the length of its `body`."""
        length = ('%d' % (len(body),)).encode('ascii')
        return cls(status, body, headers + ((b'Content-Length', length),))

    def render(self, request):
        # type: (Any) -> Any
        """See `IResource`; `request` is a `GuardedRequest`."""
        request.send(self)
        return NOT_DONE_YET

    def to_bytes(self, protocol, *headers):
        # type: (bytes, *Tuple[bytes, bytes]) -> bytes
        """As it goes over the wire, with `headers` in front; `protocol` is ``HTTP/1.1`` or so."""
        lines = [b'%s %d %s' % (protocol, self.status, RESPONSES.get(self.status, b'Error'))]
        lines.extend(b': '.join(header) for header in headers + self.headers)
        lines += [b'', self.body]
        return b'\r\n'.join(lines)


def error_response(error):
    # type: (HttpError) -> Response
    """What is answered for an error, unless a server has a form of its own."""
    return Response.of(error.status, {'error': error.message}, *error.headers)
