"""How the worker is, as Vumi's monitors and a load balancer see it, on real servers."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import time
from itertools import dropwhile

import pytest
import pytest_twisted
import requests
from twisted.internet.defer import inlineCallbacks

from tests.integration.bus_stage import Outside, eventually
from tools.stack import Stack

pytestmark = pytest.mark.integration


class Monitor(object):
    """Keeps what is published on one routing key from now on."""

    def __init__(self, stack, exchange, key):
        self._outside = Outside(stack.servers.rabbitmq)
        self._exchange, self._key, self._queue = exchange, key, 'monitor.%s' % (key,)
        self.got = []

    @inlineCallbacks
    def start(self):
        @inlineCallbacks
        def bind(channel):
            yield channel.exchange_declare(exchange=self._exchange, type='direct', durable=True)
            yield channel.queue_declare(queue=self._queue, durable=True)
            yield channel.queue_bind(
                queue=self._queue, exchange=self._exchange, routing_key=self._key)
        yield self._outside.on_channel(bind)

    def until(self, is_there):
        """Fires when `is_there()`; what comes meanwhile is `got`."""
        # On one connection: of hundreds in a few seconds RabbitMQ 4 leaves one waiting.
        @inlineCallbacks
        def watch(channel):
            deadline = time.time() + 30
            while not is_there():
                assert time.time() < deadline, self.got
                answer = yield channel.basic_get(queue=self._queue, no_ack=True)
                if answer.method.name == 'get-ok':
                    self.got.append(json.loads(answer.content.body))
        return self._outside.on_channel(watch)

    @inlineCallbacks
    def until_changes(self, component, *wanted):
        """Fires when the changes of a component, each a pair of status and type, were `wanted`.

        That all was well at first may have been told before this monitor listened.
        """
        def changes():
            told = [(each['status'], each['type']) for each in self.got
                    if each['component'] == component]
            return list(dropwhile(lambda each: each == ('ok', 'fine'), told))

        yield self.until(lambda: len(changes()) >= len(wanted))
        assert changes() == list(wanted)


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=1, transport=False, worker_config={
            'publish_status': True, 'metrics_publish_interval': 0.3}) as running:
        yield running


def health(stack):
    answer = requests.get(stack.health_url(0), timeout=10)
    return answer.status_code, answer.json()


@pytest_twisted.inlineCallbacks
def test_statuses_tell_each_change_once_and_health_is_true_all_along(stack):
    # Until Snappy has been asked for the first time, it is degraded.
    yield eventually(lambda: {each['status'] for each in health(stack)[1]['checks'].values()}
                     == {'ok'})
    monitor = Monitor(stack, 'vumi', 'sms.status.status')
    yield monitor.start()
    stack.servers.redis.kill()
    yield monitor.until_changes('store', ('down', 'away'))
    status, said = health(stack)
    assert (status, said['checks']['store']['status']) == (503, 'down')
    assert said['checks']['store']['since'].startswith('20')
    assert requests.get(stack.health_url(0) + 'ready').status_code == 503
    stack.servers.redis.start()
    yield monitor.until_changes('store', ('down', 'away'), ('ok', 'fine'))
    stack.standin.add_fault('status', status=401, path='.')
    yield Outside(stack.servers.rabbitmq).publish('sms.inbound', json.dumps({
        'message_type': 'user_message', 'message_version': '20110921', 'message_id': 'one',
        'timestamp': '2014-11-14 21:20:00.0', 'from_addr': '+27820001001', 'to_addr': '12345',
        'in_reply_to': None, 'session_event': None, 'content': 'Help', 'transport_name': 'sms',
        'transport_type': 'sms', 'transport_metadata': {}, 'helper_metadata': {}, 'group': None,
        'provider': None, 'routing_metadata': {}}).encode('utf-8'))
    yield monitor.until_changes('snappy', ('down', 'key_refused'))
    assert health(stack)[0] == 503
    stack.standin.clear_faults()
    yield monitor.until_changes('snappy', ('down', 'key_refused'), ('ok', 'fine'))
    yield monitor.until_changes('store', ('down', 'away'), ('ok', 'fine'))
    assert {each['details']['worker_name'] for each in monitor.got} == {'worker_0'}
    assert health(stack)[0] == 200


@pytest_twisted.inlineCallbacks
def test_statuses_and_heartbeats_go_on_over_a_new_connection_to_the_broker(stack):
    statuses = Monitor(stack, 'vumi', 'sms.status.status')
    beats = Monitor(stack, 'vumi.health', 'heartbeat.inbound')
    yield beats.start()
    stack.servers.rabbitmq.close_all_connections()
    yield eventually(lambda: stack.worker_log(0).count('everything is set up') == 2)
    yield statuses.until(lambda: any(
        (each['component'], each['status']) == ('bus', 'ok') for each in statuses.got))
    yield beats.until(lambda: beats.got)
    assert beats.got[0]['worker_name'] == 'worker_0'
    assert health(stack)[0] == 200
