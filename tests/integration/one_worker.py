"""A worker as a process of its own, as an operator starts it, and the metrics it publishes."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import json
import os
import subprocess
import sys
import time

import attr
import requests
from twisted.internet import defer, protocol, reactor
from txamqp.client import TwistedDelegate
from txamqp.protocol import AMQClient
from vumi.service import get_spec
from vumi.utils import vumi_resource_path

from tools.ports import free_port
from tools.stack import ROOT

#: The API key and the webhook's secret that it is given.
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
        path = self.config_path = os.path.join(self.folder, 'worker.yaml')
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


class Published(object):
    """What is published on Vumi's exchange for metrics at the broker `amqp`."""

    def __init__(self, amqp):
        self._amqp = amqp

    @defer.inlineCallbacks
    def start(self):
        """Listen from now on; fires with itself."""
        self._client = yield protocol.ClientCreator(
            reactor, AMQClient, TwistedDelegate(), self._amqp.vhost,
            get_spec(vumi_resource_path('amqp-spec-0-8.xml'))).connectTCP(
                '127.0.0.1', self._amqp.port)
        yield self._client.authenticate(self._amqp.username, self._amqp.password)
        channel = yield self._client.channel(1)
        yield channel.channel_open()
        yield channel.exchange_declare(exchange='vumi.metrics', type='direct', durable=True)
        yield channel.queue_declare(queue='metrics-test', exclusive=True)
        yield channel.queue_bind(queue='metrics-test', exchange='vumi.metrics',
                                 routing_key='vumi.metrics')
        yield channel.basic_consume(queue='metrics-test', no_ack=True, consumer_tag='metrics')
        self._queue = yield self._client.queue('metrics')
        defer.returnValue(self)

    @defer.inlineCallbacks
    def next(self):
        """The next datapoints: names, aggregators, and pairs of time and value."""
        message = yield self._queue.get(timeout=20)
        defer.returnValue(json.loads(message.content.body)['datapoints'])

    @defer.inlineCallbacks
    def add_up(self, name, least):
        """Wait until the counter `name` has counted `least`; fires with what it then has."""
        total = 0
        while total < least:
            for each, _, values in (yield self.next()):
                if each == name:
                    total += sum(value for _, value in values)
        defer.returnValue(total)

    def stop(self):
        return self._client.close(within=1)
