"""The options of the Django bouncer's API, and what an operator is told of mistakes in them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tests.config.test_config import config, errors
from vumi_snappy.django_bouncer.api import Account
from vumi_snappy.django_bouncer.api.query import Query

USERS = {'bouncer_api_users': {'sandbox': 'the-keys-1'},
         'bouncer_api_accounts': [{'id': 3, 'key': 'account'}]}
LINE = {'id': 1, 'key': 'line', 'to_addr': '12345'}


def conversation(send_to=None, **fields):
    """The conversation that is made of an operator's."""
    given = config(bouncer_api_conversations=[dict(LINE, **fields)], send_to=send_to, **USERS)
    return given.bouncer_directory.conversations[1]


def knows(keys, name, key):
    return keys.knows(b'', Query(('username=%s&api_key=%s' % (name, key)).encode('ascii')))


def test_the_api_is_not_served_unless_somebody_may_use_it():
    assert config().bouncer_keys is None
    assert config(bouncer_api_accounts=USERS['bouncer_api_accounts'],
                  bouncer_api_conversations=[LINE]).bouncer_keys is None


def test_users_have_a_key_or_two_while_it_is_changed():
    keys = config(bouncer_api_conversations=[LINE], **dict(USERS, bouncer_api_users={
        'sandbox': 'the-keys-1', 'snappy': ['old-key-1', 'new-key-1']})).bouncer_keys
    assert [knows(keys, *pair) for pair in (
        ('sandbox', 'the-keys-1'), ('snappy', 'old-key-1'), ('snappy', 'new-key-1'))] == [True] * 3
    assert [knows(keys, *pair) for pair in (
        ('sandbox', 'old-key-1'), ('snappy', ''), ('', 'the-keys-1'),
        ('nobody', 'new-key-1'))] == [False] * 4


def test_users_can_be_in_a_file_that_no_log_shows(tmpdir):
    path = tmpdir.join('users.yaml')
    path.write('sandbox: the-keys-1\n')
    given = config(bouncer_api_users_file='%s' % (path,), bouncer_api_conversations=[LINE],
                   bouncer_api_accounts=USERS['bouncer_api_accounts'])
    assert knows(given.bouncer_keys, 'sandbox', 'the-keys-1')
    assert 'not both' in errors(bouncer_api_users_file='%s' % (path,), **USERS)


def test_a_conversation_says_how_its_people_are_reached():
    given = conversation(name='Line', notes='n', transport_name='ussd_transport', endpoint='ussd',
                         transport_type='ussd')
    assert (given.key, given.name, given.notes, given.account, given.endpoint) == (
        'line', 'Line', 'n', 3, 'ussd')
    assert given.line == {
        'transport_name': 'ussd_transport', 'transport_type': 'ussd', 'to_addr': '12345',
        'transport_metadata': {}, 'helper_metadata': {}, 'provider': None, 'group': None}


def test_what_it_does_not_say_is_that_of_its_endpoint_or_of_the_worker():
    assert conversation().line['transport_name'] == 'sms'
    assert conversation().line['transport_type'] == 'sms'
    sent = {'mms': {'transport_name': 'other', 'transport_type': 'mms', 'from_addr': '678',
                    'helper_metadata': {'tag': {'tag': ['pool', '678']}}}}
    line = conversation(sent, endpoint='mms', to_addr=None).line
    assert (line['transport_name'], line['transport_type'], line['to_addr']) == (
        'other', 'mms', '678')
    assert line['helper_metadata'] == {'tag': {'tag': ['pool', '678']}}
    assert conversation(sent, endpoint='mms').line['to_addr'] == '12345'


def test_accounts_are_as_they_are_listed():
    given = config(bouncer_api_conversations=[LINE], **USERS)
    assert given.bouncer_directory.accounts == {3: Account(3, 'account', '', '')}


@pytest.mark.parametrize('options, told', [
    (dict(bouncer_api_conversations=[]), "needs 'bouncer_api_conversations'"),
    (dict(bouncer_api_users={'a': 7}), 'must have a key'),
    (dict(bouncer_api_users={'a': []}), 'must have a key'),
    (dict(bouncer_api_users={'a': ' '}), 'must have a key'),
    (dict(bouncer_api_users={'a': ['1', '2', 'secret']}), 'must have a key'),
    (dict(bouncer_api_users_file='/nowhere', bouncer_api_users=None), 'can not be read'),
    (dict(bouncer_api_conversations=['a']), 'must list what has id and key'),
    (dict(bouncer_api_conversations=[{'id': 1}]), 'must list what has id and key'),
    (dict(bouncer_api_conversations=[dict(LINE, typo=1)]), 'may have account, endpoint'),
    (dict(bouncer_api_conversations=[dict(LINE, id='1')]), 'a whole number'),
    (dict(bouncer_api_conversations=[dict(LINE, id=True)]), 'a whole number'),
    (dict(bouncer_api_conversations=[dict(LINE, account=9)]), 'the account of line is none'),
    (dict(bouncer_api_accounts=[]), 'the account of line is none'),
    (dict(bouncer_api_conversations=[{'id': 1, 'key': 'line'}]), 'line needs to_addr'),
    (dict(bouncer_api_conversations=[LINE, dict(LINE, id=2)]), 'has one key twice'),
    (dict(bouncer_api_conversations=[LINE, dict(LINE, key='b')]), 'has one id twice'),
    (dict(bouncer_api_networks=['here']), "Field 'bouncer_api_networks' must list"),
    (dict(web_path='/api/v1/snappybouncer/x'), "Field 'web_path' is where the Django bouncer"),
    (dict(health_path='/api/v1/snappybouncer/'), "Field 'health_path' is where the Django"),
])
def test_each_mistake_is_named_with_its_field(options, told):
    said = errors(**dict(dict(USERS, bouncer_api_conversations=[LINE]), **options))
    assert told in said and 'secret' not in said.replace('webhook_secret', '')
