"""Goals, and which samples they are about."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from benchmarks.measure import Options, Result, at_least, at_most, reported
from benchmarks.measures import MEASURES, UnknownMeasure, named


def test_a_goal_is_met_at_its_bound():
    assert at_least(0.95).met(0.95) is True
    assert at_least(0.95).met(0.949) is False
    assert at_most(1.05).met(1.05) is True
    assert at_most(1.05).met(1.051) is False
    assert reported().met(17) is None


def test_what_is_twice_as_good_as_asked_for_is_told_as_2():
    assert at_least(20).share(40) == 2.0
    assert at_most(2.0).share(1) == 2.0
    assert reported().share(17) == 1.0


def test_a_goal_says_what_it_wants():
    assert [at_least(20).words, at_most(1.1).words, reported().words] == [
        '\u2265 20', '\u2264 1.1', 'reported']


def test_a_result_with_a_peer_is_judged_by_its_ratios():
    assert Result([10.0, 30.0], [5.0, 10.0]).judged == [2.0, 3.0]


def test_a_result_without_a_peer_is_judged_itself():
    assert Result([2.5, 2.7]).judged == [2.5, 2.7]
    assert Result().judged == []


def test_a_quick_run_is_small():
    assert Options(quick=True).size(1000, 10) == 10
    assert Options().size(1000, 10) == 1000


def test_each_measure_has_a_name_of_its_own_and_says_what_it_compares():
    names = [each.name for each in MEASURES]
    assert len(set(names)) == len(names)
    for each in MEASURES:
        assert each.title and each.unit and each.run.__module__.startswith('benchmarks.measures.')


def test_measures_are_run_in_the_order_of_the_table_whatever_order_is_asked_for():
    names = [each.name for each in MEASURES]
    assert [each.name for each in named(names[::-1])] == names
    assert named([]) == MEASURES


def test_a_measure_that_is_not_there_is_named():
    with pytest.raises(UnknownMeasure) as said:
        named(['no-such-thing'])
    assert 'no-such-thing' in '%s' % (said.value,)
