"""A guarded worker in this process on the real RabbitMQ, and the world outside it.

`Outside` is what transports and operators do on the broker, on connections of its own.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import socket
import struct
import uuid
from contextlib import closing

from twisted.internet import reactor
from twisted.internet.defer import (
    Deferred, gatherResults, inlineCallbacks, maybeDeferred, returnValue)
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from txamqp.client import ChannelClosed
from txamqp.content import Content

from tests.bus.doubles import LogKeeper
from tests.bus.samples import INBOUND, body
from tools.amqp_client import connect
from vumi_snappy.bus.specification import DEFAULT, load
from vumi_snappy.bus.worker import GuardedWorker
from vumi_snappy.store.errors import StoreUnavailable
from vumi_snappy.vumi.message import TransportUserMessage
from vumi_snappy.vumi.worker import WorkerCreator


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


class Slow(Recorder):
    """Takes a moment for each message; `order` has what all of them handled, in order."""

    order = None

    def handle_inbound(self, message):
        done = Deferred()
        reactor.callLater(0.01, done.callback, None)
        self.tries.append(message['content'])
        return done.addCallback(lambda _: self.order.append(message['content']))


def first_times(texts):
    return [text for place, text in enumerate(texts) if text not in texts[:place]]


@inlineCallbacks
def one_takes_the_messages_and_the_next_goes_on_where_it_died(stage):
    Slow.order = []
    workers = yield gatherResults([stage.start(Slow) for _each in range(3)])
    texts = ['message %d' % number for number in range(200)]
    yield stage.says(*texts)
    for dead in range(2):
        taking = yield eventually(lambda: [
            worker for worker in workers if worker.tries and not worker.bus_trouble])
        assert len(taking) == 1
        yield eventually(lambda: len(taking[0].tries) > 20)
        taking[0]._factory.stopTrying()
        taking[0]._amqp_client.drop()
    yield eventually(lambda: texts[-1] in Slow.order)
    assert first_times(Slow.order) == texts


def recorded(worker):
    """What the worker publishes from now on, in order, and when the broker has confirmed it."""
    way, calls = worker._session._publisher._way, []
    send = way.send

    def sent(parts):
        calls.extend(part.routing_key.rpartition('.')[2] for part in parts)
        return send(parts).addCallback(lambda rejected: calls.append('confirmed') or rejected)

    way.send = sent
    return calls


class Outside(object):
    """Each call is a connection of its own, so that it works whatever happened to the broker."""

    def __init__(self, rabbitmq):
        self.rabbitmq = rabbitmq

    @inlineCallbacks
    def on_channel(self, work):
        """Fires with the result of `work(channel)`."""
        broker = self.rabbitmq
        client = yield connect(
            reactor, broker.port, broker.vhost, broker.username, broker.password)
        try:
            channel = yield client.channel(1)
            yield channel.channel_open()
            result = yield work(channel)
            yield client.channels[max(client.channels)].channel_close()  # all is worked off
        finally:
            yield client.close(within=2)
        returnValue(result)

    def publish(self, queue, *bodies, **properties):
        """Puts `bodies` on a queue, persistent."""
        properties = dict({str('delivery mode'): 2}, **properties)

        @inlineCallbacks
        def work(channel):
            try:
                yield channel.queue_declare(queue=queue, durable=True)
            except ChannelClosed:  # it is there, with arguments
                channel = yield channel.client.channel(2)
                yield channel.channel_open()
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
            'specfile': DEFAULT}, **changes)

    def speaks(self, specfile):
        """Whether the broker takes the version of AMQP that a specification is of."""
        spec = load(specfile)
        with closing(socket.create_connection(('127.0.0.1', self.rabbitmq.port), 5)) as broker:
            broker.sendall(struct.pack(str('!4s4B'), b'AMQP', 1, 1, spec.major, spec.minor))
            # What it does not speak it answers with the header of what it does.
            return not broker.recv(4).startswith(b'AMQP')

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
        yield eventually(lambda: not worker.bus_trouble)
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
