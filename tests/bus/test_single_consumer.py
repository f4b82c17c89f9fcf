"""Of all workers one takes the inbound messages, so that they keep the queue's order."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from txamqp.client import ChannelClosed, Closed

from tests.bus.doubles import Client, ConsumerChannel, LogKeeper, Reply, Timed, start
from vumi_snappy.bus.guard import Guard
from vumi_snappy.bus.single_consumer import SingleConsumer
from vumi_snappy.bus.queues import EXCLUSIVE, LOCKED, SINGLE


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
        self.consumes = 0  # this worker's consumers
        self.counts = []  # what is said before the truth
        self.locks = []
        self.is_locked = False

    def declare_in_order(self, _name):
        return succeed(self.how)

    def lock(self, name):
        self.locks.append(name)
        return succeed(not self.is_locked)

    def unlock(self, name):
        self.locks.remove(name)
        return succeed(None)

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

    def queue_declare(self, queue, passive):
        assert (queue, passive) == ('snappy.inbound', True)
        if self.closed:
            return fail(Closed('closed'))
        if self.client.counts:
            return succeed(Declared(self.client.counts.pop(0)))
        return succeed(Declared(self.client.others + self.client.consumes))

    def channel_close(self):
        self.client.consumes = 0
        return ConsumerChannel.channel_close(self)

    def basic_consume(self, queue, exclusive=False):
        assert exclusive == (self.client.how is EXCLUSIVE) and not self.closed
        self.client.consumes += 1
        if self.client.quicker:
            self.client.quicker -= 1
            self.client.refused += 1
            self.closed = True
            self.client.consumes = 0
            return fail(ChannelClosed('403 ACCESS_REFUSED'))
        return succeed(Reply())


class Story(Timed):
    def __init__(self, others=0, quicker=0, how=EXCLUSIVE):
        self.clock = Clock()
        self.broker = Broker()
        self.broker.how = how
        self.broker.others, self.broker.quicker = others, quicker
        self.channel = Channel(self.broker)
        self.broker.channels[self.channel.id] = self.channel
        self.handled, self.broken = [], []
        consumer_class = type(str('Consumer'), (SingleConsumer,), {
            str('queue_name'): 'snappy.inbound', str('durable'): True,
            str('prefetch_count'): 20, str('start_paused'): True})
        self.consumer = consumer_class(
            self.channel, self.handled.append, lambda raw: raw,
            Guard(clock=self.clock, park=None, broken=self.broken.append))
        self.consumer.declare(self.broker)
        start(self.consumer)

    def deliver(self, raw):
        self.consumer.channel.deliver(raw)
        self.clock.advance(0)


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


@pytest.mark.parametrize('error', [ChannelClosed('404 NOT_FOUND'), RuntimeError('a bug')])
def test_what_goes_wrong_meanwhile_is_reported_so_that_a_new_consumer_is_made(error):
    story = Story(others=1)
    story.consumer.unpause()
    story.channel.queue_declare = lambda queue, passive: fail(error)
    story.pass_time(2)
    assert [failure.value for failure in story.broken] == [error]


def test_a_stop_between_the_brokers_yes_and_its_use_starts_nothing():
    story = Story()
    answer = Deferred()
    story.channel.basic_consume = lambda queue, exclusive: answer
    story.consumer.unpause()
    story.consumer.finish()
    answer.callback(Reply())
    story.deliver(b'a')
    assert story.handled == []


def test_where_the_broker_lets_one_consumer_be_active_all_consume():
    story = Story(others=2, how=SINGLE)
    story.consumer.unpause()
    story.deliver(b'a')
    assert (story.handled, story.broker.locks) == ([b'a'], [])


def test_on_a_quorum_queue_nobody_consumes_who_has_not_the_lock():
    story = Story(how=LOCKED)
    story.broker.is_locked = True
    story.consumer.unpause()
    story.pass_time(5)
    assert story.broker.consumes == 0
    story.broker.is_locked = False
    story.pass_time(2.5)
    story.deliver(b'a')
    assert (story.handled, set(story.broker.locks)) == ([b'a'], {'snappy.inbound.lock'})


def test_the_holder_of_the_lock_waits_while_another_consumer_is_left():
    story = Story(how=LOCKED)
    story.broker.counts = [0, 0, 1, 1, 1]
    story.consumer.unpause()
    story.pass_time(3)
    assert story.broker.consumes == 0
    story.pass_time(3)
    assert story.broker.consumes == 1


def test_nothing_is_handled_before_the_queues_leader_has_counted_one_consumer():
    story = Story(how=LOCKED)
    story.broker.counts = [0] * 6  # three before it consumes, three after
    story.consumer.unpause()
    story.pass_time(1)
    assert story.broker.consumes == 1
    story.deliver(b'a')
    assert story.handled == []
    story.pass_time(1)
    assert story.handled == [b'a']


def test_messages_are_given_back_unhandled_when_another_consumer_shows_up_behind_a_silent_leader():
    story = Story(how=LOCKED)
    story.broker.counts = [0, 0, 0, 2, 1]
    story.consumer.unpause()
    story.pass_time(0.55)
    story.deliver(b'b')
    story.pass_time(0.2)
    assert (story.broker.consumes, story.channel.calls[-1], story.handled) == (0, 'close', [])
    assert story.consumer.channel is not story.channel
    story.broker.the_queue.get()
    story.pass_time(3)
    story.deliver(b'a')
    assert (story.handled[-1:], story.broken) == ([b'a'], [])


def test_a_worker_that_stops_gives_the_lock_back_after_its_messages():
    story = Story(how=LOCKED)
    story.consumer.unpause()
    story.pass_time(2)
    closing = Deferred()
    story.channel.channel_close = lambda: closing
    story.consumer.stop()
    assert len(story.broker.locks) == 1
    closing.callback(None)
    assert story.broker.locks == []
