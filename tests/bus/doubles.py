"""What stands in for the broker in the unit tests of the bus."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
from twisted.internet.defer import Deferred, succeed
from twisted.python import log
from txamqp.client import Closed
from txamqp.queue import TimeoutDeferredQueue

from vumi_snappy.bus.errors import Malformed


@attr.s
class Content(object):
    body = attr.ib()


@attr.s
class Delivery(object):
    delivery_tag = attr.ib()
    content = attr.ib()


@attr.s
class Reply(object):
    consumer_tag = attr.ib(default='ctag')


class Client(object):
    def __init__(self):
        self.the_queue = TimeoutDeferredQueue()

    def queue(self, _tag):
        return succeed(self.the_queue)


class ConsumerChannel(object):
    """A channel as a consumer sees it: deliveries in, acks out, and a record of the calls."""

    def __init__(self):
        self.client = Client()
        self.acked = []
        self.calls = []
        self.closed = False
        self._tag = 0

    def deliver(self, *bodies):
        for each in bodies:
            self._tag += 1
            self.client.the_queue.put(Delivery(self._tag, Content(each)))

    def lose(self):
        """As txAMQP does when the connection goes: what was prefetched stays in the queue."""
        self.closed = True
        self.client.the_queue.close()

    def basic_qos(self, _size, _count, is_global):
        # RabbitMQ 4.3 refuses a limit that all consumers of a channel share.
        assert not is_global
        return succeed(None)

    def basic_consume(self, queue, consumer_tag=''):
        self.calls.append('consume')
        return succeed(Reply())

    def basic_cancel(self, _tag):
        self.calls.append('cancel')
        return succeed(None)

    def basic_ack(self, tag, _multiple):
        if self.closed:
            raise Closed('closed')
        self.acked.append(tag)
        return succeed(None)

    def channel_close(self):
        self.calls.append('close')
        return succeed(None)

    def close(self, _reason):
        self.closed = True


def start(consumer):
    """Start it, and fail where that fails, which Vumi's Deferred tells only who asks it."""
    failures = []
    consumer.start().addErrback(failures.append)
    if failures:
        failures[0].raiseException()


class TransactionChannel(object):
    """A channel in transaction mode whose commits the test answers."""

    def __init__(self):
        self.published = []
        self.commits = []
        self.returned = []
        self.closed = False

    def basic_publish(self, exchange, routing_key, content, mandatory):
        if self.closed:
            raise Closed('closed')
        self.published.append((exchange, routing_key, content))
        return succeed(None)

    def bodies(self):
        return [content.body for _exchange, _key, content in self.published]

    def tx_commit(self):
        self.commits.append(Deferred())
        return self.commits[-1]

    def answer(self):
        """The broker has everything of the commit that is under way."""
        self.commits[-1].callback(None)

    def close(self):
        """The connection goes, with or without a commit under way."""
        self.closed = True
        for commit in self.commits:
            if not commit.called:
                commit.errback(Closed('connection lost'))


class ConfirmChannel(TransactionChannel):
    """A channel in confirm mode; the test settles message after message."""

    def __init__(self):
        super(ConfirmChannel, self).__init__()
        self.confirms = None
        self._settled = 0

    def answer(self, accepted=True, multiple=False, count=1):
        """The broker confirms, or rejects, the next `count` messages."""
        for tag in [self._settled + count] if multiple else range(
                self._settled + 1, self._settled + count + 1):
            self.confirms.settle(tag, multiple, accepted)
        self._settled += count

    def close(self):
        self.closed = True
        self.confirms.closed(Closed('connection lost'))


class LogKeeper(object):
    """Everything that is logged while it listens, as one text."""

    def __init__(self):
        self.events = []

    def __enter__(self):
        log.addObserver(self.events.append)
        return self

    def __exit__(self, *_exc_info):
        log.removeObserver(self.events.append)

    @property
    def text(self):
        return '\n'.join(log.textFromEventDict(event) or '' for event in self.events)

    def count(self, words):
        """How many entries have `words` in them."""
        return sum(words in (log.textFromEventDict(event) or '') for event in self.events)


class Timed(object):
    """A story with a `clock` that the test moves."""

    def pass_time(self, seconds):
        for _step in range(int(seconds * 10)):
            self.clock.advance(0.1)


def parse(raw):
    """A body as a consumer's handler gets it."""
    if raw == b'garbage':
        raise Malformed('the body is not JSON')
    return raw
