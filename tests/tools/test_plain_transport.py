"""The transport that takes the place of Vumi's: what it accepts, and what it acks."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import task

from tools.network import PhoneNetwork
from tools.plain_transport import PlainTransport


class Transport(PlainTransport):
    """One without a broker, whose events stay here."""

    def __init__(self, network):
        self.clock = task.Clock()
        PlainTransport.__init__(self, self.clock, type(str('Broker'), (), {'ports': [1]}), {
            'transport_name': 'sms', 'base_url': network.base_url,
            'conversation_key': network.conversation, 'account_key': network.account,
            'access_token': network.token, 'web_path': 'path'})
        self.told, self.to_publish = [], []

    def publish(self, kind, message):
        self.to_publish.append(PlainTransport.publish(self, kind, message))
        return self.to_publish[-1]

    def tell(self, message, kind, **fields):
        self.told.append((message['message_id'], kind))

    @pytest_twisted.inlineCallbacks
    def takes(self, *message_ids):
        for each in message_ids:
            yield self.take(
                {'message_id': each, 'to_addr': '+27820001001', 'content': 'Hi'}, False)


@pytest.fixture
def network():
    network = PhoneNetwork()
    network.start()
    yield network
    network.stop()


@pytest_twisted.inlineCallbacks
def test_what_leaves_close_together_arrives_each_time(network):
    # The network closes a connection after its answer, as HTTP/1.0 does.
    ids = ['m%d' % (n,) for n in range(50)]
    transport = Transport(network)
    yield transport.takes(*ids)
    assert transport.told == [(each, 'ack') for each in ids]
    assert [message.message_id for message in network.messages()] == ids


@pytest_twisted.inlineCallbacks
def test_what_the_network_refuses_is_nacked(network):
    network.answer_with(503)
    transport = Transport(network)
    yield transport.takes('m1')
    assert (transport.told, network.messages()) == ([('m1', 'nack')], [])


def accepted(transport):
    """What `accept` has fired with so far, for a message of a phone."""
    fired = []
    transport.accept({
        'message_id': 'm1', 'from_addr': '+27820001001', 'to_addr': '12345', 'content': 'Hi',
        'transport_name': 'sms', 'transport_type': 'sms'}).addBoth(fired.append)
    return fired


def test_a_phones_message_is_accepted_when_it_is_on_the_bus(network):
    transport = Transport(network)
    fired = accepted(transport)
    transport.clock.advance(1)
    assert fired == []
    transport.to_publish[0].callback(None)
    assert fired == [None]


def test_a_phones_message_that_no_queue_takes_yet_is_accepted_and_kept(network):
    transport = Transport(network)
    fired = accepted(transport)
    transport.clock.advance(2)
    assert fired == [None]
    assert not transport.idle
