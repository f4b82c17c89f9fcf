"""Calls that are made together: in order, one at a time, each with an outcome of its own."""
from __future__ import absolute_import, division, print_function, unicode_literals

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import defer, task
from twisted.python import failure

from vumi_snappy.store.errors import StoreRefused, StoreUnavailable
from vumi_snappy.store.grouping import Grouping


class Story(object):
    """A grouping whose calls the test answers."""

    def __init__(self, **options):
        self.clock = task.Clock()
        self.calls, self.under_way = [], []
        self.told = []  # (item, outcome), as they were told
        self.grouping = Grouping(self.clock, self._call_all, **options)

    def _call_all(self, items):
        assert all(each.called for each in self.under_way), 'two calls at once'
        self.calls.append(items)
        self.under_way.append(defer.Deferred())
        return self.under_way[-1]

    def give(self, *items):
        return [self._give(item) for item in items]

    def _give(self, item):
        done = self.grouping.call(item)
        done.addBoth(lambda outcome: self.told.append((item, outcome)))
        return done

    def answer(self, *failed):
        self.under_way[-1].callback([
            failure.Failure(StoreRefused(item)) if item in failed else item.upper()
            for item in self.calls[-1]])

    def turn(self):
        self.clock.advance(0)

    @property
    def outcomes(self):
        return [(item, outcome.type if isinstance(outcome, failure.Failure) else outcome)
                for item, outcome in self.told]


def test_what_is_given_in_one_turn_of_the_reactor_goes_as_one_call():
    story = Story()
    story.give('a', 'b', 'c')
    assert story.calls == []
    story.turn()
    assert story.calls == [['a', 'b', 'c']]
    story.answer()
    assert story.outcomes == [('a', 'A'), ('b', 'B'), ('c', 'C')]
    story.turn()
    assert len(story.calls) == 1


def test_what_comes_while_a_call_is_on_its_way_waits_for_its_answer_and_goes_at_once():
    story = Story()
    story.give('a')
    story.turn()
    story.give('b')
    story.turn()
    story.give('c')
    assert story.calls == [['a']]
    story.answer()
    assert story.calls == [['a'], ['b', 'c']]


def test_no_call_has_more_than_its_most():
    story = Story(most=2)
    story.give('a', 'b', 'c')
    story.turn()
    story.answer()
    story.answer()
    assert story.calls == [['a', 'b'], ['c']]


def test_an_item_that_fails_fails_alone_and_is_told_after_those_that_worked():
    story = Story(most=3)
    story.give('a', 'b', 'c', 'd')
    story.turn()
    story.answer('a')
    story.answer()
    assert story.outcomes == [('b', 'B'), ('c', 'C'), ('a', StoreRefused), ('d', 'D')]


def test_what_waits_behind_a_call_that_fails_fails_without_being_tried():
    story = Story(most=1)
    story.give('a', 'b', 'c')
    story.turn()
    story.under_way[-1].errback(StoreUnavailable('away'))
    assert story.outcomes == [(item, StoreUnavailable) for item in 'abc']
    story.give('a')
    story.turn()
    assert story.calls == [['a'], ['a']]


def test_a_call_that_raises_has_failed():
    clock = task.Clock()
    grouping = Grouping(clock, lambda items: items.nothing)
    failed = []
    grouping.call('a').addErrback(failed.append)
    clock.advance(0)
    assert failed[0].type is AttributeError


def test_an_item_that_is_taken_back_while_it_waits_is_not_carried_out():
    story = Story()
    a, b = story.give('a', 'b')
    b.cancel()
    story.turn()
    a.cancel()
    story.answer()
    assert story.calls == [['a']]
    assert story.outcomes == [(item, defer.CancelledError) for item in 'ba']


def test_all_taken_back_makes_no_call_and_the_next_one_works():
    story = Story()
    story.give('a')[0].cancel()
    story.turn()
    story.give('b')
    story.turn()
    assert story.calls == [['b']]


def test_where_too_many_wait_the_next_is_turned_away_at_once():
    story = Story(room=2)
    story.give('a', 'b', 'c')
    assert story.outcomes == [('c', StoreUnavailable)]
    story.turn()
    story.give('d', 'e')
    assert story.calls == [['a', 'b']]
    assert len(story.outcomes) == 1


STEPS = ['give', 'turn', 'works', 'item fails', 'all fail', 'take back']


@given(most=st.sampled_from([1, 2, 50]), steps=st.lists(st.sampled_from(STEPS), max_size=60))
def test_whatever_happens_items_keep_their_order_and_each_has_one_outcome(most, steps):
    story = Story(most=most)
    given_, cancelled, number = [], set(), 0
    for step in steps:
        open_ = story.under_way and not story.under_way[-1].called
        if step == 'give':
            number += 1
            item = 'm%d' % (number,)
            given_.append((item, story.give(item)[0]))
        elif step == 'turn':
            story.turn()
        elif step == 'take back' and given_:
            item, done = given_[-1]
            if not done.called:
                cancelled.add(item)
                done.cancel()
        elif open_ and step == 'works':
            story.answer()
        elif open_ and step == 'item fails':
            story.answer(story.calls[-1][0])
        elif open_ and step == 'all fail':
            story.under_way[-1].errback(StoreUnavailable('away'))
    story.turn()
    while story.under_way and not story.under_way[-1].called:
        story.answer()
    carried_out = [name for call in story.calls for name in call]
    everything = [name for name, _ in given_]
    assert carried_out == [name for name in everything if name in carried_out]
    assert all(len(call) <= most for call in story.calls)
    assert sorted(name for name, _ in story.told) == sorted(everything)
    for name, outcome in story.outcomes:
        if outcome == name.upper():
            assert name in carried_out
        elif name not in carried_out:
            assert outcome is StoreUnavailable or name in cancelled
