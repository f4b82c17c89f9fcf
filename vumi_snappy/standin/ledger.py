"""A record of every call that the stand-in got, so that a test can prove "once" and "in order"."""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import deque
from itertools import takewhile
from typing import Any, List, Optional, Text  # noqa: F401

import attr

#: Calls that are kept unless another number is given.
MOST = 500000


def after(entries, since, limit):
    # type: (deque, int, Optional[int]) -> List[Any]
    """Those of `entries` with a number above `since`, oldest first, at most `limit`."""
    # From the end: who follows them asks often.
    return list(takewhile(lambda each: each.number > since, reversed(entries)))[::-1][:limit]


@attr.s(slots=True)
class Call(object):
    """One call: `at` is in seconds since the epoch, `body` its parsed JSON or form (the API key
    is never kept), `work` what it did (``ticket opened``, ``note added``, ``tags set``, ``status
    set``, ``ticket deleted``, or empty) on the ticket `nonce`, `fault` the faults that it met.
    `status` is None where no answer was meant to go out; `answered`: whether a whole answer went
    out, None while the call is under way."""

    number = attr.ib()  # type: int
    at = attr.ib()  # type: float
    method = attr.ib()  # type: Text
    path = attr.ib()  # type: Text
    key_is_right = attr.ib()  # type: bool
    body = attr.ib(default=None, repr=False)  # type: Any
    query = attr.ib(default='', repr=False)  # type: Text
    status = attr.ib(default=None)  # type: Optional[int]
    work = attr.ib(default='')  # type: Text
    nonce = attr.ib(default='')  # type: Text
    fault = attr.ib(default='')  # type: Text
    answered = attr.ib(default=None)  # type: Optional[bool]


class Ledger(object):
    """The last `most` calls, oldest first, and how many there were in all."""

    def __init__(self, most=MOST):
        # type: (int) -> None
        self._calls = deque(maxlen=most)  # type: deque
        self.count = 0

    def begin(self, at, method, path, key_is_right, body, query=''):
        # type: (float, Text, Text, bool, Any, Text) -> Call
        """Enter a call; the caller fills in what becomes of it."""
        self.count += 1
        call = Call(self.count, at, method, path, key_is_right, body, query)
        self._calls.append(call)
        return call

    def calls(self, since=0, limit=None):
        # type: (int, Optional[int]) -> List[Any]
        """The calls after number `since` as JSON-ready dicts, oldest first, at most `limit`."""
        return [attr.asdict(call, recurse=False) for call in after(self._calls, since, limit)]

    def clear(self, until=None):
        # type: (Optional[int]) -> None
        """Forget the calls, or those up to number `until`; the numbers go on."""
        while self._calls and (until is None or self._calls[0].number <= until):
            self._calls.popleft()
