"""The worker's heartbeat, for Vumi's own monitor, such that a failed beat is not the last one."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import socket
import time
from typing import Any, Text  # noqa: F401

from vumi_snappy.runtime.periodic import Periodic
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.vumi.publisher import Publisher


class HeartBeats(Publisher):
    """Says every ten seconds of `clock` that the worker `worker_name` of the deployment `system_id`
    is alive."""

    exchange_name = 'vumi.health'
    period = 10

    def __init__(self, clock, system_id, worker_name):
        # type: (Clock, Text, Text) -> None
        super(HeartBeats, self).__init__('heartbeat.inbound')
        self._system_id, self._worker_name = system_id, worker_name
        self._task = Periodic(clock, "Publishing Vumi's heartbeat", self._beat, self.period)

    def start(self, channel):
        # type: (Any) -> None
        super(HeartBeats, self).start(channel)
        self._task.start()

    def stop(self):
        # type: () -> None
        """Beat no more."""
        self._task.stop()

    def _beat(self):
        # type: () -> Any
        return self.publish_json({
            'version': '20130319', 'timestamp': time.time(), 'hostname': socket.gethostname(),
            'pid': os.getpid(), 'system_id': self._system_id, 'worker_name': self._worker_name,
            'worker_id': '%s:%s' % (self._system_id, self._worker_name)})
