"""A consumer keeps at each message until it is handled, parked, or not its own any more."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from txamqp.client import ChannelClosed

from tests.bus.doubles import ConsumerChannel, LogKeeper, Timed, parse, start
from vumi_snappy.bus import BusUnavailable, Malformed, PublishUnknown
from vumi_snappy.bus.consumer import GuardedConsumer
from vumi_snappy.bus.guard import Guard
from vumi_snappy.bus.receipts import ReceiptsConsumer
from vumi_snappy.store.errors import StoreUnavailable


class Story(Timed):
    """A consumer with a scripted handler, on a clock that the test moves."""

    def __init__(self, consumer_class=GuardedConsumer, **guard):
        self.clock = Clock()
        self.channel = ConsumerChannel()
        self.tries = []
        self.parked = []
        self.broken = []
        self.outcomes = {}  # body -> what the handler does: a list, used up one by one
        self.park_outcomes = []
        self.given_back = []
        self.give_back_outcomes = []
        guard = Guard(clock=self.clock, park=self._park, broken=self.broken.append, **guard)
        if consumer_class is GuardedConsumer:
            self.consumer = consumer_class(self.channel, self._handle, parse, guard)
        else:
            self.consumer = consumer_class(self.channel, self._handle, guard, self._give_back)
        self.consumer.queue_name = 'snappy.inbound'
        start(self.consumer)
        self.consumer.unpause()

    def _handle(self, raw):
        self.tries.append(raw)
        outcomes = self.outcomes.get(raw)
        outcome = outcomes.pop(0) if outcomes else None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _park(self, raw, reason, queue, trace):
        outcome = self.park_outcomes.pop(0) if self.park_outcomes else None
        if isinstance(outcome, Exception):
            return fail(outcome)
        self.parked.append((raw, reason, queue, trace))
        return succeed(None)

    def _give_back(self, raw):
        self.given_back.append(raw)
        return self.give_back_outcomes.pop(0) if self.give_back_outcomes else succeed(None)


def bug():
    return ValueError('Hello, my number is +27820001001')


def test_messages_are_handled_in_order_and_acked_when_their_handler_is_done():
    story = Story()
    waiting = Deferred()
    story.outcomes[b'a'] = [waiting]
    story.channel.deliver(b'a', b'b')
    assert (story.tries, story.channel.acked) == ([b'a'], [])
    waiting.callback(None)
    assert (story.tries, story.channel.acked) == ([b'a', b'b'], [1, 2])


def test_a_handler_that_answers_false_has_handled_its_message():
    story = Story()
    story.outcomes[b'a'] = [False]
    story.channel.deliver(b'a')
    assert story.channel.acked == [1]


def test_a_malformed_body_is_parked_whole_and_the_next_message_is_handled():
    story = Story()
    story.channel.deliver(b'garbage', b'b')
    assert story.parked == [(b'garbage', 'the body is not JSON', 'snappy.inbound', [])]
    assert (story.tries, story.channel.acked) == ([b'b'], [1, 2])


def test_what_a_handler_calls_malformed_is_parked_after_one_try():
    story = Story()
    story.outcomes[b'a'] = [Malformed('the field extras is unknown')]
    story.channel.deliver(b'a')
    assert [entry[1] for entry in story.parked] == ['the field extras is unknown']
    assert (story.tries, story.channel.acked) == ([b'a'], [1])


def test_in_temporary_trouble_a_message_is_tried_again_before_any_later_one_for_ever():
    story = Story()
    story.outcomes[b'a'] = [StoreUnavailable('Redis is away') for _ in range(100)]
    story.channel.deliver(b'a', b'b')
    story.pass_time(60 * 60)
    assert story.tries == [b'a'] * 101 + [b'b']
    assert (story.channel.acked, story.parked) == ([1, 2], [])


def test_a_deferred_that_fails_is_a_handler_that_failed():
    story = Story()
    story.outcomes[b'a'] = [fail(StoreUnavailable('Redis is away'))]
    story.channel.deliver(b'a')
    story.pass_time(1)
    assert (story.tries, story.channel.acked) == ([b'a', b'a'], [1])


@given(st.integers(1, 5000))
def test_the_pause_doubles_up_to_its_limit_and_never_beyond(failures):
    guard = Guard(clock=None, park=None, broken=None, first_delay=0.5, max_delay=4.0)
    whole = min(4.0, 0.5 * 2 ** min(failures - 1, 20))
    assert 0.75 * whole <= guard.delay(failures) <= whole


def test_trouble_is_logged_once_when_it_begins_and_once_when_it_is_over_with_counts():
    story = Story()
    story.outcomes[b'a'] = [StoreUnavailable('+27820001001 said Hello') for _ in range(7)]
    with LogKeeper() as log:
        story.channel.deliver(b'a', b'b', b'c')
        story.pass_time(60)
    assert log.count('The messages of snappy.inbound wait') == 1
    assert log.count('flow again, after 7 failed attempts in') == 1
    assert len(log.events) == 2
    assert 'StoreUnavailable' in log.text
    assert 'Hello' not in log.text and '27820001001' not in log.text


def test_a_bug_is_tried_five_times_then_parked_with_its_place_but_without_its_text():
    story = Story()
    story.outcomes[b'a'] = [bug() for _ in range(99)]
    with LogKeeper() as log:
        story.channel.deliver(b'a', b'b')
        story.pass_time(20)
    assert story.tries == [b'a'] * 5 + [b'b']
    (raw, reason, _queue, trace), = story.parked
    assert (raw, reason) == (b'a', 'the handler failed 5 times: ValueError')
    assert trace[-1] == 'ValueError' and any('_handle' in frame for frame in trace)
    assert 'Hello' not in '%s%s' % (trace, log.text)
    assert story.channel.acked == [1, 2]


def test_a_bug_that_heals_is_not_parked_and_does_not_count_for_the_next_message():
    story = Story()
    story.outcomes = {b'a': [bug() for _ in range(4)], b'b': [bug() for _ in range(4)]}
    story.channel.deliver(b'a', b'b')
    story.pass_time(60)
    assert (story.parked, story.channel.acked) == ([], [1, 2])


def test_temporary_trouble_does_not_use_up_the_tries_of_a_bug():
    story = Story()
    story.outcomes[b'a'] = [StoreUnavailable('away'), bug()] * 4
    story.channel.deliver(b'a')
    story.pass_time(60)
    assert (story.parked, story.channel.acked) == ([], [1])


@pytest.mark.parametrize('error', [StoreUnavailable('away'), bug()])
def test_parking_that_fails_is_tried_again_without_the_handler(error):
    story = Story()
    story.outcomes[b'a'] = [Malformed('no')]
    story.park_outcomes = [error] * 9
    story.channel.deliver(b'a')
    assert story.channel.acked == []
    story.pass_time(60)
    assert (story.tries, story.channel.acked) == ([b'a'], [1])
    assert [entry[1] for entry in story.parked] == ['no']


def test_after_a_loss_nothing_prefetched_is_handled_and_nothing_is_acked_or_logged():
    story = Story()
    under_way = Deferred()
    story.outcomes[b'a'] = [under_way]
    with LogKeeper() as log:
        story.channel.deliver(b'a', b'b', b'c')
        story.channel.lose()
        story.consumer.abandon()
        under_way.callback(None)
    assert (story.tries, story.channel.acked) == ([b'a'], [])
    assert (log.events, story.broken) == ([], [])


def test_what_was_abandoned_is_not_acked_even_on_a_channel_that_lives():
    story = Story()
    under_way = Deferred()
    story.outcomes[b'a'] = [under_way]
    story.channel.deliver(b'a')
    story.consumer.abandon()
    under_way.callback(None)
    assert story.channel.acked == []


def test_a_finished_consumer_starts_nothing_even_when_somebody_unpauses_it():
    story = Story()
    story.consumer.pause()
    story.channel.deliver(b'a')
    story.consumer.finish()
    story.consumer.unpause()
    assert (story.tries, story.channel.acked) == ([], [])


def test_after_a_loss_a_message_that_waits_for_another_try_is_let_go():
    story = Story()
    story.outcomes[b'a'] = [StoreUnavailable('away')]
    story.channel.deliver(b'a')
    story.channel.lose()
    story.consumer.abandon()
    story.pass_time(60)
    assert (story.tries, story.channel.acked) == ([b'a'], [])
    assert story.clock.getDelayedCalls() == []


def test_an_ack_on_a_channel_that_died_meanwhile_is_no_error():
    story = Story()
    story.outcomes[b'a'] = [Deferred()]
    under_way = story.outcomes[b'a'][0]
    story.channel.deliver(b'a')
    story.channel.closed = True
    with LogKeeper() as log:
        under_way.callback(None)
    assert (log.events, story.broken) == ([], [])


def test_finishing_waits_for_the_handler_under_way_and_acks_its_message_but_starts_no_other():
    story = Story()
    under_way = Deferred()
    story.outcomes[b'a'] = [under_way]
    story.channel.deliver(b'a', b'b')
    finished = []
    story.consumer.finish().addCallback(finished.append)
    assert finished == []
    under_way.callback(None)
    assert finished == [None]
    assert (story.tries, story.channel.acked) == ([b'a'], [1])


def test_finishing_lets_go_of_a_message_that_waits_for_another_try_at_once():
    story = Story()
    story.outcomes[b'a'] = [StoreUnavailable('away')]
    story.channel.deliver(b'a')
    finished = []
    story.consumer.finish().addCallback(finished.append)
    assert (finished, story.channel.acked) == ([None], [])
    assert story.clock.getDelayedCalls() == []


def test_a_handler_that_fails_while_finishing_is_not_tried_again():
    story = Story()
    under_way = Deferred()
    story.outcomes[b'a'] = [under_way]
    story.channel.deliver(b'a')
    story.consumer.finish()
    under_way.errback(StoreUnavailable('away'))
    story.pass_time(60)
    assert (story.tries, story.channel.acked) == ([b'a'], [])


def test_what_breaks_the_consumer_itself_is_reported_so_that_a_new_one_is_made():
    story = Story()
    story.channel.basic_ack = lambda *_args: fail(RuntimeError('txAMQP has a bug'))
    story.channel.deliver(b'a')
    assert [failure.type for failure in story.broken] == [RuntimeError]


def test_the_consumer_knows_how_many_messages_it_holds():
    story = Story()
    story.outcomes[b'a'] = [Deferred()]
    assert story.consumer.held == 0
    story.channel.deliver(b'a', b'b', b'c')
    assert story.consumer.held == 3
    story.consumer.abandon()
    assert story.consumer.held == 0


def test_a_receipt_is_published_anew_before_the_consumer_waits_and_not_rejected():
    story = Story(ReceiptsConsumer)
    story.outcomes[b'42:1'] = [StoreUnavailable('away')]
    on_the_queue = Deferred()
    story.give_back_outcomes = [on_the_queue]
    story.channel.deliver(b'42:1')
    assert (story.given_back, story.channel.acked) == ([b'42:1'], [])
    on_the_queue.callback(None)
    assert story.channel.acked == [1]
    assert story.channel.calls == ['consume', 'cancel']
    story.pass_time(1)
    assert story.channel.calls[-1] == 'consume'
    story.channel.deliver(b'42:1')
    assert (story.tries, story.channel.acked) == ([b'42:1', b'42:1'], [1, 2])


@pytest.mark.parametrize('error', [BusUnavailable('busy'), PublishUnknown('silent')])
def test_a_receipt_that_cannot_be_published_anew_is_kept_and_tried_again(error):
    story = Story(ReceiptsConsumer)
    story.outcomes[b'42:1'] = [StoreUnavailable('away')]
    story.give_back_outcomes = [fail(error)]
    story.channel.deliver(b'42:1')
    assert (story.consumer.held, story.channel.acked) == (1, [])
    story.pass_time(1)
    assert (story.tries, story.channel.acked) == ([b'42:1', b'42:1'], [1])


def test_a_consumer_of_receipts_that_the_broker_does_not_take_back_is_made_anew():
    story = Story(ReceiptsConsumer)
    story.outcomes[b'42:1'] = [StoreUnavailable('away')]
    story.channel.deliver(b'42:1')
    story.channel.basic_consume = lambda **_kw: fail(ChannelClosed('404 NOT_FOUND'))
    story.pass_time(1)
    assert [failure.type for failure in story.broken] == [ChannelClosed]


def test_a_receipt_that_the_handler_cannot_digest_is_parked_after_five_tries():
    story = Story(ReceiptsConsumer)
    story.outcomes[b'?'] = [bug() for _ in range(99)]
    story.channel.deliver(b'?')
    story.pass_time(20)
    assert (len(story.tries), len(story.parked), story.channel.acked) == (5, 1, [1])
