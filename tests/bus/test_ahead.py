"""Messages are prepared as far as that goes, finished together, and acked in their order."""
from __future__ import absolute_import, division, print_function, unicode_literals

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from tests.bus.doubles import ConsumerChannel, Timed, parse, start
from vumi_snappy.bus import Malformed, Prepared
from vumi_snappy.bus.consumer import GuardedConsumer
from vumi_snappy.bus.guard import Guard
from vumi_snappy.store.errors import HeldBack, StoreRefused, StoreUnavailable
from vumi_snappy.store.grouping import Grouping


class Ahead(GuardedConsumer):
    at_once = 10
    queue_name = 'snappy.inbound'


class Channel(ConsumerChannel):
    """Remembers the acks as they were made, and which deliveries they were about."""

    def __init__(self):
        ConsumerChannel.__init__(self)
        self.acks = []

    def basic_ack(self, tag, multiple):
        self.acks.append((tag, multiple))
        return ConsumerChannel.basic_ack(self, tag, multiple)


class Story(Timed):
    """A consumer whose handler prepares, and whose store the test answers."""

    def __init__(self):
        self.clock, self.channel = Clock(), Channel()
        self.prepared, self.stored, self.parked, self.broken = [], [], [], []
        self.preparing, self.storing = {}, {}  # body -> outcomes, used up one by one
        self.consumer = Ahead(self.channel, self._handle, parse, Guard(
            clock=self.clock, park=self._park, broken=self.broken.append))
        start(self.consumer)
        self.consumer.unpause()

    def _handle(self, raw):
        self.prepared.append(raw)
        outcome = self.preparing.get(raw) and self.preparing[raw].pop(0)
        if isinstance(outcome, Deferred):
            return outcome.addCallback(lambda _: Prepared(lambda: self._store(raw)))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or Prepared(lambda: self._store(raw))

    def _store(self, raw):
        self.stored.append(raw)
        outcome = self.storing.get(raw) and self.storing[raw].pop(0)
        return fail(outcome) if isinstance(outcome, Exception) else outcome

    def _park(self, raw, reason, queue, trace):
        self.parked.append((raw, reason))
        return succeed(None)

    def deliver(self, *bodies):
        self.channel.deliver(*bodies)
        self.clock.advance(0)


def away():
    return StoreUnavailable('away')


def test_what_is_there_is_prepared_then_finished_in_order_without_waiting_and_acked_as_one():
    story = Story()
    first, last = Deferred(), Deferred()
    story.storing = {b'a': [first], b'c': [last]}
    story.deliver(b'a', b'b', b'c')
    assert story.prepared == story.stored == [b'a', b'b', b'c']
    last.callback(None)
    assert story.channel.acks == []
    first.callback(None)
    assert story.channel.acks == [(3, True)]
    story.deliver(b'd')
    assert story.channel.acks == [(3, True), (4, False)]


def test_no_more_are_prepared_than_the_consumer_may_and_the_next_follow():
    story = Story()
    first = Deferred()
    story.storing[b'0'] = [first]
    story.deliver(*[b'%d' % number for number in range(25)])
    assert len(story.prepared) == 10
    first.callback(None)
    story.pass_time(1)
    assert story.channel.acks == [(10, True), (20, True), (25, True)]


def test_what_fails_is_tried_again_in_its_place_and_what_is_done_is_not():
    story = Story()
    story.storing = {b'b': [away(), away()], b'd': [away()]}
    story.deliver(b'a', b'b', b'c', b'd')
    assert story.channel.acks == [(1, False)]
    story.deliver(b'e')
    story.pass_time(5)
    assert story.stored == [b'a', b'b', b'c', b'd', b'b', b'd', b'b', b'e']
    assert story.channel.acks == [(1, False), (4, True), (5, False)]


def test_what_is_tried_again_is_prepared_again():
    story = Story()
    story.storing[b'a'] = [away()]
    story.deliver(b'a')
    story.pass_time(1)
    assert (story.prepared, story.channel.acks) == ([b'a', b'a'], [(1, False)])


def test_what_takes_its_time_to_be_prepared_holds_up_those_behind_it_but_not_those_before():
    story = Story()
    slow = Deferred()
    story.preparing[b'b'] = [slow]
    story.deliver(b'a', b'b', b'c')
    assert (story.stored, story.channel.acks) == ([b'a'], [(1, False)])
    assert story.prepared == [b'a', b'b']
    slow.callback(None)
    assert story.stored == story.prepared == [b'a', b'b', b'c']
    assert story.channel.acks == [(1, False), (3, True)]


def test_what_was_prepared_meanwhile_waits_for_one_before_it_that_failed():
    story = Story()
    slow, storing = Deferred(), Deferred()
    story.preparing[b'b'], story.storing[b'a'] = [slow], [storing]
    story.deliver(b'a', b'b')
    slow.callback(None)
    storing.errback(away())
    assert story.stored == [b'a']
    story.pass_time(1)
    assert story.stored == [b'a', b'a', b'b']
    assert story.prepared == [b'a', b'b', b'a']


def test_nothing_is_begun_behind_a_message_whose_handler_fails():
    story = Story()
    story.preparing[b'b'] = [away()]
    story.deliver(b'a', b'b', b'c')
    assert (story.prepared, story.stored) == ([b'a', b'b'], [b'a'])
    assert story.channel.acks == [(1, False)]
    story.pass_time(1)
    assert story.stored == [b'a', b'b', b'c']
    assert story.channel.acks == [(1, False), (3, True)]


def test_a_malformed_body_is_parked_among_the_others_at_once():
    story = Story()
    story.deliver(b'a', b'garbage', b'c')
    assert story.parked == [(b'garbage', 'the body is not JSON')]
    assert (story.stored, story.channel.acks) == ([b'a', b'c'], [(3, True)])


def test_what_is_found_malformed_when_it_is_finished_is_parked_as_well():
    story = Story()
    story.storing[b'a'] = [Malformed('too long')]
    story.deliver(b'a')
    assert (story.parked, story.channel.acks) == ([(b'a', 'too long')], [(1, False)])


def test_what_can_never_be_finished_is_parked_after_five_tries():
    story = Story()
    story.storing[b'b'] = [StoreRefused('no') for _ in range(99)]
    story.deliver(b'a', b'b', b'c')
    story.pass_time(20)
    assert story.stored == [b'a', b'b', b'c', b'b', b'b', b'b', b'b']
    assert story.parked == [(b'b', 'the handler failed 5 times: StoreRefused')]
    assert story.channel.acks == [(1, False), (3, True)]


def test_a_message_by_which_all_that_go_with_it_fail_is_parked_alone():
    story, rounds = Story(), []

    def store_all(bodies):
        rounds.append(bodies)
        return fail(StoreRefused('a bug')) if b'bad' in bodies else succeed([None for _ in bodies])
    story._store = Grouping(story.clock, store_all).call
    story.deliver(b'a', b'bad', b'c', b'd')
    story.deliver(b'e')
    story.pass_time(12)
    assert story.parked == [(b'bad', 'the handler failed 5 times: StoreRefused')]
    assert rounds[:2] == [[b'a', b'bad', b'c', b'd'], [b'a']]
    assert rounds[-3:] == [[b'c'], [b'd'], [b'e']]
    assert story.channel.acks == [(tag, False) for tag in (1, 2, 3, 4, 5)]


def test_long_messages_do_not_go_together_beyond_a_bound():
    story = Story()
    story.consumer.at_once_bytes = 10
    first = Deferred()
    story.storing[b'aaaa'] = [first]
    story.deliver(b'aaaa', b'bbbb', b'cccc', b'dddd')
    story.deliver(b'e' * 50, b'f')
    assert story.stored == [b'aaaa', b'bbbb', b'cccc']
    first.callback(None)
    story.pass_time(1)
    assert story.channel.acks == [(3, True), (5, True), (6, False)]


def test_after_a_loss_nothing_is_acked_and_nothing_more_is_begun():
    story = Story()
    storing = Deferred()
    story.storing[b'a'] = [storing]
    story.deliver(b'a', b'b')
    story.channel.lose()
    story.consumer.abandon()
    storing.callback(None)
    story.pass_time(10)
    assert (story.prepared, story.channel.acks) == ([b'a', b'b'], [])
    assert (story.broken, story.clock.getDelayedCalls()) == ([], [])


def test_finishing_waits_for_what_is_being_stored_and_acks_it():
    story = Story()
    storing, slow, finished = Deferred(), Deferred(), []
    story.storing[b'a'], story.preparing[b'b'] = [storing], [slow]
    story.deliver(b'a', b'b', b'c')
    story.consumer.finish().addCallback(finished.append)
    storing.callback(None)
    assert (finished, story.channel.acks) == ([], [(1, False)])
    slow.callback(None)
    assert finished == [None]
    assert (story.prepared, story.channel.acks) == ([b'a', b'b'], [(1, False), (2, False)])


def test_finishing_lets_go_of_all_that_waits_for_another_try():
    story = Story()
    story.storing[b'b'] = [away()]
    story.deliver(b'a', b'b', b'c')
    finished = []
    story.consumer.finish().addCallback(finished.append)
    assert (finished, story.channel.acks) == ([None], [(1, False)])
    assert story.clock.getDelayedCalls() == []


class People(object):
    """A queue, a store and workers that lose their connection: what hypothesis plays with.

    A message is ``<person><number>``.  The store does what Redis does: each call in order, what
    was seen before once, nothing of a person behind one that failed in the same call.
    """

    def __init__(self, messages):
        self.clock = Clock()
        self.queue = ['%s%d' % (person, number) for number, person in enumerate(messages)]
        self.acked, self.in_store, self.parked = 0, [], []
        self.plan = []  # what becomes of the next calls of the store
        self.call = None
        self.broken = []
        self.grouping = Grouping(self.clock, self._store, most=1000)
        self.connect()

    def connect(self):
        self.channel = channel = ConsumerChannel()
        self.first = self.acked

        def ack(tag, multiple):
            assert channel is self.channel
            assert tag <= len(self.queue) - self.first
            assert multiple or tag == self.acked - self.first + 1
            self.acked = self.first + tag
            for message in self.queue[:self.acked]:
                assert message in self.in_store or message in self.parked
        channel.basic_ack = ack
        self.consumer = Ahead(channel, self._handle, lambda raw: raw.decode('ascii'), Guard(
            clock=self.clock, park=self._park, broken=self.broken.append, max_delay=1.0))
        start(self.consumer)
        self.consumer.unpause()
        channel.deliver(*[each.encode('ascii') for each in self.queue[self.first:]])

    def lose(self):
        self.channel.lose()
        self.consumer.abandon()
        self.connect()

    def _handle(self, message):
        if message[0] == 'x':
            raise Malformed('x')
        if message[0] == 'b' and self.plan and self.plan[-1] == 'slow':
            self.plan.pop()
            slow = Deferred()
            self.clock.callLater(1, slow.callback, None)
            return slow.addCallback(lambda _: self._prepared(message))
        return self._prepared(message)

    def _prepared(self, message):
        return Prepared(lambda: self.grouping.call(message))

    def _park(self, raw, _reason, _queue, _trace):
        self.parked.append(raw.decode('ascii'))
        return succeed(None)

    def _store(self, messages):
        self.call = Deferred()
        outcome = self.plan.pop() if self.plan else 'works'
        self.clock.callLater(0.3, self._carry_out, self.call, messages, outcome)
        return self.call

    def _carry_out(self, call, messages, outcome):
        if outcome in ('away', 'refused'):
            call.errback(away() if outcome == 'away' else StoreRefused())
            return
        told, failed = [], set()
        for place, message in enumerate(messages):
            if message[0] in failed:
                told.append(Failure(HeldBack()))
            elif outcome == place:
                failed.add(message[0])
                told.append(Failure(StoreRefused()))
            else:
                if message not in self.in_store:
                    self.in_store.append(message)
                told.append(None)
        if outcome == 'unknown':
            call.errback(away())
        else:
            call.callback(told)


@settings(max_examples=300, deadline=None)
@given(messages=st.lists(st.sampled_from('aabbcx'), min_size=1, max_size=25),
       plan=st.lists(st.sampled_from(
           ['works', 'away', 'refused', 'unknown', 'slow', 0, 1, 2, 5]), max_size=12),
       losses=st.lists(st.integers(0, 40), max_size=4))
def test_whatever_fails_everybodys_messages_are_stored_once_in_order_and_then_acked(
        messages, plan, losses):
    people = People(messages)
    people.plan = plan
    for tick in range(400):
        if tick in losses:
            people.lose()
        people.clock.advance(0.1)
        if people.acked == len(people.queue) and tick > 40:
            break
    assert people.acked == len(people.queue)
    assert people.broken == []
    for person in 'abc':
        theirs = [each for each in people.queue if each[0] == person]
        stored = [each for each in people.in_store if each[0] == person]
        dead = [each for each in people.parked if each[0] == person]
        assert stored == [each for each in theirs if each in stored]
        assert sorted(set(stored + dead)) == sorted(theirs)
