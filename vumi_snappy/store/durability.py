"""Whether Redis could lose what it has acknowledged, and whether we can work with it at all.

Asked once a connection; the worker says it at start and in health.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.records import SCHEMA_VERSION
from vumi_snappy.store.errors import StoreRefused

#: ZPOPMIN, and scripts that may use the time and then write.
OLDEST_REDIS = (5, 0)
#: Behind the prefix: a key that is there while answers of no ticket can be that schema 1 has not
#: listed, and seconds for which that is.
UNLISTED, _UNLISTED_FOR = ':unlisted_answers', 60 * 86400


def parse_info(answer):
    # type: (bytes) -> Dict[Text, Text]
    """The fields of Redis's INFO."""
    lines = answer.decode('utf-8', 'replace').splitlines()
    parts = [line.partition(':') for line in lines if line[:1] != '#']
    return {name: value for name, colon, value in parts if colon}


@defer.inlineCallbacks
def check_durability(connection, prefix):
    # type: (Any, Text) -> Any
    """Fires with what could lose data, in words with the cure, or an empty text.

    Errors: `StoreRefused` when Redis is too old, or the data was written by a newer vumi-snappy.
    """
    info = parse_info((yield connection.send('INFO')))
    version = tuple(int(part) for part in info.get('redis_version', '0').split('.')[:2]
                    if part.isdigit())
    if version < OLDEST_REDIS:
        raise StoreRefused('Redis %s is too old: vumi-snappy needs %d.%d or later' % (
            info.get('redis_version'), OLDEST_REDIS[0], OLDEST_REDIS[1]))
    schema = yield connection.send('GET', prefix + ':schema')
    if schema is None or int(schema) < SCHEMA_VERSION:
        # What is there is read as it is; what is stored from now on, older versions can not read.
        if schema is not None:
            yield connection.send('SET', prefix + UNLISTED, '1', 'EX', _UNLISTED_FOR)
        yield connection.send('SET', prefix + ':schema', '%d' % SCHEMA_VERSION)
    elif int(schema) > SCHEMA_VERSION:
        raise StoreRefused(
            'the data under %s: was written by a newer vumi-snappy (schema %d, this one knows '
            '%d): run that version, or use another key_prefix' % (
                prefix, int(schema), SCHEMA_VERSION))
    if info.get('aof_enabled') != '1':
        defer.returnValue(
            'Redis keeps no append-only file, so a crash of it loses messages that were '
            'accepted: set "appendonly yes" in redis.conf, or CONFIG SET appendonly yes')
    defer.returnValue('')
