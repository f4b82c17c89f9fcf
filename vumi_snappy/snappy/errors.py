"""What can go wrong in a call to Snappy, as types that say what to do about it.

Raised by the client alone; the forwarder decides by them.  Their text never holds the API key, a
customer's words or an address; `answer` is what Snappy said, for the operator's eyes.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Optional, Text  # noqa: F401

#: Characters of Snappy's answer that are kept for the operator.
ANSWER_LIMIT = 500


class SnappyError(Exception):
    """A call failed.

    `temporary`: the same call may work later.  `outcome_unknown`: it may have been carried out,
    so look before making it again.  `retry_after`: seconds that Snappy asked for, or None.
    `status`: the HTTP status, or None.  `answer`: the beginning of what Snappy said (text), for
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


class Unreachable(SnappyError):
    """The call was never sent: no such host, refused, or no TLS that can be trusted."""

    temporary = True


class Unanswered(SnappyError):
    """The call was sent, at least in part, but no whole answer came in time."""

    temporary = True
    outcome_unknown = True


class RateLimited(SnappyError):
    """Snappy asks to come back later (429, or 503 with Retry-After); nothing was done."""

    temporary = True


class ServerFault(SnappyError):
    """Snappy failed (5xx); nobody knows how far it got."""

    temporary = True
    outcome_unknown = True


class BadAnswer(SnappyError):
    """Snappy's answer makes no sense: a redirect, a page, too much, or not what was asked for.

    Whoever answers with a redirect (3xx) has not done the work; after any other answer that can't
    be read, it may be done.
    """

    temporary = True

    def __init__(self, message, status=None, answer='', retry_after=None):
        # type: (Text, Optional[int], Text, Optional[float]) -> None
        SnappyError.__init__(self, message, status, answer, retry_after)
        self.outcome_unknown = status is None or not 300 <= status < 400


class BadCredentials(SnappyError):
    """Snappy does not take the API key (401, 403): no call of anybody will work."""


class NotFound(SnappyError):
    """Snappy does not know what the call is about (404)."""


class Refused(SnappyError):
    """Snappy understood and refuses (other 4xx): trying again won't help."""
