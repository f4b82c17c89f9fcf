"""A consumer that no message and no failure of ours can end.

Stock Vumi's consumer stops for good at the first exception, or at the first body that is not JSON,
while the process stays up.  This one handles one message at a time, in the queue's order, and
keeps at each until it is handled, parked on the failures queue, or let go because the connection
is lost or the worker stops; what is let go is not acked, so the broker delivers it again.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import random
from typing import Any, Callable, List, Optional, Text  # noqa: F401

import attr
import six
from twisted.internet.defer import (  # noqa: F401
    CancelledError, Deferred, inlineCallbacks, maybeDeferred, returnValue)
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from txamqp import client as amqp_client
from txamqp import queue as amqp_queue
from vumi import log
from vumi.service import DynamicConsumer

from vumi_snappy.bus.errors import Malformed, is_temporary
from vumi_snappy.bus.failures import summary


@attr.s(frozen=True)
class Guard(object):
    """What a consumer needs of its worker.  Times are seconds."""

    #: IReactorTime.
    clock = attr.ib()  # type: Any
    #: (body, reason, queue, trace) -> Deferred that fires when the failures queue surely has it.
    park = attr.ib()  # type: Callable[[bytes, Text, Text, List[Text]], Deferred]
    #: Called with a Failure when the consumer itself is broken, which only a new one can heal.
    broken = attr.ib()  # type: Callable[[Failure], None]
    first_delay = attr.ib(default=0.5)  # type: float
    max_delay = attr.ib(default=4.0)  # type: float
    #: How often a handler may fail on one message with an error that is not temporary.
    tries = attr.ib(default=5)  # type: int

    def delay(self, failures):
        # type: (int) -> float
        """Seconds to wait after so many failed attempts in a row: doubling, with jitter."""
        longest = min(self.max_delay, self.first_delay * 2 ** min(failures - 1, 32))
        return longest * random.uniform(0.75, 1.0)


class LetGo(Exception):
    """The message in hand is not ours any more: no ack, no further attempt."""


class GuardedConsumer(DynamicConsumer):
    """One queue's consumer on one channel; a new connection gets a new one.

    `parse` makes of a body what `callback` is called with; its Deferred acks the message when it
    fires, whatever the result (stock Vumi treats False as "never ack").
    """

    def __init__(self, channel, callback, parse, guard):
        # type: (Any, Callable[[Any], Deferred], Callable[[bytes], Any], Guard) -> None
        super(GuardedConsumer, self).__init__(channel, callback)
        self._parse = parse
        self._guard = guard
        self._let_go = False
        self._pause_between_tries = None  # type: Optional[Deferred]
        self._tried = False
        self._failures = 0
        self._trouble_since = None  # type: Optional[float]

    @property
    def held(self):
        # type: () -> int
        """Messages that the broker has handed to this consumer and that are not acked."""
        waiting = len(self.queue.pending) if self.queue is not None else 0
        return 0 if self._let_go else waiting + self._in_progress

    def finish(self):
        # type: () -> Deferred
        """Starts no further message; fires when none is under way.

        A message that waits for another try is let go at once.
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
        """Closes the channel, which gives back to the broker what is not acked."""
        self.abandon()
        yield self.channel.channel_close()
        self.channel.close(None)
        returnValue(self.keep_consuming)

    def _read_messages(self):
        d = self._read_until_stopped()
        d.addErrback(self._guard.broken)
        return d

    @inlineCallbacks
    def _read_until_stopped(self):
        while self.keep_consuming:
            try:
                delivery = yield self.queue.get()
            except amqp_queue.Closed:
                return  # the connection's owner knows and says so
            if self.paused:
                yield self._unpause_d
            if self.keep_consuming:
                yield self.consume(delivery)

    @inlineCallbacks
    def consume(self, delivery):
        self._in_progress += 1
        self._tried = False
        try:
            yield self._keep_at(delivery)
            self._was_tried()
            if not self._let_go:
                yield self.channel.basic_ack(delivery.delivery_tag, False)
        except (LetGo, amqp_client.Closed):
            pass  # delivered again, on the next connection or to another worker
        finally:
            self._in_progress -= 1
            self._check_notify()

    @inlineCallbacks
    def _keep_at(self, delivery):
        """Returns when the message is handled or parked."""
        body = delivery.content.body
        if isinstance(body, six.text_type):
            body = body.encode('utf-8')
        bugs, parked = 0, None
        while True:
            try:
                if parked is None:
                    yield maybeDeferred(self._attempt, body)
                else:
                    yield self._guard.park(body, parked[0], self.queue_name, parked[1])
                self._all_is_well()
                return
            except Malformed as error:
                parked = (error.reason, [])
                continue
            except Exception as error:
                failure = Failure()
                temporary = parked is not None or is_temporary(error)
                if not temporary:
                    bugs += 1
                    if bugs >= self._guard.tries:
                        trace = summary(failure)
                        parked = ('the handler failed %d times: %s' % (bugs, trace[-1]), trace)
                        continue
                self._in_trouble(failure)
            self._was_tried()
            yield self.wait(delivery, temporary)

    def _attempt(self, body):
        return self.callback(self._parse(body))

    def _was_tried(self):
        """Vumi's in-memory broker counts the messages that its consumers have tried once."""
        if self._fake_channel is not None and not self._tried:
            self._tried = True
            self._fake_channel.message_processed()

    @inlineCallbacks
    def wait(self, delivery, temporary):
        """Pauses before the next attempt at the message; raises `LetGo` if there is none.

        `temporary` says that it is not the message's fault.
        """
        if not self.keep_consuming:
            raise LetGo()
        seconds = self._guard.delay(self._failures)
        self._pause_between_tries = deferLater(self._guard.clock, seconds, lambda: None)
        try:
            yield self._pause_between_tries
        except CancelledError:
            raise LetGo()
        finally:
            self._pause_between_tries = None

    def _in_trouble(self, failure):
        # type: (Failure) -> None
        self._failures += 1
        if self._trouble_since is None:
            self._trouble_since = self._guard.clock.seconds()
            log.warning('The messages of %s wait, the handler failed: %s'
                        % (self.queue_name, ' < '.join(reversed(summary(failure)))))

    def _all_is_well(self):
        if self._trouble_since is not None:
            log.msg('The messages of %s flow again, after %d failed attempts in %.1f seconds'
                    % (self.queue_name, self._failures,
                       self._guard.clock.seconds() - self._trouble_since))
        self._failures, self._trouble_since = 0, None
