"""The state of the worker: what health shows, what is announced and what the log says of changes.

Owns watching the store's figures (for the gauges), the check, at start, that Snappy accepts our
key and knows our mailbox, and the state of the periodic jobs.  A check returns what was last seen:
it costs nothing.  The bridge starts and stops it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from functools import partial
from typing import Any, Callable, Dict, List, Sequence, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.http.call_errors import BadCredentials, CallError, NotFound
from vumi_snappy.monitoring.health import Check, CheckState
from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.periodic import DONE, Periodic
from vumi_snappy.runtime.ports import Clock, Meter  # noqa: F401
from vumi_snappy.store import Store, StoreUnavailable  # noqa: F401

log = Logger()

#: Seconds before the check of Snappy at start is tried again.
_CHECK_AGAIN = 15.0
#: Seconds that Snappy may ask us to wait before health shows it.
_LONG_HOLD = 30.0
#: Seconds after which the store's figures are too old to be shown.
_OLD = 30.0
#: Seconds between two checks of whether Redis is fit.
_EXAMINE_EVERY = 60.0

_OK = Check(CheckState.OK)


def _degraded(kind, text):
    # type: (Text, Text) -> Check
    return Check(CheckState.DEGRADED, text, kind=kind)


def _down(kind, text):
    # type: (Text, Text) -> Check
    return Check(CheckState.DOWN, text, kind=kind)


_KEY_REFUSED = _degraded('key_refused', 'Snappy rejects the API key: check snappy_api_key')


class Status(object):
    """Watches `store`, Snappy (through `control`) and the bus (`bus_trouble()`).

    The checks are given to `announce` (pairs of name and `Check`) every `interval` seconds.  The
    queue is degraded when its oldest job has waited for `late` seconds.  `jobs` have `trouble`, as
    a `Periodic` has.
    """

    def __init__(self, clock, store, control, metrics, bus_trouble, announce, late, interval,
                 jobs):
        # type: (Clock, Store, Any, Meter, Callable, Callable, float, float, Sequence[Any]) -> None
        self._clock = clock
        self._store, self._control, self._metrics = store, control, metrics
        self._bus_trouble, self._announce = bus_trouble, announce
        self._late, self._old = late, max(_OLD, 3 * interval)
        self._read_at = self._examined_at = clock.seconds()
        self._figures = {}  # type: Dict[Text, Any]
        self._asked = _degraded('not_asked', 'not asked yet')
        self._asking = Periodic(clock, 'Asking Snappy for the mailbox', self._ask_snappy,
                                _CHECK_AGAIN, now=True)
        self._watching = Periodic(clock, 'Watching the worker', self._watch, interval, now=True)
        self._jobs = [self._watching] + list(jobs)
        self._warned = []  # type: List[Text]
        self._seen = {}  # type: Dict[Text, Check]

    def checks(self):
        # type: () -> List[Tuple[Text, Callable[[], Check]]]
        """The checks of health, by name."""
        return [(name, partial(self._look, name, check)) for name, check in (
            ('store', self._check_store), ('bus', self._check_bus),
            ('snappy', self._check_snappy), ('queue', self._check_queue),
            ('jobs', self._check_jobs))]

    def _look(self, name, check):
        # type: (Text, Callable[[], Check]) -> Check
        now, before = check(), self._seen.get(name)
        if before is not None and (before.state, before.kind) == (now.state, now.kind):
            since = before.since
        else:
            since = wall_time(self._clock)
            if name == 'queue' and before is not None:
                if now.state is CheckState.OK:
                    log.info('The queue is back to normal.')
                else:
                    log.warn('The queue is {state}: {text}.', state=now.state.value, text=now.text)
        self._seen[name] = attr.evolve(now, since=since)
        return self._seen[name]

    def start(self):
        # type: () -> None
        """Begin to watch, and ask Snappy for the mailbox until it answers."""
        self._watching.start()
        self._asking.start()

    def stop(self):
        # type: () -> None
        """Stop watching."""
        self._watching.stop()
        self._asking.stop()

    @defer.inlineCallbacks
    def _watch(self):
        # type: () -> defer.Deferred
        try:
            yield self._read_store()
        except StoreUnavailable:  # which has a check of its own
            pass
        finally:
            self._announce([(name, check()) for name, check in self.checks()])

    @defer.inlineCallbacks
    def _read_store(self):
        # type: () -> defer.Deferred
        figures = yield self._store.figures()
        if self._figures and figures['breaker'] != self._figures['breaker']:
            if figures['breaker']:
                log.warn('Calls to Snappy are held back: {why}.', why=figures['breaker'])
            else:
                log.info('Snappy works again.')
        self._figures, self._read_at = figures, self._clock.seconds()
        for name, value in (
                ('jobs.waiting', figures['forwards'] + figures['replies'] + figures['lookups']),
                ('jobs.oldest_age', figures['oldest']), ('jobs.parked', figures['parked']),
                ('replies.early', figures['early']),
                ('snappy.down', 1 if figures['breaker'] else 0),
                ('snappy.key_refused',
                 1 if figures['breaker'] == BadCredentials.__name__ else 0)):
            self._metrics.gauge(name, value)
        if self._clock.seconds() - self._examined_at >= _EXAMINE_EVERY:
            self._examined_at = self._clock.seconds()
            yield self._store.examine()
        self._metrics.gauge('redis.unfit', len(self._store.flaws))
        for flaw in self._store.flaws:
            if flaw.kind not in self._warned:
                log.warn('{flaw}.', flaw=flaw.text)
        self._warned = [flaw.kind for flaw in self._store.flaws]

    @defer.inlineCallbacks
    def _ask_snappy(self):
        # type: () -> defer.Deferred
        try:
            yield self._control.account()
            log.info('Snappy accepts the API key and knows the mailbox.')
            self._asked = _OK
            defer.returnValue(DONE)
        except defer.CancelledError:
            return
        except BadCredentials:
            check = _KEY_REFUSED
        except NotFound:
            check = _degraded('no_mailbox', 'Snappy has no such mailbox for this API key: check'
                              ' snappy_mailbox_id')
        except CallError as error:
            check = _degraded('unreachable', 'Snappy can not be reached (%s): check snappy_api_url'
                              % (type(error).__name__,))
        except Exception as error:
            check = _degraded('fault', 'Snappy could not be asked (%s)' % (type(error).__name__,))
        if check != self._asked:
            log.error('{text}. Messages are kept and wait.', text=check.text)
        self._asked = check

    def _check_store(self):
        # type: () -> Check
        if self._store.trouble:
            return _down('away', 'Redis: %s' % (self._store.trouble,))
        flaws = self._store.flaws
        return _degraded(' '.join(flaw.kind for flaw in flaws),
                         '; '.join(flaw.text for flaw in flaws)) if flaws else _OK

    def _check_bus(self):
        # type: () -> Check
        trouble = self._bus_trouble()
        return _down('away', trouble) if trouble else _OK

    def _check_snappy(self):
        # type: () -> Check
        breaker = self._figures.get('breaker')
        if breaker == BadCredentials.__name__:
            return attr.evolve(_KEY_REFUSED, state=CheckState.DOWN)
        if breaker:
            return _down('fails', 'Snappy fails (%s)' % (breaker,))
        if self._asked is not _OK:
            return self._asked
        hold = self._figures.get('hold', 0)
        if hold > _LONG_HOLD:
            return _degraded('told_to_wait',
                             'Snappy asks the worker to wait for %d more seconds' % (hold,))
        waiting = self._figures.get('too_large', 0)
        return _degraded('too_large', "work for %d persons waits: Snappy's lists are too large to"
                         ' search' % (waiting,)) if waiting else _OK

    def _check_queue(self):
        # type: () -> Check
        unread = self._clock.seconds() - self._read_at
        if unread > self._old:
            return _down('unknown', 'the store could not be read for %d seconds' % (unread,))
        oldest, parked = self._figures.get('oldest', 0), self._figures.get('parked')
        if oldest > self._late:
            return _degraded('late', 'the oldest job has waited for %d seconds' % (oldest,))
        return _degraded('parked', '%d parked: see vumi-snappy parked list' % (
            parked,)) if parked else _OK

    def _check_jobs(self):
        # type: () -> Check
        failing = [job.trouble for job in self._jobs if job.trouble]
        return _degraded('failing', '; '.join(failing)) if failing else _OK
