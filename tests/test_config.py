"""An operator's mistakes are all told at once, in words that say what to write instead."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import os

import pytest
import yaml

from vumi_snappy.config import ConfigError, SnappyBouncerConfig

SAMPLE = os.path.join(os.path.dirname(__file__), '..', 'config', 'snappy_bouncer.yaml')
FINE = {
    'transport_name': 'sms', 'redis_manager': {'host': '127.0.0.1', 'port': 6379},
    'snappy_api_key': 'the-api-key', 'snappy_mailbox_id': 1, 'webhook_secret': 'the-secret',
    'contact_address': '{from_addr}@sms.example.org'}
URL = {'extras_url': 'https://x/{from_addr}', 'extras_fields': ['a']}


def config(**options):
    data = dict(FINE, **options)
    return SnappyBouncerConfig(
        {name: value for name, value in data.items() if value is not None}, static=True)


def errors(**options):
    with pytest.raises(ConfigError) as caught:
        config(**options)
    return '%s' % (caught.value,)


def test_the_sample_can_be_used_as_it_is():
    with io.open(SAMPLE, encoding='utf-8') as source:
        SnappyBouncerConfig(yaml.safe_load(source), static=True)


def test_the_defaults_are_those_of_the_sample():
    with io.open(SAMPLE, encoding='utf-8') as source:
        lines = source.read().splitlines()
    commented = yaml.safe_load('\n'.join(
        line[1:] for line in lines
        if line.startswith('#') and line[1:2].isalpha() and ': ' in line
        and not line.startswith(('#extras:', '#extras_fields:'))))
    given = config()
    for name in ('snappy_api_url', 'snappy_rate_limit', 'snappy_timeout', 'snappy_concurrency',
                 'new_ticket_after', 'web_endpoint', 'web_path', 'allowed_networks',
                 'trusted_proxies', 'health_path',
                 'retry_initial_delay', 'retry_delay_factor', 'retry_max_delay', 'give_up_after',
                 'ticket_retention', 'session_prompt', 'session_reply', 'auto_reply',
                 'out_of_hours_reply', 'auto_reply_every', 'max_reply_parts', 'fold_typography',
                 'reply_cut_marker', 'ack_timeout', 'delivered_notice', 'extras_timeout',
                 'metrics_prefix', 'metrics_publish_interval', 'amqp_prefetch_count'):
        assert getattr(given, name) == commented[name], name


def test_every_option_is_in_the_sample():
    with io.open(SAMPLE, encoding='utf-8') as source:
        text = source.read()
    missing = [name for name in SnappyBouncerConfig._field_names
               if '\n%s:' % name not in text and '\n#%s:' % name not in text]
    assert missing == []


def test_all_errors_are_told_at_once():
    said = errors(snappy_mailbox_id='x', snappy_timeout='soon', webhook_secret=None,
                  web_path='snappy', redis_manager={'hots': 'here'})
    for name in ('snappy_mailbox_id', 'snappy_timeout', 'webhook_secret', 'web_path',
                 'redis_manager', 'hots'):
        assert name in said


def test_secrets_are_never_told():
    said = errors(snappy_timeout='soon', web_path='x')
    assert 'the-api-key' not in said
    assert 'the-secret' not in said


@pytest.mark.parametrize('options, told', [
    (dict(snappy_api_key=None), 'snappy_api_key'),
    (dict(snappy_api_key=''), 'no empty one'),
    (dict(snappy_api_key_file='/nowhere'), 'not both'),
    (dict(snappy_api_key=None, snappy_api_key_file='/nowhere'), 'No such file'),
    (dict(webhook_secret=['a', 'b', 'c']), 'a list of two'),
    (dict(ticket_subject='Hi {name}'), '{name}, which no message has'),
    (dict(ticket_subject='Hi {from_addr'), 'single "{"'),
    (dict(contact_address='help@example.org'), 'must hold {from_addr}'),
    (dict(extras=['helper_metadata.clinic']), "needs 'snappy_staff_id'"),
    (dict(extras=['clinic'], snappy_staff_id=1), '{clinic}, which no message has'),
    (dict(URL, extras_url='https://{from_addr}/', snappy_staff_id=1), 'must begin with https://'),
    (dict(URL, extras_url='ftp://x/', snappy_staff_id=1), 'must begin with https://'),
    (dict(URL, extras_url='https://x{from_addr}', snappy_staff_id=1), 'must begin with https://'),
    (dict(URL, extras_url='https://x/{from_addr}/\u00fc', snappy_staff_id=1), 'printable ASCII'),
    (dict(URL, extras_url='https://x/#{from_addr}', snappy_staff_id=1), 'neither a #'),
    (dict(URL, extras_url='https://x/{name}', snappy_staff_id=1), '{name}, which no message has'),
    (dict(URL), "'extras_url' needs 'snappy_staff_id'"),
    (dict(URL, extras_fields=None, snappy_staff_id=1), 'need each other'),
    (dict(extras_fields=['a']), 'need each other'),
    (dict(URL, extras_fields=['a..b'], snappy_staff_id=1), 'is neither'),
    (dict(URL, extras_fields=[{'A': 'a', 'B': 'b'}], snappy_staff_id=1), 'is neither'),
    (dict(URL, extras_token='x\ny', snappy_staff_id=1), 'printable ASCII'),
    (dict(URL, extras_token='x', extras_token_file='/x', snappy_staff_id=1), 'not both'),
    (dict(URL, extras_timeout=0, snappy_staff_id=1), 'must be from 0.1'),
    (dict(web_endpoint='8020'), 'is not a Twisted endpoint'),
    (dict(snappy_rate_limit=-1), 'must be from 0'),
    (dict(snappy_timeout=True), 'must be a number'),
    (dict(snappy_concurrency=0), 'from 1 to 1000'),
    (dict(snappy_api_url='app.besnappy.com'), 'must begin with https://'),
    (dict(health_path='/snappy/'), 'must differ'),
    (dict(allowed_networks=['10.0.0.0/33']), "'allowed_networks' must list addresses"),
    (dict(trusted_proxies=['localhost']), "'trusted_proxies' must list addresses"),
    (dict(trusted_proxies=[7]), "'7' is none"),
    (dict(allowed_networks='192.0.2.7'), 'allowed_networks'),
    (dict(redis_manager={'port': 'x'}), 'a number as port'),
    (dict(transport_name='SMS'), 'lower case'),
])
def test_each_mistake_is_named_with_its_field(options, told):
    assert told in errors(**options)


def test_secrets_can_be_in_files(tmpdir):
    key, secrets = tmpdir.join('key'), tmpdir.join('secrets')
    key.write('file-key\n')
    secrets.write('new-secret\nold-secret\n')
    given = config(snappy_api_key=None, snappy_api_key_file=str(key),
                   webhook_secret=None, webhook_secret_file=str(secrets))
    assert given.api_key == 'file-key'
    assert given.webhook_secrets == ['new-secret', 'old-secret']


def test_options_that_nobody_reads_are_told_with_the_likeliest_name():
    assert config(snapy_timeout=3).unknown_options() == [
        'snapy_timeout (did you mean snappy_timeout?)']
    assert config(worker_name='w', middleware=[]).unknown_options() == []


def test_networks_may_be_addresses_of_either_kind_as_yaml_brings_them():
    given = config(allowed_networks=[b'192.0.2.7', '2001:db8::/32'],
                   trusted_proxies=[b'10.0.0.0/8'])
    assert given.allowed == ['192.0.2.7', '2001:db8::/32']
    assert given.proxies == ['10.0.0.0/8']


def test_the_fields_of_a_look_up_have_labels_and_its_token_may_be_in_a_file(tmpdir):
    path = tmpdir.join('token')
    path.write('Token sesam\n')
    rules = config(extras_url='https://x/?q={from_addr}', snappy_staff_id=1,
                   extras_fields=[{'Clinic': 'clinic.name'}, 'due'],
                   extras_token_file=str(path)).lookup_rules
    assert rules.fields == [('Clinic', ('clinic', 'name')), ('due', ('due',))]
    assert (rules.token, rules.timeout) == ('Token sesam', 5.0)
    assert 'sesam' not in repr(rules)
    assert config().lookup_rules.fields == []
