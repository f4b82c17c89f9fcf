"""Small graphs as SVG, drawn here so that no script and no outside picture is needed.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import List, Sequence, Text  # noqa: F401

import attr

WIDTH, HEIGHT = 360, 60


@attr.s(frozen=True, slots=True)
class Graph(object):
    """One graph: what it shows in words (`text`), and the outline of an area."""

    text = attr.ib()  # type: Text
    path = attr.ib()  # type: Text
    style = attr.ib()  # type: Text


def squeezed(series, most, gauge=False):
    # type: (Sequence[int], int, bool) -> List[int]
    """`series` in at most `most` steps, each the sum (of a gauge: the largest) of its values."""
    step = -(-len(series) // most)
    # From the end, so that only the oldest step can be a short one.
    ends = range(len(series), 0, -step)
    pieces = [series[max(end - step, 0):end] for end in ends][::-1]
    return [max(piece) if gauge else sum(piece) for piece in pieces]


def outline(series):
    # type: (Sequence[int]) -> Text
    """The SVG path of the area under `series`, drawn in steps."""
    if not series:
        return ''
    top = float(max(series)) or 1.0
    wide = WIDTH / float(len(series))
    parts = ['M0 %d' % (HEIGHT,)]
    for n, value in enumerate(series):
        y = HEIGHT - value / top * (HEIGHT - 2)
        parts.append('L%.1f %.1f L%.1f %.1f' % (n * wide, y, (n + 1) * wide, y))
    return '%s L%d %d Z' % (' '.join(parts), WIDTH, HEIGHT)


def graph(name, series, hours, gauge=False, style='flow'):
    # type: (Text, Sequence[int], int, bool, Text) -> Graph
    """The graph of `series`, one value a minute over `hours`."""
    if gauge:
        text = '%s: %d now, at most %d in %d hours' % (name, series[-1], max(series), hours)
    else:
        text = '%s: %d in %d hours, at most %d a minute' % (name, sum(series), hours, max(series))
    return Graph(text, outline(squeezed(series, WIDTH // 2, gauge)), style)
