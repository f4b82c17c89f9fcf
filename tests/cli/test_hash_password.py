# -*- coding: utf-8 -*-
"""``vumi-snappy hash-password``: what it prints can be written into console_users."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io

import pytest
from passlib.hash import pbkdf2_sha256

from tests.config.test_config import config
from vumi_snappy.cli import hash_password
from vumi_snappy.cli.command_line import parser
from vumi_snappy.cli.grammar import Trouble


def run(monkeypatch, typed, *arguments):
    monkeypatch.setattr('sys.stdin', io.BytesIO(typed))
    options = parser().parse_args(['hash-password'] + list(arguments))
    options.run(options)


def test_a_line_on_the_standard_input_is_hashed(monkeypatch, capsys):
    run(monkeypatch, 'pässword 1\n'.encode('utf-8'))
    hashed = capsys.readouterr().out.strip()
    assert pbkdf2_sha256.verify('pässword 1', hashed)
    assert config(console_users={'lerato': hashed}).users['lerato'].hashed == hashed


@pytest.mark.parametrize('typed', [b'', b'short\n', b'\xff\xff\xff\xff\xff\xff\xff\xff\n'])
def test_what_is_no_password_is_not_hashed(monkeypatch, typed):
    with pytest.raises(Trouble):
        run(monkeypatch, typed)


class Terminal(object):
    def isatty(self):
        return True


def test_at_a_terminal_it_is_asked_for_twice_and_never_shown(monkeypatch, capsys):
    answers = ['password 1', 'password 2']
    monkeypatch.setattr('sys.stdin', Terminal())
    monkeypatch.setattr(hash_password.getpass, 'getpass', lambda prompt: answers.pop(0))
    options = parser().parse_args(['hash-password'])
    with pytest.raises(Trouble, match='not the same'):
        options.run(options)
    assert 'password 1' not in capsys.readouterr().out
