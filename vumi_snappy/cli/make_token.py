"""``vumi-snappy make-token``."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any  # noqa: F401

import yaml

from vumi_snappy.cli.grammar import add_command
from vumi_snappy.cli.output import say
from vumi_snappy.config.fields import as_text
from vumi_snappy.operations.tokens import hash_token
from vumi_snappy.operations.tokens import make_token as make
from vumi_snappy.operations.users import Role


def add_to(commands):
    # type: (Any) -> None
    added = add_command(commands, 'make-token', make_token)
    added.add_argument('name', help='how people speak of it; changes are audited under it')
    added.add_argument('--role', choices=[str(role.value) for role in Role],
                       default=str(Role.READ.value), help='read (the default) may change nothing')


def make_token(options):
    # type: (Any) -> None
    """Make a token for the API: shows it, once, and the line for console_tokens."""
    name, role, token = as_text(options.name), as_text(options.role), make()
    hashed = hash_token(token)
    entry = yaml.safe_dump({name: {'token': hashed, 'role': role}}, default_flow_style=None,
                           allow_unicode=True, width=1000, encoding=None)
    say(options, {'name': name, 'role': role, 'token': token, 'hash': hashed}, '\n'.join([
        'The token, which is kept nowhere and not shown again:', '', '    ' + token, '',
        'For console_tokens, or the file that console_tokens_file names:', '',
        '    ' + as_text(entry).strip()]))
