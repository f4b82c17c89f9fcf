"""Declares the worker's queues, on classic and quorum queues alike.

A queue that exists and lasts is taken as it is: an argument that differs would be refused, and an
operator may have had reasons.  One that is missing is made durable, of the vhost's default type.
Where that is quorum, it gets two arguments: no limit of deliveries, since RabbitMQ 4 drops a
message that came back 20 times, also by lost connections; and for the inbound queue a single
active consumer, by which the broker itself keeps the order.  The session of a connection owns it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Optional, Text  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    Deferred, DeferredLock, inlineCallbacks, returnValue)
from txamqp.client import ChannelClosed

from vumi_snappy.bus.fake import is_fake
from vumi_snappy.bus.reasons import reason_text

#: How the order of a queue's messages is kept when several workers want them.
SINGLE = 'the broker lets one consumer be active'
EXCLUSIVE = 'the broker refuses a second consumer'  # classic queues only
LOCKED = 'who consumes holds a lock on the broker'

# Quorum queues alone take a limit; the largest number instead of -1, which RabbitMQ 3 knows not.
_NO_LIMIT = {'x-delivery-limit': 2 ** 31 - 1}
_IN_ORDER = dict(_NO_LIMIT, **{'x-single-active-consumer': True})
_QUORUM = {'x-queue-type': 'quorum'}


class Queues(object):
    """Declares queues on connections' channels of its own; `client` is a `client.Client`."""

    def __init__(self, client):
        # type: (Any) -> None
        self._client = client
        self._channel = None  # type: Any
        self._classic_by_default = False
        self._one_by_one = DeferredLock()  # a refusal ends what else waits on the channel

    @inlineCallbacks
    def declare(self, name, arguments=None):
        # type: (Text, Optional[Dict[Text, Any]]) -> Deferred
        """Makes the queue `name` unless it is there; `arguments` are for a quorum queue.

        Errors: txAMQP's `Closed`.
        """
        channel = yield self._open_channel()
        if is_fake(channel):
            yield channel.queue_declare(queue=name, durable=True)
            return
        if not (yield self.refusal(queue=name, passive=True)):
            yield self._must_last(name)
            return
        if not self._classic_by_default and not (yield self.refusal(
                queue=name, durable=True, arguments=arguments or _NO_LIMIT)):
            return
        self._classic_by_default = True
        refused = yield self.refusal(queue=name, durable=True)
        if refused:
            raise ChannelClosed(refused)

    @inlineCallbacks
    def _must_last(self, name):
        # type: (Text) -> Deferred
        """A queue that goes by itself, with a restart or its last consumer, loses messages."""
        refused = yield self.refusal(queue=name, durable=True)
        if "arg 'durable'" in refused or "arg 'auto_delete'" in refused:
            raise ChannelClosed(refused)

    @inlineCallbacks
    def declare_in_order(self, name):
        # type: (Text) -> Deferred
        """As `declare`; fires with how the order of its messages is kept (`SINGLE`, ...)."""
        yield self.declare(name, _IN_ORDER)
        if is_fake(self._channel):  # it knows nothing of all this
            returnValue(SINGLE)
        # Only one that has no arguments is equal to this.
        if (yield self._is_like(name, {'x-queue-type': 'classic'})):
            returnValue(EXCLUSIVE)
        single = {'x-single-active-consumer': True}
        for arguments in (_IN_ORDER, dict(_QUORUM, **_IN_ORDER), dict(_QUORUM, **single), single):
            if (yield self._is_like(name, arguments)):
                returnValue(SINGLE)
        returnValue(LOCKED)

    @inlineCallbacks
    def are_classic(self, *names):
        # type: (*Text) -> Deferred
        """Fires with whether all of these queues, which are there, are classic ones.

        False where that cannot be seen, as of queues that somebody has given arguments.
        """
        for name in names:
            if not (yield self._is_like(name, {'x-queue-type': 'classic'})):
                returnValue(False)
        returnValue(True)

    @inlineCallbacks
    def lock(self, name):
        # type: (Text) -> Deferred
        """Fires with whether this connection, of all, holds the lock `name`, while it lasts.

        The lock is a queue that is exclusive to a connection and goes with it.
        """
        refused = yield self.refusal(
            queue=name, exclusive=True, arguments={'x-queue-type': 'classic'})
        if refused and not refused.startswith('405'):
            raise ChannelClosed(refused)
        returnValue(not refused)

    @inlineCallbacks
    def unlock(self, name):
        # type: (Text) -> Deferred
        """Gives the lock back, for another connection to take."""
        channel = yield self._open_channel()
        yield channel.queue_delete(queue=name)

    @inlineCallbacks
    def _is_like(self, name, arguments):
        # type: (Text, Dict[Text, Any]) -> Deferred
        refused = yield self.refusal(queue=name, durable=True, arguments=arguments)
        returnValue(not refused)

    def refusal(self, **declaration):
        # type: (**Any) -> Deferred
        """Fires with why the broker refuses the declaration, or ''; errors: `Closed`."""
        return self._one_by_one.run(self._ask, declaration)

    @inlineCallbacks
    def _ask(self, declaration):
        # type: (Dict[Text, Any]) -> Deferred
        channel = yield self._open_channel()
        try:
            yield channel.queue_declare(**declaration)
        except ChannelClosed as refused:
            returnValue(reason_text(refused))
        returnValue('')

    @inlineCallbacks
    def _open_channel(self):
        # type: () -> Deferred
        if self._channel is not None and getattr(self._channel, 'closed', False):
            # The broker closes the channel on which it refuses; its number can be used again.
            self._client.channels.pop(self._channel.id, None)
            self._channel = None
        if self._channel is None:
            self._channel = yield self._client.get_channel()
        returnValue(self._channel)
