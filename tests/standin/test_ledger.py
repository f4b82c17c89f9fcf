"""The ledger keeps the last calls, in order."""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.standin.ledger import Ledger


def enter(ledger, count):
    for n in range(count):
        ledger.begin(float(n), 'POST', '/note', True, {'message': 'x'})


def numbers(calls):
    return [call['number'] for call in calls]


def test_it_can_be_followed():
    ledger = Ledger()
    enter(ledger, 5)
    assert numbers(ledger.calls()) == [1, 2, 3, 4, 5]
    assert numbers(ledger.calls(since=3)) == [4, 5]
    assert numbers(ledger.calls(since=1, limit=2)) == [2, 3]
    assert ledger.calls(since=5) == []


def test_it_is_bounded_and_its_numbers_go_on():
    ledger = Ledger(most=3)
    enter(ledger, 5)
    assert (ledger.count, numbers(ledger.calls())) == (5, [3, 4, 5])
    ledger.clear()
    enter(ledger, 1)
    assert (ledger.count, numbers(ledger.calls())) == (6, [6])


def test_who_has_read_the_first_calls_may_have_them_forgotten():
    ledger = Ledger()
    enter(ledger, 5)
    ledger.clear(until=3)
    assert (ledger.count, numbers(ledger.calls())) == (5, [4, 5])
    ledger.clear(until=2)
    assert numbers(ledger.calls()) == [4, 5]


def test_what_it_tells_is_of_that_moment():
    ledger = Ledger()
    call = ledger.begin(1.0, 'GET', '/accounts', True, None, 'page=1')
    [before] = ledger.calls()
    call.status, call.answered = 200, True
    [after] = ledger.calls()
    assert (before['status'], before['answered'], before['query']) == (None, None, 'page=1')
    assert (after['status'], after['answered']) == (200, True)
