"""On the real RabbitMQ: no message ends a consumer, and none is lost or acked too early."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json

import pytest
import pytest_twisted
from twisted.internet.defer import gatherResults, inlineCallbacks
from txamqp.content import Content

from tests.bus.samples import EVENT, INBOUND, SPECIFICATIONS, body
from tests.integration.bus_stage import eventually, outbound, recorded
from vumi_snappy.vumi.message import TransportUserMessage


@pytest_twisted.inlineCallbacks
def test_malformed_bodies_go_to_the_failures_queue_and_the_consumer_goes_on(stage):
    worker = yield stage.start()
    garbage = [b'not JSON', b'\xff\xfe', b'[]', body(INBOUND, content=12.5),
               body(INBOUND, from_addr=Ellipsis), body(INBOUND, session_event=['new'])]
    yield stage.outside.publish(stage.queue('inbound'), *garbage)
    yield stage.outside.publish(stage.queue('event'), body(EVENT, event_type='eaten'))
    yield stage.says('Hello')
    yield eventually(lambda: worker.handled == ['Hello'])
    entries = yield stage.failures(len(garbage) + 1)
    entries.sort(key=lambda entry: entry['queue'], reverse=True)
    whole = [base64.b64decode(entry['message']) if entry['message_encoding'] == 'base64' else
             entry['message'].encode('utf-8') for entry in entries
             if entry['queue'] == stage.queue('inbound')]
    assert whole == garbage
    assert [entry['reason'] for entry in entries][3:6] == [
        'the field content is a number', 'the field from_addr is missing',
        'the field session_event is a list']
    assert (yield stage.outside.ready(stage.queue('inbound'))) == 0


@pytest_twisted.inlineCallbacks
def test_a_handler_that_raises_does_not_end_the_consumer(stage):
    worker = yield stage.start()
    yield stage.says('a bug', 'Hello')
    yield eventually(lambda: worker.handled == ['Hello'])
    assert worker.tries == ['a bug'] * 5 + ['Hello']
    entry, = yield stage.failures(1)
    assert json.loads(entry['message'])['content'] == 'a bug'
    assert entry['trace'][-1] == 'KeyError'
    assert 'a bug' not in stage.log.text


@pytest_twisted.inlineCallbacks
def test_while_redis_is_away_messages_wait_on_the_broker_and_then_come_in_order(stage):
    worker = yield stage.start(amqp_prefetch_count=5)
    worker.redis_is_away = True
    texts = ['message %d' % number for number in range(40)]
    yield stage.says(*texts)
    yield eventually(lambda: len(worker.tries) > 3)
    assert set(worker.tries) == {'message 0'}
    assert (yield stage.outside.ready(stage.queue('inbound'))) == 35
    worker.redis_is_away = False
    yield eventually(lambda: len(worker.handled) == 40)
    assert worker.handled == texts
    assert (yield stage.outside.drain(stage.queue('failures'))) == []


@pytest_twisted.inlineCallbacks
def test_a_message_is_acked_only_when_its_handler_is_done(stage):
    worker = yield stage.start()
    worker.hang = True
    yield stage.says('Hello')
    yield eventually(lambda: worker.tries)
    worker.shutdown_timeout = 0.2
    yield worker.stopService()
    assert (yield stage.outside.ready(stage.queue('inbound'))) == 1


@pytest_twisted.inlineCallbacks
def test_events_and_messages_of_any_endpoint_are_handled(stage):
    worker = yield stage.start()
    yield stage.says('over USSD', routing_metadata={'endpoint_name': 'ussd'})
    yield stage.outside.publish(stage.queue('event'), body(
        EVENT, routing_metadata={'endpoint_name': 'ussd'}))
    yield eventually(lambda: worker.handled and worker.events)
    assert (worker.handled, worker.events) == (['over USSD'], ['cb8b3ae9'])


@pytest_twisted.inlineCallbacks
def test_a_message_that_was_dead_lettered_on_its_way_is_read(stage):
    worker = yield stage.start()
    headers = stage.queue('dead')

    @inlineCallbacks
    def through_a_dead_letter_queue(channel):
        yield channel.queue_declare(queue=headers, durable=True, arguments={
            'x-dead-letter-exchange': '', 'x-message-ttl': 1,
            'x-dead-letter-routing-key': stage.queue('inbound')})
        yield channel.basic_publish(
            exchange='', routing_key=headers, content=Content(body(INBOUND, content='Hello')))
    yield stage.outside.on_channel(through_a_dead_letter_queue)
    yield eventually(lambda: worker.handled == ['Hello'])
    yield stage.outside.delete(headers)
    assert worker.told == ['connected']


@pytest_twisted.inlineCallbacks
def test_a_body_larger_than_a_frame_with_other_scripts_in_its_end_is_read(stage):
    worker = yield stage.start()
    text = 'a' * 200000 + '\u0420\u0443\u0441\u0441\u043a\u0438\u0439'
    raw = json.dumps(dict(INBOUND, content=text), ensure_ascii=False).encode('utf-8')
    yield stage.outside.publish(stage.queue('inbound'), raw)
    yield eventually(lambda: worker.handled)
    assert worker.handled == [text]
    assert worker.told == ['connected']


@pytest_twisted.inlineCallbacks
def test_a_confirmed_reply_is_on_its_queue_though_no_transport_ever_declared_it(stage):
    worker = yield stage.start()
    yield worker.confirm_publish([outbound()], endpoint_name='ussd')
    raw, = yield stage.outside.drain(stage.queue('outbound'))
    message = TransportUserMessage.from_json(raw)
    assert message['message_id'] == 'reply-1'
    assert message.get_routing_endpoint() == 'ussd'


@pytest_twisted.inlineCallbacks
def test_a_confirmed_reply_survives_a_crash_of_the_broker(stage):
    worker = yield stage.start()
    yield worker.confirm_publish([outbound()], receipt=None)
    yield stage.broker('kill')
    yield stage.broker('start')
    raw, = yield stage.outside.drain(stage.queue('outbound'))
    assert json.loads(raw)['message_id'] == 'reply-1'


@pytest.mark.parametrize('specfile', SPECIFICATIONS)
@pytest_twisted.inlineCallbacks
def test_what_is_published_is_persistent_with_any_specification_that_the_broker_takes(
        stage, specfile):
    if not stage.speaks(specfile):
        assert '0-8' in specfile, 'this every RabbitMQ speaks'
        return
    worker = yield stage.start(options={'specfile': specfile})
    yield worker.confirm_publish([outbound()], receipt=None)
    yield stage.outside.publish(stage.queue('inbound'), b'not JSON')
    yield eventually(lambda: stage.outside.ready(stage.queue('failures')))
    for kind in ('outbound', 'failures'):
        message, = yield stage.outside.take(stage.queue(kind))
        assert message.content.properties['delivery mode'] == 2


@pytest_twisted.inlineCallbacks
def test_a_receipt_comes_with_its_reply_and_is_counted_until_it_is_read(stage):
    worker = yield stage.start()
    worker.redis_is_away = True
    yield worker.confirm_publish([outbound()], receipt=b'42:1')
    for _look in range(20):
        assert (yield worker.receipts_waiting()) >= 1
    worker.redis_is_away = False
    yield eventually(lambda: worker.receipts == [b'42:1'])
    waiting = yield worker.receipts_waiting()
    assert waiting == 0


@pytest_twisted.inlineCallbacks
def test_a_reply_and_its_receipt_share_a_transaction(stage):
    worker = yield stage.start()
    calls = recorded(worker)
    yield worker.confirm_publish([outbound()], receipt=b'42:1')
    assert calls == ['outbound', 'receipts', 'confirmed']


@pytest_twisted.inlineCallbacks
def test_the_parts_of_a_reply_are_published_together_with_one_receipt(stage):
    worker = yield stage.start()
    published = yield gatherResults([
        worker.confirm_publish([outbound('%d, part %d' % (n, k)) for k in range(5)],
                               receipt=b'42:%d' % n) for n in range(40)])
    assert [each['content'] for each in published[7]] == ['7, part %d' % k for k in range(5)]
    raws = yield stage.outside.drain(stage.queue('outbound'))
    assert [json.loads(raw)['content'] for raw in raws] == [
        '%d, part %d' % (n, k) for n in range(40) for k in range(5)]
    yield eventually(lambda: worker.receipts == [b'42:%d' % n for n in range(40)])


@pytest_twisted.inlineCallbacks
def test_a_receipt_of_a_worker_that_died_is_read_by_another(stage):
    one = yield stage.start()
    one.redis_is_away = True
    yield one.confirm_publish([outbound()], receipt=b'42:1')
    yield one.stopService()
    another = yield stage.start()
    yield eventually(lambda: another.receipts == [b'42:1'])


@pytest_twisted.inlineCallbacks
def test_a_reply_whose_queue_an_operator_deleted_is_published_all_the_same(stage):
    worker = yield stage.start()
    for kind in ('outbound', 'failures'):
        yield stage.outside.delete(stage.queue(kind))
    yield worker.confirm_publish([outbound()], receipt=b'42:1')
    assert len((yield stage.outside.drain(stage.queue('outbound')))) == 1
    yield eventually(lambda: worker.receipts == [b'42:1'])
    yield stage.outside.publish(stage.queue('inbound'), b'not JSON')
    yield stage.failures(1)


@pytest_twisted.inlineCallbacks
def test_many_replies_at_once_are_all_confirmed_and_in_order(stage):
    worker = yield stage.start()
    yield gatherResults([
        worker.confirm_publish([outbound('%d' % number)]) for number in range(300)])
    raws = yield stage.outside.drain(stage.queue('outbound'))
    assert [json.loads(raw)['content'] for raw in raws] == ['%d' % each for each in range(300)]
