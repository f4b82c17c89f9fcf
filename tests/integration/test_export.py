"""``vumi-snappy export`` on a real Redis, as an operator runs it."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import csv
import io
import json
import os
import subprocess
import sys

import pytest_twisted
from twisted.internet import reactor, threads

from tests.store.conftest import bench, make_bench  # noqa: F401


def run(*arguments):
    """Fires with the exit status and what was printed."""
    command = [sys.executable, '-W', 'ignore', os.path.join(
        os.path.dirname(sys.executable), 'vumi-snappy')] + list(arguments)

    def call():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        return process.returncode, out, err
    return threads.deferToThreadPool(reactor, reactor.getThreadPool(), call)


@pytest_twisted.inlineCallbacks
def test_tickets_are_written_to_a_file_or_printed(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello')
    yield bench.says('=1+1', who='+27820001002')
    config = tmpdir.join('worker.yaml')
    config.write(json.dumps({
        'transport_name': 'sms', 'snappy_api_key': 'k', 'snappy_mailbox_id': 1,
        'webhook_secret': 's', 'contact_address': '{from_addr}@sms.example.org',
        'redis_manager': {'host': '127.0.0.1', 'port': redis_port,
                          'key_prefix': bench.prefix}}))
    target = '%s' % (tmpdir.join('tickets.csv'),)
    status, out, err = yield run('export', '-c', '%s' % (config,), '-o', target)
    assert (status, out) == (0, b'') and b'2 tickets in' in err
    with io.open(target, 'rb') as source:
        lines = list(csv.reader(source.read()[3:].splitlines(True)))
    assert [cells[2] for cells in lines] == ['Message', "'=1+1", 'Hello']
    status, out, _ = yield run('export', '-c', '%s' % (config,), '--state', 'waiting', '--json')
    assert status == 0
    assert [json.loads(each)['ticket'] for each in out.splitlines()] == ['2']
