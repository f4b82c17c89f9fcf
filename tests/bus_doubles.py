"""What stands in for the broker in the unit tests of the bus."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json

import attr
from twisted.internet.defer import Deferred, succeed
from twisted.python import log
from txamqp.client import Closed
from txamqp.queue import TimeoutDeferredQueue
from vumi.service import get_spec
from vumi.utils import vumi_resource_path

INBOUND = {
    'message_version': '20110921', 'message_type': 'user_message',
    'timestamp': '2014-11-14 21:33:00.123456', 'routing_metadata': {}, 'helper_metadata': {},
    'message_id': 'cb8b3ae93f784e4d9fa2f8ab9c2e1d70', 'in_reply_to': None, 'provider': 'MTN',
    'session_event': None, 'content': 'My airtime is gone', 'transport_metadata': {},
    'group': None, 'to_addr': '12345', 'from_addr': '+27820001001', 'from_addr_type': 'msisdn',
    'to_addr_type': None, 'transport_name': 'sms_transport', 'transport_type': 'sms',
}

EVENT = {
    'message_version': '20110921', 'message_type': 'event',
    'timestamp': '2014-11-14 21:33:00.123456', 'routing_metadata': {}, 'helper_metadata': {},
    'event_id': '5d2f0a5e', 'event_type': 'ack', 'user_message_id': 'cb8b3ae9',
    'sent_message_id': 'smsc-1', 'transport_name': 'sms_transport', 'transport_type': 'sms',
    'transport_metadata': {},
}


def body(template, **changes):
    """The JSON of a message; a change to `Ellipsis` leaves the field out."""
    return encoded(dict(template, **changes))


def encoded(fields):
    """The JSON of `fields`, without those that are `Ellipsis`."""
    return json.dumps(
        dict((key, value) for key, value in fields.items() if value is not Ellipsis),
    ).encode('utf-8')


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

    def basic_consume(self, queue, consumer_tag=''):
        self.calls.append('consume')
        return succeed(Reply())

    def basic_cancel(self, _tag):
        self.calls.append('cancel')
        return succeed(None)

    def basic_reject(self, tag, requeue):
        self.calls.append(('reject', tag, requeue))
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


class TransactionChannel(object):
    """A channel in transaction mode whose commits the test answers."""

    def __init__(self):
        self.client = self
        self.spec = get_spec(vumi_resource_path('amqp-spec-0-8.xml'))
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
