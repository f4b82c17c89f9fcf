"""What a tool has started ends with it, from the first moment on."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from tools.processes import ROOT
from tools.waiting import until

pytestmark = pytest.mark.integration

# A tool that starts one process and waits.  The limit makes what happens between the birth of a
# process and its own program take long enough to be met.
TOOL = '''
import resource, sys, time
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 200000), hard))
from tools.guard import Guard
from tools.processes import Process
from tools.waiting import until
Process('sleeper', ['sleep', '300'], sys.argv[1] + '/log', Guard(sys.argv[1])).start()
time.sleep(300)
'''


def children_of(pid):
    with io.open('/proc/%d/task/%d/children' % (pid, pid)) as children:
        return [int(word) for word in children.read().split()]


def runs(pid):
    try:
        with io.open('/proc/%d/stat' % (pid,)) as stat:
            return stat.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except EnvironmentError:
        return False


@pytest.mark.parametrize('later', [0, 0.05, 1])
def test_a_process_is_watched_as_soon_as_it_exists(tmpdir, later):
    folder = tmpdir.mkdir('private')
    tool = subprocess.Popen([sys.executable, '-W', 'ignore', '-c', TOOL, str(folder)], cwd=ROOT)
    try:
        until(lambda: len(children_of(tool.pid)) == 2)  # The guard, and then the sleeper.
        guard, sleeper = children_of(tool.pid)
        time.sleep(later)
    finally:
        tool.send_signal(signal.SIGKILL)
        tool.wait()
    try:
        until(lambda: not runs(sleeper) and not runs(guard))
        assert not os.path.exists(str(folder))
    finally:
        if runs(sleeper):
            os.kill(sleeper, signal.SIGKILL)
