"""A person whose number comes in several spellings is one, also whom the store knew before."""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import claim
from vumi_snappy.content.numbers import Numbers
from vumi_snappy.records import Inbound, Subscription, TicketUse
from vumi_snappy.store import StoreUnavailable

NOMSA = '+27820001001'
SPELLINGS = [NOMSA, '27820001001', '0027820001001', '0820001001', 'whatsapp:+27820001001']
OUT, BACK = Subscription.OPT_OUT, Subscription.OPT_IN


@pytest.fixture
def bench(make_bench):
    return pytest_twisted.blockon(make_bench(numbers=Numbers('ZA')))


def says(bench, text, who, transport='sms_za', message_id=None, transport_type='sms', wish=None,
         apart='', numbers=Numbers('ZA')):
    """As the intake tells the store of a message from `who`."""
    spelled = numbers.of_message(who, transport_type)
    return bench.store.accept_inbound(Inbound(
        message_id=message_id or uuid.uuid4().hex, from_addr=spelled[0], endpoint='default',
        transport_type=transport_type, content=text, sent_at=bench.clock.seconds(), subject='s',
        contact_address='%s@sms.example.org' % (spelled[0],), subscription=wish,
        tickets=TicketUse.LIVE_ONLY if wish else TicketUse.OPEN, spellings=spelled[1:],
        envelope={'from_addr': who, 'endpoint': 'default', 'transport_name': transport,
                  'transport_type': transport_type}, apart=apart)).addCallback(
                      lambda stored: stored.outcome)


def said_before(bench, text, who, **more):
    """Before the option was switched on."""
    return says(bench, text, who, numbers=Numbers(), **more)


@pytest_twisted.inlineCallbacks
def test_all_spellings_on_one_line_are_one_ticket_and_replies_go_to_the_last(bench):
    for who in SPELLINGS:
        yield says(bench, who, who)
    [ticket] = yield bench.store.recent_tickets()
    assert [m['text'] for m in ticket['messages']] == SPELLINGS
    assert ticket['from_addr'] == NOMSA
    yield bench.forwarded('n1')
    for who in SPELLINGS:
        yield says(bench, 'again', who)
        yield bench.answers('<p>Hi</p>', 'n1')
        reply = yield claim(bench.store.replies)
        assert reply.envelope['from_addr'] == who
        yield bench.store.replies.finish(reply.message_id)


@pytest.mark.parametrize('out_by', SPELLINGS)
@pytest_twisted.inlineCallbacks
def test_an_opt_out_on_one_line_holds_on_every_other(bench, out_by):
    yield says(bench, 'STOP', out_by, transport='sms_other', wish=OUT)
    for who in SPELLINGS:
        assert (yield bench.store.subscriptions.since(who)) is not None
    yield says(bench, 'Help', '0820001001')
    yield bench.forwarded('n1')
    yield bench.answers('<p>Hi</p>', 'n1')
    reply = yield claim(bench.store.replies)
    assert reply.opted_out


@pytest.mark.parametrize('apart', ['', '["8001"]'])
@pytest.mark.parametrize('who', SPELLINGS)
@pytest_twisted.inlineCallbacks
def test_a_ticket_from_before_the_option_goes_on(bench, who, apart):
    yield said_before(bench, 'Help', who, apart=apart)
    yield says(bench, 'Still there?', who, apart=apart)
    [ticket] = yield bench.store.recent_tickets()
    assert [m['text'] for m in ticket['messages']] == ['Help', 'Still there?']


@pytest_twisted.inlineCallbacks
def test_a_message_that_was_stored_before_the_option_is_recognised(bench):
    yield said_before(bench, 'Help', '0820001001', message_id='m1')
    said = yield says(bench, 'Help', '0820001001', message_id='m1')
    other = yield says(bench, 'Help', '0820001002', message_id='m1')
    assert [said.value, other.value] == ['duplicate', 'stored']


@pytest.mark.parametrize('before', SPELLINGS)
@pytest_twisted.inlineCallbacks
def test_an_opt_out_from_before_the_option_holds_for_tickets_of_before_and_after(bench, before):
    yield said_before(bench, 'STOP', before, wish=OUT)
    yield said_before(bench, 'Help', '0820001001')
    yield bench.forwarded('n1')
    yield says(bench, 'Help', '27820001001', transport='sms_other')
    yield bench.forwarded('n2')
    for nonce in ('n1', 'n2'):
        yield bench.answers('<p>Hi</p>', nonce)
        reply = yield claim(bench.store.replies)
        assert reply.opted_out
        yield bench.store.replies.finish(reply.message_id)
    # It is no news, and is undone as a whole.
    assert not (yield bench.store.subscriptions.change(NOMSA, OUT))
    yield says(bench, 'START', '0027820001001', wish=BACK)
    assert (yield bench.store.subscriptions.since(before)) is None


@pytest_twisted.inlineCallbacks
def test_a_new_opt_out_holds_for_a_ticket_from_before_the_option(bench):
    yield said_before(bench, 'Help', '0820001001')
    yield bench.forwarded('n1')
    yield says(bench, 'STOP', NOMSA, transport='sms_other', wish=OUT)
    yield bench.answers('<p>Hi</p>', 'n1')
    assert (yield claim(bench.store.replies)).opted_out


@pytest_twisted.inlineCallbacks
def test_who_has_such_an_id_on_another_kind_of_transport_is_somebody_else(bench):
    yield says(bench, 'STOP', NOMSA, wish=OUT)
    yield says(bench, 'Help', '27820001001', transport='telegram', transport_type='telegram')
    yield bench.forwarded('n1')
    yield bench.answers('<p>Hi</p>', 'n1')
    assert not (yield claim(bench.store.replies)).opted_out


@pytest_twisted.inlineCallbacks
def test_a_reply_is_claimed_again_at_once_where_redis_went_away_between(bench):
    yield says(bench, 'Help', NOMSA)
    yield bench.forwarded('n1')
    yield bench.answers('<p>Hi</p>', 'n1')
    subscriptions, lane = bench.store.subscriptions, bench.store.replies
    subscriptions.opted_out = lambda _envelopes: defer.fail(StoreUnavailable('away'))
    with pytest.raises(StoreUnavailable):
        yield claim(lane)
    del subscriptions.opted_out
    reply = yield claim(lane)
    assert reply.html == '<p>Hi</p>' and not reply.look


@pytest_twisted.inlineCallbacks
def test_a_person_is_found_and_forgotten_in_any_spelling(bench):
    yield said_before(bench, 'Help', '0820001001', message_id='m1')
    yield said_before(bench, 'STOP', '27820001001', wish=OUT)
    yield says(bench, 'Help', 'whatsapp:+27820001001', transport='wa')
    yield says(bench, 'Help', '+27820001002')
    for typed in SPELLINGS:
        found = yield bench.store.lists.find([], [typed])
        assert sorted(each['ticket'] for each in found) == ['1', '2']
    receipt = yield bench.store.lists.forget('0027820001001', 'lerato')
    assert sorted(each['ticket'] for each in receipt['tickets']) == ['1', '2']
    assert receipt['opted_out']
    assert (yield bench.store.subscriptions.since(NOMSA)) is None
    [left] = yield bench.store.recent_tickets()
    assert left['from_addr'] == '+27820001002'
    assert (yield bench.store.lists.forget(NOMSA)) is None
