"""Webhooks: form-encoded deliveries to a set URL, with retries, and faults on demand."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import random
from collections import deque
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr
import treq
from twisted.internet import defer, task
from twisted.web.client import Agent, HTTPConnectionPool

try:
    from urllib.parse import urlsplit, urlunsplit, unquote
except ImportError:  # Python 2
    from urlparse import urlsplit, urlunsplit
    from urllib import unquote

#: Seconds between the tries of a delivery; Snappy's own schedule is not known.
_DELAYS = (0.5, 1, 2, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8)
_TIMEOUT = 15.0


@attr.s(slots=True)
class Delivery(object):
    """One event on its way: the statuses that its tries got (0: no answer), the id of the note
    that it is about, and when it was first tried and accepted (seconds since the epoch)."""

    number = attr.ib()  # type: int
    event = attr.ib()  # type: Text
    data = attr.ib(repr=False)  # type: Text
    statuses = attr.ib(default=attr.Factory(list))  # type: List[int]
    note = attr.ib(default=None)  # type: Any
    began = attr.ib(default=None)  # type: Optional[float]
    accepted = attr.ib(default=None)  # type: Optional[float]


class Hooks(object):
    """Delivers events to `url`, which may carry user and password.

    `duplicate` and `delay` are faults: the chance (0 to 1) that a delivery is made twice, and the
    most seconds that one is held back (each by another time, so they come out of order).
    `raw_line_feeds`: as Snappy did in 2014, line feeds stand raw inside JSON strings.
    """

    def __init__(self, reactor, url='', raw_line_feeds=False, seed=None):
        # type: (Any, Text, bool, Any) -> None
        self._reactor = reactor
        self.url = url
        self.raw_line_feeds = raw_line_feeds
        self.duplicate, self.delay = 0.0, 0.0
        self._random = random.Random(seed)
        self._pool = HTTPConnectionPool(reactor)
        self._pool._factory.noisy = False
        self._agent = Agent(reactor, connectTimeout=_TIMEOUT, pool=self._pool)
        self._deliveries = deque(maxlen=100000)  # type: deque
        self._count = 0
        self._running = set()  # type: set
        self._stopped = False

    def send(self, event, data):
        # type: (Text, Dict[Text, Any]) -> None
        """Begin to deliver an event; without a URL nothing is sent."""
        if not self.url or self._stopped:
            return
        text = json.dumps(data)  # type: Text
        if self.raw_line_feeds:
            text = text.replace('\\n', '\n')
        for _ in range(2 if self._random.random() < self.duplicate else 1):
            self._count += 1
            delivery = Delivery(self._count, event, text, note=data.get('note', {}).get('id'))
            self._deliveries.append(delivery)
            running = task.deferLater(self._reactor, self._random.random() * self.delay,
                                      self._deliver, delivery)
            self._running.add(running)
            running.addErrback(lambda reason: reason.trap(defer.CancelledError) and None)
            running.addBoth(lambda _, each=running: self._running.discard(each))

    def listed(self):
        # type: () -> List[Dict[Text, Any]]
        """The deliveries, oldest first, without their data."""
        return [{'number': each.number, 'event': each.event, 'statuses': each.statuses,
                 'note': each.note, 'began': each.began, 'accepted': each.accepted}
                for each in self._deliveries]

    @property
    def under_way(self):
        # type: () -> int
        """Deliveries that are not accepted yet."""
        return len(self._running)

    def stop(self):
        # type: () -> defer.Deferred
        """Give up what is under way."""
        self._stopped = True
        for running in list(self._running):
            running.cancel()
        return self._pool.closeCachedConnections()

    @defer.inlineCallbacks
    def _deliver(self, delivery):
        delivery.began = self._reactor.seconds()
        for delay in _DELAYS:
            status = yield self._once(delivery)
            delivery.statuses.append(status)
            if 200 <= status < 300:
                delivery.accepted = self._reactor.seconds()
                return
            yield task.deferLater(self._reactor, delay, lambda: None)

    @defer.inlineCallbacks
    def _once(self, delivery):
        parts = urlsplit(self.url)
        auth = None
        if parts.password is not None:
            auth = (unquote(parts.username or ''), unquote(parts.password))
        host = parts.hostname + (':%d' % (parts.port,) if parts.port else '')
        url = urlunsplit((parts.scheme, host, parts.path, parts.query, ''))
        try:
            response = yield treq.post(
                url.encode('ascii'), auth=auth, agent=self._agent, timeout=_TIMEOUT,
                data={'event': delivery.event.encode('utf-8'),
                      'data': delivery.data.encode('utf-8')})
            yield treq.content(response)
        except defer.CancelledError:
            raise
        except Exception:
            # Whatever went wrong, it was not accepted and is tried again.
            defer.returnValue(0)
        defer.returnValue(response.code)
