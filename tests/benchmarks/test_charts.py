"""Charts: what they say, and that nothing in them changes by itself."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from xml.etree import ElementTree

from benchmarks import charts
from benchmarks.measure import Chart

ROWS = [('ours', 90.1, True), ('bare treq', 95.0, False)]
A_CHART = Chart('Memory', 'messages', 'MB', [('worker', [[0, 50], [10, 51]])])


def texts(svg):
    return [each.text for each in ElementTree.fromstring(svg.encode('utf-8')).iter(
        '{http://www.w3.org/2000/svg}text') if each.text]


def test_bars_have_their_names_figures_and_unit_beside_them():
    assert set(texts(charts.bars('a', 'Speed', 'messages a second', ROWS))) >= {
        'Speed', 'ours', 'bare treq', '90.1', '95', 'messages a second'}


def test_parts_of_a_bar_that_are_too_small_for_a_figure_have_none():
    said = texts(charts.stacks('a', 'Cost', 'ms', ['one'], [
        ('worker', [2.61]), ('Redis', [0.37]), ('RabbitMQ', [0.011])]))
    assert {'worker', 'Redis', 'RabbitMQ', '2.61', '0.37'} <= set(said)
    assert '0.011' not in said


def test_lines_have_both_axes_labelled_and_begin_at_nothing():
    assert set(texts(charts.lines('a', A_CHART))) >= {'Memory', 'messages', 'MB', '0'}


def test_the_same_figures_are_the_same_chart_without_scripts_or_dates():
    for draw in (lambda: charts.bars('a', 'Speed', 's', ROWS),
                 lambda: charts.lines('a', A_CHART)):
        assert draw() == draw()
        assert not re.search(r'<script|<!--|\d{4}-\d\d-\d\d|https?://(?!www.w3.org)', draw())


def test_a_chart_has_colours_for_dark_pages_as_well():
    assert '@media (prefers-color-scheme:dark)' in charts.bars('a', 'Speed', 's', ROWS)
