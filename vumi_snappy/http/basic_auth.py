"""HTTP Basic authentication, as a client sends it.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
from typing import Tuple  # noqa: F401

from twisted.web.http_headers import Headers  # noqa: F401


def credentials(headers):
    # type: (Headers) -> Tuple[bytes, bytes]
    """User name and password in a request's headers; both empty where there are none."""
    kind, _, coded = (headers.getRawHeaders(b'authorization') or [b''])[-1].partition(b' ')
    if kind.lower() != b'basic':
        return b'', b''
    try:
        user, _, password = base64.b64decode(coded.strip()).partition(b':')
    except (TypeError, ValueError):
        return b'', b''
    return user, password
