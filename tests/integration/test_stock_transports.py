"""Vumi's own workers on any RabbitMQ: the file that ``amqp-spec`` makes keeps their messages."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import socket
from contextlib import closing

import pytest
import pytest_twisted
from twisted.internet.defer import inlineCallbacks, returnValue

from tests.integration.bus_stage import eventually
from tests.integration.test_command_line import run
from tools.ports import free_port
from tools.processes import TWISTD, Process, environment

pytestmark = pytest.mark.integration


class Transport(object):
    """Vumi's transport for telnet, unmodified, as a process started by `twistd vumi_worker`."""

    def __init__(self, stage, folder, guard, name, specfile):
        self.stage = stage
        self.queue = '%s.inbound' % (name,)
        self.port = free_port()
        broker = stage.rabbitmq
        options = {'transport_name': name, 'to_addr': '12345',
                   'twisted_endpoint': 'tcp:%d:interface=127.0.0.1' % (self.port,)}
        config = folder.join('%s.yaml' % (name,))
        config.write(json.dumps(options))
        self.process = Process(name, TWISTD + [
            'vumi_worker', '--worker-class', 'vumi.transports.telnet.TelnetServerTransport',
            '--config', '%s' % (config,), '--port', '%d' % (broker.port,), '--vhost', broker.vhost,
            '--username', broker.username, '--password', broker.password, '--specfile', specfile,
        ], '%s' % (folder.join('%s.log' % (name,)),), guard, '%s' % (folder,), environment())

    @inlineCallbacks
    def start(self):
        def bind(channel):
            return channel.queue_bind(
                queue=self.queue, exchange='vumi', routing_key=self.queue)
        yield self.stage.outside.publish(self.queue)  # which makes the queue, and puts nothing in
        self.process.start()
        # A look at the port itself would be a session.
        yield eventually(
            lambda: 'starting on %d' % (self.port,) in self.process.log(), within=40)
        yield self.stage.outside.on_channel(bind)

    @inlineCallbacks
    def says(self, text):
        """A person types a line, and the broker has it."""
        with closing(socket.create_connection(('127.0.0.1', self.port), 5)) as person:
            yield eventually(lambda: self.has(1))  # the session's begin
            person.sendall(text.encode('utf-8') + b'\r\n')
            yield eventually(lambda: self.has(2))
        yield eventually(lambda: self.has(3))  # its end

    @inlineCallbacks
    def has(self, count):
        ready = yield self.stage.outside.ready(self.queue)
        returnValue(ready == count)

    def texts(self):
        """Fires with what is left in the queue."""
        return self.stage.outside.drain(self.queue).addCallback(
            lambda bodies: [json.loads(each)['content'] for each in bodies])


@pytest_twisted.inlineCallbacks
def test_a_message_of_a_stock_transport_survives_a_restart_of_the_broker(stage, servers, tmpdir):
    specfile = '%s' % (tmpdir.join('vumi-amqp-0-9-1.xml'),)
    status, out, _ = yield run('amqp-spec', '-o', specfile)
    assert (status, ('--specfile %s' % (specfile,)).encode('ascii') in out) == (0, True)
    ours = Transport(stage, tmpdir, servers.guard, stage.name + '_ours', specfile)
    shipped = Transport(stage, tmpdir, servers.guard, stage.name + '_shipped',
                        'amqp-spec-0-9-1.xml')
    try:
        for each in (ours, shipped):
            yield each.start()
            yield each.says('My airtime is gone')
        for each in (ours, shipped):
            each.process.stop()
        yield stage.broker('restart')
        assert (yield ours.texts()) == [None, 'My airtime is gone', None]
        # Why it takes a file: with what Vumi ships they are kept in memory alone.
        assert (yield shipped.texts()) == []
    finally:
        for each in (ours, shipped):
            each.process.kill()
