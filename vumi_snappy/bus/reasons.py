"""What the broker or the network says of a connection that ended."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

import six
from twisted.python.failure import Failure
from txamqp.client import Closed
from txamqp.message import Message


def reason_text(reason):
    # type: (Any) -> Text
    """Why a channel or connection was closed, in the broker's or the network's words."""
    while isinstance(reason, Failure) or isinstance(reason, Closed) and reason.args:
        reason = reason.value if isinstance(reason, Failure) else reason.args[0]
    if isinstance(reason, Message):
        text = six.ensure_text(reason.reply_text, errors=str('replace'))  # bytes on Python 2
        return '%s %s' % (reason.reply_code, text)
    return '%s: %s' % (type(reason).__name__, reason) if reason is not None else 'closed'
