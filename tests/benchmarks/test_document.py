"""The document is what the results say."""
from __future__ import absolute_import, division, print_function, unicode_literals

import glob
import io
import os
import re

import pytest
import yaml

from benchmarks import document
from benchmarks.measure import Chart, Measure, Result, at_least, reported
from benchmarks.measures import MEASURES
from benchmarks.results_file import as_failure, as_json

TEMPLATE = """{{ table }}
{% for each in found %}
{{ each.name }}: {{ each.details | join('; ') }} {{ each.pictures }} {{ each.explanation }}
{{ 'unexplained' if each.missed and not each.explanation }}
{% endfor %}
{{ get.told(get.ours('a')) }} {{ get.told(get.extra('a', 'MB')) }} {{ get.told(get.ours('none')) }}
"""


def content(path):
    with io.open(path, encoding='utf-8') as source:
        return source.read()


def a_row(name='a', goal=at_least(0.5), **result):
    measure = Measure(name, 'title of ' + name, goal, 'messages/s', lambda *_: None, 'treq')
    return dict(as_json(measure, Result(**result)), machine={'cores': '2', 'taken': 'now'})


def text_of(*rows, **explanations):
    return document.render(list(rows), explanations, TEMPLATE)[0]


def test_what_is_in_the_repository_is_what_the_results_give():
    text, drawn = document.made_from(document.RESULTS)
    assert content(os.path.join(document.DOCS, document.NAME)) == text, (
        'run python -m benchmarks.document')
    folder = os.path.join(document.DOCS, 'images')
    assert {os.path.basename(path)[:-4]
            for path in glob.glob(os.path.join(folder, 'performance-*.svg'))} == set(drawn)
    for name, svg in drawn.items():
        assert content(os.path.join(folder, '%s.svg' % (name,))) == svg


def test_every_chart_is_shown_and_every_chart_shown_is_there():
    text, drawn = document.made_from(document.RESULTS)
    assert set(re.findall(r'\(images/(\S+)\.svg\)', text)) == set(drawn)


def test_words_are_kept_only_for_measures_that_there_are():
    words = yaml.safe_load(content(os.path.join(document.HERE, 'explanations.yaml')))
    # Those of others may be on their way.
    assert all(each.strip() for each in words.values())
    assert {each.name for each in MEASURES} >= set(words)


def test_figures_in_the_prose_are_those_of_the_results():
    said = text_of(a_row(ours=[10.0, 30.0, 20.0], peer=[20.0, 20.0, 20.0], extra={'MB': 51.25}))
    assert said.splitlines()[-1] == '20 51.2 *(not measured)*'


def test_a_missed_goal_has_its_words_or_tells_that_they_are_missing():
    missed = a_row(ours=[1.0], peer=[10.0])
    assert '**no**' in text_of(missed)
    assert 'unexplained' in text_of(missed)
    assert 'Because.' in text_of(missed, a='Because.\n')
    assert 'unexplained' not in text_of(missed, a='Because.\n')
    assert 'unexplained' not in text_of(a_row(ours=[9.0], peer=[10.0]))


def test_a_measure_that_failed_is_in_the_table_and_has_no_figures():
    failed = dict(as_failure(
        Measure('a', 'title', reported(), 's', lambda *_: None), ValueError('/home/me')),
        machine={})
    said = text_of(failed)
    assert 'failed (ValueError)' in said
    assert '**no**' in said
    assert '/home/me' not in said
    assert said.count('*(not measured)*') == 3


def test_any_measure_may_bring_charts():
    row = a_row('big', reported(), ours=[1.0], charts=[
        Chart('Growth', 'tickets', 'MB', [('Redis', [[0, 1], [10, 20]])])])
    text, drawn = document.render([row], {}, TEMPLATE)
    assert 'performance-big-1' in text
    assert 'Growth' in drawn['performance-big-1']


@pytest.mark.parametrize('rows', [[], [a_row('unheard-of', ours=[3.0])]])
def test_the_template_does_without_any_measure(rows):
    template = content(os.path.join(document.HERE, 'performance.md.j2'))
    assert '# How fast' in document.render(rows, {}, template)[0]


def test_charts_that_are_no_more_are_removed_and_other_pictures_are_left(tmpdir):
    images = tmpdir.ensure('docs', 'images', dir=True)
    images.join('performance-old.svg').write('x')
    images.join('demo.png').write('x')
    document.write(str(tmpdir.ensure('results', dir=True)), str(tmpdir.join('docs')))
    assert [each.basename for each in images.listdir()] == ['demo.png']
    assert tmpdir.join('docs', 'performance.md').check()
