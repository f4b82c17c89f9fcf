"""The alert rules for Grafana are the guide's alarms, and ask for what is really published."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
import yaml

from tests.config.test_samples import text
from vumi_snappy.bus.metrics import published_names

TARGET = re.compile(r"^consolidateBy\(transformNull\(vumi_snappy\.(\S+), (-?\d+)\), '(\w+)'\)$")
#: An alarm as the guide tells it: its title, metric, limit, and how long.
ALARM = re.compile(r'^### (.+)\n\n`vumi_snappy\.(\S+)` (?:above (\d+)|has no data)'
                   r'(, at once|(?: for| within) (\d+) minutes)', re.MULTILINE)


[GROUP] = yaml.safe_load(text('config', 'grafana-alerts.yaml'))['groups']
RULES = GROUP['rules']
GUIDE = text('docs', 'operating.md')


def parts(rule):
    """A rule's query, reduction and threshold."""
    assert [each['refId'] for each in rule['data']] == ['A', 'B', 'C']
    assert [each['refId'] for each in rule['data']] == [
        each['model']['refId'] for each in rule['data']]
    return [each['model'] for each in rule['data']]


def told(rule):
    """What the guide has to say of a rule: metric, limit and minutes."""
    query, _, threshold = parts(rule)
    [condition] = threshold['conditions']
    metric = TARGET.match(query['target']).group(1)
    if rule['noDataState'] == 'Alerting':
        return metric, None, rule['data'][0]['relativeTimeRange']['from'] // 60
    limit = condition['evaluator']['params'][0]
    if metric.endswith('.sum'):
        return metric, limit, rule['data'][0]['relativeTimeRange']['from'] // 60
    return metric, limit, int(re.match('(\\d+)[ms]$', rule['for']).group(1))


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: rule['uid'])
def test_each_rule_reduces_a_published_metric_as_it_was_summed_up_and_compares_it(rule):
    query, reduction, threshold = parts(rule)
    metric, nothing, how = TARGET.match(query['target']).groups()
    assert metric in published_names()
    assert how == reduction['reducer'] == metric.rpartition('.')[2]
    assert (reduction['type'], reduction['expression']) == ('reduce', 'A')
    assert (threshold['type'], threshold['expression']) == ('threshold', 'B')
    assert rule['condition'] == 'C'
    # Where nothing is known, the alarm of silence is raised, and no other one.
    [condition] = threshold['conditions']
    raised = {'gt': lambda x, limit: x > limit, 'lt': lambda x, limit: x < limit}[
        condition['evaluator']['type']](int(nothing), condition['evaluator']['params'][0])
    assert raised == (rule['noDataState'] == 'Alerting')


def test_rules_have_names_of_their_own_that_grafana_takes():
    for name in ('uid', 'title'):
        names = [rule[name] for rule in RULES]
        assert len(names) == len(set(names))
    assert all(re.match(r'[a-z-]{1,40}$', rule['uid']) for rule in RULES)


def test_the_guide_tells_of_each_rule_what_it_is_and_of_no_other():
    alarms = {title: (metric, int(limit) if limit else None, int(minutes or 0))
              for title, metric, limit, _, minutes in ALARM.findall(GUIDE)}
    assert alarms == {rule['title']: told(rule) for rule in RULES}
    section = GUIDE.partition('\n## Alarms\n')[2].partition('\n## ')[0]
    assert set(re.findall('^### (.+)$', section, re.MULTILINE)) == set(alarms)
