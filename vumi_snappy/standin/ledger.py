"""A record of every call that the stand-in got, so that a test can prove "once" and "in order"."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import deque
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr


@attr.s(slots=True)
class Call(object):
    """One call: `body` is its parsed JSON or form (the API key is never kept), `work` what it did
    (``ticket opened``, ``note added``, ... or empty), `fault` the fault that it met."""

    number = attr.ib()  # type: int
    at = attr.ib()  # type: float
    method = attr.ib()  # type: Text
    path = attr.ib()  # type: Text
    key_is_right = attr.ib()  # type: bool
    body = attr.ib(default=None)  # type: Any
    status = attr.ib(default=None)  # type: Optional[int]
    work = attr.ib(default='')  # type: Text
    nonce = attr.ib(default='')  # type: Text
    fault = attr.ib(default='')  # type: Text


class Ledger(object):
    """The last `most` calls, oldest first, and how many there were in all."""

    def __init__(self, most=500000):
        # type: (int) -> None
        self._calls = deque(maxlen=most)  # type: deque
        self.count = 0

    def begin(self, at, method, path, key_is_right, body):
        # type: (float, Text, Text, bool, Any) -> Call
        """Enter a call; the caller fills in what becomes of it."""
        self.count += 1
        call = Call(self.count, at, method, path, key_is_right, body)
        self._calls.append(call)
        return call

    def calls(self, since=0):
        # type: (int) -> List[Dict[Text, Any]]
        """The calls after number `since`, as JSON-ready dicts."""
        found = [attr.asdict(call) for call in self._calls if call.number > since]  # type: Any
        return found

    def clear(self):
        # type: () -> None
        """Forget the calls; the numbers go on."""
        self._calls.clear()
