"""Runs one command of the command line, and ends with its status."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import argparse
import sys
from typing import Any, List, Optional, Text, Tuple  # noqa: F401

from twisted.internet import defer, task

from vumi_snappy import __version__
from vumi_snappy.cli import (
    check_config, export, forget, hash_password, import_bouncer, make_token, opted_out, parked,
    status, ticket)
from vumi_snappy.cli.grammar import STATUSES, Trouble, UsageError
from vumi_snappy.store import StoreError

#: In the order of ``--help``.
COMMANDS = (check_config, status, ticket, parked, opted_out, export, forget,
            hash_password, make_token, import_bouncer)  # type: Tuple[Any, ...]


def parser():
    # type: () -> argparse.ArgumentParser
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog=str('vumi-snappy'), description=str(
        'Look after the bridge between Vumi and the Snappy help desk.'), epilog=STATUSES)
    top.add_argument('--version', action='version', version=str('vumi-snappy %s') % (__version__,))
    commands = top.add_subparsers(dest=str('command'), metavar=str('COMMAND'))
    for each in COMMANDS:
        each.add_to(commands)
    return top


def main(arguments=None):
    # type: (Optional[List[Text]]) -> None
    """Run one command and exit with its status."""
    options = parser().parse_args(arguments)
    if not hasattr(options, 'run'):
        parser().error('give a command')

    @defer.inlineCallbacks
    def run(_reactor):
        try:
            yield options.run(options)
        except UsageError as wrong:
            options.parser.error('%s' % (wrong,))
        except (Trouble, StoreError) as trouble:
            said = 'vumi-snappy: %s\n' % (trouble,)
            sys.stderr.write(said if sys.version_info[0] > 2 else said.encode('utf-8'))
            raise SystemExit(1)
    task.react(run)
