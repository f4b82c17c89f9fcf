"""What can go wrong in a call to another system, as types that say what to do about it.

Their text never holds a key, a customer's words or an address.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Dict, Optional, Text, Type  # noqa: F401

#: Characters of an answer that are kept for the operator.
ANSWER_LIMIT = 500


class CallError(Exception):
    """A call failed.

    `temporary`: the same call may work later.  `outcome_unknown`: it may have been carried out,
    so look before making it again.  `retry_after`: seconds that the other system asked for, or
    None.  `status`: the HTTP status, or None.  `answer`: the beginning of its answer (text), for
    the operator.
    """

    temporary = False
    outcome_unknown = False

    def __init__(self, message, status=None, answer='', retry_after=None):
        # type: (Text, Optional[int], Text, Optional[float]) -> None
        Exception.__init__(self, message)
        self.status = status
        self.answer = answer[:ANSWER_LIMIT]
        self.retry_after = retry_after


class Unreachable(CallError):
    """The call was never sent: no such host, refused, or no TLS that can be trusted."""

    temporary = True


class Unanswered(CallError):
    """The call was sent, at least in part, but no whole answer came in time."""

    temporary = True
    outcome_unknown = True


class RateLimited(CallError):
    """Rate limited (429): try again later.  It alone says that nothing was done."""

    temporary = True


class ServerFault(CallError):
    """The other system failed (5xx); whether the work is done is unknown, even with a
    Retry-After."""

    temporary = True
    outcome_unknown = True


class BadAnswer(CallError):
    """The answer is a redirect, a page, or can't be parsed.

    After a redirect (3xx) the work is not done; after any other such answer it may be done.
    """

    temporary = True

    def __init__(self, message, status=None, answer='', retry_after=None):
        # type: (Text, Optional[int], Text, Optional[float]) -> None
        CallError.__init__(self, message, status, answer, retry_after)
        self.outcome_unknown = status is None or not 300 <= status < 400


class TooLarge(CallError):
    """The answer is larger than what is read of one: nothing is wrong with the other system."""

    temporary = True
    outcome_unknown = True


class BadCredentials(CallError):
    """401 or 403: the key is rejected, or something in front rejects this one call."""


class NotFound(CallError):
    """404: what the call is about does not exist, or something in front answered."""


class Refused(CallError):
    """Understood and refused (other 4xx): trying again won't help."""


_BY_STATUS = {
    401: BadCredentials, 403: BadCredentials, 404: NotFound, 429: RateLimited,
    408: Unanswered}  # type: Dict[int, Type[CallError]]  # 408: it came only in part


def error_for(status):
    # type: (int) -> Type[CallError]
    """What a status other than 2xx means."""
    by_class = {4: Refused, 5: ServerFault}  # type: Dict[int, Type[CallError]]
    return _BY_STATUS.get(status, by_class.get(status // 100, BadAnswer))
