"""Asks an API, by its OpenAPI description, what nobody would: Schemathesis, in Python 3.

`tools/environment` installs it into ``ve-api`` from ``requirements-api.lock``.  It makes requests
that the description allows and requests that it does not, to every route, and says where an answer
is a 500, or is not what is described; the same ones each time.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
import subprocess
from typing import Text, Tuple  # noqa: F401

_TOOLS = os.path.dirname(os.path.abspath(__file__))
_ST = os.path.join(os.path.dirname(_TOOLS), 've-api', 'bin', 'st')


class NotInstallable(Exception):
    """It is not here and can't be fetched; its text says why."""


def prepare():
    # type: () -> None
    """See to it that its environment is there.  Errors: `NotInstallable`."""
    made = subprocess.Popen([os.path.join(_TOOLS, 'environment'), 've-api'],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = made.communicate()[0].decode('utf-8', 'replace').strip().splitlines()
    if made.returncode:
        raise NotInstallable('Schemathesis could not be fetched: %s' % (
            said[-1] if said else 'status %d' % (made.returncode,),))


def ask(description_url, folder, token, examples=15, but=()):
    # type: (Text, Text, Text, int, Tuple[Text, ...]) -> Tuple[int, Text]
    """Ask what is described at `description_url`, with that bearer token; at most so many
    `examples` a route and phase.  Its checks are all there are, `but` some.

    `folder` is where it may leave things.  Returns its exit status (0: no answer was wrong) and
    all that it said.  Errors: `NotInstallable`.
    """
    prepare()
    command = [_ST, 'run', description_url, '-H', 'Authorization: Bearer %s' % (token,),
               '--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful',
               '--max-examples', '%d' % (examples,), '--generation-deterministic',
               '--request-timeout', '20', '--continue-on-failure', '--no-color']
    if but:
        command += ['--exclude-checks', ','.join(but)]
    # A proxy of the environment must not see what goes over the loopback.
    env = {name: value for name, value in os.environ.items() if 'proxy' not in name.lower()
           and not name.startswith('PYTHON')}
    asking = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    said = asking.communicate()[0].decode('ascii', 'ignore')
    return asking.returncode, said
