"""Recognises that the broker does not speak our version of AMQP.

RabbitMQ answers a version that it does not speak with the protocol header of one that it does, and
closes the connection.  To txAMQP that is a connection that was lost during the login, as after a
wrong password.  Here it gets a message of its own, with the option that mends it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from vumi_snappy.bus.specification import DEFAULT

#: What every protocol header begins with, and no frame.
_HEADER = b'AMQP'


class Greeting(object):
    """The first bytes that come from the broker on one connection."""

    def __init__(self):
        # type: () -> None
        self._first = b''

    def refuses(self, data):
        # type: (bytes) -> bool
        """Whether the broker does not speak our version; `data` is what has just arrived."""
        if len(self._first) < len(_HEADER):
            self._first = (self._first + data)[:len(_HEADER)]
        return self._first == _HEADER


def refusal(spec, who='RabbitMQ'):
    # type: (Any, Text) -> Text
    """What is wrong, and what to do, after a refusal of the specification `spec` by `who`."""
    # AMQP 0-8 has the numbers 8 and 0, its followers have 0 and 9.
    version = sorted([spec.major, spec.minor])
    wrong = '%s does not speak AMQP %d-%d' % ((who,) + tuple(version))
    if version == [0, 9]:
        return '%s: is it RabbitMQ, and is this its port for AMQP 0-9-1?' % (wrong,)
    return '%s, as this worker was told to: start it with --specfile %s' % (wrong, DEFAULT)
