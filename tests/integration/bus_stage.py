"""A guarded worker in this process on the real RabbitMQ, and the world outside it.

`Outside` is what transports and operators do on the broker, on connections of its own.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
import uuid

from twisted.internet import reactor
from twisted.internet.defer import (
    Deferred, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from txamqp.content import Content
from txamqp.endpoint import AMQEndpoint
from txamqp.factory import AMQFactory
from vumi.message import TransportUserMessage
from vumi.service import WorkerCreator
from vumi.utils import vumi_resource_path

from tests.bus_doubles import INBOUND, LogKeeper, body
from vumi_snappy.bus import GuardedWorker
from vumi_snappy.store.errors import StoreUnavailable

SPEC = vumi_resource_path('amqp-spec-0-8.xml')


def outbound(text='Have you tried it again?'):
    """An agent's reply."""
    return TransportUserMessage(
        to_addr='+27820001001', from_addr='12345', content=text, transport_name='sms_transport',
        transport_type='sms', in_reply_to='cb8b3ae9', message_id='reply-1')


def pause(seconds):
    return deferLater(reactor, seconds, lambda: None)


@inlineCallbacks
def eventually(check, within=20):
    """Fires with the first true result of `check`, which may be a Deferred's."""
    end = reactor.seconds() + within
    while True:
        result = yield maybeDeferred(check)
        if result:
            returnValue(result)
        assert reactor.seconds() < end, 'it did not come true within %s seconds' % (within,)
        yield pause(0.02)


class Recorder(GuardedWorker):
    """Keeps what it gets, and fails, hangs or waits as the test says."""

    ALLOWED_ENDPOINTS = None
    retry_delays = (0.1, 0.4)

    def __init__(self, *args, **kw):
        super(Recorder, self).__init__(*args, **kw)
        self.tries, self.handled, self.events, self.receipts = [], [], [], []
        self.told = []
        self.set_ups = 0
        self.redis_is_away = False
        self.hang = False

    def setup_application(self):
        self.set_ups += 1

    def bus_connected(self):
        self.told.append('connected')

    def bus_lost(self):
        self.told.append('lost')

    def handle_inbound(self, message):
        text = message['content']
        self.tries.append(text)
        if self.hang:
            return Deferred()
        if self.redis_is_away:
            raise StoreUnavailable('Redis is away')
        if text == 'a bug':
            raise KeyError(text)
        self.handled.append(text)

    def handle_event(self, event):
        self.events.append(event['user_message_id'])

    def receipt_received(self, receipt):
        if self.redis_is_away:
            raise StoreUnavailable('Redis is away')
        self.receipts.append(receipt)


class Outside(object):
    """Each call is a connection of its own, so that it works whatever happened to the broker."""

    def __init__(self, rabbitmq):
        self.rabbitmq = rabbitmq

    @inlineCallbacks
    def on_channel(self, work):
        """Fires with the result of `work(channel)`."""
        broker = self.rabbitmq
        endpoint = AMQEndpoint(
            reactor, '127.0.0.1', broker.port, username=broker.username,
            password=broker.password, vhost=broker.vhost, timeout=5)
        client = yield endpoint.connect(AMQFactory(spec=SPEC))
        try:
            channel = yield client.channel(1)
            yield channel.channel_open()
            result = yield work(channel)
            yield channel.channel_close()  # everything before has been worked off
        finally:
            yield client.close(within=2)
        returnValue(result)

    def publish(self, queue, *bodies, **properties):
        """Puts `bodies` on a queue, persistent."""
        properties = dict({str('delivery mode'): 2}, **properties)

        @inlineCallbacks
        def work(channel):
            yield channel.queue_declare(queue=queue, durable=True)
            for each in bodies:
                yield channel.basic_publish(
                    exchange='', routing_key=queue, content=Content(each, properties=properties))
        return self.on_channel(work)

    @inlineCallbacks
    def drain(self, queue):
        """Fires with all the bodies that are ready in a queue, which is empty then."""
        answers = yield self.take(queue)
        returnValue([answer.content.body.encode('utf-8') if not isinstance(
            answer.content.body, bytes) else answer.content.body for answer in answers])

    def take(self, queue):
        """As `drain`, with the messages as txAMQP has them."""
        @inlineCallbacks
        def work(channel):
            taken = []
            while True:
                answer = yield channel.basic_get(queue=queue, no_ack=True)
                if answer.method.name != 'get-ok':
                    returnValue(taken)
                taken.append(answer)
        return self.on_channel(work)

    def ready(self, queue):
        """Fires with the number of messages in a queue that no consumer holds."""
        return self.on_channel(lambda channel: channel.queue_declare(
            queue=queue, passive=True)).addCallback(lambda answer: answer.message_count)

    def delete(self, queue):
        return self.on_channel(lambda channel: channel.queue_delete(queue=queue))


class Stage(object):
    """Workers with queues of their own, and how they are watched and disturbed."""

    def __init__(self, rabbitmq):
        self.rabbitmq = rabbitmq
        self.outside = Outside(rabbitmq)
        self.name = 'bus_%s' % (uuid.uuid4().hex[:12],)
        self.log = LogKeeper()
        self._workers = []

    def queue(self, kind):
        return '%s.%s' % (self.name, kind)

    def options(self, **changes):
        return dict({
            'hostname': '127.0.0.1', 'port': self.rabbitmq.port, 'vhost': self.rabbitmq.vhost,
            'username': self.rabbitmq.username, 'password': self.rabbitmq.password,
            'specfile': 'amqp-spec-0-8.xml'}, **changes)

    def begin(self, worker_class=Recorder, options=(), **config):
        """A worker that has been started, and may not be connected yet."""
        config = dict({'transport_name': self.name}, **config)
        worker = WorkerCreator(self.options(**dict(options))).create_worker_by_class(
            worker_class, config)
        self._workers.append(worker)
        worker.startService()
        return worker

    @inlineCallbacks
    def start(self, worker_class=Recorder, options=(), **config):
        """Fires with a worker that is connected."""
        worker = self.begin(worker_class, options, **config)
        yield eventually(lambda: worker.bus_is_connected)
        returnValue(worker)

    def says(self, *texts, **changes):
        """Persons' messages arrive on the bus."""
        return self.outside.publish(self.queue('inbound'), *[
            body(INBOUND, content=text, message_id=uuid.uuid4().hex, **changes)
            for text in texts])

    @inlineCallbacks
    def failures(self, number):
        """Fires with the entries of the failures queue, when there are `number` of them."""
        entries = []

        @inlineCallbacks
        def check():
            entries.extend((yield self.outside.drain(self.queue('failures'))))
            returnValue(len(entries) >= number)
        yield eventually(check)
        returnValue([json.loads(entry) for entry in entries])

    def broker(self, name):
        """Fires when e.g. 'restart' has been done to the broker; the reactor runs meanwhile."""
        return deferToThread(getattr(self.rabbitmq, name))

    def ctl(self, *arguments):
        """Fires when rabbitmqctl has done as told."""
        return deferToThread(self.rabbitmq.ctl, *arguments)

    def cut_off(self):
        """Fires when the broker has closed every connection."""
        return self.ctl('close_all_connections', '--vhost', self.rabbitmq.vhost, 'a test')

    def stop(self):
        return gatherResults([worker.stopService() for worker in self._workers])
