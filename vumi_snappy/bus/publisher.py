"""Publishing that reports success only when the broker has the messages.

Stock Vumi's publishing succeeds whatever happens, even while disconnected.  AMQP 0-8 knows no
publisher confirms, but transactions: what is published on a channel in transaction mode is on its
queues, and on the disk of a durable one, when `tx.commit` is answered.  Calls that come while a
commit is under way share the next one, so that a busy worker pays one round trip for many; their
receipts go as one message.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from typing import Any, Callable, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet.defer import Deferred, fail, inlineCallbacks
from twisted.python.failure import Failure  # noqa: F401
from txamqp.client import Closed
from txamqp.content import Content

from vumi_snappy.bus.errors import BusUnavailable, PublishUnknown

#: AMQP's word for "write it to disk".
PERSISTENT = 2
#: What stands between the bodies of parts that go as one message.
JOINED_BY = b' '


def mode_property(spec):
    # type: (Any) -> Text
    """What the AMQP specification in use calls the delivery mode.

    "delivery mode" in 0-8; under the name of another specification it would silently not be sent,
    which is how Vumi's own messages lose their persistence with any but 0-8.
    """
    names = [field.name for field in spec.classes.byname['basic'].fields]
    return [name for name in names if name.replace('-', ' ') == 'delivery mode'][0]


@attr.s(frozen=True, slots=True)
class Part(object):
    """One message of a transaction; `exchange` '' is AMQP's default exchange.

    What `joins` may go as one message with the like of it, the bodies joined by
    `JOINED_BY`.
    """

    exchange = attr.ib()  # type: Text
    routing_key = attr.ib()  # type: Text
    body = attr.ib()  # type: bytes
    joins = attr.ib(default=False)  # type: bool

    def content(self, mode_property='delivery mode'):
        # type: (Text) -> Content
        """The body, marked persistent."""
        return Content(self.body, properties={str(mode_property): PERSISTENT})


def _joined(parts):
    # type: (List[Part]) -> List[Part]
    """The same with one part, at the end, for all that join each other."""
    found = OrderedDict()  # type: Any
    for part in parts:
        if part.joins:
            found.setdefault((part.exchange, part.routing_key), []).append(part.body)
    return [part for part in parts if not part.joins] + [
        Part(exchange, routing_key, JOINED_BY.join(bodies))
        for (exchange, routing_key), bodies in found.items()]


@attr.s(slots=True)
class _Call(object):
    parts = attr.ib()  # type: Tuple[Part, ...]
    deferred = attr.ib(factory=Deferred)

    def succeeded(self):
        if not self.deferred.called:
            self.deferred.callback(None)

    def failed(self, error):
        if not self.deferred.called:
            self.deferred.errback(error)


class ConfirmedPublisher(object):
    """Transactions on a channel of its own, in the order of the calls.

    `channel` is in transaction mode (`tx_select` is done) and collects in `returned` what cannot
    be routed; `declare` makes the queues anew, for the case that an operator deleted one.
    `timeout` is in seconds: a commit that takes longer fails its calls with `PublishUnknown`, and
    until it is answered every further call fails with `BusUnavailable`.  `broken` is called with a
    Failure when the channel is of no more use.
    """

    #: Calls that share one commit, at most.
    MAX_BATCH = 50
    #: Calls that wait for a commit, at most.
    MAX_WAITING = 1000

    def __init__(self, channel, declare, clock, timeout, broken):
        # type: (Any, Callable[[], Deferred], Any, float, Callable[[Failure], None]) -> None
        self._channel = channel
        self._mode_property = mode_property(channel.client.spec)
        self._declare = declare
        self._clock = clock
        self._timeout = timeout
        self._broken = broken
        self._waiting = []  # type: List[_Call]
        self._under_way = []  # type: List[_Call]
        self._busy = False
        self._sent = False
        self._overdue = False
        self._lost = False

    def publish(self, *parts):
        # type: (*Part) -> Deferred
        """Publishes all of `parts` in one transaction.

        The Deferred fires with None when they are on their queues, or fails with `BusUnavailable`
        (nothing was sent) or `PublishUnknown`.
        """
        if self._lost:
            return fail(BusUnavailable('the connection to RabbitMQ is lost'))
        if self._overdue:
            return fail(BusUnavailable('RabbitMQ has not answered an earlier commit'))
        if len(self._waiting) >= self.MAX_WAITING:
            return fail(BusUnavailable('too many messages wait to be published'))
        call = _Call(parts)
        self._waiting.append(call)
        if not self._busy:
            self._work()
        return call.deferred

    def lost(self):
        # type: () -> None
        """The connection is gone: fails what waits and what is under way."""
        self._lost = True
        self._fail_under_way('the connection was lost during a commit')
        self._fail_waiting('the connection to RabbitMQ is lost')

    @inlineCallbacks
    def _work(self):
        self._busy = True
        try:
            while self._waiting and not self._lost:
                self._under_way = self._waiting[:self.MAX_BATCH]
                del self._waiting[:self.MAX_BATCH]
                yield self._commit(self._under_way)
        finally:
            self._busy = False

    @inlineCallbacks
    def _commit(self, calls):
        parts = _joined([part for call in calls for part in call.parts])
        self._sent = False
        timer = self._clock.callLater(self._timeout, self._too_late)
        try:
            for _attempt in range(2):
                yield self._send(parts)
                parts = self._unrouted(parts)
                if not parts:
                    break
                yield self._declare()
            else:
                self._fail_under_way('a queue to publish on cannot be kept in being')
            self._overdue = False
            for call in calls:
                call.succeeded()
        except Closed as error:
            self._give_up(error)
        finally:
            self._under_way = []
            if timer.active():
                timer.cancel()

    @inlineCallbacks
    def _send(self, parts):
        for part in parts:
            yield self._channel.basic_publish(
                exchange=part.exchange, routing_key=part.routing_key, mandatory=True,
                content=part.content(self._mode_property))
        self._sent = True
        yield self._channel.tx_commit()

    def _unrouted(self, parts):
        # type: (List[Part]) -> List[Part]
        """Those of `parts` that the broker returned because their queue is gone."""
        returned, self._channel.returned = self._channel.returned, []
        routes = set((message.exchange, message.routing_key) for message in returned)
        return [part for part in parts if (part.exchange, part.routing_key) in routes]

    def _give_up(self, error):
        if self._sent:
            self._fail_under_way('the channel was closed during a commit')
        else:
            for call in self._under_way:
                call.failed(BusUnavailable('the channel to RabbitMQ is closed'))
        if not self._lost:
            self._lost = True
            self._fail_waiting('the channel to RabbitMQ is closed')
            self._broken(Failure(error))

    def _too_late(self):
        self._overdue = True
        self._fail_under_way('RabbitMQ has not answered a commit for %s seconds' % self._timeout)
        self._fail_waiting('RabbitMQ has not answered an earlier commit')

    def _fail_under_way(self, reason):
        for call in self._under_way:
            call.failed(PublishUnknown(reason))

    def _fail_waiting(self, reason):
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call.failed(BusUnavailable(reason))
