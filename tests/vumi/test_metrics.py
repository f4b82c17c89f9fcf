"""The metrics are published as Vumi's own would be."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

from twisted.internet.task import Clock
from vumi.blinkenlights.message20110818 import MetricMessage
from vumi.blinkenlights.metrics import AVG, MAX, SUM, IMetricPublisher, Metric, MetricManager
from zope.interface import implementer

from vumi_snappy.bus.metrics import Metrics


@implementer(IMetricPublisher)
class Published(object):
    """A publisher of Vumi's for what goes nowhere."""

    def publish_message(self, message):
        self.datapoints = json.loads(message.to_json())['datapoints']


def test_datapoints_are_those_of_vumis_manager():
    clock, published, sent = Clock(), Published(), []
    metrics = Metrics(clock, 'test.', 5.0)
    manager = MetricManager(str('test.'), 5.0, publisher=published)
    metrics.count('inbound.received')
    metrics.count('inbound.received')
    metrics.took('snappy.latency', 0.25)
    metrics.took('snappy.latency', 1.5)
    metrics.gauge('jobs.waiting', 7)
    metrics.gauge('jobs.waiting', 3)
    for name, aggregators, values in (
            ('inbound.received', [SUM], [2.0]), ('jobs.waiting', [MAX], [3.0]),
            ('snappy.latency', [AVG, MAX], [0.25, 1.5])):
        metric = manager.register(Metric(str(name), aggregators))
        for value in values:
            metric.set(value)
    for _ in range(2):
        metrics.start(sent.append)
        clock.advance(5.0)
        manager.publish_metrics()
        ours = {name: (aggregators, [value for _, value in values])
                for name, aggregators, values in json.loads(json.dumps(sent[-1]))}
        for name, aggregators, values in published.datapoints:
            if name != 'test.inbound.received' or values:  # we also say that there were none
                assert ours[name] == (aggregators, [value for _, value in values])
        message = MetricMessage()
        message.extend(sent[-1])
        assert json.loads(message.to_json()) == {'datapoints': json.loads(json.dumps(sent[-1]))}
    assert ours['test.inbound.received'] == (['sum'], [0.0])
    metrics.stop()
