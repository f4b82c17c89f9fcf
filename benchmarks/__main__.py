"""``python -m benchmarks``: run measures, print the results and save them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import sys
import time
import traceback
from typing import Any, List, Sequence, Text  # noqa: F401

from benchmarks import document, report
from benchmarks.machine import describe
from benchmarks.measure import Measure, Options, Result  # noqa: F401
from benchmarks.measures import MEASURES, UnknownMeasure, named
from benchmarks.results_file import Results, as_failure, as_json
from benchmarks.stage import Stage
from tools.processes import ProcessFailed
from tools.terminal import hear_ctrl_c, say


def _parser():
    # type: () -> argparse.ArgumentParser
    parser = argparse.ArgumentParser(prog='benchmarks', description=__doc__)
    parser.add_argument('names', nargs='*', metavar='NAME', help='measures (default: all)')
    parser.add_argument('--list', action='store_true', help='list the measures')
    parser.add_argument('--repeats', type=int, default=3, help='runs of each measure (default: 3)')
    parser.add_argument('--quick', action='store_true',
                        help='one small run, to see that it works')
    parser.add_argument('--fsync', choices=['everysec', 'always', 'no'], default='everysec',
                        help="Redis's appendfsync (default: everysec, as Redis's)")
    parser.add_argument('--messages', type=int, default=1000000,
                        help='messages of memory-million (default: a million)')
    parser.add_argument('--soak-minutes', type=float, default=2.0, help='of a soak (default: 2)')
    parser.add_argument('--results', metavar='DIR', default=document.RESULTS,
                        help='the folder of latest.json')
    parser.add_argument('--docs', metavar='DIR', default=document.DOCS,
                        help='the folder for performance.md and its images')
    return parser


def run_all(measures, options, results):
    # type: (List[Any], Options, Results) -> List[Text]
    """Run measures one after the other; returns the names of those that failed."""
    failed = []
    order = [each.name for each in MEASURES]
    for measure in measures:
        options.say('%s: %s' % (measure.name, measure.title))
        began = time.time()
        try:
            with Stage(fsync=options.fsync) as stage:
                result = measure.run(stage, options)
            row = as_json(measure, result, time.time() - began)
            shown = _lines(measure, result)
        except Exception as problem:
            options.say('  failed: %s' % (
                problem if isinstance(problem, ProcessFailed) else traceback.format_exc(),))
            failed.append(measure.name)
            results.add(as_failure(measure, problem), order)
            continue
        results.add(row, order)
        for line in shown:
            options.say(line)
    return failed


def _lines(measure, result):
    # type: (Measure, Result) -> List[Text]
    """The lines of a result, for the terminal."""
    cells = list(zip(report.HEADINGS, report.cells(measure, result)))[1:]
    return ['  %s: %s' % (name, cell) for name, cell in cells if cell] + [
        '    %s' % (line,) for line in report.details(result)]


def main(arguments):
    # type: (Sequence[Text]) -> int
    """The exit status: 0 if all ran, whatever their figures; 1 if one failed."""
    given = _parser().parse_args(arguments)
    try:
        measures = named(given.names)
    except UnknownMeasure as problem:
        say('%s' % (problem,))
        return 2
    if given.list:
        for each in measures:
            say('%-24s %s' % (each.name, each.title))
        return 0
    if given.quick and document.RESULTS == given.results:
        say('--quick needs its own --results and --docs: its figures mean nothing.')
        return 2
    options = Options(
        repeats=1 if given.quick else given.repeats, quick=given.quick, fsync=given.fsync,
        messages=given.messages, soak_minutes=0.1 if given.quick else given.soak_minutes,
        say=lambda line: say('  %s' % (line,)))
    results = Results(given.results, describe())
    began = time.time()
    failed = run_all(measures, options, results)
    say('%d measures in %.1f minutes; %s' % (
        len(measures), (time.time() - began) / 60,
        'failed: %s' % (', '.join(failed),) if failed else 'none failed'))
    say(document.write(given.results, given.docs))
    return 1 if failed else 0


if __name__ == '__main__':
    hear_ctrl_c()
    sys.exit(main(sys.argv[1:]))
