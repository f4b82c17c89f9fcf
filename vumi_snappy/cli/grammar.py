"""What the commands' grammars have in common, and how a command says that it can not be done."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Text  # noqa: F401


class Trouble(Exception):
    """What is told to the operator before the command ends with status 1."""


class UsageError(Exception):
    """What is wrong with the command line, where its grammar could not tell; status 2."""


#: What every command's help ends with.
STATUSES = ('Exit status: 0 done; 1 something is wrong, and said on stderr; 2 the command line'
            ' itself is wrong, and nothing was done.')


def add_group(into, name, said, below):
    # type: (Any, Text, Text, Text) -> Any
    """Add a command that has others below it (`below` names them), and return their subparsers."""
    group = into.add_parser(str(name), help=said, description=said, epilog=STATUSES)
    return group.add_subparsers(dest=str('what'), metavar=str(below))


def add_command(into, name, run):
    # type: (Any, Text, Callable) -> Any
    """Add the command `name` to the subparsers `into`; its help is the docstring of `run`."""
    added = into.add_parser(str(name), help=run.__doc__, description=run.__doc__, epilog=STATUSES)
    added.set_defaults(run=run, parser=added)
    added.add_argument('--json', action='store_true', help='print JSON, for scripts')
    return added


def add_store_command(into, name, run):
    # type: (Any, Text, Callable) -> Any
    """As `add_command`, for a command that reads the worker's configuration."""
    added = add_command(into, name, run)
    added.add_argument('--config', '-c', required=True, metavar='FILE',
                       help="the worker's YAML configuration")
    return added
