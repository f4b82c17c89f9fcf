"""Results in their file."""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import results_file
from benchmarks.measure import Measure, Result, at_least
from benchmarks.results_file import Results, as_json, from_json


def a_measure(name):
    return Measure(
        name, 'title of \u2192 it', at_least(0.5), 'messages/s', lambda *_: None, 'treq')


def a_result():
    found = Result([10.0, 12.0], [20.0, 20.0], notes=['A note.'])
    found.extra['calls at once'] = 50
    return found


def test_what_is_written_is_read_again(tmpdir):
    Results(str(tmpdir), {'cores': '2'}).add(as_json(a_measure('a'), a_result(), 3.0), ['a'])
    row, = results_file.read(str(tmpdir.join('latest.json')))['measures']
    measure, result = from_json(row)
    assert row['machine'] == {'cores': '2'}
    assert (measure.name, measure.title, measure.goal, measure.peer) == (
        'a', 'title of \u2192 it', at_least(0.5), 'treq')
    assert result == a_result()


def test_a_run_of_one_measure_leaves_the_others_with_their_own_machine(tmpdir):
    order = ['a', 'b']
    Results(str(tmpdir), {'cores': '2'}).add(as_json(a_measure('b'), a_result()), order)
    again = Results(str(tmpdir), {'cores': '8'})
    again.add(as_json(a_measure('a'), a_result()), order)
    assert [(row['name'], row['machine']['cores']) for row in again.rows] == [
        ('a', '8'), ('b', '2')]


def test_a_measure_that_is_no_more_leaves_the_file(tmpdir):
    Results(str(tmpdir), {}).add(as_json(a_measure('old'), a_result()), ['old'])
    again = Results(str(tmpdir), {})
    again.add(as_json(a_measure('new'), a_result()), ['new'])
    assert [row['name'] for row in again.rows] == ['new']
