"""The messages on the queue ``<transport_name>.failures``, to put back or to drop."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import TYPE_CHECKING, Any, List, Optional, Set, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.store import Store  # noqa: F401

if TYPE_CHECKING:
    from vumi_snappy.bus.failures_queue import FailuresQueue  # noqa: F401


@defer.inlineCallbacks
def all_failures(queue):
    # type: (FailuresQueue) -> defer.Deferred
    """Fires with the messages on `queue`, the oldest first.  Errors: txAMQP's `Closed`."""
    failures = []  # type: List[Any]

    def keep(failure):
        failures.append(failure)
        return 'keep'
    yield queue.go_through(keep)
    defer.returnValue(failures)


class Failures(object):
    """Changes to the failures queue; each is in the audit trail of `store` at once."""

    def __init__(self, store):
        # type: (Store) -> None
        self._store = store

    @defer.inlineCallbacks
    def change(self, queue, ids, drop, reason, who):
        # type: (FailuresQueue, Optional[Set[Text]], bool, Text, Text) -> defer.Deferred
        """Put messages on `queue` back on the queue that they came from, or drop them: those with
        these `ids` (None: all).

        Fires with three lists of ids: done, not on the queue, and those that stay because they
        came from no queue of this worker.
        Errors: txAMQP's `Closed` and `StoreError`; what was done until then is done.
        """
        done = []  # type: List[Text]

        def fate(failure):
            if ids is not None and failure.id not in ids:
                return 'keep'
            return 'drop' if drop else 'retry'

        def changed(failure):
            done.append(failure.id)
            return self._store.operators.note(
                who, 'dropped' if drop else 'put back',
                'message %s of the failures queue' % (failure.id,), reason or failure.reason)
        stuck = yield queue.go_through(fate, changed)
        defer.returnValue((done, sorted((ids or set()).difference(done, stuck)), stuck))
