"""The same worker on Python 3 (``ve3``) and on Python 2.7, in turn on the same servers.

Only the worker's interpreter differs, with the libraries that it has: driver, stand-in and servers
are the same.  Used by the measures whose names end in ``python3``.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import subprocess
import sys
from typing import Any, Callable, Text, Tuple  # noqa: F401

from benchmarks import figures
from benchmarks.measure import Options, Result  # noqa: F401
from tools.installing import install

PEER = 'Python 2.7'
_VERSIONS = """if True:
    import platform, twisted
    print(platform.python_version() + ' with Twisted ' + twisted.__version__)"""


def race(options, turn, cost):
    # type: (Options, Callable[[Text], Tuple[float, Any]], Text) -> Result
    """`turn(python)` runs a worker on that interpreter, and returns its rate and ms of CPU by part;
    `cost` says what the latter are.  Errors: `NotInstallable` where there is no Python 3."""
    python3 = os.path.join(install('ve3'), 'bin', 'python')
    runs = []
    for _ in range(options.repeats):
        runs.append((turn(python3), turn(sys.executable)))
        options.say('Python 3 %.0f/s, 2.7 %.0f/s' % (runs[-1][0][0], runs[-1][1][0]))
    found = Result([three[0] for three, _ in runs], [two[0] for _, two in runs])
    versions = subprocess.check_output([python3, '-W', 'ignore', '-c', _VERSIONS])
    found.extra['Python 3'] = versions.decode('ascii').strip()
    for part in ('worker', 'redis'):
        for words, side in (('3', 0), ('2.7', 1)):
            found.extra['%s, %s, on %s' % (cost, part, words)] = figures.median(
                [each[side][1][part] for each in runs])
    return found
