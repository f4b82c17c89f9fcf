"""An operator's mistakes are all told at once, in words that say what to write instead."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os

import pytest
import six
import yaml

from tests.config.test_samples import text
from vumi_snappy.config import ConfigError, SnappyBouncerConfig

SAMPLE = text('config', 'snappy_bouncer.yaml')
FINE = {
    'transport_name': 'sms', 'redis_manager': {'host': '127.0.0.1', 'port': 6379},
    'snappy_api_url': 'https://desk.example.org/api/v1', 'snappy_api_key': 'the-api-key',
    'snappy_mailbox_id': 1, 'webhook_secret': 'the-secret',
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


def test_an_option_with_nothing_behind_it_is_as_if_it_were_left_out():
    left_out = SnappyBouncerConfig(FINE, static=True)
    given = {field.name: None for field in SnappyBouncerConfig._get_fields()
             if field.default is not None}
    assert len(given) > 40
    nothing = SnappyBouncerConfig(dict(given, **FINE), static=True)
    for name in given:
        assert isinstance(getattr(nothing, name), type(getattr(left_out, name))), name
    assert nothing.extras == nothing.allowed_networks == nothing.trusted_proxies == []
    assert nothing.snappy_rate_limit == 200


def test_no_keywords_are_none():
    assert config(opt_out_keywords=[], opt_in_keywords='', session_start_without_text='')


def test_the_sample_needs_nothing_but_its_secrets():
    sample = yaml.safe_load(SAMPLE)
    with pytest.raises(ConfigError) as caught:
        SnappyBouncerConfig(sample, static=True)
    words = "still has the sample's words: put the real one in their place."
    assert sorted(caught.value.errors) == [
        "Field 'snappy_api_key' " + words, "Field 'webhook_secret' " + words]
    SnappyBouncerConfig(dict(sample, snappy_api_key='the-api-key', webhook_secret='the-secret'),
                        static=True)


def test_the_defaults_are_those_of_the_sample():
    commented = yaml.safe_load('\n'.join(
        line[1:] for line in SAMPLE.splitlines()
        if line.startswith('#') and line[1:2].isalpha() and ': ' in line
        and not line.startswith(('#extras:', '#extras_fields:'))))
    given = config()
    for name in ('snappy_rate_limit', 'snappy_timeout', 'snappy_concurrency',
                 'new_ticket_after', 'web_endpoint', 'web_path', 'web_body_limit',
                 'allowed_networks', 'trusted_proxies', 'health_path',
                 'retry_initial_delay', 'retry_delay_factor', 'retry_max_delay', 'give_up_after',
                 'ticket_retention', 'session_prompt', 'session_reply', 'auto_reply',
                 'out_of_hours_reply', 'auto_reply_every', 'max_reply_parts', 'fold_typography',
                 'reply_cut_marker', 'ack_timeout', 'delivered_notice', 'extras_timeout',
                 'metrics_prefix', 'metrics_publish_interval', 'amqp_prefetch_count'):
        assert getattr(given, name) == commented[name], name


def test_every_option_is_in_the_sample():
    assert [name for name in SnappyBouncerConfig._field_names
            if '\n%s:' % name not in SAMPLE and '\n#%s:' % name not in SAMPLE] == []


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
    (dict(web_body_limit=1000), "must be from 1048576 to 16777216, not 1000."),
    (dict(web_body_limit=1048576.5), "'web_body_limit' must be a whole number"),
    (dict(snappy_api_key=None), 'snappy_api_key'),
    (dict(snappy_api_key=''), 'must not be empty'),
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
    (dict(URL, extras_fields='a', snappy_staff_id=1), 'must be a list of paths'),
    (dict(URL, extras_fields=['a..b'], snappy_staff_id=1), 'is neither'),
    (dict(URL, extras_fields=[{'A': 'a', 'B': 'b'}], snappy_staff_id=1), 'is neither'),
    (dict(URL, extras_token='x\ny', snappy_staff_id=1), 'printable ASCII'),
    (dict(URL, extras_token='x', extras_token_file='/x', snappy_staff_id=1), 'not both'),
    (dict(URL, extras_timeout=0, snappy_staff_id=1), 'must be from 0.1'),
    (dict(web_endpoint='8020'), 'is not a Twisted endpoint'),
    (dict(snappy_rate_limit=-1), 'must be from 0'),
    (dict(snappy_timeout=True), 'must be a number'),
    (dict(snappy_concurrency=0), 'from 1 to 1000'),
    (dict(snappy_api_url=None), "Missing required config field 'snappy_api_url'"),
    (dict(snappy_api_url='desk.example.org'), 'must begin with https://'),
    (dict(snappy_api_url='https://'), 'and a host'),
    (dict(snappy_api_url='https:///api/v1'), 'and a host'),
    (dict(snappy_api_url='https://:443/api/v1'), 'and a host'),
    (dict(snappy_api_url='https://desk.example.org:https/'), 'and a host'),
    (dict(snappy_api_url='https://me:key@desk.example.org/'), 'have no user name'),
    (dict(snappy_api_url='https://desk\u2013x.example.org/'), 'printable ASCII'),
    (dict(console_ticket_url='https:///{id}'), 'and a host'),
    (dict(snappy_mailbox_id=0), "'snappy_mailbox_id' must be from 1 to 2147483647"),
    (dict(snappy_mailbox_id=-1), "'snappy_mailbox_id' must be from 1 to 2147483647"),
    (dict(snappy_staff_id=0), "'snappy_staff_id' must be from 1 to 2147483647"),
    (dict(snappy_api_key='x'), "'snappy_api_key' must have at least 8 characters"),
    (dict(webhook_secret=['the-secret', 'x']), "'webhook_secret' must have at least 8"),
    (dict(webhook_secret='put-a-long-random-secret-here'), "the sample's words"),
    (dict(snappy_api_key='put-the-api-key-here'), "the sample's words"),
    (dict(URL, extras_token='Token put-the-token-here', snappy_staff_id=1), "the sample's words"),
    (dict(bouncer_api_users={'sandbox': 'the-api-key-that-the-sandbox-has'}), "sample's words"),
    (dict(bouncer_api_users={'sandbox': ['the-api-key', 'x']}), 'at least 8 characters'),
    (dict(health_path='/snappy/'), 'must differ'),
    (dict(allowed_networks=['10.0.0.0/33']), "'allowed_networks' must list addresses"),
    (dict(trusted_proxies=['localhost']), "'trusted_proxies' must list addresses"),
    (dict(trusted_proxies=[7]), "'7' is none"),
    (dict(allowed_networks='192.0.2.7'), 'allowed_networks'),
    (dict(redis_manager={'port': 'x'}), 'a number as port'),
    (dict(transport_name='SMS'), 'lower case'),
    (dict(queue_age_degraded=0), "'queue_age_degraded' must be from 1"),
    (dict(queue_age_degraded='long'), "'queue_age_degraded' could not be converted"),
    (dict(metrics_publish_interval=0), "'metrics_publish_interval' must be from 0.1"),
])
def test_each_mistake_is_named_with_its_field(options, told):
    assert told in errors(**options)


def test_statuses_are_published_only_where_that_was_asked_for():
    assert (config().publish_status, config().queue_age_degraded) == (False, 600)
    assert config(publish_status=True).publish_status is True


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


@pytest.mark.skipif(six.PY2, reason='Vumi is there, with its middlewares')
def test_middlewares_that_come_with_vumi_are_told_by_name_with_all_that_is_wrong():
    said = errors(snappy_timeout=-1, middleware=[
        {'log': 'vumi.middleware.logging.LoggingMiddleware'}, {'mine': 'vumi_words.Mine'},
        {'tag': {'class': 'vumi.middleware.tagger.TaggingMiddleware'}}])
    for each in ('vumi.middleware.logging.LoggingMiddleware comes with Vumi',
                 'vumi.middleware.tagger.TaggingMiddleware comes with Vumi', 'snappy_timeout'):
        assert each in said
    assert 'vumi_words' not in said


def test_networks_may_be_addresses_of_either_kind_as_yaml_brings_them():
    given = config(allowed_networks=[b'192.0.2.7', '2001:db8::/32'],
                   trusted_proxies=[b'10.0.0.0/8'])
    assert given.allowed_networks == ['192.0.2.7', '2001:db8::/32']
    assert given.trusted_proxies == ['10.0.0.0/8']


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


@pytest.mark.parametrize('url', [
    'https://app.besnappy.com/api/v1', 'https://BeSnappy.com', 'http://x.besnappy.com:8080/'])
def test_snappys_own_domain_is_warned_of(url):
    [told] = config(snappy_api_url=url).expired_domains()
    assert "'snappy_api_url' is at besnappy.com" in told and 'has expired' in told
    [told] = config(console_ticket_url=url + '#{id}').expired_domains()
    assert "'console_ticket_url'" in told


@pytest.mark.parametrize('url', ['https://notbesnappy.com/', 'https://besnappy.com.example.org/'])
def test_other_domains_are_not(url):
    assert config(snappy_api_url=url).expired_domains() == []


DASH = '\u2013'


@pytest.mark.parametrize('options, told', [
    ({'snappy_timeout': '10' + DASH + '30'}, "'snappy_timeout' could not be converted"),
    ({'transport_name': 'sms' + DASH + 'line'}, "'transport_name' must be of printable ASCII, but"
     " is 'sms" + DASH + "line'"),
    ({'worker_name': 'z' + DASH}, "'worker_name' must be of printable ASCII"),
    ({'metrics_prefix': 'vumi' + DASH}, "'metrics_prefix' must be of printable ASCII"),
    ({'web_endpoint': 'tcp:8020:interface=127.0.0.1' + DASH}, "'web_endpoint' is not a Twisted"),
    ({'redis_manager': {'host' + DASH: 'x'}}, 'unknown keys: host' + DASH),
    ({'redis_manager': {'port': '6379' + DASH}}, 'a number as port'),
    ({'allowed_networks': ['10.0.0.0' + DASH + '8']}, "'10.0.0.0" + DASH + "8' is none"),
    ({'allowed_networks': [b'10.0.0.0\xe2\x80\x938']}, "'10.0.0.0" + DASH + "8' is none"),
    ({'snappy_api_key': None, 'snappy_api_key_file': '/no' + DASH + 'where'}, 'No such file'),
    ({'console_users_file': '/no' + DASH}, "'console_users_file' names a file"),
    ({'console_users': {'lerato' + DASH: 'x'}}, 'what lerato' + DASH + ' has is not'),
    ({'opening_hours': {'time_zone': 'Africa/Johannesburg', 'monday': '08:00' + DASH + '17:00'}},
     "'opening_hours'"),
    ({'opening_hours': {'time_zone': 'Africa' + DASH, 'monday': '08:00-17:00'}},
     "'opening_hours'"),
    ({'ticket_subject': 'Hi {name' + DASH + '}'}, "'ticket_subject'"),
    ({'contact_address': 'x' + DASH + '@example.org'}, 'must hold {from_addr}'),
    ({'extras': ['helper_metadata' + DASH], 'snappy_staff_id': 1}, "'extras'"),
    ({'max_reply_segments': {'sms': DASH}}, "'max_reply_segments' must be a whole number"),
    ({'long_replies': DASH}, "'long_replies' must be"),
    ({'send_to': {'sms' + DASH: 7}}, 'See sms' + DASH),
])
def test_a_letter_that_is_not_ascii_is_told_like_any_other(options, told):
    with pytest.raises(ConfigError) as caught:
        config(snapy_timeout=3, **options)
    assert told in '%s' % (caught.value,)
    assert told in six.ensure_text(str(caught.value))


def test_an_option_whose_name_is_not_ascii_is_told():
    for name in ('snappy_t\xefmeout', b'snappy_t\xc3\xafmeout'):
        given = SnappyBouncerConfig(dict(list(FINE.items()) + [(name, 3)]), static=True)
        assert given.unknown_options() == ['snappy_t\xefmeout (did you mean snappy_timeout?)']


def test_a_file_may_have_any_name(tmpdir, monkeypatch):
    path = os.path.join('%s' % (tmpdir,), 'schl\xfcssel')
    with io.open(path.encode('utf-8'), 'wb') as out:
        out.write(b'file-key-1\n')
    assert config(snappy_api_key=None, snappy_api_key_file=path).api_key == 'file-key-1'
