"""An agent's reply goes to the person whose ticket it answers, once, and its fate is kept."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted
from twisted.internet import defer, reactor
from vumi.message import TransportEvent

from tests.flows.conftest import NONCE, BenchClock, Counts
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.records import (
    Answer, AnswerKind, Inbound, Subscription, TicketUse, Wait)
from vumi_snappy.responder import Responder

ENVELOPE = {
    'message_id': 'last-message', 'from_addr': '+27820001001', 'to_addr': '12345',
    'group': None, 'provider': 'mtn', 'transport_name': 'sms_transport', 'transport_type': 'sms',
    'transport_metadata': {'shard': 3}, 'helper_metadata': {'go': {'user_account': '7'}},
    'endpoint': 'sms_endpoint'}


class ScriptedBus(object):
    """A bus that keeps what it is given, or fails as a test says."""

    def __init__(self):
        self.published = []
        self.receipts = []
        self.answers = []
        self.unread = 0
        self._look = None

    def next_look(self):
        """Fires when it was asked for receipts that are not read yet."""
        self._look = defer.Deferred()
        return self._look

    def confirm_publish_all(self, messages, endpoint_name=None, receipt=None):
        if self.answers:
            return defer.fail(self.answers.pop(0))
        self.published.extend((endpoint_name, message) for message in messages)
        self.receipts.append(receipt)
        return defer.succeed(None)

    def receipts_waiting(self):
        look, self._look = self._look, None
        if look is not None:
            reactor.callLater(0, look.callback, None)
        return defer.succeed(self.unread)


class Answering(object):
    """A responder between a bench's store and a scripted bus."""

    def __init__(self, bench):
        self.bench = bench
        self.bus = ScriptedBus()
        self.counts = Counts()
        self.responder = Responder(BenchClock(bench.clock), bench.store, self.bus, self.counts)

    @defer.inlineCallbacks
    def ticket_is_open(self):
        yield self.bench.store.accept_inbound(Inbound(
            message_id='last-message', from_addr='+27820001001', endpoint='sms_endpoint',
            transport_type='sms', content='Help', sent_at=0.0, subject='s',
            contact_address='a@example.org', envelope=ENVELOPE))
        attempt = yield self.bench.store.forwards.claim()
        yield self.bench.store.forwards.finish(attempt, NONCE, 'hash')

    @defer.inlineCallbacks
    def turn(self):
        attempt = yield self.bench.store.replies.claim()
        if not isinstance(attempt, Wait):
            yield self.responder.handle(attempt)
        defer.returnValue(attempt)

    @defer.inlineCallbacks
    def turn_of_two_looks(self, between=lambda: None):
        """A turn whose first look finds no receipt; `between` is called before the second."""
        look, turn = self.bus.next_look(), self.turn()
        yield look
        yield between()
        self.bench.clock.advance(1)
        yield turn

    @defer.inlineCallbacks
    def states(self):
        [ticket] = yield self.bench.store.recent_tickets()
        defer.returnValue([reply['state'] for reply in ticket['replies']])


@pytest.fixture
def answering(bench):
    made = Answering(bench)
    pytest_twisted.blockon(made.ticket_is_open())
    return made


@pytest_twisted.inlineCallbacks
def test_a_reply_answers_the_persons_last_message_where_it_came_in(answering):
    yield answering.bench.answers('<p>Bring <b>your ID</b> &amp; a photo</p>\n', NONCE)
    yield answering.turn()
    [(endpoint, message)] = answering.bus.published
    assert endpoint == 'sms_endpoint'
    assert message['content'] == 'Bring your ID & a photo'
    wanted = {'to_addr': '+27820001001', 'from_addr': '12345', 'in_reply_to': 'last-message',
              'provider': 'mtn', 'transport_name': 'sms_transport', 'transport_type': 'sms',
              'transport_metadata': {'shard': 3}, 'session_event': None,
              'helper_metadata': {'go': {'user_account': '7'}}}
    assert {name: message[name] for name in wanted} == wanted
    assert (yield answering.states()) == ['published']
    assert answering.counts.counted == {'replies.published': 1}


@pytest_twisted.inlineCallbacks
def test_the_message_id_comes_from_the_note(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE, note_id='77')
    attempt = yield answering.bench.store.replies.claim()
    yield answering.bench.store.replies.retry(attempt, 0)
    again = yield answering.bench.store.replies.claim()
    assert again.message_id == attempt.message_id
    assert len(again.message_id) == 32


@pytest_twisted.inlineCallbacks
def test_replies_wait_while_the_bus_is_away(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    answering.bus.answers = [BusUnavailable('away')]
    yield answering.turn()
    assert answering.bus.published == []
    answering.bench.clock.advance(2)
    yield answering.turn()
    assert len(answering.bus.published) == 1


@pytest_twisted.inlineCallbacks
def test_a_publication_of_unknown_outcome_waits_until_the_receipts_are_read(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    answering.bus.answers = [PublishUnknown('lost')]
    answering.bus.unread = 1
    attempt = yield answering.turn()
    answering.bench.clock.advance(20)
    yield answering.turn()
    assert answering.bus.published == []
    # The receipt says that the broker has it.
    receipt = ('%s:%d' % (attempt.ticket, attempt.number)).encode('ascii')
    yield answering.responder.receipt_received(receipt)
    answering.bus.unread = 0
    answering.bench.clock.advance(20)
    assert isinstance((yield answering.turn()), Wait)
    assert answering.bus.published == []
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_a_reply_of_which_redis_has_lost_that_it_was_published_leaves_once_more_and_no_more(
        answering):
    # As after a fail-over to a replica that had not heard of it.
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    attempt = yield answering.bench.store.replies.claim()
    send, lane = answering.bench.store.connection.send, answering.bench.prefix + ':b:'
    job = yield send('LINDEX', lane + 'q:' + attempt.thread, 0)
    yield answering.responder.handle(attempt)
    yield send('RPUSH', lane + 'q:' + attempt.thread, job)
    yield send('ZADD', lane + 'ready', 0, attempt.thread)
    for _ in range(3):
        yield answering.turn()
        answering.bench.clock.advance(20)
    assert len(answering.bus.published) == 2


@pytest_twisted.inlineCallbacks
def test_a_publication_that_left_no_receipt_is_made_again(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    answering.bus.answers = [PublishUnknown('lost')]
    yield answering.turn()
    answering.bench.clock.advance(20)
    yield answering.turn_of_two_looks()
    assert len(answering.bus.published) == 1


@pytest_twisted.inlineCallbacks
def test_a_receipt_in_another_workers_hands_is_waited_for(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    answering.bus.answers = [PublishUnknown('lost')]
    attempt = yield answering.turn()
    answering.bench.clock.advance(20)
    receipt = ('%s:%d' % (attempt.ticket, attempt.number)).encode('ascii')
    yield answering.turn_of_two_looks(lambda: answering.responder.receipt_received(receipt))
    assert answering.bus.published == []
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_a_receipt_that_another_worker_gives_back_is_seen(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    answering.bus.answers = [PublishUnknown('lost')]
    yield answering.turn()
    answering.bench.clock.advance(20)
    yield answering.turn_of_two_looks(lambda: setattr(answering.bus, 'unread', 1))
    assert answering.bus.published == []
    assert (yield answering.states()) == ['publishing']


@pytest_twisted.inlineCallbacks
def test_replies_of_one_ticket_stay_in_order(answering):
    for n in range(3):
        yield answering.bench.answers('<p>%d</p>' % n, NONCE)
    answering.bus.answers = [BusUnavailable('away')]
    for _ in range(4):
        yield answering.turn()
        answering.bench.clock.advance(2)
    assert [message['content'] for _, message in answering.bus.published] == ['0', '1', '2']


@pytest_twisted.inlineCallbacks
def test_a_reply_without_any_text_is_parked_for_somebody_to_see(answering):
    yield answering.bench.answers('<p> </p>', NONCE)
    yield answering.turn()
    [parked] = yield answering.bench.store.parked()
    assert parked['reason'] == 'the reply holds no text to send'


@pytest.mark.parametrize('fields, state, count', [
    (dict(event_type='ack', sent_message_id='x'), 'acked', 'replies.acked'),
    (dict(event_type='nack', nack_reason='no credit'), 'failed', 'replies.failed'),
    (dict(event_type='nack', nack_reason={'code': [7] * 1000}), 'failed', 'replies.failed'),
    (dict(event_type='delivery_report', delivery_status='delivered'), 'delivered',
     'replies.delivered'),
    (dict(event_type='delivery_report', delivery_status='failed'), 'failed', 'replies.failed'),
])
@pytest_twisted.inlineCallbacks
def test_what_the_transport_says_is_kept_and_counted(answering, fields, state, count):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    yield answering.turn()
    message_id = answering.bus.published[0][1]['message_id']
    yield answering.responder.event(TransportEvent(user_message_id=message_id, **fields))
    assert (yield answering.states()) == [state]
    assert answering.counts.counted[count] == 1


@pytest_twisted.inlineCallbacks
def test_a_pending_report_changes_nothing(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    yield answering.turn()
    message_id = answering.bus.published[0][1]['message_id']
    yield answering.responder.event(TransportEvent(
        event_type='delivery_report', user_message_id=message_id, delivery_status='pending'))
    assert (yield answering.states()) == ['published']


@defer.inlineCallbacks
def session_answer(answering):
    """A session's closing line, published as far as the bus lets it."""
    yield answering.bench.store.accept_inbound(Inbound(
        message_id='m2', from_addr='+27820001001', endpoint='ussd_endpoint',
        transport_type='ussd', content='', sent_at=0.0, subject='s', contact_address='c',
        envelope=dict(ENVELOPE, message_id='m2', endpoint='ussd_endpoint'),
        tickets=TicketUse.NONE,
        answers=[Answer(AnswerKind.SESSION_END, 'We have it', session_event='close',
                        good_for=240)]))
    attempt = yield answering.turn()
    defer.returnValue(attempt)


@pytest_twisted.inlineCallbacks
def test_the_workers_own_answer_goes_to_the_message_that_it_answers(answering):
    yield session_answer(answering)
    [(endpoint, message)] = answering.bus.published
    assert (endpoint, message['content']) == ('ussd_endpoint', 'We have it')
    assert (message['in_reply_to'], message['session_event']) == ('m2', 'close')
    assert (message['to_addr'], message['from_addr']) == ('+27820001001', '12345')
    assert answering.counts.counted == {'answers.published': 1}


@pytest_twisted.inlineCallbacks
def test_an_answer_that_comes_too_late_for_its_session_is_not_sent_into_the_next(answering):
    answering.bus.answers = [BusUnavailable('away')]
    yield session_answer(answering)
    answering.bench.clock.advance(241)
    attempt = yield answering.turn()
    assert attempt.late
    assert answering.bus.published == []
    assert isinstance((yield answering.turn()), Wait)
    assert answering.counts.counted == {'answers.expired': 1}
    key = '%s:answer:%s' % (answering.bench.prefix, attempt.message_id)
    assert (yield answering.bench.store.connection.send('HGET', key, 'state')) == b'expired'
    assert (yield answering.bench.store.connection.send('TTL', key)) > 0


@pytest_twisted.inlineCallbacks
def test_an_answer_that_may_have_been_in_time_is_looked_for_first(answering):
    answering.bus.answers = [PublishUnknown('lost')]
    answering.bus.unread = 1
    attempt = yield session_answer(answering)
    answering.bench.clock.advance(241)
    yield answering.turn()
    yield answering.responder.receipt_received(b'answer:' + attempt.message_id.encode('ascii'))
    assert answering.counts.counted == {'answers.published': 1}


@pytest_twisted.inlineCallbacks
def test_an_answer_without_a_session_is_never_too_late(answering):
    yield answering.bench.store.accept_inbound(Inbound(
        message_id='m2', from_addr='+27820001001', endpoint='sms_endpoint', transport_type='sms',
        content='Help', sent_at=0.0, subject='s', contact_address='c',
        envelope=dict(ENVELOPE, message_id='m2'),
        answers=[Answer(AnswerKind.OUT_OF_HOURS, 'Closed', automatic=True)]))
    answering.bench.clock.advance(86400)
    yield answering.turn()
    assert [message['content'] for _, message in answering.bus.published] == ['Closed']


@pytest_twisted.inlineCallbacks
def test_an_answer_of_unknown_outcome_is_known_by_its_receipt(answering):
    answering.bus.answers = [PublishUnknown('lost')]
    answering.bus.unread = 1
    attempt = yield session_answer(answering)
    answering.bench.clock.advance(20)
    yield answering.turn()
    assert answering.bus.published == []
    yield answering.responder.receipt_received(b'answer:' + attempt.message_id.encode('ascii'))
    answering.bus.unread = 0
    answering.bench.clock.advance(20)
    assert isinstance((yield answering.turn()), Wait)
    assert answering.bus.published == []


@pytest_twisted.inlineCallbacks
def test_an_answer_leaves_a_receipt_that_names_it(answering):
    attempt = yield session_answer(answering)
    assert answering.bus.receipts == [b'answer:' + attempt.message_id.encode('ascii')]


@pytest_twisted.inlineCallbacks
def test_what_becomes_of_an_answer_is_not_counted_among_the_replies(answering):
    attempt = yield session_answer(answering)
    yield answering.responder.event(TransportEvent(
        event_type='nack', user_message_id=attempt.message_id, nack_reason='the session is over'))
    assert answering.counts.counted == {'answers.published': 1, 'answers.failed': 1}


def opts(answering, subscription, message_id):
    return answering.bench.store.accept_inbound(Inbound(
        message_id=message_id, from_addr='+27820001001', endpoint='sms_endpoint',
        transport_type='sms', content='STOP', sent_at=0.0, subject='s', contact_address='c',
        envelope=ENVELOPE, tickets=TicketUse.NONE, subscription=subscription))


@pytest_twisted.inlineCallbacks
def test_a_reply_to_somebody_who_opted_out_is_refused_and_the_agent_told_why(answering):
    yield answering.bench.answers('<p>Why?</p>', NONCE)
    yield opts(answering, Subscription.OPT_OUT, 'stop')
    yield answering.turn()
    assert answering.bus.published == []
    assert (yield answering.states()) == ['refused']
    [ticket] = yield answering.bench.store.recent_tickets()
    assert 'opted out' in ticket['history'][-1]['detail']
    assert answering.counts.counted == {'replies.refused': 1}
    yield opts(answering, Subscription.OPT_IN, 'start')
    yield answering.bench.answers('<p>Hello</p>', NONCE)
    yield answering.turn()
    assert [message['content'] for _, message in answering.bus.published] == ['Hello']


@pytest_twisted.inlineCallbacks
def test_a_reply_that_may_be_on_the_bus_already_is_looked_for_before_it_is_refused(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    answering.bus.answers = [PublishUnknown('lost')]
    answering.bus.unread = 1
    attempt = yield answering.turn()
    yield opts(answering, Subscription.OPT_OUT, 'stop')
    answering.bench.clock.advance(20)
    yield answering.turn()
    assert (yield answering.states()) == ['publishing']
    receipt = ('%s:%d' % (attempt.ticket, attempt.number)).encode('ascii')
    yield answering.responder.receipt_received(receipt)
    assert (yield answering.states()) == ['published']
