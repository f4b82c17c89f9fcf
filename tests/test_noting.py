"""What the broker has is told the store once, whoever brings the news, until it has heard it."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.python import failure

from vumi_snappy.noting import Noting
from vumi_snappy.store.errors import StoreRefused, StoreUnavailable


class Story(object):
    """A lane that answers as the test says: a list of outcomes, or an exception; else True."""

    def __init__(self):
        self.clock, self.calls, self.answers = Clock(), [], []
        self.noting = Noting(self.clock, self)

    def finish_all(self, published):
        self.calls.append(list(published))
        said = self.answers.pop(0) if self.answers else [True] * len(published)
        return defer.fail(said) if isinstance(said, Exception) else defer.succeed(said)

    def tell(self, *published):
        told = []
        for ticket, number in published:
            told.append([])
            self.noting.published(ticket, number).addBoth(told[-1].append)
        return told

    def tell_of_receipt(self, ticket, number):
        told = []
        self.noting.received(ticket, number).addBoth(told.append)
        return told


def test_all_of_one_moment_go_in_one_call():
    story = Story()
    told = story.tell(('1', 1), ('2', 4), ('', 'an-answer'))
    story.clock.advance(0)
    assert story.calls == [[('1', 1), ('2', 4), ('', 'an-answer')]]
    assert told == [[True]] * 3


def test_the_answer_to_the_publication_and_the_receipt_are_one_piece_of_news():
    story = Story()
    told, receipt = story.tell(('1', 1)), story.tell_of_receipt('1', 1)
    story.clock.advance(0)
    later = story.tell_of_receipt('1', 1)
    story.clock.advance(0)
    assert (told, receipt, later, len(story.calls)) == ([[True]], [False], [False], 1)


def test_while_the_store_is_away_the_answer_is_kept_and_the_receipt_is_not():
    # Nobody else may take what is left unread for all that there is.
    story = Story()
    story.answers = [StoreUnavailable('away')] * 3
    told, receipt = story.tell(('1', 1)), story.tell_of_receipt('1', 1)
    story.clock.advance(0)
    assert told == [[]]
    assert receipt[0].type is StoreUnavailable
    for _ in range(20):
        story.clock.advance(0.5)
    assert told == [[True]]
    assert story.tell_of_receipt('1', 1) == [False]


def test_what_leaves_again_is_told_again():
    # Redis may have lost what it was told: a second of its file, what a replica had not heard.
    story = Story()
    story.tell(('1', 1))
    story.clock.advance(0)
    story.noting.leaves('1', 1)
    told = story.tell(('1', 1))
    story.clock.advance(0)
    assert (told, len(story.calls)) == ([[True]], 2)


def test_what_the_store_did_not_find_on_its_queue_is_told_again_when_it_is_published_again():
    # A receipt can come while the reply is parked; an operator may put it back.
    story = Story()
    story.answers = [[False]]
    assert story.tell(('1', 1)) == [[]]
    story.clock.advance(0)
    told = story.tell(('1', 1))
    story.clock.advance(0)
    assert (told, len(story.calls)) == ([[True]], 2)


def test_what_can_not_be_noted_fails_for_those_who_brought_it_alone():
    story = Story()
    story.answers = [[failure.Failure(StoreRefused('no')), True]]
    told = story.tell(('1', 1), ('2', 1), ('1', 1))
    story.clock.advance(0)
    assert told[1] == [True]
    assert [told[n][0].type for n in (0, 2)] == [StoreRefused] * 2


def test_an_attempt_that_is_cancelled_takes_nothing_back():
    story = Story()
    story.noting.published('1', 1).addErrback(lambda _: None).cancel()
    told = story.tell(('1', 1))
    story.clock.advance(0)
    assert (story.calls, told) == ([[('1', 1)]], [[False]])


def test_when_the_attempts_are_cancelled_at_the_end_nothing_is_left_behind():
    story = Story()
    story.answers = [StoreUnavailable('away')] * 100
    told = []
    telling = story.noting.published('1', 1).addErrback(told.append)
    story.clock.advance(0)
    telling.cancel()
    assert told[0].check(defer.CancelledError)
    assert not story.clock.getDelayedCalls()
