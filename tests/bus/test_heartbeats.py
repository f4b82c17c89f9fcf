"""One heartbeat of Vumi's that fails is not the last one."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.internet.task import Clock

from vumi_snappy.bus.errors import BusUnavailable
from vumi_snappy.bus.heartbeats import HeartBeats


def test_a_beat_that_fails_is_followed_by_the_next_until_it_is_stopped():
    clock, tried = Clock(), []
    beats = HeartBeats(clock, 'global', 'bridge')

    def publish(body):
        tried.append(body)
        raise BusUnavailable('away')
    beats.publish_raw = publish
    beats.start(None)
    clock.pump([10.0] * 3)
    assert len(tried) == 3
    beats.stop()
    clock.pump([10.0] * 3)
    assert len(tried) == 3
