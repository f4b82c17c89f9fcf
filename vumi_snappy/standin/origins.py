"""Which pages in a browser may control the stand-in.

The admin calls need no key, so a page from anywhere in the developer's browser could make them.
A browser names the page's origin with a call; only pages of this machine are allowed.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Iterable, Optional, Text  # noqa: F401

from six.moves.urllib.parse import urlsplit

_LOOPBACK = re.compile(r'(localhost|127(\.[0-9]{1,3}){3}|::1)\Z')
_ADDRESS = re.compile(r'([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-f:]*:[0-9a-f:]*)\Z')


class Origins(object):
    """The stand-in's own page, and the pages of the origins in `allowed`, such as
    ``http://127.0.0.1:9000``, which must be on a loopback address.  Errors: `ValueError`."""

    def __init__(self, allowed=()):
        # type: (Iterable[Text]) -> None
        self._allowed = frozenset(each.rstrip('/').lower() for each in allowed)
        for origin in self._allowed:
            parts = urlsplit(origin)
            if (parts.scheme not in ('http', 'https') or parts.path or parts.query
                    or not _LOOPBACK.match(parts.hostname or '')):
                raise ValueError(
                    '%s is not an origin on a loopback address, such as http://127.0.0.1:9000'
                    % (origin,))

    def admit(self, request):
        # type: (Any) -> bool
        """Whether the caller may go on; the headers that a browser needs for that are set."""
        origin = _header(request, b'origin')
        if origin is None:
            return True  # no page, or one that reads within its own origin
        if origin in self._allowed:
            request.setHeader(b'Access-Control-Allow-Origin', origin.encode('ascii'))
            request.setHeader(b'Access-Control-Allow-Methods', b'GET, POST, DELETE')
            request.setHeader(b'Access-Control-Allow-Headers', b'Content-Type')
            request.setHeader(b'Vary', b'Origin')
            return True
        # A name can be made to lead to this machine by whoever owns it, an address can't.
        parts = urlsplit(origin)
        host = parts.hostname or ''
        return (parts.netloc == _header(request, b'host')
                and (_LOOPBACK.match(host) or _ADDRESS.match(host)) is not None)


def _header(request, name):
    # type: (Any, bytes) -> Optional[Text]
    value = request.getHeader(name)
    return None if value is None else value.decode('ascii', 'replace').lower()
