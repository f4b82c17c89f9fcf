"""Bodies larger than most clients may send: who may send one, how many at once, for how long."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Optional  # noqa: F401

from vumi_snappy.http.limits import Limits  # noqa: F401
from vumi_snappy.http.request import GuardedRequest  # noqa: F401
from vumi_snappy.http.responses import HttpError

#: Bytes that are kept of each end of a body that is too large: what a note says of itself.
_END = 256 * 1024
#: Seconds for a large body, at most.
_LONGEST = 300.0


class LargeBodies(object):
    """Bodies of more than `limits.max_body` bytes.

    `may_send(path, headers)`: whether a client may send up to `limits.large_body` bytes; None: at
    that path nobody may, which is refused at once.  Of a larger body the resource gets the ends
    (`GuardedRequest.is_cut`), of one that may not be sent nothing.
    """

    def __init__(self, limits, may_send):
        # type: (Limits, Callable[[bytes, Any], Optional[bool]]) -> None
        self._limits = limits
        self._may_send = may_send
        #: The connections on which one is under way.
        self.under_way = set()  # type: set

    def begin(self, channel, request, path, length):
        # type: (Any, GuardedRequest, bytes, int) -> Optional[float]
        """A body of `length` bytes begins on `channel`; cuts `request` where not all may be kept.

        Returns the seconds that it may take; None: as long as any.  Errors: `HttpError`.
        """
        limits = self._limits
        may_send = self._may_send(path, request.requestHeaders)
        if may_send is None:
            raise HttpError(413, 'The body is larger than %d bytes.' % (limits.max_body,))
        if len(self.under_way) >= limits.large_at_once:
            raise HttpError(503, 'Too many large requests are under way: try again later.')
        if not may_send:
            # The resource refuses it, with its usual delay: who guesses learns nothing.
            request.cut(0)
            return None
        self.under_way.add(channel)
        if length > limits.large_body:
            request.cut(_END)
        return min(limits.request_time * (2 + length // limits.max_body), _LONGEST)

    def end(self, channel):
        # type: (Any) -> None
        """`channel` has no large body under way, or none any more."""
        self.under_way.discard(channel)
