"""What the worker asks of RabbitMQ is nothing that RabbitMQ 4.3 and later refuse."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from txamqp.client import Closed

from tests.integration.bus_stage import Outside
from tests.integration.looking import texts_of, tickets_of
from tests.integration.wiretap import Wiretap
from tools.processes import vumi_python
from tools.stack import Stack
from tools.waiting import until

pytestmark = pytest.mark.integration

PERSON = '+27820003001'


@pytest.fixture(scope='module')
def stack():
    """The whole loop, of which every connection to the broker is tapped."""
    made = Stack(workers=2, worker_config={
        'publish_status': True, 'metrics_publish_interval': 0.5})
    rabbitmq = made.servers.rabbitmq
    given = rabbitmq.vumi_options()
    tap = made.tap = Wiretap(rabbitmq.port)
    rabbitmq.vumi_options = lambda: dict(given, port=tap.port)
    try:
        with made:
            yield made
    finally:
        tap.stop()


@pytest.fixture(scope='module')
def calls(stack):
    """All calls of our workers and of Vumi's transport, once everything has gone over the wire."""
    stack.send_message(PERSON, 'My airtime is gone')
    until(lambda: texts_of(stack, PERSON))
    stack.standin.reply(tickets_of(stack, PERSON)[0]['nonce'], '<p>It is back</p>')
    until(stack.outbound)
    pytest_twisted.blockon(Outside(stack.servers.rabbitmq).publish('sms.inbound', b'not JSON'))
    until(lambda: stack.servers.rabbitmq.list_queues().get('sms.failures'))
    # The other takes over.
    stack.kill_worker(0)
    stack.send_message(PERSON, 'Thank you')
    until(lambda: len(texts_of(stack, PERSON)) > 1)

    def published():
        return {call.fields['routing-key'] for call in of_ours(stack.tap.calls(), 'basic.publish')}
    wanted = {'sms.outbound', 'sms.failures', 'sms.receipts', 'sms.status.status', 'vumi.metrics',
              'heartbeat.inbound'}
    until(lambda: wanted <= published(), within=30)
    return stack.tap.calls()


def of_ours(calls, name):
    return [call for call in calls if call.client == 'vumi-snappy' and call.name == name]


def test_no_queue_is_transient_unless_it_is_exclusive(calls):
    declared = [call.fields for call in calls if call.name == 'queue.declare']
    assert {fields['queue'] for fields in declared} >= {
        'sms.inbound', 'sms.outbound', 'sms.failures', 'sms.receipts', 'sms.event'}
    assert [fields for fields in declared if not (
        fields['durable'] or fields['exclusive'] or fields['passive'])] == []


def test_no_prefetch_is_asked_for_globally(calls):
    asked = [call.fields for call in calls if call.name == 'basic.qos']
    assert asked
    assert [fields for fields in asked if fields['global'] or fields['prefetch-size']] == []


def test_every_exchange_is_durable_and_of_a_kind_that_every_broker_has(calls):
    declared = [call.fields for call in calls if call.name == 'exchange.declare']
    assert {fields['exchange'] for fields in declared} == {'vumi', 'vumi.metrics', 'vumi.health'}
    assert [fields for fields in declared if not fields['durable']
            or fields['type'] not in ('direct', 'topic', 'fanout')] == []


def test_all_that_our_workers_publish_is_persistent(calls):
    published = of_ours(calls, 'basic.publish')
    assert [call for call in published if (call.properties or {}).get('delivery mode') != 2] == []


def test_nothing_is_asked_for_that_amqp_0_9_1_leaves_out_or_rabbitmq_has_not(calls):
    known = {'connection', 'channel', 'exchange', 'queue', 'basic', 'tx'}
    ours = [call for call in calls if call.client == 'vumi-snappy']
    assert {call.name.split('.')[0] for call in ours} <= known
    # The transport that takes the place of Vumi's has RabbitMQ's confirms.
    known |= set() if vumi_python() else {'confirm'}
    assert {call.name.split('.')[0] for call in calls} <= known
    assert [call for call in of_ours(calls, 'basic.publish') if call.fields['immediate']] == []


@pytest_twisted.inlineCallbacks
def test_a_broker_that_can_be_told_to_refuse_what_is_deprecated_is_told_so(stack):
    broker = stack.servers.rabbitmq
    asked = Outside(broker).on_channel(
        lambda channel: channel.queue_declare(queue='transient', durable=False))
    if not broker.denies_deprecated:
        yield asked
        return
    with pytest.raises(Closed):
        yield asked
