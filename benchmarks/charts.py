"""Charts as SVG: pure, and the same bytes for the same figures.

Drawn by pygal, without its scripts and the date.  A chart has a ground of its own, light or dark
as the reader's system is, so that it can be read on any page.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import pygal
from pygal.style import Style

from benchmarks.measure import Chart  # noqa: F401
from benchmarks.report import figure

_FONT = '"DejaVu Sans", Verdana, Helvetica, Arial, sans-serif'
_COLOURS = ('#1f77b4', '#e07b00', '#2a9d5c', '#b0418f', '#7f7f7f', '#c0392b')
_STYLE = Style(
    background='#ffffff', plot_background='#ffffff', foreground='#333333',
    foreground_strong='#111111', foreground_subtle='#cccccc', font_family=_FONT,
    label_font_size=13, major_label_font_size=13, value_font_size=13, legend_font_size=13,
    title_font_size=17, opacity='.9', stroke_opacity='1', transition='0s', colors=_COLOURS)
_PEER = '#8c959f'
#: Over the style's own rules, which begin with the chart's id.
_RULES = """inline:#chart-%(name)s .horizontalbar-graph .text-overlay text.value {
text-anchor: start; transform: translateX(6px); }
@media (prefers-color-scheme: dark) {
#chart-%(name)s { background-color: #0d1117; }
#chart-%(name)s .graph > .background, #chart-%(name)s .plot > .background { fill: #0d1117; }
#chart-%(name)s .title, #chart-%(name)s .axis text, #chart-%(name)s .axis text.major,
#chart-%(name)s .legends .legend text { fill: #e6edf3; }
#chart-%(name)s .horizontalbar-graph .text-overlay .series text.value { fill: #e6edf3; }
#chart-%(name)s .axis .line, #chart-%(name)s .axis .major.line { stroke: #9aa4af; }
#chart-%(name)s .axis .guide.line { stroke: #3d444d; }
}"""
_WIDTH, _HEIGHT = 860, 420
#: Pixels of a bar's line, and of all that is around the bars.
_LINE, _AROUND = 38, 130
#: Characters of the name of a bar; the least part of the longest bar that gets its figure.
_NAME, _PRINTED = 60, 0.06


def lines(name, chart):
    # type: (Text, Chart) -> Text
    """Lines of points, as a measure found them."""
    drawn = pygal.XY(height=_HEIGHT, dots_size=2, stroke_style={'width': 2},
                     show_legend=len(chart.lines) > 1, legend_at_bottom=True,
                     legend_at_bottom_columns=min(3, len(chart.lines)),
                     range=_from_zero([y for _, points in chart.lines for _, y in points]),
                     xrange=_spread([x for _, points in chart.lines for x, _ in points]),
                     **_common(name, chart.title, chart.x_label, chart.y_label))
    drawn.x_value_formatter = figure
    for label, points in chart.lines:
        drawn.add(label, [tuple(point) for point in points])
    return _rendered(drawn, name)


def bars(name, title, unit, rows):
    # type: (Text, Text, Text, List[Tuple[Text, float, bool]]) -> Text
    """A horizontal bar, with its figure, for each (label, figure, whether it is ours) of `rows`, the
    first on top."""
    drawn = pygal.HorizontalBar(
        height=_AROUND + _LINE * len(rows), show_legend=False, print_values=True,
        print_values_position='top', range=_from_zero([value for _, value, _ in rows]),
        **_common(name, title, unit, ''))
    # It draws the first at the bottom.
    drawn.x_labels = [_short(label) for label, _, _ in rows[::-1]]
    drawn.add('', [_bar(value, ours) for _, value, ours in rows[::-1]])
    return _rendered(drawn, name)


def stacks(name, title, unit, labels, parts):
    # type: (Text, Text, Text, List[Text], List[Tuple[Text, List[float]]]) -> Text
    """Horizontal bars of several parts: (name of a part, its figure for each of `labels`)."""
    whole = max(sum(values) for values in zip(*[values for _, values in parts]))
    drawn = pygal.HorizontalStackedBar(
        height=_AROUND + 30 + _LINE * len(labels), legend_at_bottom=True,
        legend_at_bottom_columns=len(parts), print_values=True, print_values_position='center',
        **_common(name, title, unit, ''))
    drawn.value_formatter = lambda value: (
        '' if 0 < value < whole * _PRINTED else figure(value))
    drawn.x_value_formatter = figure
    drawn.x_labels = [_short(label) for label in labels[::-1]]
    for part, values in parts:
        drawn.add(part, values[::-1])
    return _rendered(drawn, name)


def _bar(value, ours):
    # type: (float, bool) -> Dict[Text, Any]
    return {'value': value} if ours else {'value': value, 'color': _PEER}


def _short(label):
    # type: (Text) -> Text
    return label if len(label) <= _NAME else label[:_NAME - 1] + '\u2026'


def _from_zero(values):
    # type: (List[float]) -> Tuple[float, float]
    """What is flat shall look flat."""
    return 0, 1.1 * max(values or [1]) or 1


def _spread(values):
    # type: (List[float]) -> Any
    return (min(values), max(values)) if len(set(values)) > 1 else None


def _common(name, title, x_title, y_title):
    # type: (Text, Text, Text, Text) -> Dict[str, Any]
    return {str(key): value for key, value in {
        'width': _WIDTH, 'title': title, 'x_title': x_title, 'y_title': y_title, 'style': _STYLE,
        'js': [], 'disable_xml_declaration': False, 'explicit_size': True,
        'truncate_label': -1, 'truncate_legend': -1, 'value_formatter': figure,
        'css': ['file://style.css', 'file://graph.css', _RULES % {'name': name}]}.items()}


def _rendered(drawn, name):
    # type: (Any, Text) -> Text
    drawn.uuid = name
    drawn.add_xml_filter(_still)
    return drawn.render().decode('utf-8') + '\n'


def _still(root):
    # type: (Any) -> Any
    """Without comments (one has the date), scripts, and what only they use."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, type('')) and not isinstance(child.tag, type(b'')):
                parent.remove(child)
            elif child.tag in ('script', 'desc') or 'tooltip' in child.get('class', '').split():
                parent.remove(child)
    return root
