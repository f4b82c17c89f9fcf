"""A wall clock that is set while the worker runs stops nothing in it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os

import pytest
import pytest_twisted

from tests.integration.one_worker import Published

pytestmark = pytest.mark.integration

#: What the worker's process runs first: its wall clock is off by the seconds in a file.
_SITE = '''
import os
import time

real, path = time.time, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'step')


def stepped():
    try:
        with open(path) as step:
            return real() + float(step.read() or 0)
    except IOError:
        return real()


time.time = stepped
'''


def write(path, text):
    with io.open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    os.rename(path, path.replace('.new', ''))


@pytest.mark.parametrize('step', [-3600, 3600])
@pytest_twisted.inlineCallbacks
def test_loops_go_on_and_the_bus_stays_connected(worker, amqp, step):
    worker.runs_first(_SITE)
    published = yield Published(amqp).start()
    try:
        worker.start()
        before = (yield published.next())[0][2][0][0]
        write(os.path.join(worker.folder, 'step.new'), '%d' % (step,))
        jumps = rounds = 0
        while jumps < 3:  # several rounds, all told by the new time
            told = (yield published.next())[0][2][0][0]
            jumps += abs(told - before - step) < 60
            rounds += 1
            assert rounds < 200, 'no metric is told by the new time'
        assert 'The connection to RabbitMQ is lost' not in worker.log()
        assert worker.health().json()['checks']['queue']['status'] == 'ok'
    finally:
        yield published.stop()
