"""A connection reads what stock txAMQP chokes on, and dies loudly instead of half."""
from __future__ import absolute_import, division, print_function, unicode_literals

import struct

import pytest
import six
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from txamqp.client import Closed
from txamqp.connection import Frame, Heartbeat
from txamqp.content import Content

from tests.bus.doubles import LogKeeper
from vumi_snappy.bus.reconnecting import BusFactory
from vumi_snappy.bus.reasons import reason_text
from vumi_snappy.bus.specification import DEFAULT

OPTIONS = {'hostname': '127.0.0.1', 'port': 5672, 'username': 'vumi', 'password': 'sesam',
           'vhost': '/develop', 'specfile': DEFAULT, 'heartbeat': 5}


class Transport(StringTransport):
    aborted = False

    def setTcpNoDelay(self, _enabled):
        pass

    setTcpKeepAlive = setTcpNoDelay

    def abortConnection(self):
        self.aborted = True


class Worker(object):
    connect_timeout = 5
    config = {}

    def __init__(self, **options):
        self.options = dict(OPTIONS, **options)
        self.clock = Clock()
        self.told = []

    def connection_name(self):
        return 'a test'

    def _amqp_connected(self, _client):
        self.told.append('connected')

    def _amqp_lost(self, _client):
        self.told.append('lost')


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def client(worker):
    client = BusFactory(worker).buildProtocol(None)
    client.makeConnection(Transport())
    return client


def frame(kind, channel, payload):
    return struct.pack(str('>BHI'), kind, channel, len(payload)) + payload + b'\xce'


def delivery(client, *parts, **header):
    """The frames of a basic.deliver with a body in `parts`; `flags` and `table` of its header."""
    method = struct.pack(str('>HH'), 60, 60) + b'\x04ctag' + struct.pack(
        str('>Q'), 7) + b'\x00' + b'\x04vumi' + b'\x03key'
    size = sum(len(part) for part in parts)
    table = header.get('table', b'')
    content = struct.pack(str('>HHQH'), 60, 0, size, 0x2000 if table else 0) + (
        struct.pack(str('>I'), len(table)) + table if table else b'')
    return b''.join([frame(1, 3, method), frame(2, 3, content)] + [
        frame(3, 3, part) for part in parts])


def received(client):
    out = []
    client.queue('ctag').addCallback(lambda queue: queue.get().addCallback(out.append))
    return out[0].content.body


def test_a_large_body_whose_frames_are_partly_ascii_arrives_as_the_bytes_it_is(client):
    client.MAX_LENGTH = 131072
    parts = [b'{"content": "airtime', 'Gr\xfcezi"}'.encode('utf-8')]
    client.dataReceived(delivery(client, *parts))
    assert received(client) == b''.join(parts)
    assert not client.closed


def test_headers_that_txamqp_cannot_read_do_not_end_the_connection(client):
    deaths = b'\x07x-death' + b'A' + struct.pack(str('>I'), 0)
    client.dataReceived(delivery(client, b'{}', table=deaths))
    assert received(client) == b'{}'
    assert not client.closed


@pytest.mark.parametrize('key, error', [('x' * 256, struct.error)] + [
    ('Gr\xfcezi', UnicodeEncodeError)] * six.PY2)
def test_a_frame_that_cannot_be_written_ends_the_connection(client, logged_errors, key, error):
    channel = []
    client.channel(1).addCallback(channel.append)
    channel[0].basic_publish(exchange='vumi', routing_key=key, content=Content(b'x'))
    assert client.transport.aborted
    assert logged_errors.flush(error)


def test_what_txamqps_dispatcher_cannot_handle_ends_the_connection(client, logged_errors):
    client.dataReceived(frame(1, 1, struct.pack(str('>HHB'), 20, 10, 0)))  # channel.open
    assert client.transport.aborted
    assert logged_errors.flush(AttributeError)


def test_a_channel_that_the_broker_closes_unasked_ends_the_connection(client):
    client.channel(4)
    with LogKeeper() as log:
        text = b'PRECONDITION_FAILED - delivery acknowledgement timed out'
        client.dataReceived(frame(1, 4, struct.pack(
            str('>HHHB'), 20, 40, 406, len(text)) + text + struct.pack(str('>HH'), 0, 0)))
    assert client.transport.aborted
    assert 'timed out' in log.text


def test_a_call_that_the_broker_refuses_is_told_to_its_caller_alone(client):
    channel, outcome = [], []
    client.channel(4).addCallback(channel.append)
    channel[0].queue_declare(queue='x').addErrback(outcome.append)
    text = b'ACCESS_REFUSED'
    client.dataReceived(frame(1, 4, struct.pack(
        str('>HHHB'), 20, 40, 403, len(text)) + text + struct.pack(str('>HH'), 0, 0)))
    assert reason_text(outcome[0]) == '403 ACCESS_REFUSED'
    assert not client.transport.aborted


def test_a_login_that_is_not_answered_is_given_up_in_time_and_its_password_not_logged(
        worker, client):
    with LogKeeper() as log:
        worker.clock.advance(5.1)
    assert client.transport.aborted
    assert 'no answer within 5 seconds' in log.text
    assert 'sesam' not in log.text


def test_a_lost_connection_leaves_no_timer_behind_and_is_told_once(worker, client):
    with LogKeeper():
        client.connectionLost(Failure(Closed('gone')))
    client.outgoing.put('a late frame')
    assert worker.told == ['lost']
    assert worker.clock.getDelayedCalls() == []
    outcome = []
    client.get_channel().addErrback(outcome.append)
    assert outcome[0].type is Closed


def logged_in(client):
    """The broker has answered everything up to the login's end."""
    client.started.fire()
    client.dataReceived(frame(1, 0, struct.pack(str('>HH'), 10, 41) + b'\x00'))
    return client


def heard(client):
    client.dataReceived(frame(8, 0, b''))


def test_a_broker_is_given_up_after_three_silent_heartbeats_and_not_before(worker, client):
    logged_in(client)
    for _time in range(5):
        worker.clock.advance(14.9)
        assert not client.transport.aborted
        heard(client)
    worker.clock.advance(15.1)
    assert client.transport.aborted
    assert 'silent' in client.why_closed
    heard(client)  # what comes now is of no interest, and no error


def test_our_own_heartbeats_go_out_steadily_whatever_else_is_sent(worker, client):
    logged_in(client)
    client.transport.clear()
    for _second in range(20):
        worker.clock.advance(1)
        heard(client)
        client.send_frame(Frame(0, Heartbeat()))
    assert client.transport.value().count(b'\x08\x00\x00') == 24


def test_a_connection_that_the_broker_closes_is_ended_though_it_does_not_read(worker, client):
    logged_in(client).do_close(Closed('CONNECTION_FORCED'))
    assert worker.told == ['connected', 'lost'] and not client.transport.aborted
    worker.clock.advance(2.1)
    assert client.transport.aborted


def test_a_connection_that_is_closed_in_order_leaves_no_timer(worker, client):
    logged_in(client).do_close(Closed('CONNECTION_FORCED'))
    client.connectionLost(Failure(Closed('gone')))
    assert worker.clock.getDelayedCalls() == []


@pytest.mark.parametrize('heartbeat', [0, None, '0'])
def test_an_operator_can_switch_heartbeats_off(heartbeat):
    client = BusFactory(Worker(heartbeat=heartbeat)).buildProtocol(None)
    assert client.heartbeatInterval == 0


def test_every_connection_has_a_delegate_of_its_own(worker):
    factory = BusFactory(worker)
    old, new = factory.buildProtocol(None), factory.buildProtocol(None)
    assert old.delegate.client is old and new.delegate.client is new


def test_the_pause_before_connecting_again_stays_within_seconds(worker):
    factory = BusFactory(worker)
    factory.connector = type(str('Connector'), (), {'connect': lambda self: None})()
    for _attempt in range(500):
        factory.retry()
        assert 0 <= factory.delay < 3.5
        worker.clock.advance(factory.delay + 0.01)


def test_the_same_complaint_is_logged_once_a_minute(worker):
    factory = BusFactory(worker)
    factory.stopTrying()
    factory.continueTrying = 1
    factory.retry = lambda connector=None: None
    refused = Failure(ConnectionRefusedError())
    with LogKeeper() as log:
        for _attempt in range(30):
            factory.clientConnectionFailed(None, refused)
            worker.clock.advance(3)
    assert log.count('RabbitMQ at 127.0.0.1:5672 cannot be reached') == 2
