"""Is this Redis fit to hold messages?

A PING says nothing of it: a Redis that evicts, keeps no file or has a clock that went back answers
like any other, and loses or doubles messages later.  So it is looked at when the store connects,
and every minute after; health, the metrics, the console and the commands show each `Flaw` with its
cure.  Written for Redis 5 to 8 and Valkey.  The store alone calls it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import itertools
from typing import Any, Dict, Iterator, Text  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.store.errors import StoreRefused, StoreUnavailable

#: ZPOPMIN, and scripts that may use the time and then write.
OLDEST_REDIS = (5, 0)
#: The part of maxmemory from which on it is nearly full.
NEARLY_FULL = 0.9


@attr.s(frozen=True, slots=True)
class Flaw(object):
    """Something that makes a Redis unfit: a word for it, and what it is with what to do."""

    kind = attr.ib()  # type: Text
    text = attr.ib()  # type: Text


def parse_info(answer):
    # type: (bytes) -> Dict[Text, Text]
    """The fields of Redis's INFO."""
    lines = answer.decode('utf-8', 'replace').splitlines()
    parts = [line.partition(':') for line in lines if line[:1] != '#']
    return {name: value.strip() for name, colon, value in parts if colon}


@defer.inlineCallbacks
def ask_info(connection):
    # type: (Any) -> Any
    """Fires with the fields of INFO; with none where an ACL refuses it.

    Errors: `StoreUnavailable` where it is a replica, and `StoreRefused` where it is too old or a
    cluster: nothing can be stored there.
    """
    info = parse_info((yield connection.ask('INFO')) or b'')
    if info:
        _check_usable(info)
    defer.returnValue(info)


def _check_usable(info):
    # type: (Dict[Text, Text]) -> None
    version = tuple(int(part) for part in info.get('redis_version', '0').split('.')[:2]
                    if part.isdigit())
    if version < OLDEST_REDIS:
        raise StoreRefused('Redis %s is too old: vumi-snappy needs %d.%d or later' % (
            info.get('redis_version'), OLDEST_REDIS[0], OLDEST_REDIS[1]))
    if 'cluster' in (info.get('redis_mode'), info.get('server_mode')):
        raise StoreRefused('it is a node of a Redis Cluster, whose nodes share the keys out:'
                           ' vumi-snappy needs one Redis that has all, with Sentinel if you like')
    if info.get('role', 'master') != 'master':
        raise StoreUnavailable('it is a replica, which takes no messages: let redis_manager name'
                               ' the master, or the Sentinels that know it')


def flaws(info, clock_back=0.0, watched=False):
    # type: (Dict[Text, Text], float, bool) -> Iterator[Flaw]
    """What makes the Redis of this INFO (empty: it was refused) unfit; its clock was set back by
    `clock_back` seconds, lately; `watched`: Sentinels should replace it when it fails."""
    if info:
        for flaw in itertools.chain(_in_memory(info), _on_disk(info)):
            yield flaw
        if watched and info.get('connected_slaves') == '0':
            yield Flaw('no_replica', 'Redis has no replica that the Sentinels could make the'
                       ' master: start one, and look at its log')
    else:
        yield Flaw('unknown', 'Redis refuses us INFO, so it can not be known whether it keeps an'
                   ' append-only file, evicts, or runs out of memory: allow it to our user, by'
                   ' "ACL SETUSER <user> +info"')
    if clock_back:
        yield Flaw('clock_back', "Redis's clock was set back by %d seconds within the last hour."
                   ' Nothing waits for that, but times that are shown can be wrong: let the'
                   ' machine keep its time by NTP, without steps' % (clock_back,))


def _in_memory(info):
    # type: (Dict[Text, Text]) -> Iterator[Flaw]
    policy = info.get('maxmemory_policy', 'noeviction')
    if policy != 'noeviction':
        yield Flaw('evicts', 'Redis throws messages away when its memory is full (maxmemory-policy'
                   ' is %s): set "maxmemory-policy noeviction" in redis.conf, or CONFIG SET'
                   ' maxmemory-policy noeviction' % (policy,))
    limit, used = float(info.get('maxmemory', 0)), float(info.get('used_memory', 0))
    if limit and used >= NEARLY_FULL * limit:
        yield Flaw('memory', 'Redis uses %d%% of its maxmemory; when that is full, messages wait'
                   ' on the bus and webhooks are turned away: raise maxmemory, or lower'
                   ' ticket_retention' % (100 * used / limit,))


def _on_disk(info):
    # type: (Dict[Text, Text]) -> Iterator[Flaw]
    if info.get('aof_enabled') != '1':
        yield Flaw('no_aof', 'Redis keeps no append-only file, so a crash of it loses messages'
                   ' that were accepted: set "appendonly yes" in redis.conf, or CONFIG SET'
                   ' appendonly yes')
    failed = [name for name, field in (
        ('write to its append-only file', 'aof_last_write_status'),
        ('rewrite of its append-only file', 'aof_last_bgrewrite_status'),
        ('snapshot', 'rdb_last_bgsave_status')) if info.get(field, 'ok') != 'ok']
    if failed:
        yield Flaw('disk', "Redis's last %s failed: look at its log, and at the space and the"
                   ' rights in its folder' % (' and '.join(failed),))
