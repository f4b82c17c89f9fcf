"""Publishing succeeds when the broker has everything, and says honestly when it may not."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import attr
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import fail, succeed
from twisted.internet.task import Clock
from txamqp.client import Closed

from tests.bus_doubles import TransactionChannel
from vumi_snappy.bus import BusUnavailable, PublishUnknown
from vumi_snappy.bus.publisher import ConfirmedPublisher, Part


@attr.s
class Returned(object):
    exchange = attr.ib()
    routing_key = attr.ib()


class Story(object):
    def __init__(self):
        self.clock = Clock()
        self.channel = TransactionChannel()
        self.broken = []
        self.declared = []
        self.publisher = ConfirmedPublisher(
            self.channel, self._declare, self.clock, 30, self.broken.append)

    def _declare(self):
        self.declared.append(True)
        return succeed(None)

    def publish(self, *bodies):
        """A list that gets the outcome: None, or the type of the error."""
        outcome = []
        d = self.publisher.publish(*[Part('vumi', 'snappy.outbound', each) for each in bodies])
        d.addCallbacks(outcome.append, lambda failure: outcome.append(failure.type))
        return outcome


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
