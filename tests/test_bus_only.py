"""Of all workers one takes the inbound messages, so that they keep the queue's order."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import attr
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from txamqp.client import ChannelClosed, Closed

from tests.bus_doubles import Client, ConsumerChannel, LogKeeper, Reply
from vumi_snappy.bus.consumer import Guard
from vumi_snappy.bus.only import OnlyConsumer


@attr.s
class Declared(object):
    consumer_count = attr.ib()


class Broker(Client):
    """Knows whether another worker consumes, and refuses those who do not look."""

    def __init__(self):
        Client.__init__(self)
        self.channels = {}
        self.others = 0
        self.quicker = 0  # how often another worker comes between a look and its use
        self.refused = 0
        self.prefetch = []

    def get_channel(self):
        channel = Channel(self)
        self.channels[channel.id] = channel
        return succeed(channel)


class Channel(ConsumerChannel):
    id = 7

    def __init__(self, broker):
        ConsumerChannel.__init__(self)
        self.client = broker

    def basic_qos(self, _size, count, _is_global):
        self.client.prefetch.append(count)
        return succeed(None)

    def queue_declare(self, queue, durable):
        assert (queue, durable) == ('snappy.inbound', True)
        if self.closed:
            return fail(Closed('closed'))
        return succeed(Declared(self.client.others))

    def basic_consume(self, queue, exclusive):
        assert exclusive and not self.closed
        if self.client.quicker:
            self.client.quicker -= 1
            self.client.refused += 1
            self.closed = True
            return fail(ChannelClosed('403 ACCESS_REFUSED'))
        return succeed(Reply())


class Story(object):
    def __init__(self, others=0, quicker=0):
        self.clock = Clock()
        self.broker = Broker()
        self.broker.others, self.broker.quicker = others, quicker
        self.channel = Channel(self.broker)
        self.broker.channels[self.channel.id] = self.channel
        self.handled, self.broken = [], []
        consumer_class = type(str('Consumer'), (OnlyConsumer,), {
            str('queue_name'): 'snappy.inbound', str('durable'): True,
            str('prefetch_count'): 20, str('start_paused'): True})
        self.consumer = consumer_class(
            self.channel, self.handled.append, lambda raw: raw,
            Guard(clock=self.clock, park=None, broken=self.broken.append))
        self.consumer.start()

    def deliver(self, raw):
        self.consumer.channel.deliver(raw)
        self.clock.advance(0)

    def pass_time(self, seconds):
        for _step in range(int(seconds * 10)):
            self.clock.advance(0.1)


def test_a_worker_that_is_alone_consumes_at_once():
    story = Story()
    story.consumer.unpause()
    story.deliver(b'a')
    assert story.handled == [b'a']


def test_a_worker_stands_by_while_another_consumes_says_so_once_and_takes_over():
    story = Story(others=1)
    with LogKeeper() as log:
        set_up = story.consumer.unpause()
        assert set_up.called, 'a set-up must not wait for another worker'
        story.pass_time(30)
    assert log.count('stands by') == 1
    story.deliver(b'a')
    assert story.handled == []
    story.broker.others = 0
    story.pass_time(1.1)
    assert story.handled == [b'a']
    assert story.clock.getDelayedCalls() == []


def test_a_worker_that_comes_second_in_a_race_goes_on_standing_by_on_a_new_channel():
    story = Story(quicker=2)
    story.consumer.unpause()
    story.pass_time(3)
    assert story.broker.refused == 2
    assert story.consumer.channel is not story.channel and not story.consumer.channel.closed
    assert story.broker.prefetch == [20, 20, 20]
    story.deliver(b'a')
    assert (story.handled, story.broken) == ([b'a'], [])


def test_a_worker_that_stops_or_loses_its_connection_stands_by_no_more():
    for end in (lambda story: story.consumer.finish(), lambda story: story.consumer.abandon()):
        story = Story(others=1)
        story.consumer.unpause()
        end(story)
        story.broker.others = 0
        story.pass_time(5)
        story.deliver(b'a')
        assert (story.handled, story.broken) == ([], [])
        assert story.clock.getDelayedCalls() == []


def test_a_channel_that_dies_while_standing_by_is_no_error_of_the_consumers():
    story = Story(others=1)
    story.consumer.unpause()
    story.channel.closed = True
    with LogKeeper() as log:
        story.pass_time(5)
    assert (log.events, story.broken) == ([], [])


def test_a_queue_that_the_broker_refuses_meanwhile_is_reported_so_that_a_new_consumer_is_made():
    story = Story(others=1)
    story.consumer.unpause()
    story.channel.queue_declare = lambda queue, durable: fail(ChannelClosed('404 NOT_FOUND'))
    story.pass_time(2)
    assert [failure.type for failure in story.broken] == [ChannelClosed]


def test_what_else_goes_wrong_is_reported_so_that_a_new_consumer_is_made():
    story = Story(others=1)
    story.consumer.unpause()
    story.channel.queue_declare = lambda queue, durable: fail(RuntimeError('a bug'))
    story.pass_time(2)
    assert [failure.type for failure in story.broken] == [RuntimeError]


def test_a_stop_between_the_brokers_yes_and_its_use_starts_nothing():
    story = Story()
    answer = Deferred()
    story.channel.basic_consume = lambda queue, exclusive: answer
    story.consumer.unpause()
    story.consumer.finish()
    answer.callback(Reply())
    story.deliver(b'a')
    assert story.handled == []
