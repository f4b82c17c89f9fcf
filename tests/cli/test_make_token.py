# -*- coding: utf-8 -*-
"""``vumi-snappy make-token``: what it prints can be written into console_tokens."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re

import pytest
import six
import yaml

from tests.config.test_config import config
from vumi_snappy.cli.command_line import parser
from vumi_snappy.operations.tokens import Tokens
from vumi_snappy.operations.users import Role


def printed(capsys, *arguments):
    options = parser().parse_args(['make-token'] + list(arguments))
    options.run(options)
    out = capsys.readouterr().out
    return out.decode('utf-8') if isinstance(out, bytes) else out


@pytest.mark.parametrize('name', ['dashboard', 'our: "sync"', '7', 'Käthe'])
def test_the_line_lets_in_who_brings_the_token(capsys, name):
    argument = name.encode('utf-8') if six.PY2 else name
    lines = printed(capsys, argument, '--role', 'operate').splitlines()
    token = re.search('vumisnappy_.*', '\n'.join(lines)).group(0)
    tokens = config(console_tokens=yaml.safe_load(lines[-1])).tokens
    found = Tokens(tokens).find(token)
    assert (found.name, found.role) == (name, Role.OPERATE)


def test_a_token_may_change_nothing_unless_it_is_asked_for(capsys):
    made = json.loads(printed(capsys, 'dashboard', '--json'))
    assert made['role'] == 'read' and made['token'] not in made['hash']
