"""``python -m tools.faults``: a short run finds every promise kept, and notices a broken one."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import re
import signal
import subprocess
import sys

import pytest

from tools.stack import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.faults]

#: What a row of the table of totals says, in the order of its columns.
COLUMNS = ('sent', 'lost', 'twice', 'out of order', 'wrong person')


@pytest.fixture
def begin(tmpdir):
    """Starts the command; at the end nothing of it may be left."""
    def begin(*arguments):
        return subprocess.Popen(
            [sys.executable, '-u', '-W', 'ignore', '-m', 'tools.faults'] + list(arguments),
            cwd=ROOT, env=dict(os.environ, TMPDIR=str(tmpdir)), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
    yield begin
    assert tmpdir.listdir() == []


@pytest.fixture
def report(begin):
    """Runs the command; gives its status, its output, and the table of totals."""
    def report(*arguments):
        running = begin(*arguments)
        said = running.communicate()[0].decode('utf-8')
        rows = re.findall(r'^\| ([a-z ]+?) +' + r'\| (\d+) +' * len(COLUMNS) + r'\|$', said, re.M)
        totals = {row[0]: dict(zip(COLUMNS, [int(each) for each in row[1:]])) for row in rows}
        assert len(totals) == 3, said
        return running.returncode, said, totals
    return report


def test_nothing_is_lost_doubled_disordered_or_misled_whatever_fails(report):
    status, said, totals = report('--kills', '12', '--seconds', '75', '--people', '12')
    assert status == 0, said
    for what, counts in totals.items():
        assert counts.pop('sent') > 10, what
        assert set(counts.values()) == {0}, said


def test_workers_that_ack_before_they_store_are_caught(report):
    status, said, totals = report(
        '--sabotage', 'ack-before-storing', '--only', 'Redis killed', '--seconds', '5',
        '--kills', '0')
    assert status == 1, said
    assert totals['messages to the help desk']['lost'] > 0
    assert 'A PROMISE WAS BROKEN.' in said


def test_workers_that_send_again_without_looking_are_caught(report):
    status, said, totals = report(
        '--sabotage', 'never-look', '--only', 'Snappy cut off after the work', '--seconds', '5',
        '--kills', '0')
    assert status == 1, said
    assert totals['messages to the help desk']['twice'] > 0


def test_ctrl_c_ends_everything(begin):
    running = begin('--kills', '0')
    for line in iter(running.stdout.readline, b''):
        if b'mended' in line:
            break
    running.send_signal(signal.SIGINT)
    running.communicate()
    assert running.returncode != 0
