"""A long reply reaches its person in order and once, and whatever comes of a part is told."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.flow import NONCE
from tests.outbound.test_responder import ENVELOPE, Answering
from tests.store.conftest import claim
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.outbound.reply_rules import LongReply, ReplyRules
from vumi_snappy.outbound.reply_routes import ReplyRoutes
from vumi_snappy.records import Wait

LONG = 'The clinic is open. ' * 20
SPLIT = ReplyRules(max_segments={'default': 1}, max_parts=3)
REFUSE = ReplyRules(max_segments={'default': 1}, long_replies={'default': LongReply.REFUSE})


@pytest.fixture
def answering(make_bench):
    bench = pytest_twisted.blockon(make_bench(notices=True))
    made = Answering(bench)
    made.obey(SPLIT)
    pytest_twisted.blockon(made.ticket_is_open())
    return made


def numbers(answering):
    return [text[:6] for text in answering.texts]


@pytest_twisted.inlineCallbacks
def test_all_parts_leave_together_in_order_with_one_receipt(answering):
    yield answering.reply(LONG)
    assert numbers(answering) == ['(1/3) ', '(2/3) ', '(3/3) ']
    assert len(answering.bus.receipts) == 1
    ids = [message['message_id'] for _, message in answering.bus.published]
    assert len(set(ids)) == 3
    assert {message['in_reply_to'] for _, message in answering.bus.published} == {'last-message'}
    assert answering.counts.counted == {'replies.published': 1}
    [ticket] = yield answering.bench.store.recent_tickets()
    assert [part['message_id'] for part in ticket['replies'][0]['parts']] == ids


@pytest_twisted.inlineCallbacks
def test_what_is_written_into_one_part_is_in_no_other(answering):
    yield answering.reply(LONG)
    messages = [message for _, message in answering.bus.published]
    for number, message in enumerate(messages):
        message['transport_metadata']['written'] = number
    assert [message['transport_metadata']['written'] for message in messages] == [0, 1, 2]


@pytest_twisted.inlineCallbacks
def test_the_first_part_has_the_id_that_the_reply_would_have_had_in_one(answering):
    attempt = yield answering.reply(LONG)
    assert answering.bus.published[0][1]['message_id'] == attempt.message_id


@pytest.mark.parametrize('error, turn', [
    (BusUnavailable('away'), Answering.turn),
    (PublishUnknown('lost'), Answering.turn_of_two_looks)])
@pytest_twisted.inlineCallbacks
def test_a_later_try_publishes_the_same_whatever_the_rules_are_by_then(answering, error, turn):
    yield answering.reply(LONG, error)
    answering.obey(REFUSE)
    answering.bench.clock.advance(20)
    yield turn(answering)
    assert numbers(answering) == ['(1/3) ', '(2/3) ', '(3/3) ']


@pytest_twisted.inlineCallbacks
def test_an_event_of_an_earlier_part_proves_that_one_alone(answering):
    yield answering.lost_reply(LONG)
    [ticket] = yield answering.bench.store.recent_tickets()
    part = ticket['replies'][0]['parts'][0]
    yield answering.event(part['message_id'], 'ack', sent_message_id='x')
    yield answering.turn_of_two_looks()
    assert numbers(answering) == ['(2/3) ', '(3/3) ']
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_an_event_of_the_last_part_proves_that_all_parts_are_on_the_bus(answering):
    yield answering.lost_reply(LONG)
    [ticket] = yield answering.bench.store.recent_tickets()
    part = ticket['replies'][0]['parts'][2]
    yield answering.event(part['message_id'], 'ack', sent_message_id='x')
    assert isinstance((yield answering.turn()), Wait)
    assert answering.texts == []
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_a_reply_that_is_too_long_is_refused_with_a_private_note(answering):
    yield answering.reply(LONG * 3)
    yield answering.is_refused('it is about ')
    notice = yield claim(answering.bench.store.forwards)
    assert notice.text.startswith('it is about ')
    yield answering.bench.store.forwards.finish(notice, NONCE, '')
    tag = yield claim(answering.bench.store.forwards)
    assert tag.text == '#undelivered'


@pytest_twisted.inlineCallbacks
def test_what_may_be_on_the_bus_already_is_not_refused_before_the_receipts_are_read(answering):
    yield answering.lost_reply(unread=1)
    answering.obey(REFUSE)
    yield answering.turn()
    assert (yield answering.states()) == ['publishing']


@pytest_twisted.inlineCallbacks
def test_a_reply_by_another_endpoint_leaves_there_and_has_the_length_of_its_transport(answering):
    routes = ReplyRoutes(endpoints={'sms': 'by_ussd'},
                         send_to={'by_ussd': {'transport_type': 'ussd'}})
    answering.obey(ReplyRules(max_segments={'default': 0, 'ussd': 1}, max_parts=3, routes=routes))
    yield answering.reply(LONG)
    assert [endpoint for endpoint, _ in answering.bus.published] == ['by_ussd'] * 3
    for _, message in answering.bus.published:
        assert (message['transport_type'], message['in_reply_to']) == ('ussd', None)
        assert (message['to_addr'], message['transport_metadata']) == ('+27820001001', {})


@pytest_twisted.inlineCallbacks
def test_an_old_message_is_written_to_without_being_replied_to(answering):
    answering.obey(ReplyRules(routes=ReplyRoutes(reply_to_within={'default': 60.0})))
    yield answering.says('newer', 'Hi', dict(
        ENVELOPE, received_at=answering.bench.clock.seconds()))
    for later in (60, 1):
        answering.bench.clock.advance(later)
        yield answering.reply()
    assert [message['in_reply_to'] for _, message in answering.bus.published] == ['newer', None]


@pytest_twisted.inlineCallbacks
def test_of_a_reply_with_a_signature_what_stands_above_the_marker_is_published(answering):
    answering.obey(ReplyRules(cut_marker='--'))
    yield answering.reply('<p>Come on Monday.</p><p>--</p><p>Thandi</p>')
    assert answering.texts == ['Come on Monday.']
