"""How the worker is: what health tells, and what is said in the log when it changes.

Owns watching the store's figures (for the gauges) and the check, at start, that Snappy takes our
key and knows our mailbox.  The worker starts and stops it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Dict, List, Text, Tuple  # noqa: F401

from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.health import Check, CheckState
from vumi_snappy.snappy import BadCredentials, NotFound, SnappyError
from vumi_snappy.store import StoreError

log = Logger()

#: Seconds before the check of Snappy at start is tried again.
_CHECK_AGAIN = 15.0
#: Seconds that the oldest job may wait before health says so.
_LATE = 600.0


class Status(object):
    """Watches `store`, Snappy (through `lookup`) and the bus (`bus_is_connected()`)."""

    def __init__(self, clock, store, lookup, metrics, bus_is_connected):
        # type: (Any, Any, Any, Any, Callable[[], bool]) -> None
        self._clock = clock
        self._store = store
        self._lookup = lookup
        self._metrics = metrics
        self._bus_is_connected = bus_is_connected
        self._figures = {}  # type: Dict[Text, Any]
        self._snappy = 'not asked yet'
        self._again = None  # type: Any
        self._asking = None  # type: Any
        self._warned = ''

    def checks(self):
        # type: () -> List[Tuple[Text, Callable[[], Check]]]
        """What health shows, by name."""
        return [('store', self._check_store), ('bus', self._check_bus),
                ('snappy', self._check_snappy), ('queue', self._check_queue)]

    @defer.inlineCallbacks
    def refresh(self):
        """Read the store's figures; the worker calls it every few seconds."""
        try:
            self._figures = yield self._store.figures()
        except StoreError:
            return
        figures = self._figures
        self._metrics.gauge('jobs.waiting', figures['forwards'] + figures['replies'])
        self._metrics.gauge('jobs.oldest_age', figures['oldest'])
        self._metrics.gauge('jobs.parked', figures['parked'])
        self._metrics.gauge('snappy.down', 1 if figures['breaker'] else 0)
        self._metrics.gauge('snappy.key_refused',
                            1 if figures['breaker'] == BadCredentials.__name__ else 0)
        if self._store.durability != self._warned:
            self._warned = self._store.durability
            if self._warned:
                log.warn('{warning}', warning=self._warned)

    def check_snappy(self):
        # type: () -> None
        """Ask Snappy for the mailbox, until it answers; says in the log what is wrong."""
        self._asking = self._lookup.account()
        self._asking.addCallbacks(self._snappy_fine, self._snappy_wrong)

    def stop(self):
        # type: () -> None
        """Ask no more."""
        if self._again is not None and self._again.active():
            self._again.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def _snappy_fine(self, _account):
        if self._snappy:
            log.info('Snappy takes the API key and knows the mailbox.')
        self._snappy = ''

    def _snappy_wrong(self, reason):
        if reason.check(defer.CancelledError):
            return
        if reason.check(BadCredentials):
            said = 'Snappy does not take the API key: check snappy_api_key'
        elif reason.check(NotFound):
            said = 'Snappy has no such mailbox for this API key: check snappy_mailbox_id'
        elif reason.check(SnappyError):
            said = 'Snappy can not be reached (%s): check snappy_api_url' % (
                reason.type.__name__,)
        else:
            said = 'Snappy could not be asked (%s)' % (reason.type.__name__,)
        if said != self._snappy:
            log.error('{said}. Messages are kept and wait.', said=said)
        self._snappy = said
        self._again = self._clock.callLater(_CHECK_AGAIN, self.check_snappy)

    def _check_store(self):
        if self._store.trouble:
            return Check(CheckState.DOWN, 'Redis: %s' % (self._store.trouble,))
        if self._store.durability:
            return Check(CheckState.DEGRADED, self._store.durability)
        return Check(CheckState.OK, '')

    def _check_bus(self):
        if self._bus_is_connected():
            return Check(CheckState.OK, '')
        return Check(CheckState.DOWN, 'not connected to RabbitMQ')

    def _check_snappy(self):
        if self._figures.get('breaker') == BadCredentials.__name__:
            return Check(CheckState.DOWN, 'Snappy refuses the API key: check snappy_api_key')
        if self._figures.get('breaker'):
            return Check(CheckState.DOWN, 'Snappy fails (%s)' % (self._figures['breaker'],))
        if self._snappy:
            return Check(CheckState.DEGRADED, self._snappy)
        return Check(CheckState.OK, '')

    def _check_queue(self):
        if self._figures.get('oldest', 0) > _LATE:
            return Check(CheckState.DEGRADED, 'the oldest job waits for %d seconds'
                         % (self._figures['oldest'],))
        if self._figures.get('parked'):
            return Check(CheckState.DEGRADED, '%d parked: vumi-snappy parked list'
                         % (self._figures['parked'],))
        return Check(CheckState.OK, '')
