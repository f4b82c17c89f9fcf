"""Workers that break one promise on purpose, to see that the fault report detects it."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

from twisted.internet import defer

from vumi_snappy.worker import SnappyBouncerWorker


class AckBeforeStoring(SnappyBouncerWorker):
    """Breaks promise 1: a message is acked while it is still on its way into the store."""

    def handle_inbound(self, message):
        # type: (Any) -> defer.Deferred
        """Ack first, store then; if that fails, it fails."""
        defer.maybeDeferred(self.bridge.intake.take(message).finish).addErrback(lambda _: None)
        return defer.succeed(None)


class NeverLook(SnappyBouncerWorker):
    """Breaks promise 3: what may have been done is done again without a look."""

    def build_bridge(self):
        # type: () -> Any
        """The usual parts, except the search for what was sent."""
        bridge = super(NeverLook, self).build_bridge()  # type: Any
        bridge.forwarder.sent_already.find = lambda *_: defer.succeed(None)
        return bridge


SABOTAGE = {
    'ack-before-storing': 'tools.faults.sabotage.AckBeforeStoring',
    'never-look': 'tools.faults.sabotage.NeverLook',
}
