"""Results as tables, in Markdown for documents and aligned for the terminal.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text  # noqa: F401

from benchmarks import figures
from benchmarks.measure import Measure, Result  # noqa: F401

#: The verdict on a goal that is not met.
MISSED = '**no**'
HEADINGS = ['measure', 'ours', 'peer', 'ratio', 'goal', 'met']


def figure(value):
    # type: (Any) -> Text
    """A number with three significant digits; texts unchanged."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return '%s' % (value,)
    if value == 0:
        return '0'
    if abs(value) >= 100:
        return '{:,.0f}'.format(value)
    return '%.3g' % (value,)


def spread(samples):
    # type: (List[float]) -> Text
    """Median and, of several samples, minimum and maximum."""
    if not samples:
        return ''
    text = figure(figures.median(samples))
    if len(samples) > 1:
        text += ' (%s\u2013%s)' % tuple(figure(each) for each in figures.spread(samples))
    return text


def verdict(measure, result):
    # type: (Measure, Result) -> Text
    """Yes, no, or nothing if there is no goal."""
    met = measure.goal.met(figures.median(result.judged)) if result.judged else None
    return {True: 'yes', False: MISSED, None: ''}[met]


def cells(measure, result):
    # type: (Measure, Result) -> List[Text]
    """A row of the table."""
    ours = spread(result.ours)
    peer = spread(result.peer)
    return [measure.title, '%s %s' % (ours, measure.unit) if ours else '',
            '%s: %s' % (measure.peer, peer) if peer else '', spread(result.ratios),
            measure.goal.words, verdict(measure, result)]


def markdown(headings, rows):
    # type: (List[Text], List[List[Text]]) -> Text
    """A table in Markdown, with aligned columns."""
    escaped = [[cell.replace('|', '\\|') for cell in row] for row in [headings] + rows]
    widths = [max(len(row[n]) for row in escaped) for n in range(len(headings))]
    escaped.insert(1, ['-' * width for width in widths])
    return '\n'.join('| %s |' % (' | '.join(
        cell.ljust(width) for cell, width in zip(row, widths)),) for row in escaped)


def details(result):
    # type: (Result) -> List[Text]
    """The further figures and notes of a result, as lines."""
    return ['%s: %s' % (name, figure(value)) for name, value in result.extra.items()] + list(
        result.notes)
