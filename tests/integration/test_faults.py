"""``python -m tools.faults``: a short run finds every promise kept, and notices a broken one."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import re
import signal

import pytest

from tools.installing import install
from tools.processes import vumi_python

pytestmark = [pytest.mark.integration, pytest.mark.faults]

#: What a row of the table of totals says, in the order of its columns.
COLUMNS = ('sent', 'lost', 'twice', 'out of order', 'wrong person')


@pytest.fixture
def report(run_tool):
    """Runs the command; gives its status, its output, and the table of totals."""
    def report(*arguments):
        status, said = run_tool('tools.faults', *arguments)
        rows = re.findall(r'^\| ([a-z ]+?) +' + r'\| (\d+) +' * len(COLUMNS) + r'\|$', said, re.M)
        totals = {row[0]: dict(zip(COLUMNS, [int(each) for each in row[1:]])) for row in rows}
        assert len(totals) == 3, said
        return status, said, totals
    return report


@pytest.fixture
def clean(report):
    """Runs the command, which must find that at least so many texts each went through, and that
    every promise was kept."""
    def clean(least, *arguments):
        status, said, totals = report(*arguments)
        assert status == 0, said
        for what, counts in totals.items():
            assert counts.pop('sent') > least, what
            assert set(counts.values()) == {0}, said
    return clean


def test_nothing_is_lost_doubled_disordered_or_misled_whatever_fails(clean):
    clean(10, '--kills', '12', '--seconds', '75', '--people', '12')


@pytest.mark.vumi
def test_a_fleet_of_workers_on_both_pythons_keeps_every_promise(clean, monkeypatch):
    python3 = os.path.join(install('ve3'), 'bin', 'python')
    monkeypatch.setenv(
        str('VUMI_SNAPPY_WORKER_PYTHONS'), os.pathsep.join([vumi_python(), python3, python3]))
    clean(10, '--kills', '9', '--seconds', '45', '--people', '12', '--seed', '7')


def test_a_fail_over_of_a_redis_whose_replica_is_waited_for_loses_nothing(clean):
    clean(3, '--sentinel', 'wait', '--only', 'Redis master killed', '--rounds', '1',
          '--kills', '2', '--people', '12')


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


def test_ctrl_c_ends_everything(begin_tool):
    running = begin_tool('tools.faults', '--kills', '0')
    for line in iter(running.stdout.readline, b''):
        if b'mended' in line:
            break
    running.send_signal(signal.SIGINT)
    running.communicate()
    assert running.returncode != 0
