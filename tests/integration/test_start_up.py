"""How the worker starts, and how it says what is wrong, as an operator meets it."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time

import attr
import pytest
import pytest_twisted
import requests
from twisted.internet import defer, protocol, reactor, threads
from txamqp.client import TwistedDelegate
from txamqp.protocol import AMQClient
from vumi.service import get_spec
from vumi.utils import vumi_resource_path

from tools.ports import free_port
from tools.stack import ROOT
from vumi_snappy.standin.service import StandIn

pytestmark = pytest.mark.integration

SECRETS = ('the-api-key', 'the-webhook-secret')


@attr.s
class Worker(object):
    """A worker process of one test, with its log in a file."""

    folder = attr.ib()
    redis_port = attr.ib()
    amqp = attr.ib()
    running = attr.ib(default=None)

    def start(self, subcommand='vumi_snappy', **options):
        self.port = free_port()
        config = {
            'transport_name': 'start_up', 'snappy_api_url': 'http://127.0.0.1:1/api/v1',
            'redis_manager': {'host': '127.0.0.1', 'port': self.redis_port,
                              'key_prefix': 'start-up'},
            'snappy_api_key': SECRETS[0], 'webhook_secret': SECRETS[1], 'snappy_mailbox_id': 1,
            'web_endpoint': 'tcp:%d:interface=127.0.0.1' % (self.port,),
            'metrics_publish_interval': 0.2}
        config.update(options)
        path = os.path.join(self.folder, 'worker.yaml')
        with io.open(path, 'w', encoding='utf-8') as out:
            out.write('%s' % (json.dumps(config),))
        self.log_path = os.path.join(self.folder, 'log')
        arguments = [
            sys.executable, '-W', 'ignore',
            os.path.join(os.path.dirname(sys.executable), 'twistd'), '-n', '--pidfile=',
            subcommand, '--config', path, '--port', '%d' % self.amqp.port,
            '--vhost', self.amqp.vhost, '--username', self.amqp.username,
            '--password', self.amqp.password]
        if subcommand == 'vumi_worker':
            arguments += ['--worker-class', 'vumi_snappy.SnappyBouncerWorker']
        with open(self.log_path, 'wb') as log:
            self.running = subprocess.Popen(
                arguments, cwd=self.folder, stdout=log, stderr=log,
                env=dict(os.environ, **{str('PYTHONPATH'): str(ROOT)}))
        return self

    def log(self):
        with io.open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def ends(self, within=20.0):
        self.until(lambda: self.running.poll() is not None, within)
        return self.running.returncode

    def until(self, look, within=20.0):
        deadline = time.time() + within
        while True:
            try:
                found = look()
            except requests.ConnectionError:
                found = None
            if found:
                return found
            assert time.time() < deadline, self.log()
            time.sleep(0.05)

    def health(self):
        return requests.get('http://127.0.0.1:%d/health/' % self.port, timeout=5)

    def stop(self):
        if self.running is not None and self.running.poll() is None:
            self.running.kill()
            self.running.wait()


@pytest.fixture
def worker(tmpdir, redis_port, amqp):
    made = Worker(str(tmpdir), redis_port, amqp)
    yield made
    made.stop()


@pytest.fixture
def standin():
    made = pytest_twisted.blockon(StandIn(reactor, api_key=SECRETS[0]).start())
    yield made
    pytest_twisted.blockon(made.stop())


def test_all_mistakes_are_told_at_once_without_a_traceback(worker):
    worker.start(snappy_timeout='soon', web_path='x', contact_address='all@example.org')
    assert worker.ends() != 0
    log = worker.log()
    for name in ('snappy_timeout', 'web_path', 'contact_address'):
        assert name in log
    assert 'Traceback' not in log


def test_the_class_can_be_named_as_for_any_vumi_worker(worker):
    worker.start('vumi_worker', snappy_timeout='soon')
    assert worker.ends() != 0
    assert "Field 'snappy_timeout' could not be converted to float" in worker.log()


def test_a_port_that_is_taken_ends_the_process_with_an_error(worker):
    taken = socket.socket()
    try:
        taken.bind(('127.0.0.1', 0))
        taken.listen(1)
        worker.start(web_endpoint='tcp:%d:interface=127.0.0.1' % taken.getsockname()[1])
        assert worker.ends() != 0
        assert 'Address already in use' in worker.log()
    finally:
        taken.close()


def test_a_redis_that_is_away_is_told_and_the_health_is_down(worker):
    worker.redis_port = free_port()
    worker.start()
    worker.until(lambda: 'Redis at 127.0.0.1' in worker.log())
    [answer] = worker.until(lambda: [worker.health()])
    assert (answer.status_code, answer.json()['checks']['store']['status']) == (503, 'down')


def test_an_option_that_nobody_reads_is_told(worker):
    worker.start(snapy_timeout=3)
    worker.until(lambda: 'did you mean snappy_timeout?' in worker.log())


@pytest_twisted.inlineCallbacks
def in_a_thread(call, *args, **kwargs):
    """Let the stand-in, which runs here, answer while a blocking call waits."""
    found = yield threads.deferToThread(call, *args, **kwargs)
    defer.returnValue(found)


@pytest_twisted.inlineCallbacks
def test_a_wrong_api_key_is_told_clearly(worker, standin):
    worker.start(snappy_api_url=standin.url, snappy_api_key='another-key')
    yield in_a_thread(worker.until,
                      lambda: 'Snappy does not take the API key' in worker.log())
    assert 'another-key' not in worker.log()


@pytest_twisted.inlineCallbacks
def test_a_wrong_mailbox_is_told_clearly(worker, standin):
    worker.start(snappy_api_url=standin.url, snappy_mailbox_id=99)
    yield in_a_thread(worker.until, lambda: 'Snappy has no such mailbox' in worker.log())


@pytest_twisted.inlineCallbacks
def test_a_well_worker_says_no_secret_and_stops_when_it_is_told_to(worker, standin):
    worker.start(snappy_api_url=standin.url)
    yield in_a_thread(worker.until, lambda: worker.health().status_code == 200)
    worker.running.send_signal(signal.SIGTERM)
    status = yield in_a_thread(worker.ends)
    # twistd ends by the signal that it got, once everything is stopped
    assert status == -signal.SIGTERM
    assert 'Server Shut Down' in worker.log()
    for secret in SECRETS + (worker.amqp.password + '@',):
        assert secret not in worker.log()


@pytest_twisted.inlineCallbacks
def test_the_metrics_are_published_as_vumi_collects_them(worker, standin):
    client = yield protocol.ClientCreator(
        reactor, AMQClient, TwistedDelegate(), worker.amqp.vhost,
        get_spec(vumi_resource_path('amqp-spec-0-8.xml'))).connectTCP(
            '127.0.0.1', worker.amqp.port)
    yield client.authenticate(worker.amqp.username, worker.amqp.password)
    channel = yield client.channel(1)
    yield channel.channel_open()
    yield channel.exchange_declare(exchange='vumi.metrics', type='direct', durable=True)
    yield channel.queue_declare(queue='metrics-test', exclusive=True)
    yield channel.queue_bind(queue='metrics-test', exchange='vumi.metrics',
                             routing_key='vumi.metrics')
    yield channel.basic_consume(queue='metrics-test', no_ack=True, consumer_tag='metrics')
    queue = yield client.queue('metrics')
    worker.start(snappy_api_url=standin.url)
    names, requests_made = set(), 0.0
    while requests_made < 2:  # the check of key and mailbox at start
        message = yield queue.get(timeout=20)
        for name, aggregators, values in json.loads(message.content.body)['datapoints']:
            names.add(name)
            if name == 'vumi_snappy.snappy.requests':
                assert aggregators == ['sum']
                requests_made += sum(value for _, value in values)
    for name in ('inbound.received', 'tickets.opened', 'webhooks.accepted', 'replies.published',
                 'jobs.waiting', 'jobs.oldest_age', 'snappy.latency', 'inbound.to_ticket'):
        assert 'vumi_snappy.%s' % (name,) in names
    yield client.close(within=1)
