"""The arithmetic of samples."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import figures

SAMPLES = st.lists(st.floats(min_value=0.001, max_value=1e6), min_size=1)


def test_the_median_is_the_middle_or_between_the_two_in_the_middle():
    assert figures.median([3, 1, 2]) == 2.0
    assert figures.median([4, 1, 2, 3]) == 2.5
    assert isinstance(figures.median([1]), float)


@given(SAMPLES)
def test_the_median_lies_within_the_spread(samples):
    least, most = figures.spread(samples)
    assert least <= figures.median(samples) <= most


@pytest.mark.parametrize('call', [
    figures.median, figures.spread, figures.quarters, lambda none: figures.percentile(none, 50)])
def test_no_samples_are_no_figure(call):
    with pytest.raises(ValueError):
        call([])


def test_a_percentile_is_a_sample_that_so_many_are_not_above():
    samples = list(range(100, 0, -1))
    assert figures.percentile(samples, 99) == 99
    assert figures.percentile(samples, 50) == 50
    assert figures.percentile(samples, 100) == 100
    assert figures.percentile([7], 99) == 7
    with pytest.raises(ValueError):
        figures.percentile([7], 0)


@given(st.lists(st.integers(), min_size=1))
def test_parts_are_all_of_the_samples_and_few(samples):
    found = figures.parts(samples, most=4)
    assert [each for _, part in found for each in part] == samples
    assert len(found) <= 4
    assert found[0][0] == 0


def test_quarters_are_the_first_and_the_last():
    assert figures.quarters([1, 2, 3, 4, 5, 6, 7, 8]) == ([1, 2], [7, 8])
    assert figures.quarters([1]) == ([1], [1])


def test_ratios_are_of_the_samples_of_the_same_repeat():
    assert figures.ratios([10, 30], [5, 10]) == [2.0, 3.0]


def test_ratios_to_nothing_or_to_too_little_are_refused():
    with pytest.raises(ValueError):
        figures.ratios([1], [0])
    with pytest.raises(ValueError):
        figures.ratios([1, 2], [1])


def test_a_rate_counts_until_the_last_answer():
    # Arrived at 0, 1 and 2 seconds; the last was answered at 3.
    assert figures.rate([2.0, 0.0, 1.0], after=1.0) == 1.0
    with pytest.raises(ValueError):
        figures.rate([1.0])
