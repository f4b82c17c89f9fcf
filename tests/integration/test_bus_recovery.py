"""On the real RabbitMQ: whatever happens to the connection, the worker is back by itself.

Stock Vumi is a zombie after each of these: connected, without consumers, its publishers dead.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
import six
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks

from tests.integration.bus_stage import Recorder, Stage, eventually, outbound, pause
from tools.ports import free_port
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.bus.reconnecting import BusFactory

#: Seconds within which the worker is back after the broker (promise 2).
RECOVERY = 5


@inlineCallbacks
def works_again(stage, worker):
    """Fires when, within the promised time, a message comes in and a reply goes out."""
    yield eventually(lambda: not worker.bus_trouble, within=RECOVERY)
    before = len(worker.handled)
    yield stage.says('and then')
    yield eventually(lambda: len(worker.handled) > before)
    yield worker.confirm_publish([outbound()], receipt=b'42:1')
    yield eventually(lambda: b'42:1' in worker.receipts)
    assert worker.set_ups == 1


@pytest_twisted.inlineCallbacks
def test_a_restart_of_the_broker_is_survived_and_no_message_lost(stage):
    worker = yield stage.start()
    worker.redis_is_away = True
    yield stage.says('one', 'two', 'three')
    yield eventually(lambda: worker.tries)
    yield stage.broker('restart')
    worker.redis_is_away = False
    yield works_again(stage, worker)
    assert worker.handled == ['one', 'two', 'three', 'and then']
    assert worker.told == ['connected', 'lost', 'connected']


@pytest_twisted.inlineCallbacks
def test_killed_connections_are_survived_many_times(stage):
    worker = yield stage.start(worker_name='bouncer')
    connectors = set()
    for _time in range(3):
        connectors.add(worker.connectors[stage.name])
        yield stage.cut_off()
        yield eventually(lambda: worker.told[-1] == 'lost' or len(worker.told) % 2)
        yield works_again(stage, worker)
    assert len(connectors) == 3
    assert worker.told == ['connected', 'lost'] * 3 + ['connected']
    assert 'CONNECTION_FORCED' in stage.log.text


@pytest_twisted.inlineCallbacks
def test_a_frozen_broker_is_noticed_and_its_return_as_well(stage):
    worker = yield stage.start(options={'heartbeat': 1})
    yield stage.broker('freeze')
    try:
        outcome = worker.confirm_publish([outbound()])
        with pytest.raises(PublishUnknown):
            yield outcome
        assert worker.bus_trouble
        with pytest.raises(BusUnavailable):
            yield worker.confirm_publish([outbound()])
        yield pause(2)  # attempts to connect to the frozen broker go on meanwhile
    finally:
        yield stage.broker('thaw')
    yield works_again(stage, worker)


@pytest_twisted.inlineCallbacks
def test_by_default_heartbeats_notice_a_frozen_broker_within_fifteen_seconds(stage):
    worker = yield stage.start()
    yield stage.broker('freeze')
    try:
        yield eventually(lambda: worker.bus_trouble, within=15.5)
    finally:
        yield stage.broker('thaw')
    yield works_again(stage, worker)


@pytest_twisted.inlineCallbacks
def test_publishing_while_disconnected_is_refused_and_not_called_success(stage):
    worker = yield stage.start()
    yield stage.broker('stop')
    try:
        yield eventually(lambda: worker.bus_trouble)
        ways = [lambda: worker.confirm_publish([outbound()]),
                lambda: worker.connectors[stage.name].publish_outbound(outbound())]
        if six.PY2:  # else there is no such method of Vumi's
            ways.append(lambda: worker.send_to('+27820001001', 'Hello', from_addr='12345'))
        for publish in ways:
            with pytest.raises(BusUnavailable):
                yield publish()
        with pytest.raises(BusUnavailable):
            yield worker.receipts_waiting()
    finally:
        yield stage.broker('start')
    yield works_again(stage, worker)


@pytest_twisted.inlineCallbacks
def test_a_broker_that_blocks_publishers_leaves_replies_waiting_and_the_connection_alone(stage):
    # The connection is given up after twice as long: until then rabbitmqctl must be through.
    worker = yield stage.start(type(str('Impatient'), (Recorder,), {str('publish_timeout'): 8.0}))
    yield worker.confirm_publish([outbound('before')])
    yield stage.ctl('set_vm_memory_high_watermark', 'absolute', '1')
    try:
        with pytest.raises(PublishUnknown):
            yield worker.confirm_publish([outbound('during')])
        with pytest.raises(BusUnavailable):
            yield worker.confirm_publish([outbound('never')])
    finally:
        yield stage.ctl('set_vm_memory_high_watermark', 'absolute', '512MB')
    yield eventually(lambda: worker.confirm_publish([outbound('after')]).addCallbacks(
        bool, lambda failure: failure.trap(BusUnavailable) and None))
    texts = [json.loads(raw)['content'] for raw in (
        yield stage.outside.drain(stage.queue('outbound')))]
    assert texts == ['before', 'during', 'after']
    assert worker.told == ['connected']


@pytest_twisted.inlineCallbacks
def test_a_loss_amid_many_replies_leaves_each_sent_once_or_honestly_in_doubt(stage):
    worker = yield stage.start()
    outcomes = {}

    @inlineCallbacks
    def publish(number):
        try:
            yield worker.confirm_publish([outbound('%d' % number)], receipt=b'%d' % number)
            outcomes[number] = 'sent'
        except (BusUnavailable, PublishUnknown) as error:
            outcomes[number] = type(error)
    calls = [publish(number) for number in range(600)]
    yield eventually(lambda: outcomes)
    yield gatherResults([stage.cut_off()] + calls)
    yield works_again(stage, worker)
    yield eventually(lambda: worker.receipts[-1] == b'42:1')
    on_the_bus = set(int(text) for text in worker.receipts if text != b'42:1')
    for number, outcome in outcomes.items():
        if outcome == 'sent':
            assert number in on_the_bus
        elif outcome is BusUnavailable:
            assert number not in on_the_bus


@pytest_twisted.inlineCallbacks
def test_a_handler_under_way_at_the_loss_ends_in_peace_and_its_message_comes_again(stage):
    waiting = Deferred()

    class Slow(Recorder):
        def handle_inbound(self, message):
            self.tries.append(message['content'])
            if len(self.tries) == 1:
                return waiting
            self.handled.append(message['content'])
    worker = yield stage.start(Slow)
    yield stage.says('one', 'two')
    yield eventually(lambda: worker.tries)
    yield stage.cut_off()
    yield eventually(lambda: worker.handled == ['one', 'two'])
    waiting.callback(None)
    yield works_again(stage, worker)
    assert worker.tries == ['one', 'one', 'two', 'and then']


@pytest_twisted.inlineCallbacks
def test_heartbeats_and_metrics_are_published_on_the_new_connection(stage):
    class Measuring(Recorder):
        @inlineCallbacks
        def bus_connected(self):
            Recorder.bus_connected(self)
            send = yield self.start_metrics()
            yield send([('bus.answer', ['max'], [(1, 42.0)])])

    @inlineCallbacks
    def listen(channel):
        queue = stage.queue('metrics')
        yield channel.queue_declare(queue=queue, durable=True)
        yield channel.queue_bind(queue=queue, exchange='vumi.metrics', routing_key='vumi.metrics')
    worker = yield stage.start(Measuring, worker_name='bouncer')
    beating = worker._heartbeats
    yield stage.outside.on_channel(listen)
    for _time in range(2):
        yield stage.outside.drain(stage.queue('metrics'))
        yield stage.cut_off()
        yield eventually(lambda: worker.told[-1] == 'connected' and not worker.bus_trouble)
        yield eventually(lambda: stage.outside.ready(stage.queue('metrics')))
    assert not beating._task._loop.running and worker._heartbeats is not beating
    assert worker._heartbeats._task._loop.running


@pytest_twisted.inlineCallbacks
def test_a_queue_that_an_operator_deletes_is_made_again_and_consumed(stage):
    worker = yield stage.start()
    for kind in ('inbound', 'event', 'receipts'):
        yield stage.outside.delete(stage.queue(kind))
        yield eventually(lambda: worker.told[-1] == 'connected' and not worker.bus_trouble)
    yield works_again(stage, worker)


@pytest_twisted.inlineCallbacks
def test_a_channel_that_the_broker_closes_is_replaced(stage):
    worker = yield stage.start()
    consumer = worker.connectors[stage.name]._consumers['inbound']
    consumer.channel.basic_ack(99, False)  # there is no such delivery: a channel error
    yield eventually(lambda: 'lost' in worker.told)
    yield works_again(stage, worker)
    assert 'PRECONDITION_FAILED' in stage.log.text


@pytest_twisted.inlineCallbacks
def test_a_wrong_password_is_said_clearly_and_a_right_one_found_later(stage):
    worker = stage.begin(options={'password': 'wrong'})
    yield eventually(lambda: 'Login to RabbitMQ as user vumi' in stage.log.text)
    assert 'ACCESS_REFUSED' in stage.log.text
    assert 'wrong' not in stage.log.text.replace('wrong:', '')
    worker.options['password'] = stage.rabbitmq.password
    yield eventually(lambda: not worker.bus_trouble)


@pytest_twisted.inlineCallbacks
def test_a_wrong_vhost_is_said_clearly(stage):
    stage.begin(options={'vhost': '/nowhere'})
    yield eventually(lambda: 'on vhost /nowhere failed (530 NOT_ALLOWED' in stage.log.text)


@pytest_twisted.inlineCallbacks
def test_a_worker_may_be_started_before_the_broker(servers):
    stage = Stage(servers.rabbitmq)
    right, stage.rabbitmq.port = stage.rabbitmq.port, free_port()
    try:
        with stage.log:
            worker = stage.begin()
            yield eventually(lambda: 'cannot be reached' in stage.log.text)
    finally:
        stage.rabbitmq.port = right
    worker._factory.connector.port = right
    yield eventually(lambda: not worker.bus_trouble, within=RECOVERY)
    yield stage.stop()


@pytest_twisted.inlineCallbacks
def test_a_loss_during_the_set_up_repeats_nothing_that_was_done_once(stage):
    ready = Deferred()

    class Waiting(Recorder):
        def setup_application(self):
            self.set_ups += 1
            return ready
    worker = stage.begin(Waiting)
    yield eventually(lambda: worker.set_ups)
    yield stage.cut_off()
    yield eventually(lambda: 'is lost' in stage.log.text)
    ready.callback(None)
    yield works_again(stage, worker)
    assert worker.told == ['connected']


@pytest_twisted.inlineCallbacks
def test_a_later_set_up_that_fails_is_tried_again(stage):
    class Stumbling(Recorder):
        stumbles = 0

        def bus_connected(self):
            Recorder.bus_connected(self)
            if len(self.told) > 1 and self.stumbles < 2:
                self.stumbles += 1
                raise RuntimeError('not yet')
    worker = yield stage.start(Stumbling)
    yield stage.cut_off()
    yield eventually(lambda: worker.stumbles == 2)
    yield eventually(lambda: worker.told.count('connected') == 4)
    yield works_again(stage, worker)
    assert worker.told.count('lost') == 3


@pytest_twisted.inlineCallbacks
def test_stopping_is_bounded_and_leaves_nothing_behind_even_with_a_frozen_broker(servers):
    before = len(reactor.getDelayedCalls())
    stage = Stage(servers.rabbitmq)
    worker = yield stage.start(options={'heartbeat': 1})
    worker.shutdown_timeout = 0.5
    worker.hang = True
    yield stage.says('Hello')
    yield eventually(lambda: worker.tries)
    yield stage.broker('freeze')
    try:
        stopped = worker.stopService()
        yield eventually(lambda: stopped.called, within=8)
    finally:
        yield stage.broker('thaw')
    yield pause(0.1)
    assert not [client for client in reactor.getReaders() if 'BusClient' in repr(client)]
    assert len(reactor.getDelayedCalls()) <= before
    assert worker.told == ['connected', 'lost']
    yield eventually(lambda: stage.outside.ready(stage.queue('inbound')))


@pytest_twisted.inlineCallbacks
def test_stopping_while_the_broker_is_away_ends_the_attempts(servers):
    stage = Stage(servers.rabbitmq)
    right, stage.rabbitmq.port = stage.rabbitmq.port, free_port()
    try:
        worker = stage.begin()
        yield eventually(lambda: worker._factory.retries > 1)
        yield worker.stopService()
        assert worker._factory._callID is None
        assert isinstance(worker._factory, BusFactory)
    finally:
        stage.rabbitmq.port = right
