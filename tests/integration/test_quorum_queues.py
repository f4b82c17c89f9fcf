"""What classic queues promise holds on quorum queues too, on the real RabbitMQ.

The virtual host has quorum queues by default.  A queue may be one that the worker makes, or one
that was there before, without the worker's arguments.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks, returnValue

from tests.bus.samples import EVENT, body
from tests.integration.bus_stage import (
    Slow, Stage, eventually, first_times,
    one_takes_the_messages_and_the_next_goes_on_where_it_died, outbound, pause, recorded)
from vumi_snappy.bus import BusUnavailable, idle
from vumi_snappy.bus.probe import FINE, LIMITED, MISSING, probe

VHOST = '/quorum'


@attr.s
class InVhost(object):
    """The broker as seen by those who use another virtual host."""

    _broker = attr.ib()
    vhost = attr.ib()

    def __getattr__(self, name):
        return getattr(self._broker, name)


@pytest.fixture(scope='module')
def rabbitmq(servers):
    rabbitmq = servers.rabbitmq
    rabbitmq.ctl('add_vhost', VHOST, '--default-queue-type', 'quorum')
    rabbitmq.ctl('set_permissions', '-p', VHOST, rabbitmq.username, '.*', '.*', '.*')
    yield InVhost(rabbitmq, VHOST)
    rabbitmq.ctl('delete_vhost', VHOST)


@pytest.fixture
def quorum(rabbitmq):
    """Guarded workers in the virtual host of quorum queues."""
    stage = Stage(rabbitmq)
    with stage.log:
        yield stage
        pytest_twisted.blockon(stage.stop())


@pytest.fixture(params=['made by the worker', 'there before'])
def either(request, quorum):
    """The same, with queues of either origin."""
    if request.param == 'there before':
        for kind in ('inbound', 'outbound', 'receipts'):
            pytest_twisted.blockon(quorum.outside.publish(quorum.queue(kind)))
    return quorum


@pytest_twisted.inlineCallbacks
def test_one_of_three_takes_the_messages_and_the_next_goes_on_where_it_died(either):
    yield one_takes_the_messages_and_the_next_goes_on_where_it_died(either)


@pytest_twisted.inlineCallbacks
def test_whenever_all_connections_are_lost_one_worker_alone_takes_the_messages_again(either):
    workers = yield gatherResults([either.start(Slow) for _each in range(3)])
    for number in range(5):
        Slow.order = []
        for worker in workers:
            worker.tries = []
            worker._amqp_client.drop()
        texts = ['message %d of %d' % (each, number) for each in range(40)]
        yield either.says(*texts)
        yield eventually(lambda: texts[-1] in Slow.order)
        # What was handled when the connection went, and not acked yet, comes again.
        assert [text for text in first_times(Slow.order) if text in texts] == texts
        assert len([worker for worker in workers if worker.tries]) == 1


@pytest_twisted.inlineCallbacks
def test_a_worker_that_stops_hands_over_within_two_seconds(either):
    one = yield either.start()
    yield either.says('a')
    yield eventually(lambda: one.handled == ['a'])
    another = yield either.start()
    yield one.stopService()
    yield either.says('b')
    yield eventually(lambda: another.handled == ['b'], within=2)


@pytest_twisted.inlineCallbacks
def test_a_receipt_that_redis_was_away_for_many_times_is_not_dropped_by_a_limit(
        either, monkeypatch):
    monkeypatch.setattr(idle, 'LONG_ENOUGH', 0.0)  # no transport is there to be waited for
    yield either.ctl('set_policy', '-p', VHOST, '--apply-to', 'queues', 'limit',
                     '^%s$' % (either.queue('receipts'),), '{"delivery-limit": 2}')
    worker = yield either.start()
    worker.redis_is_away = True
    yield worker.confirm_publish([outbound()], receipt=b'42:1')
    yield pause(4)  # about ten tries
    worker.redis_is_away = False
    yield eventually(lambda: worker.receipts == [b'42:1'])
    assert (yield worker.receipts_waiting()) == 0


@pytest_twisted.inlineCallbacks
def test_a_receipt_is_sent_when_its_reply_is_on_its_queue_and_not_before(either):
    worker = yield either.start()
    calls = recorded(worker)
    yield worker.confirm_publish([outbound()], receipt=b'42:1')
    yield eventually(lambda: worker.receipts == [b'42:1'])
    yield eventually(lambda: len(calls) == 4)
    assert calls == ['outbound', 'confirmed', 'receipts', 'confirmed']


@pytest_twisted.inlineCallbacks
def test_a_reply_without_a_receipt_is_not_given_up_before_its_transport_could_tell(
        either, monkeypatch):
    monkeypatch.setattr(idle, 'LONG_ENOUGH', 1.0)
    worker = yield either.start()

    @inlineCallbacks
    def known():
        try:
            returnValue((yield worker.receipts_waiting()) == 0)
        except BusUnavailable:
            returnValue(False)

    yield worker.confirm_publish([outbound()])
    for _look in range(8):
        assert not (yield known())
        yield pause(0.2)

    @inlineCallbacks
    def transport(channel):
        yield channel.basic_consume(queue=either.queue('outbound'), no_ack=True)
        yield eventually(known)
    began = reactor.seconds()
    assert not (yield known())
    yield either.outside.on_channel(transport)
    assert reactor.seconds() - began >= 1.0


@pytest_twisted.inlineCallbacks
def test_what_the_worker_makes_has_no_limit_of_deliveries(quorum):
    worker = yield quorum.start()
    said = yield quorum.ctl('list_queues', '-p', VHOST, '--no-table-headers', 'name', 'arguments')
    made = dict(line.split('\t') for line in said.splitlines() if quorum.name in line)
    assert set(made) == {quorum.queue(kind) for kind in (
        'inbound', 'event', 'outbound', 'failures', 'receipts')}
    for name, arguments in made.items():
        assert '"x-delivery-limit",2147483647' in arguments
        assert ('x-single-active-consumer' in arguments) == (name == quorum.queue('inbound'))
    yield worker.stopService()


@pytest_twisted.inlineCallbacks
def test_an_event_outlives_more_lost_connections_than_rabbitmq_4_gives_a_message(quorum):
    worker = yield quorum.start()
    worker.handle_event = lambda event: Deferred()
    yield quorum.outside.publish(quorum.queue('event'), body(EVENT))
    for _loss in range(22):
        yield eventually(lambda: not worker.bus_trouble)
        yield pause(0.1)
        worker._amqp_client.drop()
        yield eventually(lambda: worker.bus_trouble)
    del worker.handle_event
    yield eventually(lambda: worker.events == [EVENT['user_message_id']])


@pytest_twisted.inlineCallbacks
def test_a_look_at_the_broker_tells_of_a_quorum_queue_that_has_a_limit(quorum):
    options = quorum.options()
    assert (yield probe(reactor, options, quorum.name)) == MISSING
    yield quorum.outside.publish(quorum.queue('inbound'))
    assert (yield probe(reactor, options, quorum.name)) == LIMITED
    yield quorum.outside.delete(quorum.queue('inbound'))
    yield quorum.start()
    assert (yield probe(reactor, options, quorum.name)) == FINE
