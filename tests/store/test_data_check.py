"""The data of one bridge are refused to any other, until an operator says that it was renamed."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted
from twisted.internet import defer

from vumi_snappy.store import StoreUnavailable


@defer.inlineCallbacks
def refused(opened):
    """Fires with why a store was never usable."""
    store = yield opened
    yield store.connection.send('PING').addErrback(lambda failed: failed.trap(StoreUnavailable))
    defer.returnValue(store.trouble)


@pytest_twisted.inlineCallbacks
def test_the_first_bridge_to_start_is_remembered_and_another_one_is_refused(bench):
    yield bench.another(owner='sms_bounce', claims=True)
    why = yield refused(bench.another(owner='ussd_bounce', claims=True, wait=False))
    assert '"sms_bounce", not "ussd_bounce"' in why
    for word in ('transport_name', 'key_prefix', 'own-store'):
        assert word in why


@pytest_twisted.inlineCallbacks
def test_more_workers_of_the_same_bridge_are_taken_and_who_only_looks_claims_nothing(bench):
    yield bench.another(owner='somebody')
    yield bench.another(owner='sms_bounce', claims=True)
    yield bench.another(owner='sms_bounce', claims=True)
    yield bench.another(owner='sms_bounce')
    assert 'sms_bounce' in (yield refused(bench.another(owner='somebody', wait=False)))


@pytest_twisted.inlineCallbacks
def test_an_operator_says_that_the_bridge_was_renamed(bench):
    yield bench.another(owner='sms_bounce', claims=True)
    assert (yield bench.store.take_over('sms_new', 'command line (ops)')) == 'sms_bounce'
    yield bench.another(owner='sms_new', claims=True)
    assert (yield refused(bench.another(owner='sms_bounce', claims=True, wait=False)))
    [entry] = yield bench.store.operators.audits()
    assert (entry['who'], entry['detail']) == ('command line (ops)', 'sms_new')
