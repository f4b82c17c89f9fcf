"""The command line's grammar, and what it says before it has touched anything."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import six

from vumi_snappy.cli.access import read_config
from vumi_snappy.cli.command_line import COMMANDS, main, parser
from vumi_snappy.cli.grammar import Trouble
from vumi_snappy.config import ConfigError


def test_the_help_names_every_command_with_what_it_does(capsys):
    with pytest.raises(SystemExit) as left:
        parser().parse_args(['--help'])
    said = capsys.readouterr().out
    assert left.value.code == 0
    names = [each.__name__.rpartition('.')[2].replace('_', '-') for each in COMMANDS]
    assert [name for name in names if '\n    %s' % (name,) not in said] == []


@pytest.mark.parametrize('arguments, reason', [
    ('tickets', 'invalid choice'), ('status', '--config'),
    ('ticket -c x.yaml', 'too few' if six.PY2 else 'are required'),
    ('parked drop -c x.yaml 3', '--reason'), ('parked retry -c x.yaml', 'id --all is required'),
    ('parked retry -c x.yaml 3 --all', 'not allowed with'),
    ('failures drop -c x.yaml --vumi-config x.yaml --reason x', 'id --all is required'),
    ('forget -c x.yaml +27820001001', '--yes'), ('own-store -c x.yaml', '--yes'),
    ('export -c x.yaml --since tomorrow', '--since: must be a day, such as 2026-01-31'),
    ('import-bouncer -c x.yaml --to-addr 1 --conversation key x', 'must be KEY=ENDPOINT')])
def test_a_wrong_command_line_ends_with_status_2_and_says_why(arguments, reason, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments.split())
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert 'usage: vumi-snappy' in err and reason in err


@pytest.mark.parametrize('arguments', [
    [], ['check-config'], ['parked'], ['parked', 'drop'], ['opted-out'], ['hash-password']])
def test_every_help_says_what_the_exit_status_means(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments + ['--help'])
    said = ' '.join(capsys.readouterr().out.split())
    assert 'Exit status: 0 done; 1 failed' in said


def commands_of(grammar):
    below = [action.choices for action in grammar._actions if hasattr(action.choices, 'items')]
    return [each for choices in below for one in choices.values()
            for each in commands_of(one) or [one]]


def test_every_command_can_print_json_and_tells_of_each_argument():
    for command in commands_of(parser()):
        actions = {name: each for each in command._actions
                   for name in each.option_strings or [each.dest]}
        assert '--json' in actions, command.prog
        assert [name for name, each in actions.items() if not each.help] == [], command.prog


@pytest.mark.parametrize('content, said', [
    (None, 'No such file'), (b'\xff\xfe', 'UTF-8'), (b'a: [1', 'is not YAML'),
    (b'- a\n', '"name: value" lines'), (b'transport_name: sms\n', 'snappy_mailbox_id')])
def test_a_configuration_that_can_not_be_used_is_named_with_the_reason(tmpdir, content, said):
    path = tmpdir.join('worker.yaml')
    if content is not None:
        path.write(content, mode='wb')
    with pytest.raises((Trouble, ConfigError), match=said):
        read_config('%s' % (path,))
