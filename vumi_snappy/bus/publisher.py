"""Publishing that reports success only when the broker has the messages.

Stock Vumi's publishing succeeds whatever happens, even while disconnected.  Here everything is on
its queues, and on the disk of durable ones, when the broker has answered for it (`sending` has the
two ways).  Calls that come while it has not share the next round trip, so that a busy worker pays
one for many; their receipts go as one message.

On classic queues of one node a call is one transaction: it is there as a whole, with its receipt,
or not at all.  On quorum queues nothing is whole: the messages of a call follow one another, each
when the broker has the one before, and the receipt when it has the last.  So there the last
message proves the others, and a receipt proves its reply.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Callable, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet.defer import Deferred, fail, inlineCallbacks, returnValue
from twisted.python.failure import Failure  # noqa: F401
from txamqp.client import Closed
from txamqp.content import Content

from vumi_snappy.bus.errors import BusUnavailable, PublishUnknown
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.vumi.publisher import PERSISTENT

#: What stands between the bodies of parts that go as one message.
JOINED_BY = b' '


@attr.s(frozen=True, slots=True)
class Part(object):
    """One message of a call; `exchange` '' is AMQP's default exchange.

    What `joins` is a receipt for the other parts: it may go as one message with the like of it,
    the bodies joined by `JOINED_BY`.
    """

    exchange = attr.ib()  # type: Text
    routing_key = attr.ib()  # type: Text
    body = attr.ib()  # type: bytes
    joins = attr.ib(default=False)  # type: bool

    def content(self):
        # type: () -> Content
        """The body, marked persistent."""
        return Content(self.body, properties={str('delivery mode'): PERSISTENT})


def _joined(parts):
    # type: (List[Part]) -> List[Part]
    """The same with one part, at the end, for all that join each other."""
    joined = OrderedDict()  # type: Any
    for part in parts:
        if part.joins:
            joined.setdefault((part.exchange, part.routing_key), []).append(part.body)
    return [part for part in parts if not part.joins] + [
        Part(exchange, routing_key, JOINED_BY.join(bodies))
        for (exchange, routing_key), bodies in joined.items()]


@attr.s(slots=True, eq=False)
class _Call(object):
    parts = attr.ib()  # type: Tuple[Part, ...]
    deferred = attr.ib(factory=Deferred)

    def succeeded(self):
        # type: () -> None
        if not self.deferred.called:
            self.deferred.callback(None)

    def failed(self, error):
        # type: (Exception) -> None
        if not self.deferred.called:
            self.deferred.errback(error)


class ConfirmedPublisher(object):
    """Publishes on a channel of its own, in the order of the calls.

    `channel` collects in `returned` what cannot be routed; `way` is the `Transaction` or
    `Confirms` by which it sends, and has begun.  `declare` makes the queues anew, for the case
    that an operator deleted one.  `timeout` is in seconds: when the broker takes longer, the calls
    fail with `PublishUnknown`, and until it has answered every further call fails with
    `BusUnavailable`; after twice as long the channel is given up.  `broken` is called with a
    Failure when the channel is of no more use.  `apart` tells whether receipts follow what they
    are for.
    """

    #: Calls that share one round trip, at most.
    MAX_BATCH = 50
    #: Calls that wait for one, at most.
    MAX_WAITING = 1000

    def __init__(self, channel, way, declare, clock, timeout, broken, apart):
        # type: (Any, Any, Callable[[], Deferred], Clock, float, Callable[[Failure], None], Callable[[], bool]) -> None  # noqa: E501
        self._channel = channel
        self._way = way
        self._declare = declare
        self._clock = clock
        self._timeout = timeout
        self._broken = broken
        self._apart = apart
        self._owed = []  # type: List[Part]  # receipts for what is confirmed
        self._waiting = []  # type: List[_Call]
        self._under_way = []  # type: List[_Call]
        self._busy = False
        self._overdue = False
        self._lost = False

    def publish(self, *parts):
        # type: (*Part) -> Deferred
        """Publishes all of `parts` in their order; receipts that go apart in the next round trip.

        The Deferred fires with None when they (but for such receipts) are on their queues, or
        fails with `BusUnavailable` (nothing was sent) or `PublishUnknown`.
        """
        if self._lost:
            return fail(BusUnavailable('the connection to RabbitMQ is lost'))
        if self._overdue:
            return fail(BusUnavailable('RabbitMQ has not confirmed an earlier message'))
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
        self._fail_under_way('the connection was lost while it published')
        self._fail_waiting('the connection to RabbitMQ is lost')

    @inlineCallbacks
    def _work(self):
        # type: () -> Deferred
        self._busy = True
        try:
            while (self._waiting or self._owed) and not self._lost:
                self._under_way = self._waiting[:self.MAX_BATCH]
                del self._waiting[:self.MAX_BATCH]
                yield self._commit(self._under_way)
        finally:
            self._busy = False

    @inlineCallbacks
    def _commit(self, calls):
        # type: (List[_Call]) -> Deferred
        owed, self._owed = self._owed, []
        apart = self._apart()
        self._way.sent = False
        timers = [self._clock.callLater(self._timeout, self._too_late),
                  self._clock.callLater(2 * self._timeout, self._end, PublishUnknown(
                      'RabbitMQ has not confirmed a message for long'))]
        try:
            for parts, completed in self._steps(calls, owed, apart):
                rejected = yield self._send(parts)
                if rejected is None:
                    self._fail_under_way('a queue to publish on cannot be kept in being')
                    break
                if rejected:
                    self._rejected(calls, completed, rejected)
                    break
                for call in completed:
                    if apart:
                        self._owed += [part for part in call.parts if part.joins]
                    call.succeeded()
            self._overdue = False
        except Closed as error:
            self._give_up(error)
        finally:
            self._under_way = []
            for timer in timers:
                if timer.active():
                    timer.cancel()

    def _steps(self, calls, owed, apart):
        # type: (List[_Call], List[Part], bool) -> List[Tuple[List[Part], List[_Call]]]
        """What is sent, each when the broker has answered for what is before it; and the calls of
        which that is the last."""
        if not apart:
            return [(_joined([part for call in calls for part in call.parts] + owed), calls)]
        messages = [[part for part in call.parts if not part.joins] for call in calls]
        if self._way.is_whole:
            return [([part for each in messages for part in each] + _joined(owed), calls)]
        steps = []
        for n in range(max([1] + [len(each) for each in messages])):
            steps.append(([each[n] for each in messages if n < len(each)],
                          [call for call, each in zip(calls, messages)
                           if n == max(len(each) - 1, 0)]))
        steps[0][0].extend(_joined(owed))
        return steps

    @inlineCallbacks
    def _send(self, parts):
        # type: (List[Part]) -> Deferred
        """Fires with those of `parts` that the broker rejected; None: some find no queue."""
        rejected = []  # type: List[Part]
        for _attempt in range(2):
            rejected += yield self._way.send(parts)
            parts = self._unrouted(parts)
            if not parts:
                returnValue(rejected)
            yield self._declare()

    def _rejected(self, calls, completed, rejected):
        # type: (List[_Call], List[_Call], List[Part]) -> None
        """Only another channel may find the queue's leader: this one is given up."""
        for call in calls:
            if call in completed and not any(part is each for part in rejected
                                             for each in call.parts):
                call.succeeded()
            call.failed(PublishUnknown('RabbitMQ rejected a message'))
        self._end(PublishUnknown('RabbitMQ rejects what is published on this channel'))

    def _unrouted(self, parts):
        # type: (List[Part]) -> List[Part]
        """Those of `parts` that the broker returned because their queue is gone."""
        returned, self._channel.returned = self._channel.returned, []
        routes = set((message.exchange, message.routing_key) for message in returned)
        return [part for part in parts if (part.exchange, part.routing_key) in routes]

    def _give_up(self, error):
        # type: (Closed) -> None
        if self._way.sent:
            self._fail_under_way('the channel was closed while it published')
        else:
            for call in self._under_way:
                call.failed(BusUnavailable('the channel to RabbitMQ is closed'))
        self._end(error)

    def _end(self, error):
        # type: (Exception) -> None
        if not self._lost:
            self._lost = True
            self._fail_waiting('the channel to RabbitMQ is closed')
            self._broken(Failure(error))

    def _too_late(self):
        # type: () -> None
        self._overdue = True
        self._fail_under_way('RabbitMQ has not confirmed a message for %s seconds' % self._timeout)
        self._fail_waiting('RabbitMQ has not confirmed an earlier message')

    def _fail_under_way(self, reason):
        # type: (Text) -> None
        for call in self._under_way:
            call.failed(PublishUnknown(reason))

    def _fail_waiting(self, reason):
        # type: (Text) -> None
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call.failed(BusUnavailable(reason))
