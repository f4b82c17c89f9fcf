"""``vumi-snappy check-config`` on real servers: what is wrong is named, with what to do."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import subprocess
import sys

import pytest
import six

from tools.ports import free_port
from tools.processes import ROOT
from tools.stack import Stack

pytestmark = pytest.mark.integration


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=1, transport=False) as running:
        yield running


@pytest.fixture
def check(stack, tmpdir):
    """A function: the status and what is fine and wrong, with some options changed."""
    def changed(name, changes):
        with io.open(os.path.join(stack.servers.folder, name), encoding='utf-8') as given:
            options = dict(json.load(given), **{'%s' % key: changes[key] for key in changes})
        path = tmpdir.join(name)
        path.write_text('%s' % (json.dumps(options),), 'utf-8')
        return '%s' % (path,)

    def run(vumi=(), **changes):
        said = tmpdir.join('said')
        with said.open('wb') as out:
            status = subprocess.call(
                [sys.executable, '-W', 'ignore', '-c',
                 'from vumi_snappy.cli import main; main()', 'check-config', '--json',
                 changed('worker-0.yaml', changes),
                 '--vumi-config', changed('vumi.yaml', dict(vumi))], stdout=out, cwd=ROOT)
        told = json.loads(said.read_text('utf-8'))
        return status, told['fine'], told['wrong']
    return run


def test_a_good_configuration_is_told_step_by_step(check):
    assert check() == (0, [
        'The options are valid.', 'Redis answers and is fit to hold messages.',
        'RabbitMQ accepts the login.', 'Snappy accepts the API key and knows the mailbox.',
        'Snappy knows the staff member.'], [])


@pytest.mark.parametrize('changes, said', [
    ({'snappy_api_key': 'sesam-open'}, 'check snappy_api_key'),
    ({'snappy_mailbox_id': 77}, 'check snappy_mailbox_id'),
    ({'snappy_staff_id': 77},
     'snappy_staff_id 77 is not a staff member of the account; it has 1, 2'),
    ({'snapy_timeout': 3}, 'did you mean snappy_timeout?'),
    ({'console_ticket_url': 'https://app.besnappy.com/{id}'}, 'domain has expired'),
    ({'snappy_api_url': 'http://127.0.0.1:1/api/v1'}, 'check snappy_api_url'),
    ({'snappy_timeout': -1}, "'snappy_timeout' must be from 0.1 to 600"),
    ({'redis_manager': {'port': 1}}, 'is redis_manager right?'),
    ({'vumi': {'password': 'sesam'}}, 'check username, password'),
    ({'vumi': {'vhost': '/elsewhere'}}, 'the vhost /elsewhere'),
    ({'vumi': {'port': 1}}, 'is it running there, and are hostname and port right?')])
def test_what_is_wrong_is_named_alone_with_what_to_do(check, changes, said):
    status, _, wrong = check(**changes)
    assert (status, len(wrong)) == (1, 1)
    assert said in wrong[0]
    assert 'sesam' not in wrong[0]


@pytest.mark.skipif(six.PY2, reason='Vumi is there, with its middlewares')
def test_a_middleware_that_comes_with_vumi_is_refused_as_the_start_does(check):
    status, fine, [wrong] = check(
        middleware=[{'log': 'vumi.middleware.logging.LoggingMiddleware'}])
    assert (status, fine) == (1, [])
    assert 'vumi.middleware.logging.LoggingMiddleware comes with Vumi' in wrong


def test_a_wrong_name_is_told_also_where_the_right_one_is_missed(check):
    status, fine, wrong = check(contact_address='', contact_adress='{from_addr}@sms.example.org')
    assert (status, len(wrong), fine) == (1, 2, [])
    assert 'did you mean contact_address?' in wrong[1]


def test_a_file_that_can_not_be_read_is_told_as_json_too(tmpdir, capfd):
    status = subprocess.call([
        sys.executable, '-W', 'ignore', '-c', 'from vumi_snappy.cli import main; main()',
        'check-config', '--json', '%s' % (tmpdir.join('none.yaml'),)], cwd=ROOT)
    out, _ = capfd.readouterr()
    assert (status, json.loads(out)['fine']) == (1, [])
    assert 'No such file' in json.loads(out)['wrong'][0]


def test_what_is_no_rabbitmq_and_a_queue_that_nobody_made_are_told(check, stack):
    status, _, wrong = check(vumi={'port': stack.servers.redis.port})
    assert (status, len(wrong)) == (1, 1)
    assert 'RabbitMQ' in wrong[0]
    prefix = dict(key_prefix='another', port=stack.servers.redis.port)
    status, fine, _ = check(transport_name='another', redis_manager=prefix)
    assert status == 0
    assert 'The queue another.inbound does not exist yet' in ' '.join(fine)


def test_a_store_of_another_bridge_is_told(check):
    status, _, wrong = check(transport_name='another')
    assert (status, len(wrong)) == (1, 1)
    assert 'use another key_prefix' in wrong[0] and 'own-store' in wrong[0]


def test_all_that_is_wrong_is_told_at_once(check):
    status, fine, wrong = check(vumi={'port': free_port()}, snappy_api_key='sesam-open',
                                redis_manager={'port': free_port()})
    assert (status, len(wrong), fine) == (1, 3, ['The options are valid.'])
