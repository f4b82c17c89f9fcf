"""The options of the console, and what an operator is told of mistakes in them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import yaml
from passlib.hash import pbkdf2_sha256

from tests.config.test_config import config, errors
from vumi_snappy.operations.tokens import hash_token, make_token
from vumi_snappy.operations.users import Role

HASH = '%s' % (pbkdf2_sha256.using(rounds=10).hash('password 1'),)
TOKEN = make_token()
TOKEN_HASH = hash_token(TOKEN)
ENDPOINT = 'tcp:8040:interface=127.0.0.1'


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


def test_tokens_are_names_with_hashes_and_may_change_nothing_unless_told_to(tmpdir):
    listed = 'sync: {token: %s, role: operate}\ndashboard: {token: %s}\n' % (
        TOKEN_HASH, hash_token(make_token()))
    path = tmpdir.join('tokens.yaml')
    path.write(listed)
    for given in (config(console_endpoint=ENDPOINT, console_tokens=yaml.safe_load(listed)),
                  config(console_endpoint=ENDPOINT, console_tokens_file='%s' % (path,))):
        assert {name: token.role for name, token in given.tokens.items()} == {
            'sync': Role.OPERATE, 'dashboard': Role.READ}
        assert given.tokens['sync'].hashed == TOKEN_HASH


@pytest.mark.parametrize('options, told', [
    (dict(console_endpoint=ENDPOINT), "needs 'console_users'"),
    (dict(console_endpoint='8021', console_users={'a': HASH}), 'is not a Twisted endpoint'),
    (dict(console_users={'a': 'sesam'}), "not the hash of a password"),
    (dict(console_users={'a': None}), "not the hash of a password"),
    (dict(console_users={'a': {'password': HASH, 'role': 'admin'}}), 'read or operate'),
    (dict(console_users={'a': {'password': HASH, 'roles': 'read'}}), 'takes password and role'),
    (dict(console_users=['a']), 'console_users'),
    (dict(console_users_file='/nowhere/at/all'), 'can not be read'),
    (dict(console_tokens={'a': 'sesam'}), "not the hash of a token"),
    (dict(console_tokens={'a': TOKEN}), "not the hash of a token"),
    (dict(console_tokens={'a': None}), "not the hash of a token"),
    (dict(console_tokens={'a': {'token': TOKEN_HASH, 'role': 'admin'}}), 'read or operate'),
    (dict(console_tokens={'a': {'token': TOKEN_HASH, 'roles': 'read'}}), 'takes token and role'),
    (dict(console_tokens={'a': TOKEN_HASH, 'b': TOKEN_HASH}), 'a and b have the same token'),
    (dict(console_tokens=['a']), 'console_tokens'),
    (dict(console_tokens_file='/nowhere/at/all'), 'can not be read'),
    (dict(console_session_hours=0), 'console_session_hours'),
    (dict(console_ticket_url='https://snappy.example/'), 'contain {nonce}'),
    (dict(console_ticket_url='javascript:{nonce}'), 'must begin with https://'),
])
def test_each_mistake_is_named_with_its_field(options, told):
    said = errors(**options)
    assert told in said and 'sesam' not in said and TOKEN not in said


def test_there_is_one_place_for_users(tmpdir):
    path = tmpdir.join('users.yaml')
    path.write('lerato: %s\n' % (HASH,))
    assert 'not both' in errors(console_users={'a': HASH}, console_users_file='%s' % (path,))
