"""``python -m benchmarks``: what it does when measures fail, and a small one on real parts."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import subprocess
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import document
from benchmarks.measure import Measure, Result, at_least
from tools.installing import NotInstallable, install
from tools.processes import ROOT


class NoStage(object):
    """In place of real parts."""

    def __init__(self, **_options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_ignored):
        pass


def failing(stage, options):
    raise ValueError('it is broken')


def working(stage, options):
    return Result([1.0], [4.0])


@pytest.fixture
def run(monkeypatch, tmpdir):
    """Runs measures of (name, what it does); gives the exit status and what is in the file."""
    def made(*measures):
        found = [Measure(name, 'title', at_least(0.5), 's', work) for name, work in measures]
        monkeypatch.setattr(command, 'Stage', NoStage)
        monkeypatch.setattr(command, 'MEASURES', found)
        monkeypatch.setattr(command, 'named', lambda names: found)
        monkeypatch.setattr(document, 'made_from', lambda results: ('the document', {}))
        status = command.main(['--results', str(tmpdir), '--docs', str(tmpdir)])
        assert tmpdir.join('performance.md').read() == 'the document'
        return status, json.loads(tmpdir.join('latest.json').read())['measures']
    return made


def test_a_measure_that_fails_is_told_and_the_others_are_made(run, capsys):
    status, rows = run(('broken', failing), ('good', working))
    said = capsys.readouterr().out
    assert status == 1
    assert [(row['name'], row.get('failure'), row['ours']) for row in rows] == [
        ('broken', 'ValueError', []), ('good', None, [1.0])]
    assert 'it is broken' in said
    assert '; failed: broken' in said


def test_a_goal_that_is_missed_is_no_failure_of_the_run(run, capsys):
    assert run(('good', working))[0] == 0
    assert '**no**' in capsys.readouterr().out


def test_a_quick_run_does_not_replace_what_was_measured(capsys):
    assert command.main(['--quick']) == 2
    assert '--results' in capsys.readouterr().out


def quick(tmpdir, *names):
    """Run measures on real parts; gives their rows, and the folder of the document."""
    results, docs = tmpdir.join('results'), tmpdir.join('docs')
    running = subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-m', 'benchmarks', '--quick', '--results', str(results),
         '--docs', str(docs)] + list(names), cwd=ROOT, stdout=subprocess.PIPE,
        env=dict(os.environ, TMPDIR=str(tmpdir.ensure('scratch', dir=True))),
        stderr=subprocess.STDOUT)
    said = running.communicate()[0].decode('utf-8')
    assert running.returncode == 0, said
    assert tmpdir.join('scratch').listdir() == []
    return json.loads(results.join('latest.json').read())['measures'], docs


@pytest.mark.integration
def test_a_quick_measure_on_real_parts_leaves_its_row_and_its_document(tmpdir):
    (row,), docs = quick(tmpdir, 'forwarding-treq')
    assert row['name'] == 'forwarding-treq'
    assert row['ours'][0] > 0 and row['peers'][0] > 0
    assert 'forwarding-treq' in docs.join('performance.md').read_text('utf-8')
    assert docs.join('images', 'performance-rates.svg').check()


@pytest.mark.integration
def test_the_worker_is_measured_on_both_pythons_in_one_run(tmpdir):
    try:
        install('ve3')
    except NotInstallable as why:
        pytest.skip('%s' % (why,))
    (row,), _ = quick(tmpdir, 'intake-python3')
    assert row['ours'][0] > 0 and row['peers'][0] > 0
    assert row['extra']['Python 3'].startswith('3.')
