"""How the worker is: what health tells and is announced, and what the log says when it changes.

Owns watching the store's figures (for the gauges) and the check, at start, that Snappy takes our
key and knows our mailbox.  What it tells is what it has seen: asking costs nothing.  The worker
starts and stops it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from functools import partial
from typing import Any, Callable, Dict, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.health import Check, CheckState
from vumi_snappy.snappy import BadCredentials, NotFound, SnappyError
from vumi_snappy.store import StoreError

log = Logger()

#: Seconds before the check of Snappy at start is tried again.
_CHECK_AGAIN = 15.0
#: Seconds after which the store's figures are too old to be told.
_OLD = 30.0


class Status(object):
    """Watches `store`, Snappy (through `lookup`) and the bus (`bus_is_connected()`).

    The queue is degraded when its oldest job has waited for `late` seconds; `interval` is how
    often the worker calls `refresh`, in seconds.
    """

    def __init__(self, clock, store, lookup, metrics, bus_is_connected, late=600.0, interval=5.0):
        # type: (Any, Any, Any, Any, Callable[[], bool], float, float) -> None
        self._clock = clock
        self._store = store
        self._lookup = lookup
        self._metrics = metrics
        self._bus_is_connected = bus_is_connected
        self._late = late
        self._old = max(_OLD, 3 * interval)
        self._read_at = clock.seconds()
        self._figures = {}  # type: Dict[Text, Any]
        self._snappy = ('not_asked', 'not asked yet')
        self._again = None  # type: Any
        self._asking = None  # type: Any
        self._warned = ''
        self._looks = [('store', self._check_store), ('bus', self._check_bus),
                       ('snappy', self._check_snappy), ('queue', self._check_queue)]
        self._seen = {}  # type: Dict[Text, Check]

    def checks(self):
        # type: () -> List[Tuple[Text, Callable[[], Check]]]
        """What health shows, by name."""
        return [(name, partial(self._look, name, look)) for name, look in self._looks]

    def _look(self, name, look):
        found, before = look(), self._seen.get(name)
        if before is not None and (before.state, before.kind) == (found.state, found.kind):
            found = attr.evolve(found, since=before.since)
        else:
            found = attr.evolve(found, since=self._clock.seconds())
            if name == 'queue' and before is not None:
                self._say_queue(found)
        self._seen[name] = found
        return found

    def _say_queue(self, found):
        if found.state is CheckState.OK:
            log.info('The queue is well again.')
        else:
            log.warn('The queue is {state}: {text}.', state=found.state.value, text=found.text)

    @defer.inlineCallbacks
    def refresh(self):
        """Read the store's figures; the worker calls it every few seconds."""
        try:
            figures = yield self._store.figures()
        except StoreError:
            return
        if self._figures and figures['breaker'] != self._figures['breaker']:
            if figures['breaker']:
                log.warn('Calls to Snappy are held back: {why}.', why=figures['breaker'])
            else:
                log.info('Snappy works again.')
        self._figures, self._read_at = figures, self._clock.seconds()
        self._metrics.gauge('jobs.waiting', sum(
            figures[lane] for lane in ('forwards', 'replies', 'lookups')))
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
        if self._snappy[1]:
            log.info('Snappy takes the API key and knows the mailbox.')
        self._snappy = ('', '')

    def _snappy_wrong(self, reason):
        if reason.check(defer.CancelledError):
            return
        if reason.check(BadCredentials):
            said = ('key_refused', 'Snappy does not take the API key: check snappy_api_key')
        elif reason.check(NotFound):
            said = ('no_mailbox',
                    'Snappy has no such mailbox for this API key: check snappy_mailbox_id')
        elif reason.check(SnappyError):
            said = ('unreachable', 'Snappy can not be reached (%s): check snappy_api_url' % (
                reason.type.__name__,))
        else:
            said = ('fault', 'Snappy could not be asked (%s)' % (reason.type.__name__,))
        if said != self._snappy:
            log.error('{said}. Messages are kept and wait.', said=said[1])
        self._snappy = said
        self._again = self._clock.callLater(_CHECK_AGAIN, self.check_snappy)

    def _check_store(self):
        if self._store.trouble:
            return Check(CheckState.DOWN, 'Redis: %s' % (self._store.trouble,), kind='away')
        if self._store.durability:
            return Check(CheckState.DEGRADED, self._store.durability, kind='not_durable')
        return Check(CheckState.OK)

    def _check_bus(self):
        if self._bus_is_connected():
            return Check(CheckState.OK)
        return Check(CheckState.DOWN, 'not connected to RabbitMQ', kind='away')

    def _check_snappy(self):
        breaker = self._figures.get('breaker')
        if breaker == BadCredentials.__name__:
            return Check(CheckState.DOWN, 'Snappy refuses the API key: check snappy_api_key',
                         kind='key_refused')
        if breaker:
            return Check(CheckState.DOWN, 'Snappy fails (%s)' % (breaker,), kind='fails')
        kind, said = self._snappy
        if said:
            return Check(CheckState.DEGRADED, said, kind=kind)
        return Check(CheckState.OK)

    def _check_queue(self):
        unread = self._clock.seconds() - self._read_at
        if unread > self._old:
            return Check(CheckState.DOWN, 'the store could not be read for %d seconds' % (unread,),
                         kind='unknown')
        oldest, parked = self._figures.get('oldest', 0), self._figures.get('parked')
        if oldest > self._late:
            return Check(CheckState.DEGRADED, 'the oldest job waits for %d seconds' % (oldest,),
                         kind='late')
        if parked:
            return Check(CheckState.DEGRADED, '%d parked: vumi-snappy parked list' % (parked,),
                         kind='parked')
        return Check(CheckState.OK)
