"""An import that is ended half-way says how far it came, and the next one does the rest."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import signal
import sqlite3
import subprocess
import sys

import pytest
import redis

from tools.processes import ROOT
from tools.terminal import hear_ctrl_c
from tools.waiting import until

pytestmark = pytest.mark.integration

ROWS = 1000
COMMAND = 'from vumi_snappy.cli import main; main()'
# A disk that takes its time: the signal comes before the end.
SLOWLY = '''
import time
from vumi_snappy.django_bouncer.takeover import databases
databases._PAGE = 100
query = databases.SQLite.query
def wait_and_query(self, sql):
    time.sleep(0.25)
    return query(self, sql)
databases.SQLite.query = wait_and_query
'''


@pytest.fixture
def database(tmpdir):
    """The path of a bouncer's SQLite database with many tickets."""
    path = '%s' % (tmpdir.join('bouncer.sqlite'),)
    made = sqlite3.connect(path)
    made.executescript('''
        CREATE TABLE snappybouncer_conversation (id integer PRIMARY KEY, key text);
        CREATE TABLE snappybouncer_ticket (id integer PRIMARY KEY, conversation_id integer,
            msisdn text, support_nonce text, message text, created_at text, updated_at text);''')
    made.executemany(
        "INSERT INTO snappybouncer_ticket VALUES (?, 1, ?, ?, 'Hi', '', '')",
        [(n, '+27%d' % (n,), 'n%d' % (n,)) for n in range(1, ROWS + 1)])
    made.commit()
    made.close()
    return path


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGKILL])
def test_what_was_not_done_is_done_the_next_time(redis_port, database, tmpdir, number):
    config = tmpdir.join('worker.yaml')
    prefix = 'stopped-%d' % (number,)
    config.write(json.dumps({
        'transport_name': 'sms_transport', 'snappy_api_key': 'the-api-key', 'snappy_mailbox_id': 1,
        'snappy_api_url': 'http://127.0.0.1:1/api/v1',
        'webhook_secret': 'a-secret-of-the-hook-1',
        'redis_manager': {'host': '127.0.0.1', 'port': redis_port, 'key_prefix': prefix}}))

    def start(code):
        return subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', code, 'import-bouncer', '--json', '--config',
             '%s' % (config,), '--to-addr', '12345', database],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
            preexec_fn=hear_ctrl_c)
    running = start(SLOWLY + COMMAND)
    store = redis.StrictRedis('127.0.0.1', redis_port)
    until(lambda: store.exists('%s:nonce:n50' % (prefix,)) or running.poll() is not None)
    running.send_signal(number)
    out, err = running.communicate()
    done = None
    if number == signal.SIGKILL:
        assert running.returncode == -number
    else:
        assert running.returncode == 1
        assert b'run this again for the rest' in err
        told = json.loads(out.decode('utf-8'))
        assert told['stopped']
        done = told['imported']
        assert 0 < done < ROWS

    again = start(COMMAND)
    told = json.loads(again.communicate()[0].decode('utf-8'))
    assert again.returncode == 0
    assert told['known'] + told['imported'] == ROWS
    assert 0 < told['known'] < ROWS
    if done is not None:
        assert told['known'] == done
