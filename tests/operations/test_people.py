"""Whom an operator means by an address."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.operations.conftest import NOMSA
from vumi_snappy.content.numbers import Numbers
from vumi_snappy.operations.people import People, Unclear
from vumi_snappy.records import Subscription


@pytest.mark.parametrize('typed', ['27820001001', '+27820001001', '+27 82 000-1001'])
@pytest_twisted.inlineCallbacks
def test_a_person_is_found_as_the_search_finds_them(bench, typed):
    yield bench.opens('Help')
    assert (yield People(bench.store).address(typed)) == NOMSA


@pytest_twisted.inlineCallbacks
def test_who_has_opted_out_is_known_without_a_ticket(bench):
    yield bench.store.subscriptions.change(NOMSA, Subscription.OPT_OUT)
    assert (yield People(bench.store).address('27820001001')) == NOMSA


@pytest_twisted.inlineCallbacks
def test_an_address_that_names_nobody_or_several_is_refused(bench):
    people = People(bench.store)
    for who in (NOMSA, NOMSA[1:]):
        yield bench.says('Help', who=who)
    for typed, word in (('0829999997', 'Nobody with this'), ('+27 820001001', NOMSA[1:])):
        with pytest.raises(Unclear) as refused:
            yield people.address(typed)
        assert word in '%s' % (refused.value,)
    # One of several, as it is written, is meant.
    assert (yield people.address(NOMSA[1:])) == NOMSA[1:]


@pytest.fixture
def by_number(make_bench):
    """A store that brings numbers of South Africa to one spelling."""
    return pytest_twisted.blockon(make_bench(numbers=Numbers('ZA')))


@pytest.mark.parametrize('typed', ['0820001001', '082 000 1001', '27820001001', '0027820001001'])
@pytest.mark.parametrize('known_as', [None, NOMSA, '0820001001', '27820001001'])
@pytest_twisted.inlineCallbacks
def test_where_numbers_have_one_spelling_any_spelling_names_the_person(by_number, typed, known_as):
    people = People(by_number.store)
    if known_as:
        yield by_number.says('Help', who=known_as)
    for opted_out in (True, False):
        address = yield people.address(typed)
        assert (yield people.set_opted_out(address, opted_out, 'lerato')) is True
        for who in (NOMSA, '0820001001', '27820001001'):
            found = yield people.opt_out((yield people.address(who)))
            assert found['opted_out'] is opted_out
    if known_as:
        receipt = yield people.forget(typed.replace(' ', ''), 'lerato')
        assert len(receipt['tickets']) == 1


@pytest_twisted.inlineCallbacks
def test_two_spellings_from_before_are_one_person_then(by_number):
    people = People(by_number.store)
    for who in ('27820001001', '0820001001'):
        yield by_number.says('Help', who=who)
    yield people.set_opted_out((yield people.address(NOMSA)), True, 'lerato')
    for who in ('27820001001', '0820001001', NOMSA):
        assert (yield by_number.store.subscriptions.since(who)) is not None
