"""The scripts that find or fetch what is needed, on machines that lack it.

The machines are folders: a PATH of a few programs, made up for the test.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import hashlib
import os
import shutil
import subprocess
import sys

import pytest

from tools.processes import ROOT

#: What a script may use of a bare machine.
PLAIN = ('awk', 'bash', 'cat', 'dirname', 'env', 'grep', 'id', 'mkdir', 'rm', 'sed',
         'sha256sum', 'tail')


class Machine(object):
    """A PATH with plain programs, those that `has()` gives it, and nothing else."""

    def __init__(self, folder):
        self._bin = folder.mkdir('bin')
        self.home = folder.mkdir('home')
        for name in PLAIN:
            for place in ('/usr/bin', '/bin'):
                path = os.path.join(place, name)
                if os.path.exists(path):
                    self._bin.join(name).mksymlinkto(path)
                    break

    def has(self, name, script, where=None):
        """A program `name` that does what `script`, for the shell, says."""
        path = (where or self._bin).join(name)
        path.write_text('#!/bin/sh\n' + script + '\n', 'utf-8', ensure=True)
        path.chmod(0o755)
        return str(path)

    def run(self, script, *arguments, **environ):
        """The exit status, what it printed, and what it complained of."""
        env = {'PATH': str(self._bin), 'HOME': str(self.home)}
        env.update(environ)
        done = subprocess.Popen(
            [os.path.join(ROOT, script)] + list(arguments), env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = done.communicate()
        return done.returncode, out.decode('utf-8'), err.decode('utf-8')


@pytest.fixture
def machine(tmpdir):
    return Machine(tmpdir)


def python(version):
    """A program that is this Python, under another name, and says that it is of this version."""
    return 'shift; exec "%s" -c "import sys; sys.version_info = %r\n$1"' % (
        sys.executable, version)


PYTHON2 = 'exec "%s" "$@"' % (sys.executable,) if sys.version_info[0] == 2 else python((2, 7))


def test_the_python_that_is_asked_for_is_taken(machine):
    mine = machine.has('mine', PYTHON2)
    assert machine.run('tools/find-python2', PYTHON=mine) == (0, sys.executable + '\n', '')


@pytest.mark.parametrize('script, why', [
    ('echo "no such thing" >&2; exit 127', 'no such thing'),
    ('echo "ImportError: No module named _ssl" >&2; exit 1', 'No module named _ssl')])
def test_a_python_that_is_asked_for_and_does_not_work_is_refused_with_the_reason(
        machine, script, why):
    machine.has('python2.7', PYTHON2)
    broken = machine.has('broken', script)
    status, out, err = machine.run('tools/find-python2', PYTHON=broken)
    assert (status, out) == (1, '')
    assert broken in err and why in err and 'unset it' in err


def test_a_python_of_another_version_is_refused(machine):
    newer = machine.has('newer', python((3, 11)))
    status, out, err = machine.run('tools/find-python2', PYTHON=newer)
    assert (status, out) == (1, '')
    assert 'it is Python 3.11' in err


def test_a_shim_that_fails_is_passed_over_for_a_version_of_pyenv(machine):
    machine.has('python2.7', 'echo "pyenv: python2.7: command not found" >&2; exit 127')
    machine.has('python2.7', PYTHON2,
                machine.home.join('.pyenv', 'versions', '2.7.18', 'bin'))
    assert machine.run('tools/find-python2') == (0, sys.executable + '\n', '')


def test_pyenvs_versions_are_found_where_pyenv_is_told_to_keep_them(machine, tmpdir):
    machine.has('python2.7', PYTHON2,
                tmpdir.join('elsewhere', 'versions', '2.7.18', 'bin'))
    assert machine.run('tools/find-python2', PYENV_ROOT=str(tmpdir.join('elsewhere')))[0] == 0


@pytest.mark.parametrize('which, advice', [
    ('2', 'with PYTHON=/path/to/python2.7'), ('3', 'a Python 3.7 to 3.11 with its module venv')])
def test_without_a_way_to_fetch_a_python_it_is_said_what_to_install(machine, which, advice):
    status, out, err = machine.run('tools/unpack-python', which)
    assert (status, out) == (1, '')
    assert 'apt-get' in err and advice in err


def test_what_is_there_needs_nothing(machine):
    machine.has('redis-server', 'true')
    machine.has('valkey-server', 'true')
    machine.has('chromedriver', 'true')
    assert machine.run('tools/need-debian', 'redis-server', 'valkey-server',
                       'chromium-driver') == (0, '', '')


def test_without_apt_the_missing_packages_are_named(machine):
    machine.has('chromedriver', 'true')
    status, _, err = machine.run(
        'tools/need-debian', 'chromium-driver', 'no-such-package-1', 'no-such-package-2')
    assert status == 1
    assert 'Not installed: no-such-package-1 no-such-package-2 ' in err


@pytest.mark.parametrize('sudo', [None, 'exit 1'])
def test_without_the_rights_the_command_to_type_is_said(machine, sudo):
    machine.has('apt-get', 'touch "$HOME/used"')
    machine._bin.join('id').remove()
    machine.has('id', 'echo 1000')
    if sudo:
        machine.has('sudo', sudo)
    status, _, err = machine.run('tools/need-debian', 'no-such-package')
    assert status == 1
    assert 'apt-get update && apt-get install --no-install-recommends no-such-package' in err
    assert not machine.home.join('used').check()


class Checkout(object):
    """A folder with `tools/environment` and what it reads."""

    def __init__(self, folder):
        self.folder = folder.mkdir('checkout')
        for lock in ('requirements', 'requirements3', 'requirements-virtualenv',
                     'requirements-lint'):
            self.folder.join(lock + '.lock').write('')
        self.folder.join('setup.py').write('')
        self.folder.join('vumi_snappy', '__init__.py').write('', ensure=True)
        script = self.folder.mkdir('tools').join('environment')
        shutil.copy(os.path.join(ROOT, 'tools', 'environment'), str(script))
        self.script = str(script)

    def has_made(self, name):
        """An environment that is there and current."""
        python = self.folder.join(name, 'bin', 'python')
        python.write('#!/bin/sh\n', ensure=True)
        python.chmod(0o755)
        path = '%s\n' % (self.folder.realpath(),)  # and files without anything in them
        current = '%s  -' % (hashlib.sha256(path.encode('utf-8')).hexdigest(),)
        for mark in ('.made-by-tools', '.complete', '.checkout'):
            self.folder.join(name, mark).write(current)

    def finds_no_python2(self, why):
        """No Python 2.7 can be had."""
        script = self.folder.join('tools', 'find-python2')
        script.write('#!/bin/sh\necho "%s" >&2\nexit 1\n' % (why,))
        script.chmod(0o755)

    def can_not_make(self, name):
        """What is in the way of an environment."""
        return self.folder.join(name, 'precious').ensure()


@pytest.fixture
def checkout(tmpdir):
    return Checkout(tmpdir)


@pytest.mark.parametrize('made, missing, words', [
    ('ve', 've3', 'Without Python 3.11 to 3.13 the worker runs on 2.7.'),
    ('ve3', 've', "a plain transport takes the place of Vumi's own.")])
def test_one_python_is_enough_to_show_the_product(machine, checkout, made, missing, words):
    checkout.has_made(made)
    checkout.can_not_make(missing)
    status, _, err = machine.run(checkout.script, 'shown')
    assert (status, words in err) == (0, True), err


def test_both_pythons_show_it_without_a_word_and_none_not_at_all(machine, checkout):
    for name in ('ve', 've3'):
        checkout.has_made(name)
    assert machine.run(checkout.script, 'shown') == (0, '', '')
    for name in ('ve', 've3'):
        checkout.folder.join(name).remove()
        checkout.can_not_make(name)
    assert machine.run(checkout.script, 'shown')[0] == 1


NONE = 'NO PYTHON 2.7'


def test_both_pythons_are_tested_without_a_word(machine, checkout):
    for name in ('ve', 've3'):
        checkout.has_made(name)
    assert machine.run(checkout.script, 'tested') == (0, '', '')


def test_where_there_is_no_python_2_7_it_is_said_once_and_the_rest_is_tested(machine, checkout):
    checkout.has_made('ve3')
    checkout.has_made('.virtualenv')
    checkout.finds_no_python2('of the year 1990')
    status, _, err = machine.run(checkout.script, 'tested')
    assert (status, err.count(NONE), err.count('of the year 1990')) == (0, 1, 1)


def test_an_environment_of_another_lock_counts_as_none(machine, checkout):
    for name in ('ve', 've3', '.virtualenv'):
        checkout.has_made(name)
    checkout.folder.join('ve', '.complete').write('of another')
    checkout.finds_no_python2('of the year 1990')
    status, _, err = machine.run(checkout.script, 'tested')
    assert (status, err.count(NONE)) == (0, 1)
    assert not checkout.folder.join('ve', '.complete').check()


@pytest.mark.parametrize('missing', ['ve', 've3'])
def test_whatever_else_is_wrong_with_an_environment_ends_the_tests(machine, checkout, missing):
    for name in {'ve', 've3'} - {missing}:
        checkout.has_made(name)
    checkout.can_not_make(missing)
    status, _, err = machine.run(checkout.script, 'tested')
    assert (status, NONE in err) == (1, False), err
    assert '%s is in the way' % (missing,) in err


@pytest.mark.parametrize('folder', ['ve', 've3', 've-lint', '.virtualenv'])
def test_a_folder_that_make_did_not_make_is_left_alone(machine, checkout, folder):
    precious = checkout.can_not_make(folder)
    precious.write('mine')
    status, _, err = machine.run(checkout.script, folder)
    assert status == 1
    assert '%s is in the way' % (precious.dirname,) in err
    assert precious.read() == 'mine'


class Newcomer(object):
    """A checkout in which `tools/readme-commands` types what the README says."""

    def __init__(self, machine, folder):
        self._machine, self.folder = machine, folder.mkdir('newcomer')
        self._script = self.folder.mkdir('tools').join('readme-commands')
        shutil.copy(os.path.join(ROOT, 'tools', 'readme-commands'), str(self._script))
        machine.has('make', 'echo "$@" >>"$HOME/made"')

    def types(self, *commands, **environ):
        """The exit status, what was printed, and what make was told."""
        status, out, err = self._machine.run(str(self._script), *commands, **environ)
        made = self._machine.home.join('made')
        return status, out + err, made.read() if made.check() else ''


@pytest.fixture
def newcomer(machine, tmpdir):
    return Newcomer(machine, tmpdir)


def test_commands_that_went_on_without_a_python_2_7_do_not_pass_for_all(newcomer):
    status, said, made = newcomer.types('lint')
    assert (status, made) == (1, 'lint\n')
    assert 'No Python 2.7 was found' in said and 'Passed' not in said
    newcomer.folder.join('ve', '.complete').ensure()
    status, said, _ = newcomer.types('lint')
    assert (status, 'Passed: lint (' in said) == (0, True), said


def test_without_a_python_2_7_lint_is_left_out_and_it_is_said(newcomer):
    status, said, made = newcomer.types('lint', WITHOUT_PYTHON2='1')
    assert (status, made) == (0, ''), said
    assert 'make lint is left out' in said
    assert 'Passed: lint, without a Python 2.7' in said


def test_a_python_2_7_that_was_not_to_be_there_is_told(newcomer):
    newcomer.folder.join('ve', '.complete').ensure()
    status, said, _ = newcomer.types('lint', WITHOUT_PYTHON2='1')
    assert (status, 'one was found' in said) == (1, True)
