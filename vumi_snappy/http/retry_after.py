"""The header Retry-After: written for our clients, read from other servers.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import math
from typing import Optional, Tuple  # noqa: F401

from twisted.web.http import stringToDatetime
from twisted.web.http_headers import Headers  # noqa: F401

#: Seconds after which a client may try again when we could not do our part.
RETRY_AFTER = 30


def retry_after_header(seconds=RETRY_AFTER):
    # type: (float) -> Tuple[bytes, bytes]
    """Name and value of the header."""
    return b'Retry-After', ('%d' % (math.ceil(seconds),)).encode('ascii')


def retry_after_in(headers, now):
    # type: (Headers, float) -> Optional[float]
    """Seconds from `now` (since the epoch), from either form of the header; None where it is
    missing or malformed.  Unbounded: the caller limits it."""
    value = (headers.getRawHeaders(b'retry-after') or [b''])[0].strip()
    try:
        seconds = float(value) if value.isdigit() else stringToDatetime(value) - now
    except (ValueError, IndexError, OverflowError):
        return None
    return max(seconds, 0.0)
