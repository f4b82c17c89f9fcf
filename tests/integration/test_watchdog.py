"""A process whose reactor stands still ends itself, whatever holds it; others are left alone."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import signal
import subprocess
import sys
import time

import pytest
import six

from tools.processes import environment
from tools.waiting import until

pytestmark = pytest.mark.integration

_PROCESS = '''
from __future__ import unicode_literals
import os, re, sys, time
from twisted.internet import reactor, threads
from twisted.python import log
from vumi_snappy.runtime.watchdog import Watchdog
%s
log.startLogging(sys.stdout)
dog = Watchdog(reactor, patience=2.0, tick=0.1)

def begin():
    dog.start()
    print('started')
    reactor.callLater(0.3, hang)
    reactor.callLater(4.5, stop)

def stop():
    dog.stop()
    reactor.stop()

reactor.callWhenRunning(begin)
reactor.run()
print('ended as it should')
'''

#: A key over a field whose order is no prime, with compressed points: OpenSSL 1.1.1i looks for a
#: square root for ever (CVE-2022-0778), as it does for a certificate with such a key.
_KEY = ('3038303006072a8648ce3d02013025020101300d06072a8648ce3d0101020202b9300804020000040201'
        '200403020000020202bd030400020000')

_HANGS = {
    'in a call that lets other threads run':
        'def hang(): time.sleep(600)',
    'in a loop of Python':
        'def hang():\n    while True: pass',
    'in OpenSSL':
        'from binascii import unhexlify\n'
        'from cryptography.hazmat.backends import default_backend\n'
        'from cryptography.hazmat.primitives.serialization import load_der_public_key\n'
        'def hang(): load_der_public_key(unhexlify("%s"), default_backend())' % (_KEY,),
    'in a library that lets no other thread run':
        'def hang(): re.match("(a+)+$", "a" * 60 + "b")',
    'while the log hangs as well':
        'def hang():\n'
        '    log.addObserver(lambda event: time.sleep(600))\n'
        '    time.sleep(600)',
}


class Running(object):
    """A process of one test."""

    def __init__(self, folder, body):
        self.path = os.path.join(folder, 'said')
        with open(self.path, 'wb') as out:
            self.popen = subprocess.Popen(
                [sys.executable, '-W', 'ignore', '-u', '-c', str(_PROCESS % (body,))],
                stdout=out, stderr=out, env=environment())

    def said(self):
        with io.open(self.path, encoding='utf-8') as said:
            return said.read()

    def until(self, look, within=30.0):
        until(look, self.said, within)


@pytest.fixture
def run(tmpdir):
    made = []

    def run(body):
        made.append(Running(str(tmpdir), body))
        return made[-1]
    yield run
    for each in made:
        if each.popen.poll() is None:
            each.popen.kill()
            each.popen.wait()


@pytest.mark.parametrize('where', [
    'in a call that lets other threads run', 'in a loop of Python', pytest.param(
        'in OpenSSL', marks=pytest.mark.skipif(
            not six.PY2, reason='the OpenSSL of a current cryptography refuses such a key'))])
def test_it_says_where_it_stands_and_ends_with_an_error(run, where):
    process = run(_HANGS[where])
    process.until(lambda: process.popen.poll() is not None)
    assert process.popen.returncode == 1
    assert 'The reactor has not turned for 2 seconds' in process.said()
    assert ', in hang' in process.said()


@pytest.mark.parametrize('where, status', [
    ('in a library that lets no other thread run', -signal.SIGPROF),
    ('while the log hangs as well', -signal.SIGALRM)])
def test_where_nothing_can_be_said_the_kernel_ends_it(run, where, status):
    process = run(_HANGS[where])
    process.until(lambda: process.popen.poll() is not None)
    assert process.popen.returncode == status


def test_one_that_was_stopped_goes_on(run):
    process = run('def hang(): pass')
    process.until(lambda: 'started' in process.said())
    process.popen.send_signal(signal.SIGSTOP)
    time.sleep(3)
    process.popen.send_signal(signal.SIGCONT)
    process.until(lambda: process.popen.poll() is not None)
    assert process.popen.returncode == 0
    assert 'ended as it should' in process.said()


def test_many_short_pieces_of_work_are_no_standstill(run):
    process = run('def hang():\n    time.sleep(0.2)\n    reactor.callLater(0, hang)')
    process.until(lambda: process.popen.poll() is not None)
    assert process.popen.returncode == 0


def test_the_worker_is_watched(worker):
    # For the watchdog alone a minute is over after a second: before the reactor gives a sign.
    worker.runs_first('import time\nreal = time.sleep\ntime.sleep = lambda s: real(s / 60.0)\n')
    worker.start()
    assert worker.ends() == 1
    assert 'The reactor has not turned for 60 seconds' in worker.log()
