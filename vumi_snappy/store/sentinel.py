"""Asking Sentinels which Redis is the master now.

All of them are asked at once: one that was cut off from the others may still name the old master.
The answer of the latest fail-over (the highest configuration epoch) counts.  While a fail-over is
under way there is no master: what the old one is told may be lost.  The connection uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.store.errors import StoreUnavailable
from vumi_snappy.store.protocol import RedisProtocol, quiet_factory

#: Seconds that one Sentinel may take: the others are waited for no longer by those who answered.
_PATIENCE = 1.0


@attr.s(frozen=True, slots=True)
class Master(object):
    """Where the master is, as of the fail-over number `epoch`; `leaving`: it is being replaced."""

    epoch = attr.ib()  # type: int
    host = attr.ib()  # type: Text
    port = attr.ib()  # type: int
    leaving = attr.ib(default=False)  # type: bool


@defer.inlineCallbacks
def find_master(reactor, server):
    """Fires with the `Master` that the Sentinels of `server` name.

    Errors: `StoreUnavailable` where none of them answers, or knows `service_name`, or while it is
    being replaced.
    """
    answers = yield defer.DeferredList(
        [_ask(reactor, server, host, port) for host, port in server.sentinels], consumeErrors=True)
    masters = [answer for worked, answer in answers if worked]
    if not masters:
        raise StoreUnavailable('no Sentinel names the master of %s: %s' % (
            server.service_name,
            ', '.join(sorted({reason.getErrorMessage() for _, reason in answers}))))
    latest = max(each.epoch for each in masters)
    current = [each for each in masters if each.epoch == latest]
    if any(each.leaving for each in current):
        raise StoreUnavailable('the master of %s is being replaced' % (server.service_name,))
    defer.returnValue(current[0])


@defer.inlineCallbacks
def _ask(reactor, server, host, port):
    factory = quiet_factory(lambda: RedisProtocol(
        reactor, _PATIENCE, lambda why: None, username=server.sentinel_username,
        password=server.sentinel_password))
    connecting = server.endpoint(reactor, _PATIENCE, host, port).connect(factory)
    sentinel = yield connecting.addTimeout(_PATIENCE, reactor)
    try:
        yield sentinel.ready
        answer = yield sentinel.send('SENTINEL', 'MASTER', server.service_name)
    finally:
        sentinel.transport.abortConnection()
    defer.returnValue(_read(answer))


def _read(answer):
    # type: (List[bytes]) -> Master
    texts = [each.decode('utf-8', 'replace') for each in answer]
    fields = dict(zip(texts[::2], texts[1::2]))  # type: Dict[Text, Text]
    flags = fields.get('flags', '').split(',')
    return Master(int(fields.get('config-epoch', 0)), fields['ip'], int(fields['port']),
                  'o_down' in flags or 'failover_in_progress' in flags)
