"""Publishing succeeds when the broker has everything, and says honestly when it may not."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import fail, succeed
from twisted.internet.task import Clock
from txamqp.client import Closed

from tests.bus.doubles import ConfirmChannel, TransactionChannel
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.bus.publisher import ConfirmedPublisher, Part
from vumi_snappy.bus.sending import Confirms, Transaction


@attr.s
class Returned(object):
    exchange = attr.ib()
    routing_key = attr.ib()


class Story(object):
    def __init__(self, channel_class=TransactionChannel, way=Transaction):
        self.clock = Clock()
        self.channel = channel_class()
        self.broken = []
        self.declared = []
        self.apart = False
        self.publisher = ConfirmedPublisher(
            self.channel, way(self.channel), self._declare, self.clock, 30, self.broken.append,
            lambda: self.apart)

    def _declare(self):
        self.declared.append(True)
        return succeed(None)

    def publish(self, *bodies):
        """A list that gets the outcome: None, or the type of the error."""
        outcome = []
        d = self.publisher.publish(*[Part('vumi', 'snappy.outbound', each) for each in bodies])
        d.addCallbacks(outcome.append, lambda failure: outcome.append(failure.type))
        return outcome

    def reply(self, number):
        """As `publish`, for a reply and its receipt."""
        outcome = []
        d = self.publisher.publish(
            Part('vumi', 'snappy.outbound', b'reply %d' % number),
            Part('', 'snappy.receipts', b'42:%d' % number, joins=True))
        d.addCallbacks(outcome.append, lambda failure: outcome.append(failure.type))
        return outcome


@pytest.fixture
def apart():
    """A story on quorum queues, over AMQP 0-8, which has no confirms."""
    story = Story()
    story.apart = True
    return story


@pytest.fixture
def confirmed():
    """A story on quorum queues."""
    story = Story(ConfirmChannel, Confirms)
    story.apart = True
    return story


def test_success_comes_with_the_brokers_confirmation_and_not_before():
    story = Story()
    outcome = story.publish(b'a')
    assert (outcome, len(story.channel.commits)) == ([], 1)
    story.channel.answer()
    assert outcome == [None]
    assert story.clock.getDelayedCalls() == []


def test_messages_are_marked_persistent():
    story = Story()
    story.publish(b'a')
    (_exchange, _key, content), = story.channel.published
    assert content['delivery mode'] == 2


def test_the_parts_of_a_call_share_a_transaction():
    story = Story()
    story.publisher.publish(Part('vumi', 'snappy.outbound', b'reply'),
                            Part('', 'snappy.receipts', b'42:1'))
    assert [entry[:2] for entry in story.channel.published] == [
        ('vumi', 'snappy.outbound'), ('', 'snappy.receipts')]
    assert len(story.channel.commits) == 1


def test_calls_that_come_during_a_commit_share_the_next_one_in_order():
    story = Story()
    outcomes = [story.publish(b'%d' % number) for number in range(10)]
    assert story.channel.bodies() == [b'0']
    story.channel.answer()
    assert story.channel.bodies() == [b'%d' % number for number in range(10)]
    assert (len(story.channel.commits), outcomes[0], outcomes[9]) == (2, [None], [])
    story.channel.answer()
    assert outcomes == [[None]] * 10


def test_a_loss_during_the_commit_leaves_the_outcome_unknown_and_what_waited_unsent():
    story = Story()
    under_way, waiting = story.publish(b'a'), story.publish(b'b')
    story.channel.close()
    assert (under_way, waiting) == ([PublishUnknown], [BusUnavailable])
    assert story.channel.bodies() == [b'a']
    assert len(story.broken) == 1


def test_a_loss_that_the_connection_reports_first_does_the_same_once():
    story = Story()
    under_way, waiting = story.publish(b'a'), story.publish(b'b')
    story.publisher.lost()
    story.channel.close()
    assert (under_way, waiting) == ([PublishUnknown], [BusUnavailable])
    assert story.broken == []
    assert story.publish(b'c') == [BusUnavailable]


def test_on_a_channel_that_is_closed_already_nothing_was_sent():
    story = Story()
    story.channel.closed = True
    assert story.publish(b'a') == [BusUnavailable]
    assert story.publish(b'b') == [BusUnavailable]
    assert [failure.type for failure in story.broken] == [Closed]


def test_a_commit_without_an_answer_is_unknown_after_the_timeout_and_nothing_is_sent_behind_it():
    story = Story()
    first, second = story.publish(b'a'), story.publish(b'b')
    story.clock.advance(29)
    assert (first, second) == ([], [])
    story.clock.advance(2)
    assert (first, second) == ([PublishUnknown], [BusUnavailable])
    assert story.publish(b'c') == [BusUnavailable]
    story.channel.answer()
    fourth = story.publish(b'd')
    story.channel.answer()
    assert (fourth, story.channel.bodies()) == ([None], [b'a', b'd'])


def test_the_waiting_line_is_bounded():
    story = Story()
    story.publisher.MAX_WAITING = 3
    outcomes = [story.publish(b'%d' % number) for number in range(6)]
    assert outcomes == [[], [], [], [], [BusUnavailable], [BusUnavailable]]


def test_a_message_whose_queue_was_deleted_is_published_again_on_a_new_one():
    story = Story()
    outcome = story.publish(b'a')
    story.channel.returned.append(Returned('vumi', 'snappy.outbound'))
    story.channel.answer()
    assert (outcome, story.declared, story.channel.bodies()) == ([], [True], [b'a', b'a'])
    story.channel.answer()
    assert outcome == [None]


def test_only_what_was_returned_is_published_again():
    story = Story()
    outcome = []
    story.publisher.publish(
        Part('vumi', 'snappy.outbound', b'reply'), Part('', 'snappy.receipts', b'42:1'),
    ).addCallback(outcome.append)
    story.channel.returned.append(Returned('', 'snappy.receipts'))
    story.channel.answer()
    story.channel.answer()
    assert (outcome, story.channel.bodies()) == ([None], [b'reply', b'42:1', b'42:1'])


def test_a_queue_that_vanishes_again_and_again_is_not_called_success():
    story = Story()
    outcome = story.publish(b'a')
    for _attempt in range(2):
        story.channel.returned.append(Returned('vumi', 'snappy.outbound'))
        story.channel.answer()
    assert outcome == [PublishUnknown]


def test_a_loss_while_the_queues_are_declared_again_is_unknown():
    story = Story()
    story.publisher._declare = lambda: fail(Closed('closed'))
    outcome = story.publish(b'a')
    story.channel.returned.append(Returned('vumi', 'snappy.outbound'))
    story.channel.answer()
    assert outcome == [PublishUnknown]


def test_the_receipts_of_calls_that_share_a_commit_go_as_one_message_behind_theirs():
    story = Story()
    outcomes = []
    story.publish(b'first')
    for number in range(3):
        story.publisher.publish(
            Part('vumi', 'snappy.outbound', b'reply %d' % number),
            Part('', 'snappy.receipts', b'42:%d' % number, joins=True),
        ).addCallback(outcomes.append)
    story.channel.answer()
    assert story.channel.bodies()[1:] == [b'reply 0', b'reply 1', b'reply 2', b'42:0 42:1 42:2']
    assert outcomes == []
    story.channel.answer()
    assert outcomes == [None] * 3


def test_a_crash_before_the_confirmation_leaves_each_call_of_the_commit_unknown():
    story = Story()
    story.publish(b'first')
    outcomes = [story.publish(b'%d' % number) for number in range(3)]
    story.channel.answer()
    story.channel.close()
    assert outcomes == [[PublishUnknown]] * 3


def test_on_quorum_queues_a_receipt_leaves_when_its_reply_is_confirmed_and_not_before(apart):
    outcome = apart.reply(1)
    assert (apart.channel.bodies(), outcome) == ([b'reply 1'], [])
    apart.channel.answer()
    assert (apart.channel.bodies(), outcome) == ([b'reply 1', b'42:1'], [None])
    apart.channel.answer()
    assert len(apart.channel.commits) == 2


def test_on_quorum_queues_receipts_share_the_commit_of_the_replies_that_come_next(apart):
    apart.reply(1)
    outcomes = [apart.reply(number) for number in (2, 3)]
    apart.channel.answer()
    assert apart.channel.bodies()[1:] == [b'reply 2', b'reply 3', b'42:1']
    apart.channel.answer()
    assert (apart.channel.bodies()[4:], outcomes) == ([b'42:2 42:3'], [[None]] * 2)


def test_on_quorum_queues_a_loss_during_the_commit_leaves_no_receipt(apart):
    outcome = apart.reply(1)
    apart.channel.close()
    assert (apart.channel.bodies(), outcome) == ([b'reply 1'], [PublishUnknown])


def test_on_quorum_queues_a_receipt_that_is_lost_does_not_make_its_reply_unknown(apart):
    outcome = apart.reply(1)
    apart.channel.answer()
    later = apart.reply(2)
    apart.channel.close()
    assert (outcome, later) == ([None], [BusUnavailable])
    assert len(apart.broken) == 1


def test_on_quorum_queues_a_commit_that_is_answered_late_leaves_its_receipt_all_the_same(apart):
    outcome = apart.reply(1)
    apart.clock.advance(31)
    assert outcome == [PublishUnknown]
    apart.channel.answer()
    assert apart.channel.bodies() == [b'reply 1', b'42:1']


def test_on_quorum_queues_a_reply_whose_queue_vanishes_again_and_again_leaves_no_receipt(apart):
    outcome = apart.reply(1)
    for _attempt in range(2):
        apart.channel.returned.append(Returned('vumi', 'snappy.outbound'))
        apart.channel.answer()
    assert (apart.channel.bodies(), outcome) == ([b'reply 1'] * 2, [PublishUnknown])


def test_with_confirms_success_comes_when_each_message_is_confirmed(confirmed):
    outcomes = [confirmed.publish(b'first')] + [confirmed.publish(b'%d' % n) for n in range(3)]
    confirmed.channel.answer()
    assert (outcomes[0], confirmed.channel.bodies()) == ([None], [b'first', b'0', b'1', b'2'])
    confirmed.channel.answer()
    assert outcomes[1:] == [[]] * 3
    confirmed.channel.answer(multiple=True, count=2)
    assert outcomes[1:] == [[None]] * 3


def test_with_confirms_the_parts_of_a_reply_follow_one_another_and_its_receipt_the_last(confirmed):
    outcome = []
    confirmed.publisher.publish(
        *[Part('vumi', 'snappy.outbound', each) for each in (b'1/2', b'2/2')]
        + [Part('', 'snappy.receipts', b'42:1', joins=True)]).addCallback(outcome.append)
    assert confirmed.channel.bodies() == [b'1/2']
    confirmed.channel.answer()
    assert confirmed.channel.bodies() == [b'1/2', b'2/2']
    confirmed.channel.answer()
    assert (outcome, confirmed.channel.bodies()) == ([None], [b'1/2', b'2/2', b'42:1'])


def test_a_message_that_is_rejected_is_unknown_and_the_channel_is_given_up(confirmed):
    confirmed.publish(b'first')
    rejected, accepted = [confirmed.publish(b'%d' % n) for n in range(2)]
    confirmed.channel.answer()
    waiting = confirmed.publish(b'waits')
    confirmed.channel.answer(accepted=False)
    assert (rejected, accepted) == ([], [])
    confirmed.channel.answer()
    assert (rejected, accepted, waiting) == ([PublishUnknown], [None], [BusUnavailable])
    assert [failure.type for failure in confirmed.broken] == [PublishUnknown]
    assert confirmed.publish(b'later') == [BusUnavailable]
    assert confirmed.clock.getDelayedCalls() == []


def test_what_follows_a_rejected_message_of_the_same_reply_is_not_sent(confirmed):
    outcome = confirmed.publish(b'1/2', b'2/2')
    confirmed.channel.answer(accepted=False)
    assert (outcome, confirmed.channel.bodies()) == ([PublishUnknown], [b'1/2'])


def test_a_reply_of_which_a_part_is_confirmed_is_unknown_where_the_rest_is_not_sent(confirmed):
    confirmed.publish(b'first')
    long_one, short_one = confirmed.publish(b'1/2', b'2/2'), confirmed.publish(b'short')
    confirmed.channel.answer()
    confirmed.channel.answer()
    confirmed.channel.answer(accepted=False)
    assert (long_one, short_one) == ([PublishUnknown], [PublishUnknown])


def test_a_short_reply_does_not_wait_for_a_long_one_beside_it(confirmed):
    confirmed.publish(b'first')
    long_one, short_one = confirmed.publish(b'1/2', b'2/2'), confirmed.reply(7)
    confirmed.channel.answer()
    confirmed.channel.answer(count=2)
    assert (long_one, short_one) == ([], [None])
    confirmed.channel.close()
    assert (long_one, short_one) == ([PublishUnknown], [None])


def test_a_channel_that_never_confirms_is_given_up(confirmed):
    outcome = confirmed.publish(b'a')
    confirmed.clock.advance(31)
    assert (outcome, confirmed.broken) == ([PublishUnknown], [])
    confirmed.clock.advance(30)
    assert len(confirmed.broken) == 1


def test_a_loss_between_two_messages_of_a_reply_leaves_it_unknown(confirmed):
    outcome = confirmed.publish(b'1/2', b'2/2')
    confirmed.channel.closed = True
    confirmed.channel.answer()
    assert (outcome, len(confirmed.broken)) == ([PublishUnknown], 1)


def test_a_receipt_that_is_rejected_does_not_make_its_reply_unknown(confirmed):
    outcome = confirmed.reply(1)
    confirmed.channel.answer()
    later = confirmed.reply(2)
    confirmed.channel.answer(accepted=False)
    assert (outcome, later, len(confirmed.broken)) == ([None], [BusUnavailable], 1)


def test_a_confirmed_message_whose_queue_was_deleted_is_published_again_on_a_new_one(confirmed):
    outcome = confirmed.publish(b'a')
    confirmed.channel.returned.append(Returned('vumi', 'snappy.outbound'))
    confirmed.channel.answer()
    assert (outcome, confirmed.declared, confirmed.channel.bodies()) == ([], [True], [b'a', b'a'])
    confirmed.channel.answer()
    assert outcome == [None]


def test_messages_that_are_not_confirmed_in_time_are_unknown(confirmed):
    outcome = confirmed.publish(b'a')
    confirmed.clock.advance(31)
    assert outcome == [PublishUnknown]
    confirmed.channel.answer()
    assert confirmed.channel.bodies() == [b'a']


@given(st.lists(st.sampled_from(['publish', 'answer', 'late', 'close']), max_size=30))
def test_every_call_ends_once_and_success_means_a_confirmed_commit(steps):
    story = Story()
    outcomes, answered, number = {}, 0, 0
    for step in steps:
        if step == 'publish':
            body = b'%d' % number
            number += 1
            outcomes[body] = story.publish(body)
        elif step == 'answer' and story.channel.commits and not story.channel.commits[-1].called:
            answered = len(story.channel.published)
            story.channel.answer()
        elif step == 'late':
            story.clock.advance(31)
        elif step == 'close':
            story.channel.close()
    story.channel.close()
    story.publisher.lost()
    confirmed = story.channel.bodies()[:answered]
    for body, outcome in outcomes.items():
        assert len(outcome) == 1
        assert (outcome == [None]) <= (body in confirmed)
        assert (outcome == [BusUnavailable]) <= (body not in story.channel.bodies())
