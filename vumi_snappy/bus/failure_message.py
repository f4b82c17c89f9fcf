"""What is put on the failures queue: the body, whole, and why it could not be handled.

The shape is Vumi's own `FailureMessage` (so that its failure workers can read the queue), with the
queue it came from and how the body is written.  Nothing personal is in the reason or in what is
logged: the body is the only place for it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import os
from typing import List, Sequence, Text  # noqa: F401

from twisted.python.failure import Failure  # noqa: F401

from vumi_snappy.vumi.message import FailureMessage

#: How many frames of a traceback are worth keeping.
FRAMES = 6


def failure_body(body, reason, queue, trace=()):
    # type: (bytes, Text, Text, Sequence[Text]) -> bytes
    """The JSON to publish for `body`, which came from `queue`.

    `message` is the body itself as text, or in base64 if it is not UTF-8 (`message_encoding` says
    which: "utf-8" or "base64"); `timestamp` is when it was put aside.
    """
    try:
        message, encoding = body.decode('utf-8'), 'utf-8'
    except UnicodeDecodeError:
        message, encoding = base64.b64encode(body).decode('ascii'), 'base64'
    return FailureMessage(
        message=message, message_encoding=encoding, failure_code=FailureMessage.FC_PERMANENT,
        reason=reason, queue=queue, trace=list(trace)).to_json()


def summary(failure):
    # type: (Failure) -> List[Text]
    """The error's type and where it was raised, innermost last, without any value or text."""
    frames = [
        '%s:%d in %s' % ('/'.join(path.split(os.sep)[-2:]), line, function)
        for function, path, line, _locals, _globals in failure.frames
        if os.sep + 'twisted' + os.sep not in path]
    return frames[-FRAMES:] + [failure.type.__name__]
