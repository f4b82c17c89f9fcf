"""With several workers on the real RabbitMQ, inbound messages are handled in their order."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from tests.integration.bus_stage import Recorder, eventually


class Slow(Recorder):
    """Takes a moment for each message."""

    common = None

    def handle_inbound(self, message):
        done = Deferred()
        reactor.callLater(0.01, done.callback, None)
        self.tries.append(message['content'])
        return done.addCallback(lambda _: self.common.append(message['content']))


def first_times(texts):
    return [text for place, text in enumerate(texts) if text not in texts[:place]]


@pytest_twisted.inlineCallbacks
def test_one_of_three_takes_the_messages_and_the_next_goes_on_where_it_died(stage):
    Slow.common = []
    workers = yield gatherResults([stage.start(Slow) for _each in range(3)])
    texts = ['message %d' % number for number in range(200)]
    yield stage.says(*texts)
    for dead in range(2):
        taking = yield eventually(lambda: [
            worker for worker in workers if worker.tries and worker.bus_is_connected])
        assert len(taking) == 1
        yield eventually(lambda: len(taking[0].tries) > 20)
        taking[0]._factory.stopTrying()
        taking[0]._amqp_client.drop()
    yield eventually(lambda: texts[-1] in Slow.common)
    assert first_times(Slow.common) == texts


@pytest_twisted.inlineCallbacks
def test_after_all_connections_are_cut_one_takes_the_messages_again(stage):
    Slow.common = []
    workers = yield gatherResults([stage.start(Slow) for _each in range(3)])
    yield stage.cut_off()
    yield eventually(lambda: all(worker.told[1:] == ['lost', 'connected'] for worker in workers))
    texts = ['message %d' % number for number in range(50)]
    yield stage.says(*texts)
    yield eventually(lambda: Slow.common == texts)
    assert len([worker for worker in workers if worker.tries]) == 1
