"""A worker as a process of its own, as an operator starts it, and the metrics it publishes."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import subprocess

import attr
import requests
from twisted.internet import defer, reactor

from tools.amqp_client import connect
from tools.ports import free_port
from tools.processes import TWISTD, environment
from tools.waiting import until

#: The API key and the webhook's secret that it is given.
SECRETS = ('the-api-key', 'the-webhook-secret')


# The module that one of the same name hides: an unpacked Python 2.7 finds its libraries by it.
_SHADOWED = '''
import os, sys
if sys.version_info[0] == 2:
    import imp
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        imp.load_module('shadowed', *imp.find_module(
            'sitecustomize', [place for place in sys.path if os.path.abspath(place) != here]))
    except ImportError:
        pass
'''


@attr.s
class Worker(object):
    """A worker process of one test, with its log in a file.

    A module of `folder` is found before others of its name: a test can put its own hand in there.
    """

    folder = attr.ib()
    redis_port = attr.ib()
    amqp = attr.ib()
    running = attr.ib(default=None)

    def start(self, subcommand='vumi_snappy', arguments=(), text=None, **options):
        """Start it with these `arguments` of the command line, and with `options`, or with `text`
        (bytes), as its configuration."""
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
        with io.open(path, 'wb') as out:
            out.write(text or ('%s' % (json.dumps(config),)).encode('utf-8'))
        self.log_path = os.path.join(self.folder, 'log')
        command = TWISTD + [
            subcommand, '--config', path, '--port', '%d' % self.amqp.port,
            '--vhost', self.amqp.vhost, '--username', self.amqp.username,
            '--password', self.amqp.password]
        if subcommand == 'vumi_worker':
            command += ['--worker-class', 'vumi_snappy.SnappyBouncerWorker']
        with open(self.log_path, 'wb') as log:
            self.running = subprocess.Popen(
                command + list(arguments), cwd=self.folder, stdout=log, stderr=log,
                env=environment(self.folder))
        return self

    def runs_first(self, code):
        """Let its process run `code` before anything else."""
        path = os.path.join(self.folder, 'sitecustomize.py')
        with io.open(path, 'w', encoding='utf-8') as out:
            out.write(_SHADOWED + code)

    def log(self):
        with io.open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def ends(self, within=20.0):
        self.until(lambda: self.running.poll() is not None, within)
        return self.running.returncode

    def until(self, look, within=20.0):
        return until(look, self.log, within)

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
        self._client = yield connect(
            reactor, self._amqp.port, self._amqp.vhost, self._amqp.username, self._amqp.password)
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
        total = rounds = 0
        while total < least:
            rounds += 1
            assert rounds < 200, '%s has counted %d' % (name, total)
            for each, _, values in (yield self.next()):
                if each == name:
                    total += sum(value for _, value in values)
        defer.returnValue(total)

    def stop(self):
        return self._client.close(within=1)
