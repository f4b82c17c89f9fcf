"""Work that goes on when the client that waits for it goes away.

Klein and `routing` cancel a handler whose client has gone.  What fails then is logged here: nobody
else learns of it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable  # noqa: F401

from twisted.internet import defer
from twisted.logger import Logger
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.http.responses import HttpError
from vumi_snappy.runtime.faults import fault

log = Logger()

#: Seconds for a call, which has shorter limits of its own.
_LONGEST = 15.0


def shielded(running):
    # type: (defer.Deferred) -> defer.Deferred
    """Fires as `running` does, which is not cancelled with it."""
    waiting = defer.Deferred()  # type: defer.Deferred

    def failed(failure):
        # type: (Failure) -> None
        if not waiting.called:
            waiting.errback(failure)
        elif not failure.check(HttpError):
            log.error('A request whose client has gone failed: {fault}', fault=fault(failure))
    running.addCallbacks(waiting.callback, failed)
    return waiting


def shielded_call(clock, call, *arguments):
    # type: (Any, Callable, *Any) -> defer.Deferred
    """Fires with the result of `call`, which is `shielded`; with `TimeoutError` when that takes
    longer than fifteen seconds."""
    return shielded(defer.maybeDeferred(call, *arguments)).addTimeout(_LONGEST, clock)
