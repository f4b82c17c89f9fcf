"""What has arrived, by a ledger that is read as it grows."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest

from benchmarks.arrivals import Arrivals
from tools.processes import ProcessFailed


class Desk(object):
    """A stand-in's admin API, as far as it is asked."""

    def __init__(self):
        self.calls = []

    def note(self, message, at=10.0, work='note added', answered=True):
        self.calls.append({'number': len(self.calls) + 1, 'at': at, 'work': work,
                           'answered': answered, 'body': {'message': message}})

    def get(self, path):
        since, limit = [int(each) for each in re.findall('[0-9]+', path)]
        return {'calls': [each for each in self.calls if each['number'] > since][:limit]}

    def delete(self, path):
        self.forgotten = int(path.rpartition('=')[2])


@pytest.fixture
def desk():
    return Desk()


def test_joined_messages_arrive_each_by_itself_and_are_timed_until_the_answer(desk):
    arrivals = Arrivals(desk, 0, 3, first=7, latency=0.5)
    desk.note('Number 7 at 8.000000. xx\n\nNumber 9 at 9.500000. xx', at=10.0)
    arrivals.look()
    assert (arrivals.arrived, arrivals.calls) == (2, 1)
    assert list(arrivals.took) == [2.5, -1.0, 1.0]


def test_what_was_read_is_forgotten_up_to_the_first_call_that_is_not_answered(desk):
    arrivals = Arrivals(desk, 0, 3)
    desk.note('Number 0 at 1.0. x')
    desk.note('', work='', answered=None)
    desk.note('Number 1 at 1.0. x')
    arrivals.look()
    assert (arrivals.arrived, desk.forgotten) == (1, 1)
    desk.calls[1].update(answered=True, work='ticket opened', body={
        'message': 'Number 2 at 1.0. x'})
    arrivals.await_all()
    assert (arrivals.arrived, desk.forgotten) == (3, 3)


def test_a_message_that_comes_twice_is_an_error(desk):
    arrivals = Arrivals(desk, 0, 2)
    desk.note('Number 0 at 1.0. x')
    desk.note('Number 0 at 1.0. x')
    with pytest.raises(ProcessFailed) as said:
        arrivals.await_all()
    assert 'more than once' in '%s' % (said.value,)


def test_messages_that_do_not_come_are_waited_for_so_long_only(desk):
    with pytest.raises(ProcessFailed) as said:
        Arrivals(desk, 0, 2).await_all(quiet=0, pause=0)
    assert '0 of 2 messages arrived' in '%s' % (said.value,)


def test_a_message_that_nobody_sent_is_an_error(desk):
    desk.note('Number 5 at 1.0. x')
    with pytest.raises(ProcessFailed):
        Arrivals(desk, 0, 2).look()
