"""The Grafana dashboard and the guide's alarms ask for what is really published."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re

import pytest

from tests.config.test_samples import text
from vumi_snappy.bus.metrics import published_names

#: What the queries look like: series may stand only where Graphite wants them.
SERIES = re.compile(r'\$\{prefix\}\.([a-z_.]+)')
QUERY = re.compile(
    r"^alias\((?:SERIES|summarize\(SERIES, '1min', 'sum', false\)), '[^']+'\)$")


DASHBOARD = json.loads(text('config', 'grafana-dashboard.json'))
GUIDE = text('docs', 'operating.md')


@pytest.mark.parametrize('panel', DASHBOARD['panels'], ids=lambda panel: panel['title'])
def test_every_query_of_a_panel_is_well_formed_and_of_a_published_metric(panel):
    assert panel['targets']
    for target in panel['targets']:
        assert QUERY.match(SERIES.sub('SERIES', target['target'])), target['target']
        [name] = SERIES.findall(target['target'])
        assert name in published_names()
        # Summing up what is no count would show nonsense.
        assert ('summarize' in target['target']) == name.endswith('.sum')


def test_every_published_metric_is_on_the_dashboard():
    shown = {name for panel in DASHBOARD['panels'] for target in panel['targets']
             for name in SERIES.findall(target['target'])}
    assert set(published_names()) - shown == set()


def test_panels_do_not_overlap_and_have_numbers_of_their_own():
    places = [(panel['gridPos']['x'] + x, panel['gridPos']['y'] + y)
              for panel in DASHBOARD['panels']
              for x in range(panel['gridPos']['w']) for y in range(panel['gridPos']['h'])]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24
    numbers = [panel['id'] for panel in DASHBOARD['panels']]
    assert len(numbers) == len(set(numbers))


def test_the_alarms_of_the_guide_are_on_published_metrics():
    names = re.findall(r'vumi_snappy\.([a-z_]+\.[a-z_]+\.(?:sum|avg|max|min))', GUIDE)
    assert len(names) > 5
    assert set(names) - set(published_names()) == set()


def test_the_guide_tells_of_every_metric():
    told = {name for name in published_names()
            if '`%s`' % (name.rpartition('.')[0],) in GUIDE}
    assert set(published_names()) - told == set()
