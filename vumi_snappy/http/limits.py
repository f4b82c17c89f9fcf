"""What a client of our HTTP servers, and all of them together, may use."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr


@attr.s(frozen=True, slots=True)
class Limits(object):
    """What one client, and all of them, may use: bytes, numbers and seconds."""

    #: Bytes of a body.
    max_body = attr.ib(default=1024 * 1024)  # type: int
    #: Bytes of a body from a client who may send more; 0: nobody may.
    large_body = attr.ib(default=0)  # type: int
    #: Bytes of a body, at most, of which the two ends are read where it exceeds `large_body`.
    longest = attr.ib(default=64 * 1024 * 1024)  # type: int
    #: Requests with more than `max_body` that are under way at once.
    large_at_once = attr.ib(default=4)  # type: int
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
