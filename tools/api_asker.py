"""Test an API against its OpenAPI description with Schemathesis, in Python 3.

`tools/environment` installs it into ``ve-api`` from ``requirements-api.lock``.  It sends valid and
invalid requests to every route, the same ones each time, and reports each response that is a 500
or does not match the description.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import subprocess
from typing import Text, Tuple  # noqa: F401

from tools.installing import install


def ask(description_url, folder, token, examples=15, but=()):
    # type: (Text, Text, Text, int, Tuple[Text, ...]) -> Tuple[int, Text]
    """Test the API that is described at `description_url`, with the bearer `token` and at most
    `examples` requests per route and phase, with all checks except `but`.

    It may leave files in `folder`.  Returns its exit status (0: all responses were right) and its
    output.  Errors: `NotInstallable`.
    """
    command = [os.path.join(install('ve-api'), 'bin', 'st'), 'run', description_url,
               '-H', 'Authorization: Bearer %s' % (token,),
               '--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful',
               '--max-examples', '%d' % (examples,), '--generation-deterministic',
               '--request-timeout', '20', '--continue-on-failure', '--no-color']
    if but:
        command += ['--exclude-checks', ','.join(but)]
    # A proxy from the environment must not see what goes over the loopback.
    env = {name: value for name, value in os.environ.items() if 'proxy' not in name.lower()
           and not name.startswith('PYTHON')}
    asking = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    output = asking.communicate()[0].decode('ascii', 'ignore')
    return asking.returncode, output
