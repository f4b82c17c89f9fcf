"""With several workers on the real RabbitMQ, inbound messages are handled in their order."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted
from twisted.internet.defer import gatherResults

from tests.integration.bus_stage import (
    Slow, eventually, one_takes_the_messages_and_the_next_goes_on_where_it_died)


@pytest_twisted.inlineCallbacks
def test_one_of_three_takes_the_messages_and_the_next_goes_on_where_it_died(stage):
    yield one_takes_the_messages_and_the_next_goes_on_where_it_died(stage)


@pytest_twisted.inlineCallbacks
def test_after_all_connections_are_cut_one_takes_the_messages_again(stage):
    Slow.order = []
    workers = yield gatherResults([stage.start(Slow) for _each in range(3)])
    yield stage.cut_off()
    yield eventually(lambda: all(worker.told[1:] == ['lost', 'connected'] for worker in workers))
    texts = ['message %d' % number for number in range(50)]
    yield stage.says(*texts)
    yield eventually(lambda: Slow.order == texts)
    assert len([worker for worker in workers if worker.tries]) == 1
