"""``python -m tools.smoke`` succeeds when the loop works, and names the hop that does not."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import re
import signal

import pytest

from tools.installing import NotInstallable, install
from tools.stack import BREAKS

pytestmark = pytest.mark.integration

BROKEN = {
    'bus': 'transport to bus to worker: stored: nothing in',
    'snappy': 'worker to Snappy: ticket opened: nothing in',
    'webhook': "Snappy's hook to worker: reply stored: nothing in 3.0 s; "
               'the hook message.outgoing was answered with 401',
    'transport': 'bus to transport to phone: nothing in'}


@pytest.fixture
def smoke(run_tool):
    return lambda *arguments, **on: run_tool('tools.smoke', *arguments, **on)


@pytest.fixture(scope='module')
def python3():
    try:
        return os.path.join(install('ve3'), 'bin', 'python')
    except NotInstallable as why:
        pytest.skip('%s' % (why,))


@pytest.mark.vumi
def test_the_loop_works_with_a_worker_on_python_3_beside_vumis_own_transport(smoke, python3):
    status, output = smoke('--worker-python', python3)
    assert status == 0, output
    assert 'The loop works.' in output


def test_the_loop_works_on_python_3_alone(smoke, python3):
    status, output = smoke('--plain-transport', python=python3)
    assert status == 0, output
    assert 'a plain transport (in place of Vumi)' in output
    assert 'The loop works.' in output


def test_the_loop_is_told_hop_by_hop(smoke):
    status, said = smoke()
    assert status == 0, said
    hops = re.findall(r'^ +(\d+)  .*  +\d+ ms +\d+\.\d+ s$', said, re.MULTILINE)
    assert hops == ['%d' % (n,) for n in range(1, 10)]
    assert 'The loop works.' in said


@pytest.mark.parametrize('hop', sorted(BREAKS))
def test_a_broken_hop_is_named_and_the_log_nearest_to_it_shown(smoke, hop):
    status, said = smoke('--break', hop, '--patience', '3')
    assert status == 1, said
    assert 'BROKEN: %s' % (BROKEN[hop],) in said
    assert re.search(r'The end of the log of \S+:\n    \| ', said), said
    assert 'The loop works.' not in said


def test_what_takes_too_long_is_a_failure(smoke):
    status, said = smoke('--within', '1')
    assert status == 1, said
    assert 'BROKEN: it did not start in 1 seconds' in said


@pytest.mark.parametrize('after', ['Starting', 'One message and its reply'])
def test_ctrl_c_ends_everything(begin_tool, after):
    running = begin_tool('tools.smoke', '--break', 'transport', '--patience', '60')
    for line in iter(running.stdout.readline, b''):
        if after.encode('ascii') in line:
            break
    running.send_signal(signal.SIGINT)
    running.communicate()
    assert running.returncode == 130
