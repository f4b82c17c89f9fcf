"""A guarded worker on Vumi's own test helpers, as its users will test theirs."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.internet.task import deferLater
from txamqp.client import ChannelClosed, Closed
from vumi.application.tests.helpers import ApplicationHelper
from vumi.connectors import IgnoreMessage
from vumi.middleware import BaseMiddleware

from tests.bus.doubles import LogKeeper
from vumi_snappy.bus import BusUnavailable, Malformed
from vumi_snappy.bus.worker import GuardedWorker


class Worker(GuardedWorker):
    ALLOWED_ENDPOINTS = None
    refuse = ignore = None

    def setup_application(self):
        self.inbound, self.events, self.receipts, self.told = [], [], [], []
        self.counted = 0
        if self.config.get('broken'):
            raise ValueError('port in use')

    def handle_inbound(self, message):
        if self.refuse:
            raise Malformed('the field extras is unknown')
        if self.ignore:
            raise IgnoreMessage('nothing of ours')
        self.inbound.append(message)

    def handle_event(self, event):
        self.events.append(event)

    def receipt_received(self, receipt):
        self.receipts.append(receipt)

    def malformed_received(self):
        self.counted += 1

    def bus_connected(self):
        self.told.append(('connected', self.bus_trouble == ''))

    def bus_lost(self):
        self.told.append(('lost', self.bus_trouble == ''))


class Upper(BaseMiddleware):
    """Changes what it sees, as transports' middlewares do; counts its set-ups."""

    def setup_middleware(self):
        self.worker.middlewares_set_up = getattr(self.worker, 'middlewares_set_up', 0) + 1

    def teardown_middleware(self):
        self.worker.middlewares_torn_down = getattr(self.worker, 'middlewares_torn_down', 0) + 1

    def handle_consume_inbound(self, message, _connector_name):
        message['content'] = message['content'].upper()
        return message

    def handle_publish_outbound(self, message, _connector_name):
        if message['content'] == 'refuse':
            raise ValueError('not this one')
        message['content'] += '!'
        return message


MIDDLEWARE = {'middleware': [{'upper': 'tests.bus.test_worker.Upper'}]}


@pytest.fixture
def helper():
    helper = ApplicationHelper(Worker)
    helper.setup()
    yield helper
    pytest_twisted.blockon(maybeDeferred(helper.cleanup))


def failures(helper):
    return [json.loads(content.body) for content in
            helper.worker_helper.broker.get_dispatched('vumi', 'sphex.failures')]


@pytest_twisted.inlineCallbacks
def test_messages_and_events_of_every_endpoint_arrive(helper):
    worker = yield helper.get_application({})
    for endpoint in ('default', 'ussd'):
        yield helper.dispatch_inbound(helper.make_inbound('hello', endpoint=endpoint))
        yield helper.dispatch_event(helper.make_ack(endpoint=endpoint))
    assert [message.get_routing_endpoint() for message in worker.inbound] == ['default', 'ussd']
    assert [event.get_routing_endpoint() for event in worker.events] == ['default', 'ussd']


@pytest_twisted.inlineCallbacks
def test_a_text_that_looks_like_a_date_arrives_as_text(helper):
    worker = yield helper.get_application({})
    yield helper.make_dispatch_inbound('2014-01-01 10:00:00')
    assert worker.inbound[0]['content'] == '2014-01-01 10:00:00'


@pytest_twisted.inlineCallbacks
def test_malformed_bodies_reach_the_failures_queue_are_counted_and_the_next_message_arrives(
        helper):
    worker = yield helper.get_application({})
    yield helper.worker_helper.broker.publish_raw('vumi', 'sphex.inbound', b'not JSON')
    yield helper.worker_helper.broker.wait_delivery()
    worker.refuse = True
    yield helper.make_dispatch_inbound('refused')
    worker.refuse = False
    yield helper.make_dispatch_inbound('next')
    assert [message['content'] for message in worker.inbound] == ['next']
    first, second = failures(helper)
    assert (first['message'], first['queue']) == ('not JSON', 'sphex.inbound')
    assert second['reason'] == 'the field extras is unknown'
    assert json.loads(second['message'])['content'] == 'refused'
    assert worker.counted == 2


@pytest_twisted.inlineCallbacks
def test_a_hook_that_fails_does_not_park_a_message_twice(helper, logged_errors):
    worker = yield helper.get_application({})
    worker.malformed_received = lambda: 1 / 0
    worker.refuse = True
    yield helper.make_dispatch_inbound('refused')
    assert len(failures(helper)) == 1
    assert logged_errors.flush(ZeroDivisionError)


@pytest_twisted.inlineCallbacks
def test_a_handler_may_ignore_a_message_as_in_vumi_and_its_text_is_not_logged(helper):
    worker = yield helper.get_application({})
    worker.ignore = True
    with LogKeeper() as log:
        yield helper.make_dispatch_inbound('very private')
    assert failures(helper) == []
    assert 'very private' not in log.text


@pytest_twisted.inlineCallbacks
def test_publishing_goes_through_the_middlewares_with_endpoint_and_receipt(helper):
    worker = yield helper.get_application(dict(MIDDLEWARE))
    [published] = yield worker.confirm_publish([helper.make_outbound('hello')], 'ussd', b'42:1')
    assert published['content'] == 'hello!'
    dispatched, = helper.get_dispatched_outbound()
    assert dispatched['content'] == 'hello!'
    assert dispatched.get_routing_endpoint() == 'ussd'
    yield deferLater(reactor, 0.01, lambda: None)
    assert worker.receipts == [b'42:1']
    assert (yield worker.receipts_waiting()) == 0


@pytest_twisted.inlineCallbacks
def test_receipts_that_came_as_one_message_are_handed_on_one_by_one(helper):
    worker = yield helper.get_application({})
    yield worker._receipts_received(b'42:1 43:7 answer:x')
    assert worker.receipts == [b'42:1', b'43:7', b'answer:x']


@pytest_twisted.inlineCallbacks
def test_a_receipt_that_fails_is_not_swallowed_by_those_beside_it(helper):
    worker = yield helper.get_application({})
    worker.receipt_received = lambda receipt: 1 // int(receipt)
    with pytest.raises(ZeroDivisionError):
        yield worker._receipts_received(b'1 0 2')


@pytest_twisted.inlineCallbacks
def test_what_a_middleware_raises_reaches_the_publisher(helper):
    worker = yield helper.get_application(dict(MIDDLEWARE))
    with pytest.raises(ValueError):
        yield worker.confirm_publish([helper.make_outbound('refuse')])
    assert helper.get_dispatched_outbound() == []


@pytest_twisted.inlineCallbacks
def test_each_try_of_a_message_starts_from_the_body_not_from_what_middlewares_made_of_it(helper):
    helper.application_class = type(str('Hasty'), (Worker,), {str('retry_delays'): (0.01, 0.01)})
    worker = yield helper.get_application(dict(MIDDLEWARE))
    seen = []

    def handle(message):
        seen.append(message['content'])
        message['content'] = None
        if len(seen) < 2:
            raise ValueError('a bug that heals')
    worker.handle_inbound = handle
    yield helper.make_dispatch_inbound('hello')
    while len(seen) < 2:
        yield deferLater(reactor, 0.005, lambda: None)
    assert seen == ['HELLO', 'HELLO']


@pytest_twisted.inlineCallbacks
def test_vumis_own_ways_to_answer_are_confirmed_as_well(helper):
    worker = yield helper.get_application({})
    message = helper.make_inbound('hello', endpoint='ussd')
    yield worker.reply_to(message, 'good day')
    yield worker.send_to('+27820001001', 'hi')
    assert [each['content'] for each in helper.get_dispatched_outbound()] == ['good day', 'hi']


@pytest_twisted.inlineCallbacks
def test_hooks_are_told_of_connection_and_loss_and_the_property_agrees(helper):
    worker = yield helper.get_application({})
    assert worker.told == [('connected', True)]
    yield helper.cleanup_worker(worker)
    assert worker.told == [('connected', True), ('lost', False)]
    with pytest.raises(BusUnavailable):
        yield worker.confirm_publish([helper.make_outbound('late')])
    with pytest.raises(BusUnavailable):
        yield worker.receipts_waiting()
    with pytest.raises(BusUnavailable):
        yield worker.start_publisher(lambda: None)


@pytest_twisted.inlineCallbacks
def test_a_loss_while_a_middleware_works_on_a_reply_is_told(helper):
    worker = yield helper.get_application(dict(MIDDLEWARE))
    slow = Deferred()
    worker.middlewares[0].handle_publish_outbound = lambda message, _name: slow
    message = helper.make_outbound('hello')
    outcome = worker.confirm_publish([message])
    yield helper.cleanup_worker(worker)
    slow.callback(message)
    with pytest.raises(BusUnavailable):
        yield outcome
    assert helper.get_dispatched_outbound() == []


@pytest_twisted.inlineCallbacks
def test_middlewares_are_taken_down_once(helper):
    worker = yield helper.get_application(dict(MIDDLEWARE))
    yield helper.cleanup_worker(worker)
    assert (worker.middlewares_set_up, worker.middlewares_torn_down) == (1, 1)


@pytest_twisted.inlineCallbacks
def test_the_configuration_is_not_logged(helper):
    with LogKeeper() as log:
        yield helper.get_application({'snappy_api_key': 'sesam', 'worker_name': 'w1'})
    assert 'Starting a Worker worker, transport_name sphex, worker_name w1' in log.text
    assert 'sesam' not in log.text


@pytest_twisted.inlineCallbacks
def test_a_failing_set_up_fails_the_start(helper):
    with pytest.raises(ValueError):
        yield helper.get_application({'broken': True})


@pytest_twisted.inlineCallbacks
def test_set_up_happens_once_and_later_connections_wait_for_it():
    started, calls = Deferred(), []

    class Slow(Worker):
        def setup_application(self):
            calls.append(True)
            return started
    helper = ApplicationHelper(Slow)
    helper.setup()
    worker = yield helper.get_application({}, start=False)
    first = worker.startWorker()
    worker._amqp_client = helper.worker_helper.get_fake_amqp_client(helper.worker_helper.broker)
    second = worker.startWorker()
    worker.told = []
    started.callback(None)
    with pytest.raises(BusUnavailable):  # its connection is not the present one any more
        yield first
    yield second
    assert (calls, worker.told) == ([True], [('connected', True)])
    yield helper.cleanup()


@pytest.mark.parametrize('error, is_logged', [
    (Closed('the connection was lost'), False), (ChannelClosed('406 refused'), True),
    (ValueError('a fault'), True)])
@pytest_twisted.inlineCallbacks
def test_a_connection_that_goes_while_the_worker_stops_is_no_error(
        helper, logged_errors, error, is_logged):
    worker = yield helper.get_application({})
    for consumer in worker.connectors['sphex']._consumers.values():
        consumer.channel.channel_close = lambda: fail(error)
    yield worker.stopWorker()
    assert bool(logged_errors.flush()) is is_logged


@pytest_twisted.inlineCallbacks
def test_stopping_before_the_first_connection_is_no_error():
    worker = Worker({}, {'transport_name': 'sphex'})
    worker.startService()
    yield worker.stopService()
    yield Worker({}, {'transport_name': 'sphex'}).stopService()


def test_heartbeats_are_on_unless_the_operator_says_otherwise():
    config = {'transport_name': 'sphex'}
    assert Worker({}, config).options['heartbeat'] == 5
    assert Worker({'heartbeat': None}, config).options['heartbeat'] == 5
    assert Worker({'heartbeat': 0}, config).options['heartbeat'] == 0
