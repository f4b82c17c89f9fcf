"""The fault report, and that it can fail; ``make faults KILLS=200`` is the long one."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import subprocess
import sys

import pytest

from tools.stack import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.faults]


def report(*arguments):
    """Exit status and output of a run."""
    running = subprocess.Popen(
        [sys.executable, '-u', '-W', 'ignore', '-m', 'tools.faults'] + list(arguments), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=dict(os.environ, PYTHONPATH=str(ROOT)))
    said = running.communicate()[0].decode('utf-8', 'replace')
    return running.returncode, said


def test_nothing_is_lost_doubled_or_out_of_order_whatever_breaks():
    status, said = report('--kills', '10', '--people', '15')
    assert status == 0, said


def test_acking_before_storing_is_caught():
    status, said = report('--only', 'Redis killed', '--kills', '4', '--people', '15',
                          '--sabotage', 'ack-before-storing')
    assert (status, 'A PROMISE WAS BROKEN' in said) == (1, True), said
