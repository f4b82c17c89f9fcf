"""What the bridge asks of the bus, as a type: of `worker.GuardedWorker`, and of a test's.

For mypy alone: nothing of this is looked at when the worker runs.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Optional, Sequence, Text  # noqa: F401

from twisted.internet.defer import Deferred  # noqa: F401

from vumi_snappy.runtime.ports import Protocol
from vumi_snappy.vumi.message import TransportUserMessage  # noqa: F401


class Bus(Protocol):
    """Where replies are published; each method is that of `GuardedWorker`."""

    @property
    def bus_trouble(self):
        # type: () -> Text
        """Why the bus can't be used; empty while it can."""

    def confirm_publish(self, messages, endpoint_name=None, receipt=None):
        # type: (Sequence[TransportUserMessage], Optional[Text], Optional[bytes]) -> Deferred
        """Fires when the broker has confirmed the messages."""

    def receipts_waiting(self):
        # type: () -> Deferred
        """Fires with how many receipts have not been read yet."""
