"""However the demo ends, nothing of it is left; the page itself is tested in tests/browser."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import re
import signal

import pytest
import requests

from tests.integration.looking import deaf_to_ctrl_c
from tools.demo.driver import RunningDemo
from tools.processes import ProcessFailed
from tools.stack import Stack
from tools.waiting import until

pytestmark = pytest.mark.integration


def processes_of(folder):
    """The processes that were told of a folder, or work in it."""
    found = []
    for pid in os.listdir('/proc'):
        try:
            told = os.readlink('/proc/%s/cwd' % (pid,))
            for name in ('cmdline', 'environ'):
                with io.open('/proc/%s/%s' % (pid, name), encoding='latin-1') as words:
                    told += words.read()
        except EnvironmentError:
            continue  # Not a process of ours, or one that has just ended.
        if folder in told:
            found.append(pid)
    return found


def listens(address):
    try:
        requests.get(address, timeout=5)
        return True
    except EnvironmentError:
        return False


@pytest.fixture
def demo():
    running = RunningDemo()
    with deaf_to_ctrl_c():
        running.start()
    yield running
    running.stop()


@pytest.mark.parametrize('number', [
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_of_a_demo_that_is_ended(demo, number):
    folder = os.path.dirname(re.search(r'Logs +(\S+)', demo.said()).group(1))
    assert len(processes_of(folder)) >= 6  # RabbitMQ, Redis, stand-in, transport, worker, guard.
    assert listens(demo.address)
    status = demo.stop(number)
    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    until(lambda: not processes_of(folder) and not os.path.exists(folder), 'its end')
    assert not listens(demo.address)


def test_a_part_that_does_not_start_ends_the_rest_and_its_log_is_shown():
    stack = Stack(worker_config={'snappy_mailbox_id': 'none'})
    with pytest.raises(ProcessFailed) as failure:
        stack.start()
    assert 'worker-0 ended with status 1' in '%s' % (failure.value,)
    assert 'snappy_mailbox_id' in '%s' % (failure.value,)
    assert processes_of(stack.servers.folder) == []
    assert not os.path.exists(stack.servers.folder)
