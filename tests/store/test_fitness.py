"""What each version's INFO says of a Redis that holds messages, and what to do about it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet import defer

from vumi_snappy.store import StoreRefused, StoreUnavailable
from vumi_snappy.store.fitness import ask_info, flaws, parse_info

#: As Redis 7.0 tells it, in the parts that matter.
FIT = (b'# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n\r\n# Memory\r\n'
       b'used_memory:1000\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n\r\n'
       b'# Persistence\r\nloading:0\r\nrdb_last_bgsave_status:ok\r\naof_enabled:1\r\n'
       b'aof_last_bgrewrite_status:ok\r\naof_last_write_status:ok\r\n\r\n'
       b'# Replication\r\nrole:master\r\nconnected_slaves:0\r\n')
VALKEY = FIT.replace(
    b'redis_version:7.0.15\r\nredis_mode:standalone',
    b'redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\nserver_mode:standalone')
OLD = FIT.replace(b'redis_version:7.0.15', b'redis_version:5.0.14')
NEW = FIT.replace(b'redis_version:7.0.15', b'redis_version:8.0.2')


class Asked(object):
    """A connection that answers what the test says."""

    def __init__(self, info):
        self.info = info

    def ask(self, command):
        return defer.succeed(self.info)


def found(info):
    told = []
    asked = ask_info(Asked(info)).addCallback(lambda fields: list(flaws(fields, 0.0)))
    asked.addBoth(told.append)
    return told[0]


@pytest.mark.parametrize('info', [FIT, VALKEY, OLD, NEW])
def test_a_fit_redis_or_valkey_of_any_version_has_no_flaw(info):
    assert found(info) == []


@pytest.mark.parametrize('was, unfit, kind, cure', [
    (b'aof_enabled:1', b'aof_enabled:0', 'no_aof', 'appendonly yes'),
    (b'policy:noeviction', b'policy:allkeys-lru', 'evicts', 'maxmemory-policy noeviction'),
    (b'policy:noeviction', b'policy:volatile-ttl', 'evicts', 'maxmemory-policy noeviction'),
    (b'maxmemory:0', b'maxmemory:1100', 'memory', 'raise maxmemory'),
    (b'aof_last_write_status:ok', b'aof_last_write_status:err', 'disk', 'space'),
    (b'aof_last_bgrewrite_status:ok', b'aof_last_bgrewrite_status:err', 'disk', 'space'),
    (b'rdb_last_bgsave_status:ok', b'rdb_last_bgsave_status:err', 'disk', 'space')])
@pytest.mark.parametrize('info', [FIT, VALKEY])
def test_each_flaw_is_told_with_its_cure(info, was, unfit, kind, cure):
    [flaw] = found(info.replace(was, unfit))
    assert flaw.kind == kind
    assert cure in flaw.text


def test_memory_that_is_far_from_full_is_no_flaw():
    assert found(FIT.replace(b'maxmemory:0', b'maxmemory:1200')) == []


def test_several_flaws_are_all_told():
    info = FIT.replace(b'aof_enabled:1', b'aof_enabled:0').replace(b'noeviction', b'allkeys-lru')
    assert [flaw.kind for flaw in found(info)] == ['evicts', 'no_aof']


def test_a_refused_info_is_told_as_what_can_not_be_known():
    [flaw] = found(None)
    assert flaw.kind == 'unknown' and 'can not be known' in flaw.text


def test_a_clock_that_went_back_is_told_beside_what_can_not_be_known():
    assert [flaw.kind for flaw in flaws({}, 3600.0)] == ['unknown', 'clock_back']
    assert [flaw.kind for flaw in flaws(parse_info(FIT), 3600.0)] == ['clock_back']


@pytest.mark.parametrize('was, unusable, error, said', [
    (b'role:master', b'role:slave', StoreUnavailable, 'it is a replica'),
    (b'7.0.15', b'4.0.9', StoreRefused, 'too old'),
    (b'redis_mode:standalone', b'redis_mode:cluster', StoreRefused, 'Cluster'),
    (b'redis_mode:standalone', b'server_mode:cluster', StoreRefused, 'Cluster')])
def test_a_redis_that_can_not_be_worked_with_is_an_error(was, unusable, error, said):
    failed = found(FIT.replace(was, unusable))
    assert failed.check(error)
    assert said in failed.getErrorMessage()
