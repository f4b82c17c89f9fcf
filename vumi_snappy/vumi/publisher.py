"""What publishes on an exchange, without a confirm: for what may be lost, as metrics may."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Text  # noqa: F401

from txamqp.content import Content

#: AMQP's word for "write it to disk".
PERSISTENT = 2


class Publisher(object):
    """Publishes with `routing_key` on the exchange of all messages; subclasses on another."""

    exchange_name = 'vumi'
    exchange_type = 'direct'
    durable = True

    def __init__(self, routing_key):
        # type: (Text) -> None
        self.routing_key = routing_key
        self._channel = None  # type: Any

    def start(self, channel):
        # type: (Any) -> None
        """Publish on `channel` of a connection, on which the exchange was declared."""
        self._channel = channel

    def publish_json(self, data):
        # type: (Any) -> Any
        """Publish `data` as JSON."""
        return self.publish_raw(json.dumps(data).encode('ascii'))

    def publish_raw(self, body):
        # type: (bytes) -> Any
        """Publish `body` as it is."""
        return self._channel.basic_publish(
            exchange=self.exchange_name, routing_key=self.routing_key,
            content=Content(body, properties={str('delivery mode'): PERSISTENT}))


class MetricPublisher(Publisher):
    """Publishes for Vumi's metrics workers."""

    exchange_name = 'vumi.metrics'

    def __init__(self):
        # type: () -> None
        super(MetricPublisher, self).__init__('vumi.metrics')
