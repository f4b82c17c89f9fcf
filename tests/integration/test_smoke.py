"""``python -m tools.smoke`` succeeds when the loop works, and names the hop that does not."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import re
import subprocess
import sys

import pytest

from tools.stack import BREAKS, ROOT

pytestmark = pytest.mark.integration

BROKEN = {
    'bus': 'transport to bus to worker: stored: nothing in',
    'snappy': 'worker to Snappy: ticket opened: nothing in',
    'webhook': "Snappy's hook to worker: reply stored: nothing in 3.0 s; "
               'the hook message.outgoing was answered with 401',
    'transport': 'bus to transport to phone: nothing in'}


@pytest.fixture
def smoke(tmpdir):
    """Runs the command; gives its status and output, and sees that it leaves nothing behind."""
    def run(*arguments):
        running = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-m', 'tools.smoke'] + list(arguments), cwd=ROOT,
            env=dict(os.environ, TMPDIR=str(tmpdir)), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        said = running.communicate()[0].decode('utf-8')
        assert tmpdir.listdir() == []
        return running.returncode, said
    return run


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
