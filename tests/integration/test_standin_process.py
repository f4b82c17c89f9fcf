"""The stand-in as ``twistd snappy_standin`` runs it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import signal
import subprocess

import attr
import pytest
import requests

from tools.ports import free_port
from tools.processes import TWISTD, environment
from tools.waiting import until


@attr.s
class StandinProcess(object):
    """Stand-ins of one test, whose files are in a folder."""

    folder = attr.ib()
    started = attr.ib(factory=list)

    def start(self, *options):
        process = subprocess.Popen(
            TWISTD + ['snappy_standin'] + list(options), cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment())
        self.started.append(process)
        return process

    def port(self, process):
        path = os.path.join(self.folder, 'port')
        until(lambda: os.path.exists(path) or process.poll() is not None, 'its port')
        assert process.poll() is None, process.stdout.read()
        with open(path) as written:
            return int(written.read())

    def stop(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()


@pytest.fixture
def standin(tmpdir):
    made = StandinProcess(str(tmpdir))
    yield made
    made.stop()


@pytest.fixture
def http():
    session = requests.Session()
    session.trust_env = False
    return session


def test_it_writes_its_port_takes_its_options_and_ends_when_it_is_told_to(standin, http):
    process = standin.start(
        '--port-file', 'port', '--api-key', 'k3y', '--mailbox-id', '7', '--staff-id', '5',
        '--rate-limit', '1', '--no-retry-after', '--raw-line-feeds', '--stay-replied',
        '--hook-url', 'http://anyone:s3cret@127.0.0.1:1/snappy',
        '--allow-origin', 'http://localhost:9000', '--allow-origin', 'http://127.0.0.1:9000')
    address = 'http://127.0.0.1:%d/' % standin.port(process)
    assert http.get(address + 'api/v1/accounts', auth=('k3y', 'x'), timeout=5).status_code == 200
    over = http.get(address + 'api/v1/accounts', auth=('k3y', 'x'), timeout=5)
    assert (over.status_code, 'Retry-After' in over.headers) == (429, False)
    hook = http.get(address + '_standin/hook', timeout=5).json()
    assert (hook['url'], hook['raw_line_feeds']) == (
        'http://anyone:s3cret@127.0.0.1:1/snappy', True)
    assert [each['id'] for each in http.get(
        address + '_standin/tickets', timeout=5).json()['staff']] == [5, 6]
    for origin in ('http://localhost:9000', 'http://127.0.0.1:9000'):
        assert http.post(address + '_standin/reset', headers={'Origin': origin}, timeout=5).ok
    process.terminate()
    said = process.communicate()[0].decode('utf-8')
    assert process.returncode in (0, -signal.SIGTERM)
    assert address in said
    assert 'k3y' not in said and 's3cret' not in said


def test_a_port_that_is_taken_ends_it_with_an_error(standin):
    port = free_port()
    first = standin.start('--endpoint', 'tcp:%d:interface=127.0.0.1' % port,
                          '--port-file', 'port')
    assert standin.port(first) == port
    second = standin.start('--endpoint', 'tcp:%d:interface=127.0.0.1' % port)
    said = second.communicate()[0].decode('utf-8')
    assert second.returncode != 0
    assert 'can not listen' in said


@pytest.mark.parametrize('options, told', [
    (['--allow-origin', 'https://example.org'], 'loopback'),
    (['--hook-url', 'nowhere'], 'url'),
    (['--endpoint', 'nonsense'], 'can not listen')])
def test_options_that_make_no_sense_end_it_with_an_error(standin, options, told):
    process = standin.start(*options)
    said = process.communicate()[0].decode('utf-8')
    assert process.returncode != 0
    assert told in said
    assert 'Traceback' not in said
