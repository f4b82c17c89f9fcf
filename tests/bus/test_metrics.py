"""Metrics are published again after a publication that failed."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.internet.task import Clock

from vumi_snappy.bus.metrics import Metrics


def test_a_failing_publication_is_told_and_not_the_last_one():
    clock, published = Clock(), []

    def publish(_datapoints):
        published.append(1)
        if len(published) < 3:
            raise ValueError('closed')
    metrics = Metrics(clock, 'test.', 5.0)
    metrics.start(publish)
    clock.pump([5.0] * 2)
    assert metrics.publishing.trouble == 'Publishing metrics fails (ValueError)'
    clock.pump([5.0] * 3)
    assert (len(published), metrics.publishing.trouble) == (5, '')
    metrics.stop()
    clock.pump([5.0] * 3)
    assert len(published) == 5
