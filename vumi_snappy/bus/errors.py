"""What can go wrong on the bus, as types that say whether to try again."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Text  # noqa: F401


class Malformed(Exception):
    """This message can never be handled: it goes, whole and with the reason, to the failures queue.

    `reason` is written to the log and to the failures queue, so it names fields, never their
    contents.
    """

    temporary = False

    def __init__(self, reason):
        # type: (Text) -> None
        super(Malformed, self).__init__(reason)
        self.reason = reason


class BusUnavailable(Exception):
    """The broker is away or busy: nothing was sent, and the same call may work later."""

    temporary = True


class VersionRefused(BusUnavailable):
    """The broker does not speak the version of AMQP that it was asked for."""


class PublishUnknown(Exception):
    """The connection went, or the broker kept silent, after the commit was sent.

    The messages of the call may or may not be on the bus.
    """

    temporary = True


def is_temporary(error):
    # type: (BaseException) -> bool
    """Whether the error says of itself that the same call may work later."""
    return bool(getattr(error, 'temporary', False))
