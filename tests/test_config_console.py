"""The options of the console, and what an operator is told of mistakes in them."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import yaml
from passlib.hash import pbkdf2_sha256

from tests.test_config import config, errors
from vumi_snappy.console.users import Role

HASH = '%s' % (pbkdf2_sha256.using(rounds=10).hash('password 1'),)
ENDPOINT = 'tcp:8021:interface=127.0.0.1'


def test_there_is_no_console_unless_it_is_asked_for():
    given = config()
    assert given.console_endpoint is None and given.users == {}


def test_users_are_names_with_hashes_and_perhaps_roles():
    users = config(console_endpoint=ENDPOINT, console_users=yaml.safe_load(
        'lerato: %s\nthabo: {password: %s, role: read}\n7: %s' % (HASH, HASH, HASH))).users
    assert {name: user.role for name, user in users.items()} == {
        'lerato': Role.OPERATE, 'thabo': Role.READ, '7': Role.OPERATE}
    assert users['lerato'].hashed == HASH


def test_users_can_be_in_a_file_that_no_log_shows(tmpdir):
    path = tmpdir.join('users.yaml')
    path.write('lerato: %s\n' % (HASH,))
    given = config(console_endpoint=ENDPOINT, console_users_file='%s' % (path,))
    assert sorted(given.users) == ['lerato']


@pytest.mark.parametrize('options, told', [
    (dict(console_endpoint=ENDPOINT), "needs 'console_users'"),
    (dict(console_endpoint='8021', console_users={'a': HASH}), 'is not a Twisted endpoint'),
    (dict(console_users={'a': 'sesam'}), "no password's hash"),
    (dict(console_users={'a': None}), "no password's hash"),
    (dict(console_users={'a': {'password': HASH, 'role': 'admin'}}), 'read or operate'),
    (dict(console_users={'a': {'password': HASH, 'roles': 'read'}}), 'takes password and role'),
    (dict(console_users=['a']), 'console_users'),
    (dict(console_users_file='/nowhere/at/all'), 'can not be read'),
    (dict(console_session_hours=0), 'console_session_hours'),
    (dict(console_ticket_url='https://snappy.example/'), 'hold {nonce}'),
    (dict(console_ticket_url='javascript:{nonce}'), 'must begin with https://'),
])
def test_each_mistake_is_named_with_its_field(options, told):
    said = errors(**options)
    assert told in said and 'sesam' not in said


def test_there_is_one_place_for_users(tmpdir):
    path = tmpdir.join('users.yaml')
    path.write('lerato: %s\n' % (HASH,))
    assert 'not both' in errors(console_users={'a': HASH}, console_users_file='%s' % (path,))
