"""What a worker on Python 3 publishes for Vumi's own workers on 2.7, they can read.

The metrics are in test_metrics.py.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import os

import pytest
import pytest_twisted
import redis

from tests.integration.bus_stage import Outside
from tools.installing import NotInstallable, install
from tools.stack import Stack
from tools.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope='module')
def stack():
    try:
        python3 = os.path.join(install('ve3'), 'bin', 'python')
    except NotInstallable as why:
        pytest.skip('%s' % (why,))
    with Stack(workers=1, transport=False, pythons=[python3], worker_config={
            'publish_status': True, 'metrics_publish_interval': 0.3}) as running:
        yield running


def test_vumis_status_connector_reads_each_change(stack):
    reader = stack.start_beside('reader', 'tests.integration.status_reader.StatusReader',
                                {'transport_name': stack.transport_name})

    def reads(words):
        until(lambda: 'read a TransportStatus: store is %s, of worker_0' % (words,)
              in reader.log(), reader.log)
    until(lambda: 'reads statuses' in reader.log(), reader.log)
    stack.servers.redis.kill()
    reads('down, away')
    stack.servers.redis.start()
    reads('ok, fine')


@pytest_twisted.inlineCallbacks
def test_vumis_failure_worker_keeps_each_failure_with_its_reason(stack):
    server = stack.servers.redis
    worker = stack.start_beside('failures', 'vumi.transports.failures.FailureWorker', {
        'transport_name': stack.transport_name,
        'failures_routing_key': '%(transport_name)s.failures',
        'retry_routing_key': '%(transport_name)s.retry',
        'redis_manager': {'host': '127.0.0.1', 'port': server.port, 'key_prefix': 'vumis'}})
    bodies = ['{"half": "gr\xfc\xdfe'.encode('utf-8'), b'\xff']
    yield Outside(stack.servers.rabbitmq).publish('sms.inbound', *bodies)
    kept = redis.StrictRedis(port=server.port)
    until(lambda: len(kept.smembers('vumis:failures:sms:failure_keys')) == 2, worker.log)
    failures = [kept.hgetall(b'vumis:failures:sms:' + key)
                for key in kept.smembers('vumis:failures:sms:failure_keys')]
    assert {each[b'message'] for each in failures} == {bodies[0], base64.b64encode(bodies[1])}
    for each in failures:
        assert b'JSON' in each[b'reason'] or b'UTF-8' in each[b'reason']
        assert each[b'retry_delay'] == b'0'
    assert 'Traceback' not in worker.log()
