"""A long reply reaches its person in order and once, and whatever comes of a part is told."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted
from vumi.message import TransportEvent

from tests.flows.conftest import NONCE, BenchClock
from tests.flows.test_responder import ENVELOPE, Answering
from vumi_snappy.addressing import Routes
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.records import Inbound, Wait
from vumi_snappy.replies import LongReply, ReplyRules
from vumi_snappy.responder import Responder

LONG = 'The clinic is open. ' * 20
SPLIT = ReplyRules(max_segments={'default': 1}, max_parts=3)
REFUSE = ReplyRules(max_segments={'default': 1}, long_replies={'default': LongReply.REFUSE})


@pytest.fixture
def answering(bench):
    made = Answering(bench)
    made.responder = Responder(BenchClock(bench.clock), bench.store, made.bus, made.counts, SPLIT,
                               notices=True)
    pytest_twisted.blockon(made.ticket_is_open())
    return made


def texts(answering):
    return [message['content'] for _, message in answering.bus.published]


@pytest_twisted.inlineCallbacks
def test_all_parts_leave_together_in_order_with_one_receipt(answering):
    yield answering.bench.answers(LONG, NONCE)
    yield answering.turn()
    assert [text[:6] for text in texts(answering)] == ['(1/3) ', '(2/3) ', '(3/3) ']
    assert len(answering.bus.receipts) == 1
    ids = [message['message_id'] for _, message in answering.bus.published]
    assert len(set(ids)) == 3
    assert {message['in_reply_to'] for _, message in answering.bus.published} == {'last-message'}
    assert answering.counts.counted == {'replies.published': 1}
    [ticket] = yield answering.bench.store.recent_tickets()
    assert [part['message_id'] for part in ticket['replies'][0]['parts']] == ids


@pytest_twisted.inlineCallbacks
def test_what_is_written_into_one_part_is_in_no_other(answering):
    yield answering.bench.answers(LONG, NONCE)
    yield answering.turn()
    messages = [message for _, message in answering.bus.published]
    for number, message in enumerate(messages):
        message['transport_metadata']['written'] = number
    assert [message['transport_metadata']['written'] for message in messages] == [0, 1, 2]


@pytest_twisted.inlineCallbacks
def test_the_first_part_has_the_id_that_the_reply_would_have_had_in_one(answering):
    yield answering.bench.answers(LONG, NONCE)
    attempt = yield answering.turn()
    assert answering.bus.published[0][1]['message_id'] == attempt.message_id


@pytest.mark.parametrize('error, turn', [
    (BusUnavailable('away'), Answering.turn),
    (PublishUnknown('lost'), Answering.turn_of_two_looks)])
@pytest_twisted.inlineCallbacks
def test_a_later_try_publishes_the_same_whatever_the_rules_are_by_then(answering, error, turn):
    yield answering.bench.answers(LONG, NONCE)
    answering.bus.answers = [error]
    yield answering.turn()
    answering.responder = Responder(
        BenchClock(answering.bench.clock), answering.bench.store, answering.bus,
        answering.counts, REFUSE)
    answering.bench.clock.advance(20)
    yield turn(answering)
    assert [text[:6] for text in texts(answering)] == ['(1/3) ', '(2/3) ', '(3/3) ']


@pytest_twisted.inlineCallbacks
def test_an_event_of_a_part_proves_that_all_parts_are_on_the_bus(answering):
    yield answering.bench.answers(LONG, NONCE)
    answering.bus.answers = [PublishUnknown('lost')]
    yield answering.turn()
    [ticket] = yield answering.bench.store.recent_tickets()
    part = ticket['replies'][0]['parts'][2]
    yield answering.responder.event(TransportEvent(
        event_type='ack', user_message_id=part['message_id'], sent_message_id='x'))
    answering.bench.clock.advance(20)
    assert isinstance((yield answering.turn()), Wait)
    assert texts(answering) == []
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_a_reply_that_is_too_long_is_refused_with_a_private_note(answering):
    yield answering.bench.answers(LONG * 3, NONCE)
    yield answering.turn()
    assert texts(answering) == []
    assert (yield answering.states()) == ['refused']
    assert answering.counts.counted == {'replies.refused': 1}
    notice = yield answering.bench.store.forwards.claim()
    assert notice.text.startswith('it is about ')
    yield answering.bench.store.forwards.finish(notice, NONCE, '')
    tag = yield answering.bench.store.forwards.claim()
    assert tag.text == '#undelivered'


@pytest_twisted.inlineCallbacks
def test_what_may_be_on_the_bus_already_is_not_refused_before_the_receipts_are_read(answering):
    answering.bus.answers = [PublishUnknown('lost')]
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    yield answering.turn()
    answering.responder = Responder(
        BenchClock(answering.bench.clock), answering.bench.store, answering.bus, answering.counts,
        ReplyRules(max_segments={'default': 1}, long_replies={'default': LongReply.REFUSE}))
    answering.bus.unread = 1
    answering.bench.clock.advance(20)
    yield answering.turn()
    assert (yield answering.states()) == ['publishing']


@pytest_twisted.inlineCallbacks
def test_a_reply_by_another_endpoint_leaves_there_and_has_the_length_of_its_transport(answering):
    answering.responder = Responder(
        BenchClock(answering.bench.clock), answering.bench.store, answering.bus, answering.counts,
        ReplyRules(max_segments={'default': 0, 'ussd': 1}, max_parts=3, routes=Routes(
            endpoints={'sms': 'by_ussd'}, send_to={'by_ussd': {'transport_type': 'ussd'}})))
    yield answering.bench.answers(LONG, NONCE)
    yield answering.turn()
    assert [endpoint for endpoint, _ in answering.bus.published] == ['by_ussd'] * 3
    for _, message in answering.bus.published:
        assert (message['transport_type'], message['in_reply_to']) == ('ussd', None)
        assert (message['to_addr'], message['transport_metadata']) == ('+27820001001', {})


@pytest_twisted.inlineCallbacks
def test_an_old_message_is_written_to_without_being_replied_to(answering):
    answering.responder = Responder(
        BenchClock(answering.bench.clock), answering.bench.store, answering.bus, answering.counts,
        ReplyRules(routes=Routes(reply_to_within={'default': 60.0})))
    yield answering.bench.store.accept_inbound(Inbound(
        message_id='newer', from_addr='+27820001001', endpoint='sms_endpoint',
        transport_type='sms', content='Hi', sent_at=0.0, subject='s', contact_address='c',
        envelope=dict(ENVELOPE, message_id='newer',
                      received_at=answering.bench.clock.seconds())))
    for later in (60, 1):
        answering.bench.clock.advance(later)
        yield answering.bench.answers('<p>Hi</p>', NONCE)
        yield answering.turn()
    assert [message['in_reply_to'] for _, message in answering.bus.published] == ['newer', None]


@pytest_twisted.inlineCallbacks
def test_of_a_reply_with_a_signature_what_stands_above_the_marker_is_published(answering):
    answering.responder = Responder(
        BenchClock(answering.bench.clock), answering.bench.store, answering.bus, answering.counts,
        ReplyRules(cut_marker='--'), notices=True)
    yield answering.bench.answers('<p>Come on Monday.</p><p>--</p><p>Thandi</p>', NONCE)
    yield answering.turn()
    assert texts(answering) == ['Come on Monday.']
