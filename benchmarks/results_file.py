"""Results as JSON files."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
from collections import OrderedDict
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import attr

from benchmarks.measure import Chart, Goal, Measure, Result

#: The file that the documents are made from.
LATEST = 'latest.json'


def as_json(measure, result, seconds=0.0):
    # type: (Measure, Result, float) -> Dict[Text, Any]
    """A measure and its result as a JSON-ready row; `seconds` is how long it took."""
    return OrderedDict([
        ('name', measure.name), ('title', measure.title), ('unit', measure.unit),
        ('peer', measure.peer), ('least', measure.goal.least), ('most', measure.goal.most),
        ('ours', result.ours), ('peers', result.peer), ('ratios', result.ratios),
        ('extra', result.extra), ('notes', result.notes),
        ('charts', [attr.asdict(each) for each in result.charts]), ('seconds', round(seconds, 1))])


def as_failure(measure, problem):
    # type: (Measure, BaseException) -> Dict[Text, Any]
    """The row of a measure that failed.  Only the type of the error is kept: its text has paths of
    this machine."""
    return OrderedDict(as_json(measure, Result()), failure='%s' % (type(problem).__name__,))


def from_json(row):
    # type: (Dict[Text, Any]) -> Tuple[Measure, Result]
    """The reverse of `as_json`; the measure can't be run."""
    def run(_stage, _options):
        raise NotImplementedError('it was read from a file')
    measure = Measure(row['name'], row['title'], Goal(row['least'], row['most']), row['unit'],
                      run, row['peer'])
    return measure, Result(row['ours'], row['peers'], row['ratios'],
                           OrderedDict(row['extra']), row['notes'],
                           [Chart(**each) for each in row.get('charts', [])])


class Results(object):
    """The results so far, saved in the folder after each measure.

    A run of some measures alone replaces those in ``latest.json`` and leaves the others, each of
    which names the machine and time of its own run.
    """

    def __init__(self, folder, machine):
        # type: (Text, Dict[Text, Text]) -> None
        self._path = os.path.join(folder, LATEST)
        self._machine = machine
        if not os.path.isdir(folder):
            os.makedirs(folder)
        self.rows = read(self._path)['measures'] if os.path.exists(self._path) else []

    def add(self, row, order):
        # type: (Dict[Text, Any], List[Text]) -> None
        """Save a row of `as_json`; `order` are the names of all measures."""
        row = OrderedDict(row, machine=self._machine)
        kept = [each for each in self.rows if each['name'] != row['name']] + [row]
        self.rows = sorted((each for each in kept if each['name'] in order),
                           key=lambda each: order.index(each['name']))
        with io.open(self._path + '.new', 'w', encoding='utf-8') as out:
            out.write('%s\n' % (json.dumps(
                OrderedDict([('measures', self.rows)]), indent=1, ensure_ascii=True),))
        os.rename(self._path + '.new', self._path)


def read(path):
    # type: (Text) -> Dict[Text, Any]
    """The content of a file of results."""
    with io.open(path, encoding='utf-8') as source:
        return json.loads(source.read(), object_pairs_hook=OrderedDict)
