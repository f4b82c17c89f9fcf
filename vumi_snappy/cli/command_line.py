"""Runs one command of the command line, and ends with its status."""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import sys
from typing import Any, List, Optional, Text, Tuple  # noqa: F401

import six
from twisted.internet import defer, task

from vumi_snappy import __version__
from vumi_snappy.cli import (
    amqp_spec, check_config, export, failures, forget, hash_password, import_bouncer, make_token,
    opted_out, own_store, parked, status, ticket)
from vumi_snappy.cli.grammar import STATUSES, Trouble
from vumi_snappy.config import ConfigError
from vumi_snappy.operations.people import Unclear
from vumi_snappy.runtime.clocks import use_monotonic_clock
from vumi_snappy.store import StoreError

#: In the order of ``--help``.
COMMANDS = (
    check_config, status, ticket, parked, failures, opted_out, export, forget, hash_password,
    make_token, amqp_spec, import_bouncer, own_store)  # type: Tuple[Any, ...]


def parser():
    # type: () -> argparse.ArgumentParser
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
    def run(reactor):
        use_monotonic_clock(reactor)
        try:
            yield options.run(options)
        except (Trouble, ConfigError, StoreError, Unclear) as failed:
            sys.stderr.write(six.ensure_str('vumi-snappy: %s\n' % (failed,)))
            raise SystemExit(1)
    task.react(run)
