"""Webhooks: form-encoded deliveries to a set URL, with retries, and faults on demand.

Which events there are is `events`' business.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json
import random
import re
from collections import deque
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr
import six
from six.moves.urllib.parse import unquote_to_bytes, urlencode, urlsplit, urlunsplit
from twisted.internet import defer, task
from twisted.web.client import Agent, HTTPConnectionPool, readBody
from twisted.web.http_headers import Headers

from vumi_snappy.http.wire import WholeBody
from vumi_snappy.standin.drafts import Invalid
from vumi_snappy.standin.ledger import after

#: Seconds between the tries of a delivery; Snappy's own schedule is not known.
RETRY_AFTER = (0.5, 1, 2, 4) + (8,) * 16
#: Seconds that the receiver has for a whole response.
PATIENCE = 15.0
#: Deliveries that are sent at once, and deliveries that are remembered.
_AT_ONCE, _REMEMBERED = 200, 100000


@attr.s(slots=True)
class Delivery(object):
    """An event: the statuses of its tries (0: no response), the id of the note that it is about,
    and when it was first tried, accepted or given up (seconds since the epoch)."""

    number = attr.ib()  # type: int
    event = attr.ib()  # type: Text
    data = attr.ib(repr=False)  # type: Text
    statuses = attr.ib(default=attr.Factory(list))  # type: List[int]
    note = attr.ib(default=None)  # type: Any
    began = attr.ib(default=None)  # type: Optional[float]
    accepted = attr.ib(default=None)  # type: Optional[float]
    given_up = attr.ib(default=None)  # type: Optional[float]


class Hooks(object):
    """Delivers events to `url`, which may carry user and password; an empty one: nowhere.

    `duplicate` and `delay` are faults: the chance (0 to 1) that an event is delivered twice, and
    the longest delay in seconds (each has another one, so they come out of order).
    `raw_line_feeds`: as Snappy did in 2014, line feeds stand raw inside JSON strings.
    """

    def __init__(self, reactor, url='', raw_line_feeds=False, seed=None, agent=None):
        # type: (Any, Text, bool, Any, Any) -> None
        self._reactor = reactor
        self._random = random.Random(seed)
        self._pool = HTTPConnectionPool(reactor)
        self._pool._factory.noisy = False
        self._agent = agent or Agent(reactor, connectTimeout=PATIENCE, pool=self._pool)
        self._on_the_wire = defer.DeferredSemaphore(_AT_ONCE)
        self._deliveries = deque(maxlen=_REMEMBERED)  # type: deque
        self._count = 0
        self._running = set()  # type: set
        self.url, self.raw_line_feeds, self.duplicate, self.delay = '', False, 0.0, 0.0
        self.set({'url': url, 'raw_line_feeds': raw_line_feeds})

    def set(self, settings):
        # type: (Dict[Text, Any]) -> None
        """Change any of the settings.  Errors: `Invalid`; nothing is changed then."""
        checks = {'url': _is_url, 'raw_line_feeds': lambda value: isinstance(value, bool),
                  'duplicate': lambda value: _is_number(value, 1),
                  'delay': lambda value: _is_number(value, 3600)}
        for name, value in settings.items():
            if name not in checks:
                raise Invalid('unknown: %s' % (name,))
            if not checks[name](value):
                raise Invalid('%s is not valid' % (name,))
        for name, value in settings.items():
            setattr(self, str(name), value)

    def settings(self):
        # type: () -> Dict[Text, Any]
        """The settings, and how many deliveries are `under_way`: not accepted or given up yet."""
        return {'url': self.url, 'raw_line_feeds': self.raw_line_feeds,
                'duplicate': self.duplicate, 'delay': self.delay,
                'under_way': len(self._running)}

    def send(self, event, data):
        # type: (Text, Dict[Text, Any]) -> None
        """Begin to deliver an event; without a URL nothing is sent."""
        if not self.url:
            return
        text = json.dumps(data)  # type: Text
        if self.raw_line_feeds:
            text = leave_line_feeds_raw(text)
        for _ in range(2 if self._random.random() < self.duplicate else 1):
            self._count += 1
            delivery = Delivery(self._count, event, text, note=data.get('note', {}).get('id'))
            self._deliveries.append(delivery)
            running = task.deferLater(self._reactor, self._random.random() * self.delay,
                                      self._deliver, delivery)
            self._running.add(running)
            running.addErrback(lambda reason: reason.trap(defer.CancelledError) and None)
            running.addBoth(lambda _, each=running: self._running.discard(each))

    def listed(self, since=0, limit=None):
        # type: (int, Optional[int]) -> List[Any]
        """The deliveries after number `since`, oldest first, without their data."""
        without_data = attr.filters.exclude(attr.fields(Delivery).data)
        return [attr.asdict(each, filter=without_data)
                for each in after(self._deliveries, since, limit)]

    def reset(self):
        # type: () -> None
        """Give up what is under way and forget the deliveries; their numbers go on."""
        for running in list(self._running):
            running.cancel()
        self._deliveries.clear()

    def stop(self):
        # type: () -> defer.Deferred
        """Give up what is under way, and close the connections."""
        self.reset()
        return self._pool.closeCachedConnections()

    @defer.inlineCallbacks
    def _deliver(self, delivery):
        delivery.began = self._reactor.seconds()
        for delay in RETRY_AFTER:
            status = yield self._on_the_wire.run(self._try, delivery)
            delivery.statuses.append(status)
            if 200 <= status < 300:
                delivery.accepted = self._reactor.seconds()
                break
            yield task.deferLater(self._reactor, delay, lambda: None)
        else:
            delivery.given_up = self._reactor.seconds()
        delivery.data = ''

    @defer.inlineCallbacks
    def _try(self, delivery):
        # The present URL: it may have changed since the last try.
        if not self.url:
            defer.returnValue(0)
        url, headers = _split(self.url)
        fields = {'event': delivery.event.encode('utf-8'), 'data': delivery.data.encode('utf-8')}
        try:
            status = yield self._post(url, headers, fields).addTimeout(PATIENCE, self._reactor)
        except defer.CancelledError:
            raise
        except Exception:
            # Whatever went wrong, it was not accepted and is tried again.
            status = 0
        defer.returnValue(status)

    @defer.inlineCallbacks
    def _post(self, url, headers, fields):
        # Not treq, which on Python 3 takes no address of IPv6 for a host.
        response = yield self._agent.request(
            b'POST', url, Headers(headers), WholeBody(
                six.ensure_binary(urlencode(fields))))
        yield readBody(response)
        defer.returnValue(response.code)


def leave_line_feeds_raw(text):
    # type: (Text) -> Text
    """JSON with its escaped line feeds raw; a backslash before an "n" stays what it is."""
    return re.sub(r'\\(.)', lambda found: '\n' if found.group(1) == 'n' else found.group(), text)


def _split(url):
    # type: (Text) -> Tuple[bytes, Dict[bytes, List[bytes]]]
    """A URL without user and password, and the header that brings these."""
    parts = urlsplit(url)
    headers = {b'Content-Type': [b'application/x-www-form-urlencoded']}
    if parts.username is not None:
        # Unquoted as bytes: Python 2 would take what is quoted for Latin-1.
        names = b':'.join(unquote_to_bytes(name.encode('ascii'))
                          for name in (parts.username, parts.password or ''))
        headers[b'Authorization'] = [b'Basic ' + base64.b64encode(names)]
    place = parts.netloc.rpartition('@')[2]
    return (urlunsplit((parts.scheme, place, parts.path, parts.query, '')).encode('ascii'),
            headers)


def _is_url(value):
    # type: (Any) -> bool
    if not isinstance(value, type('')):
        return False
    if not value:
        return True
    try:
        value.encode('ascii')
        parts = urlsplit(value)
        port = '' if parts.port is None else ':%d' % (parts.port,)
    except ValueError:
        return False
    # Python 2 says nothing of a port that is none.
    place, host = parts.netloc.rpartition('@')[2].lower(), parts.hostname or ''
    return (parts.scheme in ('http', 'https') and bool(host)
            and place in (host + port, '[%s]%s' % (host, port)))


def _is_number(value, most):
    # type: (Any, float) -> bool
    return (isinstance(value, (int, float)) and not isinstance(value, bool)
            and 0 <= value <= most)
