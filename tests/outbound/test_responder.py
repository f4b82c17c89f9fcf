"""An agent's reply goes to the person whose ticket it answers, once, and its fate is kept."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer, reactor

from tests.flow import NONCE, BenchClock, Counts
from tests.store.conftest import claim
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.outbound.reply_rules import ReplyRules
from vumi_snappy.outbound.responder import Responder
from vumi_snappy.records import (
    TOO_LARGE, Answer, AnswerKind, Inbound, ReplyAttempt, Subscription, TicketUse, Wait)
from vumi_snappy.store import StoreRefused, StoreUnavailable
from vumi_snappy.vumi.message import TransportEvent

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
        self.unknown = False
        self.looks = 0
        self._look = None

    def next_look(self):
        """Fires when it was asked for receipts that are not read yet."""
        self._look = defer.Deferred()
        return self._look

    def confirm_publish(self, messages, endpoint_name=None, receipt=None):
        if self.answers:
            return defer.fail(self.answers.pop(0))
        self.published.extend((endpoint_name, message) for message in messages)
        self.receipts.append(receipt)
        return defer.succeed(None)

    def receipts_waiting(self):
        look, self._look = self._look, None
        self.looks += 1
        if self.unknown:
            return defer.fail(BusUnavailable('not known yet'))
        if look is not None:
            reactor.callLater(0, look.callback, None)
        return defer.succeed(self.unread)


class Answering(object):
    """A responder between a bench's store and a scripted bus."""

    def __init__(self, bench):
        self.bench = bench
        self.bus = ScriptedBus()
        self.counts = Counts()
        self.obey(ReplyRules())

    def obey(self, rules):
        """Go on with a responder of other `rules`."""
        self.responder = Responder(
            BenchClock(self.bench.clock), self.bench.store, self.bus, self.counts, rules)

    def says(self, message_id, content='', envelope=ENVELOPE, **fields):
        """A message of the person comes in."""
        envelope = dict(envelope, message_id=message_id)
        return self.bench.store.accept_inbound(Inbound(
            message_id=message_id, from_addr='+27820001001', endpoint=envelope['endpoint'],
            transport_type=envelope['transport_type'], content=content, sent_at=0.0, subject='s',
            contact_address='a@example.org', envelope=envelope, **fields))

    @defer.inlineCallbacks
    def ticket_is_open(self):
        yield self.says('last-message', 'Help')
        attempt = yield claim(self.bench.store.forwards)
        yield self.bench.store.forwards.finish(attempt, NONCE, 'hash')

    @defer.inlineCallbacks
    def turn(self):
        attempt = yield claim(self.bench.store.replies)
        if not isinstance(attempt, Wait):
            yield self.responder.handle(attempt)
        defer.returnValue(attempt)

    @defer.inlineCallbacks
    def reply(self, html='<p>Hi</p>', *errors):
        """An agent replies, and the bus answers the publication with `errors`; fires with it."""
        yield self.bench.answers(html, NONCE)
        self.bus.answers.extend(errors)
        attempt = yield self.turn()
        defer.returnValue(attempt)

    @defer.inlineCallbacks
    def lost_reply(self, html='<p>Hi</p>', unread=0):
        """A reply of which it is not known whether the bus has it, and which is to be looked for;
        fires with its attempt."""
        self.bus.unread = unread
        attempt = yield self.reply(html, PublishUnknown('lost'))
        self.bench.clock.advance(20)
        defer.returnValue(attempt)

    def receipt(self, attempt):
        """The broker tells that it has a reply, or an answer of our own."""
        what = '1:1' if isinstance(attempt, ReplyAttempt) else ':'
        return self.responder.receipt_received(
            ('%s:%s' % (what, attempt.message_id)).encode('ascii'))

    def event(self, message_id, event_type, **fields):
        return self.responder.event(TransportEvent(
            user_message_id=message_id, event_type=event_type, **fields))

    @property
    def texts(self):
        return [message['content'] for _, message in self.bus.published]

    @defer.inlineCallbacks
    def turn_of_two_looks(self, between=lambda: None):
        """A turn whose first look finds no receipt; `between` is called before the second."""
        look, turn = self.bus.next_look(), self.turn()
        yield look
        yield between()
        self.bench.clock.advance(1)
        yield turn

    @defer.inlineCallbacks
    def is_refused(self, why):
        """Whether nothing left, and the agent is told `why`."""
        assert self.bus.published == []
        assert (yield self.states()) == ['refused']
        [ticket] = yield self.bench.store.recent_tickets()
        assert why in ticket['history'][-1]['detail']
        assert self.counts.counted == {'replies.refused': 1}

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
    yield answering.reply('<p>Bring <b>your ID</b> &amp; a photo</p>\n')
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
    attempt = yield claim(answering.bench.store.replies)
    yield answering.bench.store.replies.retry(attempt, 0)
    again = yield claim(answering.bench.store.replies)
    assert again.message_id == attempt.message_id
    assert len(again.message_id) == 32


@pytest_twisted.inlineCallbacks
def test_replies_wait_while_the_bus_is_away(answering):
    yield answering.reply('<p>Hi</p>', BusUnavailable('away'))
    assert answering.bus.published == []
    answering.bench.clock.advance(2)
    yield answering.turn()
    assert len(answering.bus.published) == 1


@pytest_twisted.inlineCallbacks
def test_a_publication_of_unknown_outcome_waits_until_the_receipts_are_read(answering):
    attempt = yield answering.lost_reply(unread=1)
    yield answering.turn()
    assert answering.bus.published == []
    # The receipt says that the broker has it.
    yield answering.receipt(attempt)
    answering.bus.unread = 0
    answering.bench.clock.advance(20)
    assert isinstance((yield answering.turn()), Wait)
    assert answering.bus.published == []
    assert (yield answering.states()) == ['published']


@pytest.mark.parametrize('state', [dict(unread=1), dict(unknown=True)])
@pytest_twisted.inlineCallbacks
def test_while_it_is_not_known_what_became_of_it_the_bus_is_asked_every_second(answering, state):
    yield answering.lost_reply()
    for name, value in state.items():
        setattr(answering.bus, name, value)
    for _look in range(5):
        yield answering.turn()
        answering.bench.clock.advance(1)
    assert answering.bus.looks == 5
    assert answering.bus.published == []


@pytest_twisted.inlineCallbacks
def test_a_reply_of_which_redis_has_lost_that_it_was_published_leaves_once_more_and_no_more(
        answering):
    # As after a fail-over to a replica that had not heard of it.
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    attempt = yield claim(answering.bench.store.replies)
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
    yield answering.lost_reply()
    yield answering.turn_of_two_looks()
    assert len(answering.bus.published) == 1


@pytest_twisted.inlineCallbacks
def test_a_receipt_in_another_workers_hands_is_waited_for(answering):
    attempt = yield answering.lost_reply()
    yield answering.turn_of_two_looks(lambda: answering.receipt(attempt))
    assert answering.bus.published == []
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_a_receipt_that_another_worker_gives_back_is_seen(answering):
    yield answering.lost_reply()
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
    assert answering.texts == ['0', '1', '2']


@pytest.mark.parametrize('html, why', [(TOO_LARGE, 'too large')] + [
    (html, 'no text to send') for html in ('', '<p> </p>', '<p>&#8203;</p>', '<s>2 tablets</s>')])
@pytest_twisted.inlineCallbacks
def test_why_a_reply_can_not_be_sent_its_agent_is_told(answering, html, why):
    yield answering.reply(html)
    yield answering.is_refused(why)


@pytest.mark.parametrize('event_type, fields, state', [
    ('ack', dict(sent_message_id='x'), 'acked'),
    ('nack', dict(nack_reason='no credit'), 'failed'),
    ('nack', dict(nack_reason={'code': [7] * 1000}), 'failed'),
    ('delivery_report', dict(delivery_status='delivered'), 'delivered'),
    ('delivery_report', dict(delivery_status='failed'), 'failed'),
    ('delivery_report', dict(delivery_status='pending'), 'published')])
@pytest_twisted.inlineCallbacks
def test_what_the_transport_says_is_kept_and_counted(answering, event_type, fields, state):
    attempt = yield answering.reply()
    yield answering.event(attempt.message_id, event_type, **fields)
    assert (yield answering.states()) == [state]
    assert answering.counts.counted == {'replies.published': 1, 'replies.' + state: 1}


@pytest.mark.parametrize('user_message_id', [None, 7, [], {}])
@pytest_twisted.inlineCallbacks
def test_an_event_whose_message_has_no_id_as_ours_have_is_passed_over(answering, user_message_id):
    yield answering.event(user_message_id, 'ack', sent_message_id='1')
    assert answering.counts.counted == {}


@defer.inlineCallbacks
def session_answer(answering, *errors):
    """A session's closing line, published as far as the bus lets it."""
    answering.bus.answers.extend(errors)
    yield answering.says(
        'm2', envelope=dict(ENVELOPE, endpoint='ussd_endpoint'), tickets=TicketUse.NONE,
        answers=[Answer(AnswerKind.SESSION_END, 'We have it', session_event='close',
                        good_for=240)])
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
    yield session_answer(answering, BusUnavailable('away'))
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
def test_an_answer_without_a_session_is_never_too_late(answering):
    yield answering.says(
        'm2', 'Help', answers=[Answer(AnswerKind.OUT_OF_HOURS, 'Closed', automatic=True)])
    answering.bench.clock.advance(86400)
    yield answering.turn()
    assert answering.texts == ['Closed']


@pytest.mark.parametrize('seconds', [20, 241])  # in time for its session, and too late for it
@pytest_twisted.inlineCallbacks
def test_an_answer_of_unknown_outcome_is_known_by_its_receipt(answering, seconds):
    answering.bus.unread = 1
    attempt = yield session_answer(answering, PublishUnknown('lost'))
    answering.bench.clock.advance(seconds)
    yield answering.turn()
    assert answering.bus.published == []
    yield answering.receipt(attempt)
    assert answering.counts.counted == {'answers.published': 1}
    answering.bus.unread = 0
    answering.bench.clock.advance(20)
    assert isinstance((yield answering.turn()), Wait)
    assert answering.bus.published == []


@pytest_twisted.inlineCallbacks
def test_an_answer_leaves_a_receipt_that_names_it(answering):
    attempt = yield session_answer(answering)
    assert answering.bus.receipts == [b'::' + attempt.message_id.encode('ascii')]


@pytest_twisted.inlineCallbacks
def test_what_becomes_of_an_answer_is_not_counted_among_the_replies(answering):
    attempt = yield session_answer(answering)
    yield answering.event(attempt.message_id, 'nack', nack_reason='the session is over')
    assert answering.counts.counted == {'answers.published': 1, 'answers.failed': 1}


def opts(answering, subscription, message_id):
    return answering.says(message_id, 'STOP', tickets=TicketUse.NONE, subscription=subscription)


@pytest_twisted.inlineCallbacks
def test_a_reply_to_somebody_who_opted_out_is_refused_and_the_agent_told_why(answering):
    yield answering.bench.answers('<p>Why?</p>', NONCE)
    yield opts(answering, Subscription.OPT_OUT, 'stop')
    yield answering.turn()
    yield answering.is_refused('opted out')
    yield opts(answering, Subscription.OPT_IN, 'start')
    yield answering.reply('<p>Hello</p>')
    assert answering.texts == ['Hello']


@pytest_twisted.inlineCallbacks
def test_a_reply_that_may_be_on_the_bus_already_is_looked_for_before_it_is_refused(answering):
    attempt = yield answering.lost_reply(unread=1)
    yield opts(answering, Subscription.OPT_OUT, 'stop')
    yield answering.turn()
    assert (yield answering.states()) == ['publishing']
    yield answering.receipt(attempt)
    assert (yield answering.states()) == ['published']


@pytest_twisted.inlineCallbacks
def test_while_the_store_is_away_what_the_broker_answered_is_kept_and_a_receipt_is_not(answering):
    # Nobody else may take what is left unread for all that there is.
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    lane, outages = answering.bench.store.replies, [StoreUnavailable('away')] * 2
    finish = lane.finish
    lane.finish = lambda message_id: defer.fail(outages.pop()) if outages else finish(message_id)
    attempt = yield claim(lane)
    handled = answering.responder.handle(attempt)
    with pytest.raises(StoreUnavailable):
        yield answering.responder.receipt_received(answering.bus.receipts[-1])
    assert not handled.called and not outages
    answering.bench.clock.advance(1)
    yield handled
    assert (yield answering.states()) == ['published']
    assert answering.counts.counted == {'replies.published': 1}


@pytest_twisted.inlineCallbacks
def test_a_reply_whose_responder_is_cancelled_before_the_store_knows_leaves_once(answering):
    yield answering.bench.answers('<p>Hi</p>', NONCE)
    lane, finish = answering.bench.store.replies, answering.bench.store.replies.finish
    lane.finish = lambda message_id: defer.Deferred()
    attempt = yield claim(lane)
    handled = answering.responder.handle(attempt)
    assert answering.texts == ['Hi'] and not handled.called
    handled.addErrback(lambda reason: reason.trap(defer.CancelledError) and None).cancel()
    assert handled.called
    # Its lease runs out, and another worker takes it over.
    lane.finish = finish
    answering.bus.unread = 1
    answering.bench.clock.advance(lane.lease + 1)
    assert (yield answering.turn()).look
    yield answering.receipt(attempt)
    answering.bus.unread = 0
    answering.bench.clock.advance(20)
    assert isinstance((yield answering.turn()), Wait)
    assert answering.texts == ['Hi']
    assert (yield answering.states()) == ['published']
    assert answering.counts.counted == {'replies.published': 1}


@pytest_twisted.inlineCallbacks
def test_what_was_finished_last_is_told_again_to_a_redis_that_may_have_lost_it(answering):
    attempt = yield answering.reply()
    lane, told = answering.bench.store.replies, []
    outcomes = [defer.fail(StoreUnavailable('away')), defer.fail(StoreRefused('no'))]
    lane.finish = lambda message_id: told.append(message_id) or outcomes.pop(0)
    for moved in answering.bench.store.on_moved:
        moved()
    answering.bench.clock.advance(1)
    assert told == [attempt.message_id] * 2
