"""What redis_manager may say, and what is said of what it may not."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tests.config import test_config
from tools.certificates import make_certificates
from vumi_snappy.store import RedisServer

SENTINELS = ['10.0.0.1:26379', 'sentinel-2.example.org:26380']


def config(**redis_manager):
    return test_config.config(redis_manager=redis_manager)


@pytest.fixture(scope='module')
def certificates(tmpdir_factory):
    return make_certificates('%s' % (tmpdir_factory.mktemp('certificates'),))


def test_vumis_own_keys_mean_what_they_mean_there():
    made = config(host='redis.example.org', port='6380', db='3', password='sesame',
                  key_prefix='bridge')
    assert made.redis == RedisServer('redis.example.org', 6380, 3, password='sesame')
    assert made.key_prefix == 'bridge'
    assert config().redis == RedisServer('127.0.0.1', 6379, 0)
    assert config().key_prefix == 'vumi_snappy'


def test_sentinels_are_pairs_of_host_and_port():
    made = config(sentinels=SENTINELS, service_name='bridge', sentinel_password='sesame',
                  wait_replicas=1, db=1).redis
    assert made.sentinels == [('10.0.0.1', 26379), ('sentinel-2.example.org', 26380)]
    assert (made.service_name, made.wait_replicas, made.db) == ('bridge', 1, 1)


def test_no_secret_is_in_the_words_for_a_server():
    made = config(sentinels=SENTINELS, service_name='bridge', username='bridge',
                  password='sesame', sentinel_password='sesame').redis
    assert 'sesame' not in repr(made) + str(made)


def test_tls_is_that_of_the_system_or_of_files(certificates):
    assert config(tls=True).redis.tls.certificate is None
    assert config(tls=False).redis.tls is None
    made = config(tls={'ca_file': certificates['ca'], 'certificate_file': certificates['client'],
                       'key_file': certificates['client_key']}).redis.tls
    assert made.trust is not None and made.certificate is not None


@pytest.mark.parametrize('given, said', [
    ({'prot': 6379}, 'unknown keys: prot'),
    ({'port': 'x'}, 'must have a number as port'),
    ({'port': 65536}, 'must have a number from 0 to 65535 as port'),
    ({'wait_replicas': -1}, 'must have a number from 0 to 100 as wait_replicas'),
    ({'host': ['a']}, 'must have a text as host'),
    ({'username': 'bridge'}, 'gives username without password'),
    ({'unix_socket': '/run/redis.sock', 'host': 'a'}, 'gives host and unix_socket: give one'),
    ({'unix_socket': '/run/redis.sock', 'tls': True}, 'a unix_socket has none'),
    ({'sentinels': SENTINELS}, 'gives sentinels without service_name'),
    ({'service_name': 'bridge'}, 'gives service_name without sentinels'),
    ({'sentinel_password': 'sesame'}, 'gives sentinel_password without sentinels'),
    ({'sentinels': '10.0.0.1:26379', 'service_name': 'b'}, 'a list of texts like 10.0.0.1:26379'),
    ({'sentinels': ['10.0.0.1'], 'service_name': 'b'}, 'a list of texts like 10.0.0.1:26379'),
    ({'sentinels': ['a:0'], 'service_name': 'b'}, 'a list of texts like 10.0.0.1:26379'),
    ({'sentinels': [1], 'service_name': 'b'}, 'a list of texts like 10.0.0.1:26379'),
    ({'tls': 'yes'}, 'must have true as tls, or some of ca_file'),
    ({'tls': {'ca': 'x'}}, 'must have true as tls, or some of ca_file'),
    ({'tls': {'ca_file': '/not/there'}}, 'names as tls.ca_file a file that can not be read'),
    ({'tls': {'ca_file': 3.5}}, 'names as tls.ca_file a file that can not be read'),
    ({'tls': {'ca_file': __file__}}, 'names as tls.ca_file a file that is not in the format PEM'),
    ({'tls': {'certificate_file': __file__}},
     'both or none of tls.certificate_file and tls.key_file'),
    ({'tls': {'certificate_file': __file__, 'key_file': __file__}},
     'names as tls.certificate_file a file that is not in the format PEM')])
def test_what_is_wrong_is_told_by_its_name(given, said):
    told = test_config.errors(redis_manager=given)
    assert "Field 'redis_manager' " in told
    assert said in told
    assert 'sesame' not in told
