"""``vumi-snappy failures`` on the real RabbitMQ: nothing is lost, and all is in its order."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import uuid

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import inlineCallbacks, returnValue

from tests.bus.samples import INBOUND, body
from tests.integration.bus_stage import Recorder, Stage, eventually
from tests.integration.test_command_line import run, written
from tests.integration.test_quorum_queues import rabbitmq  # noqa: F401
from tests.store.conftest import bench, make_bench  # noqa: F401
from vumi_snappy.bus.failures_queue import FailuresQueue
from vumi_snappy.bus.probe import login


class Broken(Recorder):
    """Has a bug for every message until it is mended."""

    mended = False

    def handle_inbound(self, message):
        if not self.mended:
            raise KeyError('a bug')
        self.handled.append(message['content'])

    def _guard(self):
        guard = super(Broken, self)._guard()
        return type(guard)(**dict(guard.__dict__, tries=1))


@pytest.fixture(params=['classic', 'quorum'])
def either(request, servers):
    stage = Stage(request.getfixturevalue('rabbitmq') if request.param == 'quorum'
                  else servers.rabbitmq)
    with stage.log:
        yield stage
        pytest_twisted.blockon(stage.stop())


@inlineCallbacks
def go_through(stage, wanted):
    client = yield login(reactor, stage.options())
    try:
        found = yield FailuresQueue(client, stage.name).go_through(wanted)
    finally:
        yield client.close(within=1)
    returnValue(found)


@inlineCallbacks
def look(stage):
    found = []
    yield go_through(stage, lambda failure: found.append(failure) or 'keep')
    returnValue(found)


@pytest_twisted.inlineCallbacks
def test_to_look_many_times_loses_nothing_and_keeps_the_order(either):
    yield either.start()
    yield either.outside.publish(either.queue('inbound'), b'1', b'2', b'3')
    yield eventually(lambda: either.outside.ready(
        either.queue('failures')).addCallback(lambda ready: ready == 3))
    for _look in range(22):  # more often than RabbitMQ 4 gives a message from a quorum queue
        found = yield look(either)
        assert [(each.body, each.queue) for each in found] == [
            (each, either.queue('inbound')) for each in (b'1', b'2', b'3')]


@pytest_twisted.inlineCallbacks
def test_what_is_put_back_is_handled_and_the_rest_stays_in_its_order(either):
    worker = yield either.start(Broken)
    yield either.says('a', 'b', 'c')
    yield eventually(lambda: either.outside.ready(
        either.queue('failures')).addCallback(lambda ready: ready == 3))
    worker.mended = True
    stuck = yield go_through(
        either, lambda failure: 'retry' if b'"b"' in failure.body else 'keep')
    assert stuck == []
    yield eventually(lambda: worker.handled == ['b'])
    found = yield look(either)
    assert [json.loads(each.body)['content'] for each in found] == ['a', 'c']


@pytest_twisted.inlineCallbacks
def test_a_message_of_another_queue_is_not_put_anywhere(either):
    yield either.start()
    foreign = json.dumps({'message': 'x', 'queue': 'somebody.else', 'reason': 'why'})
    yield either.outside.publish(either.queue('failures'), foreign.encode('utf-8'), b'?')
    stuck = yield go_through(either, lambda failure: 'retry')
    assert len(stuck) == 2
    assert len((yield look(either))) == 2


@pytest_twisted.inlineCallbacks
def test_an_operator_lists_puts_back_and_drops_by_command(
        stage, bench, redis_port, tmpdir):  # noqa: F811
    config = written(tmpdir, bench, redis_port, transport_name=stage.name)
    vumi = tmpdir.join('vumi.yaml')
    vumi.write(json.dumps(stage.options()))
    where = ['-c', config, '--vumi-config', '%s' % (vumi,)]
    worker = yield stage.start(Broken)
    yield stage.outside.publish(
        stage.queue('inbound'), body(INBOUND, content='a', message_id=uuid.uuid4().hex), b'?')
    yield eventually(lambda: stage.outside.ready(
        stage.queue('failures')).addCallback(lambda ready: ready == 2))
    status, out, _ = yield run('failures', 'list', '--json', *where)
    listed = json.loads(out)['failures']
    assert (status, len(listed)) == (0, 2)
    assert 'KeyError' in listed[0]['reason'] and 'JSON' in listed[1]['reason']
    assert 'airtime' not in out.decode('utf-8')
    worker.mended = True
    status, out, err = yield run('failures', 'retry', listed[0]['id'], *where)
    assert (status, out, err) == (0, b'put back: 1\n', b'')
    yield eventually(lambda: worker.handled == ['a'])
    status, out, err = yield run('failures', 'retry', listed[0]['id'], *where)
    assert (status, b'not on the failures queue' in err) == (1, True)
    status, out, _ = yield run('failures', 'drop', '--all', '--reason', 'a test', *where)
    assert (status, out) == (0, b'dropped: 1\n')
    status, out, _ = yield run('failures', 'list', *where)
    assert out == b'Nothing is on the failures queue.\n'
    away = written(tmpdir, bench, 1, transport_name=stage.name)
    status, out, _ = yield run('failures', 'list', '-c', away, *where[2:])
    assert (status, out) == (0, b'Nothing is on the failures queue.\n')  # also without Redis
    audits = yield bench.store.operators.audits()
    assert [(each['what'], each['detail'] == 'a test') for each in audits] == [
        ('dropped', True), ('put back', False)]
