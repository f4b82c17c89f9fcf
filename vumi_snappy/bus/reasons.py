"""What the broker or the network says of a connection that ended."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from twisted.python.failure import Failure
from txamqp.client import Closed
from txamqp.message import Message


def reason_text(reason):
    # type: (Any) -> Text
    """Why a channel or connection was closed, in the broker's or the network's words."""
    if isinstance(reason, Failure):
        reason = reason.value
    while isinstance(reason, Closed) and reason.args:
        reason = reason.args[0]
        if isinstance(reason, Failure):
            reason = reason.value
    if isinstance(reason, Message):
        text = reason.reply_text  # bytes in txAMQP for Python 2
        return '%s %s' % (reason.reply_code, (
            text.decode('utf-8', 'replace') if isinstance(text, bytes) else text))
    return '%s: %s' % (type(reason).__name__, reason) if reason is not None else 'closed'
