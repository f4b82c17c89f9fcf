"""Connectors: what a worker receives and sends under one name, through its middlewares."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Dict, List, Optional, Text, Type  # noqa: F401

from twisted.internet.defer import (  # noqa: F401
    Deferred, inlineCallbacks, maybeDeferred, returnValue)
from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.vumi.own.message import Message, TransportStatus  # noqa: F401
from vumi_snappy.vumi.own.middleware import MiddlewareStack
from vumi_snappy.vumi.publisher import Publisher


class IgnoreMessage(Exception):
    """Raised by a middleware or a handler that wants no more of a message."""


class BaseConnector(object):
    """The queues of `worker` whose names begin with `connector_name`."""

    def __init__(self, worker, connector_name, prefetch_count=None, middlewares=None):
        # type: (Any, Text, Optional[int], Optional[List[Any]]) -> None
        self.worker, self.name = worker, connector_name
        self._prefetch_count = prefetch_count
        self._middlewares = MiddlewareStack(list(middlewares or ()))
        self._consumers = {}  # type: Dict[Text, Any]
        self._handlers = {}  # type: Dict[Text, Callable[[Message], Any]]

    def _rkey(self, kind):
        # type: (Text) -> Text
        return '%s.%s' % (self.name, kind)

    @inlineCallbacks
    def _setup_consumer(self, kind, message_class, handler):
        # type: (Text, Type[Message], Callable[[Message], Any]) -> Deferred
        """Starts a consumer, paused, whose messages go to `handler` unless another is set."""
        self._handlers.setdefault(kind, handler)
        self._consumers[kind] = yield self.worker.consume(
            self._rkey(kind), lambda message: self._consume(kind, message), paused=True,
            message_class=message_class, prefetch_count=self._prefetch_count)

    @inlineCallbacks
    def _consume(self, kind, message):
        # type: (Text, Message) -> Deferred
        consumed = self._middlewares.apply_consume(kind, message, self.name)
        consumed.addCallback(lambda message: self._handlers[kind](message))
        consumed.addErrback(self._ignore_message, message)
        returnValue((yield consumed))

    def _ignore_message(self, failure, message):
        # type: (Failure, Message) -> None
        failure.trap(IgnoreMessage)


class ReceiveInboundConnector(BaseConnector):
    """Receives inbound messages and events."""

    def set_default_inbound_handler(self, handler):
        # type: (Callable[[Message], Any]) -> None
        self._handlers['inbound'] = handler

    def set_default_event_handler(self, handler):
        # type: (Callable[[Message], Any]) -> None
        self._handlers['event'] = handler

    def default_inbound_handler(self, message):
        # type: (Message) -> None
        """Without a handler, messages go nowhere."""

    default_event_handler = default_inbound_handler


class PublishStatusConnector(BaseConnector):
    """Publishes on `<name>.status` how a worker is."""

    @inlineCallbacks
    def setup(self):
        # type: () -> Deferred
        self._publisher = yield self.worker.start_publisher(Publisher, self._rkey('status'))

    @inlineCallbacks
    def publish_status(self, message):
        # type: (TransportStatus) -> Deferred
        message = yield self._middlewares.apply_publish('status', message, self.name)
        yield self._publisher.publish_raw(message.to_json())
