"""``python -m benchmarks.document``: docs/performance.md and its charts, from the results.

Every figure comes from the file of results; the prose is that of the template
(``performance.md.j2``), and of ``explanations.yaml`` where a measure needs words of its own.  The
same results make the same document, which a test holds against what is in the repository.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import io
import os
import sys
from collections import OrderedDict
from typing import Any, Dict, List, Sequence, Text, Tuple  # noqa: F401

import attr
import jinja2
import yaml

from benchmarks import charts, figures, report
from benchmarks.measure import Measure, Result  # noqa: F401
from benchmarks.results_file import LATEST, from_json, read
from tools.terminal import say

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(os.path.dirname(HERE), 'docs')
RESULTS = os.path.join(HERE, 'results')
#: In the folder of documents.
NAME = 'performance.md'
_IMAGES = 'images'
_PREFIX = 'performance-'
#: Requests a minute that Snappy allows an account.
_LIMIT = 200.0
#: What differs from run to run on one machine.
_OF_A_RUN = ('taken', 'load before', 'commit')
#: Measures whose samples are messages a second through Snappy's latency, and the calls at once.
_RACES = (('forwarding-treq', 20, True), ('forwarding-wide', 60, True),
          ('forwarding-django', 60, False), ('forwarding-relay', 60, False))
_PARTS = (('worker', 'worker'), ('redis', 'Redis'), ('rabbitmq', 'RabbitMQ'))
_COSTS = (('forwarding-fast', 'ms of CPU a message, %s', 'bus \u2192 Snappy, no latency'),
          ('forwarding-wide', 'ms of CPU a message, %s', 'the same, 200 ms, 60 at once'),
          ('webhooks-klein', 'ms of CPU a webhook while they come, %s', 'a webhook'))


@attr.s(frozen=True, slots=True)
class Found(object):
    """A measure, as the template sees it."""

    measure = attr.ib()  # type: Measure
    result = attr.ib()  # type: Result
    machine = attr.ib()  # type: Dict[Text, Text]
    failure = attr.ib()  # type: Text
    explanation = attr.ib()  # type: Text

    @property
    def name(self):
        # type: () -> Text
        """As on the command line."""
        return self.measure.name

    @property
    def missed(self):
        # type: () -> bool
        """Whether its goal is missed."""
        return bool(self.failure) or report.verdict(self.measure, self.result) == report.MISSED

    @property
    def row(self):
        # type: () -> List[Text]
        """Of the table."""
        cells = report.cells(self.measure, self.result)
        if self.failure:
            cells[1], cells[-1] = 'failed (%s)' % (self.failure,), report.MISSED
        return ['[%s](#%s)' % (cells[0], self.name)] + cells[1:]

    @property
    def details(self):
        # type: () -> List[Text]
        """What else it found."""
        return report.details(self.result)

    @property
    def pictures(self):
        # type: () -> List[Tuple[Text, Text]]
        """Name of the file and title of each of its charts."""
        return [('%s%s-%d' % (_PREFIX, self.name, number), chart.title)
                for number, chart in enumerate(self.result.charts, 1)]


def found_in(rows, explanations):
    # type: (List[Dict[Text, Any]], Dict[Text, Text]) -> Dict[Text, Found]
    """What a file of results holds, by measure."""
    made = OrderedDict()  # type: Dict[Text, Found]
    for row in rows:
        measure, result = from_json(row)
        made[measure.name] = Found(measure, result, row['machine'], row.get('failure', ''),
                                   explanations.get(measure.name, '').strip())
    return made


def pictures(found):
    # type: (Dict[Text, Found]) -> Dict[Text, Text]
    """Every chart, by the name of its file without ``.svg``."""
    made = OrderedDict()  # type: Dict[Text, Text]
    for name, draw in [('rates', _rates), ('costs', _costs), ('goals', _goals)]:
        drawn = draw(_PREFIX + name, found)
        if drawn:
            made[_PREFIX + name] = drawn
    for each in found.values():
        for (name, _), chart in zip(each.pictures, each.result.charts):
            made[name] = charts.lines(name, chart)
    return made


def _rates(name, found):
    # type: (Text, Dict[Text, Found]) -> Text
    rows = []
    for measure, at_once, ours in _RACES:
        result = found[measure].result if measure in found else Result()
        words = ', %d calls at once' % (at_once,) if ours else ''
        if ours and result.ours:
            rows.append(('vumi-snappy' + words, figures.median(result.ours), True))
        if result.peer:
            rows.append((found[measure].measure.peer + words, figures.median(result.peer), False))
    return rows and charts.bars(
        name, 'From the bus to a Snappy that takes 200 ms a call', 'messages a second', rows) or ''


def _costs(name, found):
    # type: (Text, Dict[Text, Found]) -> Text
    labels, values = [], []
    for measure, key, label in _COSTS:
        extra = found[measure].result.extra if measure in found else {}
        if all(key % (part,) in extra for part, _ in _PARTS):
            labels.append(label)
            values.append([extra[key % (part,)] for part, _ in _PARTS])
    return labels and charts.stacks(
        name, 'What a message costs', 'milliseconds of CPU', labels,
        [(words, [each[number] for each in values])
         for number, (_, words) in enumerate(_PARTS)]) or ''


def _goals(name, found):
    # type: (Text, Dict[Text, Found]) -> Text
    rows = []
    for each in found.values():
        goal, judged = each.measure.goal, each.result.judged
        if judged and goal.met(1) is not None:
            share = goal.share(figures.median(judged))
            rows.append((each.name, share, share >= 1))
    return rows and charts.bars(
        name, 'Each figure to its goal: met (blue) or missed (grey)', 'times as good as the goal',
        rows) or ''


def machines(found):
    # type: (Dict[Text, Found]) -> List[Tuple[Dict[Text, Text], List[Text]]]
    """The different machines and versions, each with the names of its measures."""
    made = []  # type: List[Tuple[Dict[Text, Text], List[Text]]]
    for each in found.values():
        about = OrderedDict(
            (name, value) for name, value in each.machine.items() if name not in _OF_A_RUN)
        for known, names in made:
            if known == about:
                names.append(each.name)
                break
        else:
            made.append((about, [each.name]))
    return made


class Figures(object):
    """What the template's prose asks for by name.  What was not measured is told so."""

    missing = '*(not measured)*'

    def __init__(self, found):
        # type: (Dict[Text, Found]) -> None
        self._found = found

    def has(self, name):
        # type: (Text) -> bool
        """Whether a measure found something."""
        return name in self._found and not self._found[name].failure

    def ours(self, name):
        # type: (Text) -> Any
        """The median of ours, or None."""
        return self._median(name, lambda result: result.ours)

    def peer(self, name):
        # type: (Text) -> Any
        """The median of the peer's, or None."""
        return self._median(name, lambda result: result.peer)

    def ratio(self, name):
        # type: (Text) -> Any
        """The median of the ratios, or None."""
        return self._median(name, lambda result: result.ratios)

    def extra(self, name, key):
        # type: (Text, Text) -> Any
        """A further number of a measure, or None."""
        return self._found[name].result.extra.get(key) if self.has(name) else None

    def told(self, value):
        # type: (Any) -> Text
        """A number as the tables tell it."""
        return report.figure(value) if value else self.missing

    def unit(self, name):
        # type: (Text) -> Text
        """Of a measure's samples."""
        return self._found[name].measure.unit

    def per(self, value, whole):
        # type: (Any, float) -> Any
        """`whole` divided by a number, or None."""
        return whole / value if value else None

    def times(self, value, unit):
        # type: (Any, float) -> Text
        """How many times `unit` a number is, in whole ones."""
        return '%d' % (value / unit,) if value else self.missing

    def share(self, rate, cost):
        # type: (Any, Any) -> Text
        """Of one core, at `rate` a second of `cost` milliseconds each."""
        return '%.0f %%' % (rate * cost / 10,) if rate and cost else self.missing

    def _median(self, name, of):
        # type: (Text, Any) -> Any
        samples = of(self._found[name].result) if self.has(name) else []
        return figures.median(samples) if samples else None


def render(rows, explanations, template):
    # type: (List[Dict[Text, Any]], Dict[Text, Text], Text) -> Tuple[Text, Dict[Text, Text]]
    """The document, and its charts by name."""
    found = found_in(rows, explanations)
    drawn = pictures(found)
    message, hook = _COSTS[0][1], _COSTS[2][1]
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True)
    text = environment.from_string(template).render(
        found=list(found.values()), get=Figures(found), machines=machines(found),
        limit=_LIMIT, worker_cost=message % ('worker',), redis_cost=message % ('redis',),
        rabbit_cost=message % ('rabbitmq',), hook_cost=hook % ('worker',),
        images=_IMAGES, drawn=drawn, table=report.markdown(
            report.HEADINGS, [each.row for each in found.values()]),
        of_a_run=sorted({tuple(each.machine.get(name, '') for name in _OF_A_RUN)
                         for each in found.values()}))
    return text, drawn


def made_from(results):
    # type: (Text) -> Tuple[Text, Dict[Text, Text]]
    """`render` with the results of a folder and what is kept beside this module."""
    path = os.path.join(results, LATEST)
    rows = read(path)['measures'] if os.path.exists(path) else []
    with io.open(os.path.join(HERE, 'explanations.yaml'), encoding='utf-8') as source:
        explanations = yaml.safe_load(source.read()) or {}
    with io.open(os.path.join(HERE, 'performance.md.j2'), encoding='utf-8') as source:
        return render(rows, explanations, source.read())


def write(results, docs):
    # type: (Text, Text) -> Text
    """Make the document of a folder's results in the folder `docs`; returns its path.  Charts that
    are no more are removed."""
    text, drawn = made_from(results)
    folder = os.path.join(docs, _IMAGES)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    for name in os.listdir(folder):
        if name.startswith(_PREFIX) and name.endswith('.svg') and name[:-4] not in drawn:
            os.remove(os.path.join(folder, name))
    path = os.path.join(docs, NAME)
    for place, content in [(path, text)] + [
            (os.path.join(folder, '%s.svg' % (name,)), svg) for name, svg in drawn.items()]:
        with io.open(place, 'w', encoding='utf-8') as out:
            out.write(content)
    return path


def main(arguments):
    # type: (Sequence[Text]) -> int
    """As the command line says."""
    parser = argparse.ArgumentParser(prog='benchmarks.document', description=__doc__)
    parser.add_argument('--results', metavar='DIR', default=RESULTS)
    parser.add_argument('--docs', metavar='DIR', default=DOCS)
    given = parser.parse_args(arguments)
    say(write(given.results, given.docs))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
