"""A broker that does not speak our AMQP is told from one that is away or rejects the login."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionRefusedError
from twisted.python.failure import Failure

from tests.bus.doubles import LogKeeper
from tests.bus.test_connection import Transport, Worker, frame
from vumi_snappy.bus.reconnecting import BusFactory
from vumi_snappy.bus.client import refusal
from vumi_snappy.bus.specification import load, mended

#: As RabbitMQ 3 and 4.0 answer, and later releases.
HEADERS = [b'AMQP\x00\x00\x09\x01', b'AMQP\x03\x01\x00\x00']
SAID = ('RabbitMQ at 127.0.0.1:5672 does not speak AMQP 0-8, as this worker was told to: start it'
        ' with --specfile amqp-spec-0-9-1.xml')


@pytest.fixture(autouse=True, scope='module')
def _specification(tmpdir_factory):
    """Which Python 3 has none of, and of which no more is needed here than its number."""
    path = tmpdir_factory.mktemp('amqp').join('0-8.xml')
    path.write_text(re.sub(r'(\smajor\s*=\s*)"0"(\s+minor\s*=\s*)"9"', r'\1"8"\2"0"', mended()),
                    'utf-8')
    Story.specfile = '%s' % (path,)


class Story(object):
    """A factory that connects again and again, to a broker that does as the test says."""

    def __init__(self, **options):
        self.worker = Worker(**dict({'specfile': self.specfile}, **options))
        self.factory = BusFactory(self.worker)
        self.factory.retry = lambda connector=None: None
        self.log = LogKeeper()

    def connects(self, *answers):
        """The broker answers with these chunks of bytes, and closes."""
        client = self.factory.buildProtocol(None)
        client.makeConnection(Transport())
        for each in answers:
            client.dataReceived(each)
        why = Failure(ConnectionAborted() if client.transport.aborted else ConnectionDone())
        client.connectionLost(why)
        self.factory.clientConnectionLost(None, why)
        self.worker.clock.advance(61)
        return client

    def fails(self):
        self.factory.clientConnectionFailed(None, Failure(ConnectionRefusedError()))
        self.worker.clock.advance(61)


@pytest.mark.parametrize('header', HEADERS)
def test_a_refusal_is_said_once_in_one_sentence_with_the_option_that_mends_it(header):
    story = Story()
    with story.log:
        for _attempt in range(5):
            assert story.connects(header).transport.aborted
    assert story.log.count(SAID) == 1
    assert story.log.count('Login') == 0
    assert story.factory.trouble == SAID.replace(' at 127.0.0.1:5672', '')


def test_a_header_that_comes_in_pieces_is_a_refusal_too():
    story = Story()
    with story.log:
        story.connects(*[HEADERS[0][n:n + 1] for n in range(8)])
    assert story.log.count(SAID) == 1


@pytest.mark.parametrize('answer', [b'', b'A', b'HTTP/1.1 400 Bad Request', b'\x01\x00\x00'])
def test_no_other_end_of_a_connection_is_taken_for_a_refusal(answer):
    story = Story()
    with story.log:
        story.connects(answer)
    assert story.log.count('does not speak') == 0
    assert story.log.count('check username, password and vhost') == 1
    assert story.factory.trouble.startswith('RabbitMQ rejected the login')


def test_the_word_in_a_later_frame_is_no_refusal():
    story = Story()
    with story.log:
        story.connects(frame(8, 0, b''), b'AMQP')
    assert story.log.count('does not speak') == 0
    assert story.log.count('Login') == 1


def test_a_refusal_is_said_again_after_the_broker_was_away_or_took_us():
    story = Story()
    with story.log:
        story.connects(HEADERS[0])
        story.fails()
        assert story.factory.trouble == 'RabbitMQ cannot be reached'
        story.connects(HEADERS[0])
        story.factory.resetDelay()
        assert story.factory.trouble == ''
        story.connects(HEADERS[0])
    assert story.log.count(SAID) == 3


def test_what_refuses_0_9_1_is_probably_no_rabbitmq():
    assert refusal(load()) == (
        'RabbitMQ does not speak AMQP 0-9: is it RabbitMQ, and is this its port for AMQP 0-9-1?')


def test_a_greeting_is_read_to_its_fourth_byte_and_no_further():
    story = Story()
    with story.log:
        story.connects(b'AM', b'QX', b'AMQP')
    assert story.log.count('does not speak') == 0
