"""``vumi-snappy hash-password``."""
from __future__ import absolute_import, division, print_function, unicode_literals

import getpass
import sys
from typing import Any, Text  # noqa: F401

from vumi_snappy.cli.grammar import Trouble, add_command
from vumi_snappy.cli.output import say
from vumi_snappy.operations.users import hash_password as make_hash

#: Characters of a password, at least.
_SHORTEST = 8


def add_to(commands):
    # type: (Any) -> None
    add_command(commands, 'hash-password', hash_password)


def hash_password(options):
    # type: (Any) -> None
    """Make the hash of a password for console_users; asks for it twice, or reads a line."""
    password = _ask('Password: ')
    if len(password) < _SHORTEST:
        raise Trouble('it must have at least %d characters' % (_SHORTEST,))
    if sys.stdin.isatty() and _ask('The same again: ') != password:
        raise Trouble('the two are not the same')
    hashed = make_hash(password)
    say(options, {'hash': hashed}, hashed)


def _ask(prompt):
    # type: (Text) -> Text
    given = (getpass.getpass(str(prompt)) if sys.stdin.isatty()
             else sys.stdin.readline())  # type: Any
    try:
        text = given.decode('utf-8') if isinstance(given, bytes) else given
    except UnicodeDecodeError:
        raise Trouble('it must be a text in UTF-8')
    return text.rstrip('\r\n')
