"""Options that every Vumi application worker has."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import (
    ConfigDict, ConfigList, ConfigParsed, ConfigWhole, printable)
from vumi_snappy.vumi.middleware import refused


def _transport_name(value):
    # type: (Any) -> Text
    if printable(value) != value.lower():
        raise ValueError("must be lower case, as Vumi's routing keys are")
    return value


class VumiOptions(CheckedConfig):
    """Vumi: options that every Vumi application worker has."""

    transport_name = ConfigParsed(
        "The name, in lower case, that starts the names of the worker's queues: its messages come"
        " from <transport_name>.inbound. All workers of a bridge have the same.", _transport_name,
        kind='text', required=True)
    worker_name = ConfigParsed(
        "The name of this process among the others, in statuses, health and logs. It turns on"
        " Vumi's heartbeat.", printable, kind='text')
    send_to = ConfigDict(
        "By endpoint, fields of the messages that start a conversation on it, such as"
        " transport_name, transport_type and from_addr.", default={})
    middleware = ConfigList(
        "Middlewares, as Vumi's documentation describes. On Python 3 only your own: those of Vumi"
        " are refused.", default=[])
    amqp_prefetch_count = ConfigWhole(
        "How many messages RabbitMQ may hand to each consumer before they are stored. 0: no"
        " limit.", 0, 65535, unit='messages', default=20)

    def _cross_check(self):
        # type: () -> None
        super(VumiOptions, self)._cross_check()
        self._errors.extend(refused(self._valid('middleware') or []))
