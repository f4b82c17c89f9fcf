"""``vumi-snappy export`` and ``forget`` on a real Redis, as an operator runs them."""
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


def written(tmpdir, bench, redis_port):  # noqa: F811
    """The path of a configuration for the bench's store."""
    config = tmpdir.join('worker.yaml')
    config.write(json.dumps({
        'transport_name': 'sms', 'snappy_api_key': 'k', 'snappy_mailbox_id': 1,
        'webhook_secret': 's', 'contact_address': '{from_addr}@sms.example.org',
        'redis_manager': {'host': '127.0.0.1', 'port': redis_port,
                          'key_prefix': bench.prefix}}))
    return '%s' % (config,)


@pytest_twisted.inlineCallbacks
def test_tickets_are_written_to_a_file_or_printed(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello')
    yield bench.says('=1+1', who='+27820001002')
    config = written(tmpdir, bench, redis_port)
    target = '%s' % (tmpdir.join('tickets.csv'),)
    status, out, err = yield run('export', '-c', config, '-o', target)
    assert (status, out) == (0, b'') and b'2 tickets in' in err
    with io.open(target, 'rb') as source:
        lines = list(csv.reader(source.read()[3:].splitlines(True)))
    assert [cells[2] for cells in lines] == ['Message', "'=1+1", 'Hello']
    status, out, _ = yield run('export', '-c', config, '--state', 'waiting', '--json')
    assert status == 0
    assert [json.loads(each)['ticket'] for each in out.splitlines()] == ['2']


@pytest_twisted.inlineCallbacks
def test_a_person_is_forgotten_with_a_receipt(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello', nonce='k3jd82hs7ahq92m1')
    config = written(tmpdir, bench, redis_port)
    status, _, err = yield run('forget', '-c', config, '+27820001001')
    assert status == 2 and b'--yes' in err
    status, out, _ = yield run('forget', '-c', config, '--yes', '--json', '+27820001001')
    assert status == 0
    assert json.loads(out)['tickets'] == [['1', 'k3jd82hs7ahq92m1', '']]
    assert (yield bench.store.recent_tickets()) == []
    status, _, err = yield run('forget', '-c', config, '--yes', '+27820001001')
    assert status == 1 and b'nothing is known' in err
    [entry] = yield bench.store.sessions.audits()
    assert entry['what'] == 'forgot a person' and '+27820001001' not in entry['detail']
