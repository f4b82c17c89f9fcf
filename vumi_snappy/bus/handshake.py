"""What the worker tells the broker of itself at login.

txAMQP cannot write the nested table of capabilities, and without them RabbitMQ only closes the
socket on a wrong password, and is silent when a queue that is consumed from goes away (deleted, or
its cluster node went down): the consumer would starve, unnoticed.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from txamqp.connection import Frame, Method

from vumi_snappy import __version__
from vumi_snappy.bus.tables import MethodWithTable


def answer_start(channel, connection_name):
    # type: (Any, Text) -> None
    """Answer connection.start, for a delegate of txAMQP: it can't write a login beyond ASCII."""
    client = channel.client
    properties = {  # RabbitMQ's management pages show them
        'product': 'vumi-snappy',
        'version': __version__,
        'connection_name': connection_name,
        'capabilities': {
            'authentication_failure_close': True,
            'consumer_cancel_notify': True,
        },
    }
    channel.outgoing.put(Frame(channel.id, MethodWithTable(Method(
        client.spec.classes.byname['connection'].methods.byname['start-ok'],
        properties, client.mechanism, client.response, client.locale))))
