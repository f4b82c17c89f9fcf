"""``vumi-snappy amqp-spec`` writes a specification with which Vumi's messages are kept."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import txamqp.spec

from vumi_snappy.bus.specification import NoSpecification, mended
from vumi_snappy.cli import amqp_spec
from vumi_snappy.cli.command_line import parser
from vumi_snappy.cli.grammar import Trouble


def run(*arguments):
    options = parser().parse_args(['amqp-spec'] + list(arguments))
    options.run(options)


def test_it_is_printed_for_a_pipe(capsys):
    run()
    assert capsys.readouterr().out == mended()


def test_the_file_is_what_vumi_reads_and_the_option_is_said_with_its_whole_path(
        tmpdir, capsys, monkeypatch):
    monkeypatch.chdir(tmpdir)
    run('-o', 'vumi-amqp.xml')
    path = '%s' % (tmpdir.join('vumi-amqp.xml'),)
    said = capsys.readouterr().out
    assert '--specfile %s' % (path,) in said
    assert '\nspecfile: %s\n' % (path,) in said
    spec = txamqp.spec.load(path)
    assert (spec.major, spec.minor) == (0, 9)
    assert 'delivery mode' in spec.classes.byname['basic'].fields.byname


def test_scripts_are_told_as_json(tmpdir, capsys):
    path = '%s' % (tmpdir.join('vumi-amqp.xml'),)
    run('--json', '-o', path)
    assert json.loads(capsys.readouterr().out) == {'specfile': path}
    run('--json')
    assert json.loads(capsys.readouterr().out) == {'specification': mended()}


def test_a_file_that_can_not_be_written_is_told(tmpdir):
    with pytest.raises(Trouble, match='can not be written'):
        run('-o', '%s' % (tmpdir.join('none', 'vumi-amqp.xml'),))


def test_a_vumi_without_such_a_specification_is_told(monkeypatch):
    def none():
        raise NoSpecification('specfile amqp-spec-0-9-1.xml can not be read')
    monkeypatch.setattr(amqp_spec, 'load', none)
    with pytest.raises(Trouble, match='can not be read'):
        run()
