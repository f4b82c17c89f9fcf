"""Tables of results."""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import report
from benchmarks.measure import Measure, Result, at_least, reported


def a_measure(goal):
    return Measure('a', 'a title', goal, 'messages/s', lambda *_: None, 'treq')


def test_numbers_have_the_digits_that_matter():
    assert [report.figure(each) for each in (0.9512, 12.34, 1234.5, 0, 7, 'so')] == [
        '0.951', '12.3', '1,234', '0', '7', 'so']


def test_samples_are_told_by_median_and_range():
    assert report.spread([3.0, 1.0, 2.0]) == '2 (1\u20133)'
    assert report.spread([3.0]) == '3'
    assert report.spread([]) == ''


def test_a_row_tells_both_sides_the_ratio_and_whether_the_goal_is_met():
    assert report.cells(a_measure(at_least(0.5)), Result([90.0], [100.0])) == [
        'a title', '90 messages/s', 'treq: 100', '0.9', '\u2265 0.5', 'yes']


def test_a_goal_that_is_missed_can_not_be_overlooked():
    assert report.verdict(a_measure(at_least(0.95)), Result([90.0], [100.0])) == '**no**'


def test_without_a_goal_there_is_no_verdict():
    assert report.verdict(a_measure(reported()), Result([90.0])) == ''


def test_markdown_is_lined_up_and_its_bars_escaped():
    assert report.markdown(['a', 'b'], [['x|y', '1'], ['', '22']]).splitlines() == [
        '| a    | b  |', '| ---- | -- |', '| x\\|y | 1  |', '|      | 22 |']
