"""A worker's base and its connectors ask the bus for what Vumi's ask it for."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import time

import pytest
import vumi.application.base
import vumi.blinkenlights.metrics
import vumi.config
import vumi.connectors
import vumi.message
import vumi.service
from twisted.internet.defer import succeed
from twisted.python.failure import Failure
from vumi.blinkenlights.heartbeat import HeartBeatMessage
from vumi.middleware import BaseMiddleware
from twisted.internet.task import Clock

from vumi_snappy.bus.heartbeats import HeartBeats
from vumi_snappy.vumi.own import config as own_config
from vumi_snappy.vumi.own import connectors as own_connectors
from vumi_snappy.vumi.own import message as own_message
from vumi_snappy.vumi.own import worker as own_worker
from vumi_snappy.vumi.publisher import MetricPublisher

VUMIS = (vumi.application.base.ApplicationWorker, vumi.connectors, vumi.message)
OWN = (own_worker.ApplicationWorker, own_connectors, own_message)
OPTIONS = {'hostname': '127.0.0.1', 'port': 5672, 'vhost': '/develop', 'username': 'vumi',
           'password': 'vumi', 'specfile': 'amqp-spec-0-9-1.xml', 'system-id': 'clinics'}
CONFIG = {'transport_name': 'sms', 'worker_name': 'bridge', 'amqp_prefetch_count': 3,
          'middleware': [{'mark': __name__ + '.Mark'}]}


class Mark(BaseMiddleware):
    """Works with both: it derives from Vumi's, and uses nothing of it."""

    def handle_consume_inbound(self, message, connector_name):
        if message['content'] == 'ignore':
            raise self.worker.ignore('as asked')
        message['content'] = '%s by %s' % (message['content'], connector_name)
        return message

    def handle_publish_status(self, message, connector_name):
        message['details'] = {'by': connector_name}
        return message


class Channel(object):
    """Records what it is asked for."""

    def __init__(self):
        self.calls = []

    def exchange_declare(self, **asked):
        self.calls.append(('declare', asked))
        return succeed(None)

    def basic_publish(self, content, **asked):
        self.calls.append(('publish', asked, json.loads(content.body), content.properties))
        return succeed(None)


class Client(vumi.service.WorkerAMQClient):
    def __init__(self, channel):
        self._channel, self.vumi_options = channel, OPTIONS

    def get_channel(self):
        return succeed(self._channel)


def worker_of(kind, config=CONFIG):
    base, connectors, _messages = kind
    worker = type(str('Worker'), (base,), {'ignore': connectors.IgnoreMessage})(OPTIONS, config)
    worker.channel, worker.consumed = Channel(), []
    worker._amqp_client = Client(worker.channel)

    def consume(key, callback, **how):
        worker.consumed.append((key, callback, how))
        return succeed(None)
    worker.consume = consume
    worker._validate_config()
    worker.setup_middleware()
    return worker


def result(deferred):
    out = []
    deferred.addBoth(out.append)
    if isinstance(out[0], Failure):
        out[0].raiseException()
    return out[0]


@pytest.mark.parametrize('config', [
    {}, {'transport_name': 5}, {'transport_name': 'sms', 'amqp_prefetch_count': 'x'},
    {'transport_name': 'sms', 'send_to': 5}])
def test_a_wrong_configuration_is_refused_in_the_same_words(config):
    with pytest.raises(vumi.config.ConfigError) as vumis:
        worker_of(VUMIS, config)
    with pytest.raises(own_config.ConfigError) as ours:
        worker_of(OWN, config)
    assert '%s' % (ours.value,) == '%s' % (vumis.value,)


def test_the_connector_consumes_what_vumis_consumes_with_the_same_handlers():
    stories = []
    for kind in (VUMIS, OWN):
        base, connectors, messages = kind
        worker, got = worker_of(kind), []
        connector_class = type(str('Connector'), (connectors.ReceiveInboundConnector,), {
            'setup': lambda self: self._setup_consumer(
                'inbound', messages.TransportUserMessage, self.default_inbound_handler)})
        connector = result(worker.setup_connector(connector_class, 'sms', middleware=True))
        assert worker.connectors == {'sms': connector}
        [(key, callback, how)] = worker.consumed
        message = messages.TransportUserMessage(
            to_addr='1', from_addr='2', transport_name='sms', transport_type='sms', content='hi')
        result(callback(message))  # to nobody, without an error
        connector.set_default_inbound_handler(got.append)
        message['content'] = 'hi'
        result(callback(message))
        message['content'] = 'ignore'
        result(callback(message))
        how.pop('message_class')
        stories.append((key, how, [each['content'] for each in got][:1]))

        def fails(_message):
            raise KeyError('a bug')
        connector.set_default_inbound_handler(fails)
        message['content'] = 'hi'
        with pytest.raises(KeyError):
            result(callback(message))
    assert stories[0] == stories[1]


def test_a_status_is_published_as_vumis_is():
    stories = []
    for kind in (VUMIS, OWN):
        worker = worker_of(kind)
        connector = result(worker.setup_publish_status_connector('sms.status'))
        result(connector.publish_status(kind[2].TransportStatus(
            component='bus', status='ok', type='works', message='all is well',
            timestamp=kind[2].parse_vumi_date('2014-11-14 21:33:00.000'))))
        stories.append(worker.channel.calls)
    assert stories[0] == stories[1]
    assert stories[0][1][2]['details'] == {'by': 'sms.status'}


def test_a_heartbeat_is_what_vumis_monitor_reads():
    worker, clock = worker_of(VUMIS), Clock()
    worker.setup_heartbeat()
    worker._hb_pub._beat()
    ours = Channel()
    result(Client(ours).start_publisher(HeartBeats, clock, 'clinics', 'bridge'))
    clock.advance(10)
    worker.teardown_heartbeat()
    for calls in (worker.channel.calls, ours.calls):
        assert abs(time.time() - calls[1][2].pop('timestamp')) < 60
    assert ours.calls == worker.channel.calls
    HeartBeatMessage(**dict({str(k): v for k, v in ours.calls[1][2].items()}, timestamp=1.5))


def test_metrics_go_where_vumis_go():
    stories = []
    for publisher in (vumi.blinkenlights.metrics.MetricPublisher, MetricPublisher):
        channel = Channel()
        result(Client(channel).start_publisher(publisher)).publish_json({'datapoints': []})
        stories.append(channel.calls)
    assert stories[0] == stories[1]
