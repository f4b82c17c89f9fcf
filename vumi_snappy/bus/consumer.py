"""A consumer that no message and no failure of ours can end.

Stock Vumi's consumer stops for good at the first exception, or at the first body that is not JSON,
while the process stays up.  This one handles messages in the queue's order, and keeps at each
until it is handled, parked on the failures queue, or let go because the connection is lost or the
worker stops; what is let go is not acked, so the broker delivers it again.

A handler that is done is done.  One that fires with a `Prepared` lets the next message be prepared
as well, and the next, as many as are there; then all of them are finished together.  What can't
be prepared at once is not waited for by those before it, and what fails is tried again before
anything behind it is begun; after an error that is not temporary one by one, so that a message by
which others fail is parked alone.  A message is acked when it is done and all before it are.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from functools import partial
from itertools import takewhile
from typing import Any, Callable, List, Optional  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    CancelledError, Deferred, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from twisted.internet.task import deferLater
from twisted.python.failure import Failure  # noqa: F401
from txamqp import client as amqp_client
from txamqp import queue as amqp_queue

from vumi_snappy.bus.errors import is_temporary
from vumi_snappy.bus.pausable import PausableConsumer
from vumi_snappy.bus.guard import Guard, Trouble  # noqa: F401
from vumi_snappy.bus.in_hand import InHand, LetGo, Prepared


class GuardedConsumer(PausableConsumer):
    """One queue's consumer on one channel; a new connection gets a new one.

    `parse` makes of a body what `callback` is called with; its Deferred acks the message when it
    fires, whatever the result (stock Vumi treats False as "never ack"), but for a `Prepared`.
    """

    #: Messages that may be prepared before they are finished.
    at_once = 1
    #: Bytes of bodies behind which no further message joins them: what is finished together must
    #: get to Redis well within its time-out, also on a slow network.
    at_once_bytes = 1000000

    def __init__(self, channel, callback, parse, guard):
        # type: (Any, Callable[[Any], Deferred], Callable[[bytes], Any], Guard) -> None
        super(GuardedConsumer, self).__init__(channel)
        self.callback = callback
        self._parse = parse
        self._guard = guard
        self._let_go = False
        self._pause_between_tries = None  # type: Optional[Deferred]
        self._in_hand = []  # type: List[InHand]
        self._trouble = Trouble(guard)

    @property
    def held(self):
        # type: () -> int
        """Messages that the broker has handed to this consumer and that are not acked."""
        waiting = len(self.queue.pending) if self.queue is not None else 0
        return 0 if self._let_go else waiting + self._in_progress

    def declare(self, queues):
        # type: (Any) -> Deferred
        """Makes the queue, by the connection's `Queues`, unless it is there."""
        return queues.declare(self.queue_name)

    def finish(self):
        # type: () -> Deferred
        """Starts no further message; fires when none is under way.

        What waits for another try is let go at once.
        """
        self.keep_consuming = False
        if self._pause_between_tries is not None:
            self._pause_between_tries.cancel()
        return self.pause()

    def abandon(self):
        # type: () -> None
        """Lets go of everything: what is under way may end, but acks nothing any more."""
        self._let_go = True
        self.finish()

    @inlineCallbacks
    def stop(self):
        # type: () -> Deferred
        """Closes the channel, which gives back to the broker what is not acked."""
        self.abandon()
        yield self.channel.channel_close()
        self.channel.close(None)
        returnValue(self.keep_consuming)

    def _read_messages(self):
        # type: () -> None
        self._read_until_stopped().addErrback(self._guard.broken)

    @inlineCallbacks
    def _read_until_stopped(self):
        # type: () -> Deferred
        while self.keep_consuming:
            try:
                deliveries = yield self._deliveries()
            except amqp_queue.Closed:
                return  # the connection's owner knows and says so
            if self.paused:
                yield self._unpause_d
            if self.keep_consuming:
                yield self._handle([InHand(each) for each in deliveries])

    @inlineCallbacks
    def _deliveries(self):
        # type: () -> Deferred
        deliveries = [(yield self.queue.get())]
        if self.at_once > 1:
            # The others of its moment are read in this turn of the reactor.
            yield deferLater(self._guard.clock, 0, lambda: None)
            size = len(deliveries[0].content.body)
            while (self.queue.pending and len(deliveries) < self.at_once
                   and size < self.at_once_bytes):
                deliveries.append((yield self.queue.get()))
                size += len(deliveries[-1].content.body)
        returnValue(deliveries)

    @inlineCallbacks
    def _handle(self, messages):
        # type: (List[InHand]) -> Deferred
        """Returns when all of them are done and acked, or let go."""
        self._in_hand = messages
        self._in_progress = len(messages)
        try:
            while self._in_hand:
                yield self._try()
                some_are_done = yield self._ack()
                failed = [each for each in self._in_hand if each.failure is not None]
                if failed:
                    yield self._pause(failed[0], failed[0].failure)
                elif some_are_done:
                    self._trouble.is_over(self.queue_name)
        except amqp_client.ChannelClosed:
            raise  # by the broker, for what was asked of it just now: nobody else is told
        except (LetGo, amqp_client.Closed):
            pass  # delivered again, on the next connection or to another worker
        finally:
            self._in_hand, self._in_progress = [], 0
            self._check_notify()

    def _try(self):
        # type: () -> Deferred
        """Begins with what is in hand, as far as that goes at once, and finishes what is ready."""
        left = [each for each in self._in_hand if not each.is_done]
        for message in left:
            message.failure = None  # it has been paused for
        if any(each.bugs for each in left):
            del left[1:]  # maybe by one alone of those that went together: that shows now
        ready, begun = [], None
        for message in left:
            if message.finish is None and message.under_way is None and self.keep_consuming:
                begun = self._begin(message)
                message.under_way = None if begun.called else begun
            if message.finish is None:
                break  # it is done, has failed, or takes its time
            ready.append(message)
        if ready:
            return gatherResults([self._finish(each) for each in ready], consumeErrors=True)
        if left[0].under_way is None and begun is None:
            raise LetGo()
        return left[0].under_way or begun

    @inlineCallbacks
    def _begin(self, message):
        # type: (InHand) -> Deferred
        """Calls the handler, which may leave something to finish."""
        if message.parked is None:
            try:
                result = yield maybeDeferred(self.callback, self._parse(message.body))
                if isinstance(result, Prepared):
                    message.finish = result.finish
                else:
                    message.is_done = True
            except Exception as error:
                message.has_failed(error, self._guard.tries)
        if message.parked is not None and message.failure is None:
            reason, trace = message.parked
            message.finish = partial(
                self._guard.park, message.body, reason, self.queue_name, trace)
        message.under_way = None
        if message.finish is None:
            self._was_tried(message)

    @inlineCallbacks
    def _finish(self, message):
        # type: (InHand) -> Deferred
        finish, message.finish = message.finish, None
        try:
            yield maybeDeferred(finish)
            message.is_done = True
        except Exception as error:
            message.has_failed(error, self._guard.tries)
        self._was_tried(message)

    def _was_tried(self, message):
        # type: (InHand) -> None
        """Vumi's in-memory broker counts the messages that its consumers have tried once."""
        if self._fake_channel is not None and not message.was_tried:
            message.was_tried = True
            self._fake_channel.message_processed()

    @inlineCallbacks
    def _ack(self):
        # type: () -> Deferred
        """Acks what is done and has nothing before it that is not; fires with whether any is."""
        done = list(takewhile(lambda each: each.is_done, self._in_hand))
        if done and not self._let_go:
            yield self.channel.basic_ack(done[-1].delivery.delivery_tag, len(done) > 1)
        del self._in_hand[:len(done)]
        self._in_progress = len(self._in_hand)
        returnValue(bool(done))

    def _pause(self, message, failure):
        # type: (InHand, Failure) -> Deferred
        return self.wait(
            message.delivery, message.parked is not None or is_temporary(failure.value),
            self._trouble.failed(self.queue_name, failure))

    @inlineCallbacks
    def wait(self, delivery, temporary, seconds):
        # type: (Any, bool, float) -> Deferred
        """Pauses for `seconds` before the next attempt; raises `LetGo` if there is none.

        `delivery` is the first that failed, `temporary` says that it is not that message's fault.
        """
        if not self.keep_consuming:
            raise LetGo()
        self._pause_between_tries = deferLater(self._guard.clock, seconds, lambda: None)
        try:
            yield self._pause_between_tries
        except CancelledError:
            raise LetGo()
        finally:
            self._pause_between_tries = None
