"""What the commands' grammars have in common, and how a command fails."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Text  # noqa: F401


class Trouble(Exception):
    """The reason, for the operator, why a command ends with status 1."""


#: The end of every command's help.
STATUSES = ('Exit status: 0 done; 1 failed, with the reason on stderr; 2 the command line itself'
            ' is wrong, and nothing was done.')


def add_group(into, name, summary, below):
    # type: (Any, Text, Text, Text) -> Any
    """Add a command that has others below it (`below` names them), and return their subparsers."""
    group = into.add_parser(str(name), help=summary, description=summary, epilog=STATUSES)
    return group.add_subparsers(dest=str('what'), metavar=str(below))


def add_command(into, name, run):
    # type: (Any, Text, Callable) -> Any
    """Add the command `name` to the subparsers `into`; its help is the docstring of `run`."""
    added = into.add_parser(str(name), help=run.__doc__, description=run.__doc__, epilog=STATUSES)
    added.set_defaults(run=run)
    added.add_argument('--json', action='store_true', help='print JSON, for scripts')
    return added


def add_store_command(into, name, run):
    # type: (Any, Text, Callable) -> Any
    """As `add_command`, for a command that reads the worker's configuration."""
    added = add_command(into, name, run)
    added.add_argument('--config', '-c', required=True, metavar='FILE',
                       help="the worker's YAML configuration")
    return added


def add_change(into, name, run, listed_by, everything, reason_for):
    # type: (Any, Text, Callable, Text, Text, Text) -> Any
    """As `add_store_command`, for ``retry`` or ``drop`` of what ids name, or of everything."""
    added = add_store_command(into, name, run)
    which = added.add_mutually_exclusive_group(required=True)
    which.add_argument('id', nargs='*', default=[], help='ids as "%s" shows them' % (listed_by,))
    which.add_argument('--all', action='store_true', help=everything)
    if name == 'drop':
        added.add_argument('--reason', required=True, help='why, for ' + reason_for)
    return added
