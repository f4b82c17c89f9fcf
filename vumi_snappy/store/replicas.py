"""Waiting until replicas have what was written, where `wait_replicas` asks for it.

A fail-over loses what no replica has.  With this, a write counts only when so many replicas have
it; while they are missing, the store is away.  Calls that are answered in one moment share a WAIT.
The scripts use it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Tuple  # noqa: F401

from twisted.internet import defer
from twisted.python import failure

from vumi_snappy.store.errors import StoreUnavailable

#: Milliseconds that they may take.
_PATIENCE = 1000


class Replicas(object):
    """Asks through `connection` for `count` replicas (0: none need have it)."""

    def __init__(self, connection, count):
        # type: (Any, int) -> None
        self._connection = connection
        self._count = count
        self._waiting = []  # type: List[Tuple[defer.Deferred, Any]]
        self._asking = False

    def have(self, answer):
        # type: (Any) -> Any
        """Fires with `answer` when the replicas have all that was written before.

        Errors: `StoreUnavailable` where they do not within a second.
        """
        if not self._count:
            return answer
        done = defer.Deferred()  # type: defer.Deferred
        self._waiting.append((done, answer))
        if not self._asking:
            self._ask()
        return done

    @defer.inlineCallbacks
    def _ask(self):
        # type: () -> Any
        self._asking = True
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                self._check((yield self._connection.send('WAIT', self._count, _PATIENCE)))
            except Exception:
                reason = failure.Failure()
                for done, _ in group:
                    done.errback(reason)
            else:
                for done, answer in group:
                    done.callback(answer)
        self._asking = False

    def _check(self, count):
        # type: (int) -> None
        why = '' if count >= self._count else (
            '%d of the %d replicas that wait_replicas asks for have what we write' % (
                count, self._count))
        self._connection.tell('wait_replicas', why)
        if why:
            raise StoreUnavailable(why)
