"""The same worker on two interpreters, in turn."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import platform
import sys

import pytest

from benchmarks import stage, two_pythons
from benchmarks.measure import Options
from tools import processes
from tools.installing import NotInstallable


@pytest.fixture
def ve3(monkeypatch, tmpdir):
    """An environment of Python 3 (in truth of this one); gives the path of its interpreter."""
    os.symlink(sys.prefix, str(tmpdir.join('ve3')))
    monkeypatch.setattr(two_pythons, 'install', lambda folder: str(tmpdir.join(folder)))
    return str(tmpdir.join('ve3', 'bin', 'python'))


class Turns(object):
    """Of a worker that is twice as fast on other interpreters than this one."""

    def __init__(self):
        self.pythons = []

    def __call__(self, python):
        self.pythons.append(python)
        times = 1.0 if python == sys.executable else 2.0
        return 100.0 * times, {'worker': 3.0 / times, 'redis': 0.25}


def test_both_have_their_turn_and_3_is_told_to_2_7(ve3):
    turns = Turns()
    found = two_pythons.race(Options(repeats=2), turns, 'ms of CPU a message')
    assert turns.pythons == [ve3, sys.executable] * 2
    assert (found.ours, found.peer, found.ratios) == ([200.0] * 2, [100.0] * 2, [2.0] * 2)


def test_the_result_tells_which_python_3_it_was_and_what_both_cost(ve3):
    extra = two_pythons.race(Options(repeats=1), Turns(), 'ms of CPU a message').extra
    assert extra.pop('Python 3').startswith(platform.python_version() + ' with Twisted ')
    assert extra == {
        'ms of CPU a message, worker, on 3': 1.5, 'ms of CPU a message, worker, on 2.7': 3.0,
        'ms of CPU a message, redis, on 3': 0.25, 'ms of CPU a message, redis, on 2.7': 0.25}


def test_where_there_is_no_python_3_nothing_is_run_and_it_is_said_why(monkeypatch):
    def missing(folder):
        raise NotInstallable('%s could not be installed: there is no Python 3.11' % (folder,))
    monkeypatch.setattr(two_pythons, 'install', missing)
    turns = Turns()
    with pytest.raises(NotInstallable) as said:
        two_pythons.race(Options(), turns, 'ms of CPU a message')
    assert 've3 could not be installed' in '%s' % (said.value,)
    assert turns.pythons == []


class NoServers(object):
    """In place of a broker and a Redis."""

    guard = None

    def __init__(self, folder):
        self.folder = folder


def test_a_stage_starts_a_worker_on_the_python_that_it_is_told(monkeypatch, tmpdir):
    monkeypatch.setattr(stage, 'Servers', lambda fsync: NoServers(str(tmpdir)))
    monkeypatch.setattr(processes, 'vumi_python', lambda: sys.executable)
    monkeypatch.setattr(processes.Process, 'start', lambda self: None)
    started = stage.Stage()
    usual = started.start_vumi_worker('usual', 'a.Worker', {}).argv
    told = started.start_vumi_worker('told', 'a.Worker', {}, '/else/bin/python').argv
    assert usual[:5] == processes.TWISTD + ['vumi_worker']
    # Python 3 has no Vumi.
    assert told[:5] == processes.twistd_of('/else/bin/python') + ['vumi_snappy']
    assert told[5:7] == usual[5:7] == ['--worker-class', 'a.Worker']
