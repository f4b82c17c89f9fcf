"""Which calls meet which faults."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.standin.faults import MOST_RULES, Effect, Faults


def met(faults, method='POST', path='/note'):
    return [fault.effect for fault in faults.for_call(method, path)]


def test_a_rule_is_about_the_calls_of_its_method_and_path():
    faults = Faults()
    faults.add({'effect': 'hang', 'method': 'GET', 'path': '^/ticket/.*/notes'})
    assert met(faults, 'GET', '/ticket/1001/notes') == [Effect.HANG]
    assert met(faults, 'POST', '/ticket/1001/notes') == []
    assert met(faults, 'GET', '/ticket/1001') == []


def test_a_rule_can_be_about_one_text():
    faults = Faults()
    faults.add({'effect': 'status', 'text': '^My card'})
    assert [len(faults.for_call('POST', '/note', text)) for text in ('My card is lost', '', 'Hi')
            ] == [1, 0, 0]


def test_a_rule_ends_after_so_many_times():
    faults = Faults()
    faults.add({'effect': 'hang', 'times': 2})
    assert [len(met(faults)) for _ in range(4)] == [1, 1, 0, 0]
    assert faults.listed() == []


def test_a_call_meets_every_latency_and_one_other_fault():
    faults = Faults()
    for effect in ('latency', 'status', 'hang', 'latency'):
        faults.add({'effect': effect, 'times': 1})
    assert met(faults) == [Effect.LATENCY, Effect.STATUS, Effect.LATENCY]
    assert met(faults) == [Effect.HANG]


def test_chance_is_repeated_by_its_seed():
    def results(seed):
        faults = Faults(seed)
        faults.add({'effect': 'hang', 'chance': 0.5})
        return [len(met(faults)) for _ in range(100)]
    assert results('x') == results('x') != results('y')
    assert 20 < sum(results('x')) < 80


def test_rules_are_ended_one_by_one_or_all_at_once():
    faults = Faults()
    first = faults.add({'effect': 'hang'})
    faults.add({'effect': 'status', 'status': 503})
    met(faults)
    assert [(each['number'], each['effect'], each['met']) for each in faults.listed()] == [
        (1, 'hang', 1), (2, 'status', 0)]
    faults.clear(first.number)
    assert met(faults) == [Effect.STATUS]
    faults.clear()
    assert (met(faults), faults.listed()) == ([], [])


@pytest.mark.parametrize('rule', [
    {}, {'effect': 'nothing'}, {'effect': 'hang', 'unknown': 1}, {'effect': 'hang', 'number': 3},
    {'effect': 'hang', 'path': '('}, {'effect': 'hang', 'text': '('},
    {'effect': 'hang', 'path': 7}, {'effect': 'hang', 'times': 0},
    {'effect': 'hang', 'times': '2'}, {'effect': 'hang', 'chance': 1.5},
    {'effect': 'hang', 'chance': float('nan')}, {'effect': 'latency', 'seconds': -1},
    {'effect': 'latency', 'seconds': None}, {'effect': 'status', 'status': 42},
    {'effect': 'status', 'retry_after': '1\r\nX: y'}, {'effect': 'status', 'retry_after': -1},
    {'effect': 'status', 'retry_after': 'soon', 'as_date': True},
    {'effect': 'garbage', 'body': None}, {'effect': 'garbage', 'repeat': 10 ** 9},
    {'effect': 'garbage', 'content_type': 'a\nb'}])
def test_a_rule_that_makes_no_sense_is_refused(rule):
    faults = Faults()
    with pytest.raises(ValueError):
        faults.add(rule)
    assert faults.listed() == []


def test_rules_are_bounded():
    faults = Faults()
    for _ in range(MOST_RULES):
        faults.add({'effect': 'hang'})
    with pytest.raises(ValueError):
        faults.add({'effect': 'hang'})
