"""Install what only some tests need: Debian packages, and environments such as ``ve-bouncer``."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import subprocess
import sys
from typing import Text  # noqa: F401

from tools.processes import ROOT, ProcessFailed


class NotInstallable(ProcessFailed):
    """Something can't be installed; the text says what, and why if it is known."""


def need(*packages):
    # type: (*Text) -> None
    """Install these Debian packages where they are missing.  Errors: `NotInstallable`."""
    if subprocess.call([os.path.join(ROOT, 'tools', 'need-debian')] + list(packages),
                       stdout=sys.__stderr__):
        raise NotInstallable('not installed: %s' % (' '.join(packages),))


def install(folder):
    # type: (Text) -> Text
    """The path of the environment `folder`, which is installed if needed.

    Errors: `NotInstallable`.
    """
    made = subprocess.Popen([os.path.join(ROOT, 'tools', 'environment'), folder],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = made.communicate()[0].decode('utf-8', 'replace').strip().splitlines()
    if made.returncode:
        raise NotInstallable('%s could not be installed: %s' % (
            folder, output[-1] if output else 'status %d' % (made.returncode,)))
    return os.path.join(ROOT, folder)
