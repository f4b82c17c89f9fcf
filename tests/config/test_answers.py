"""The options of the worker's own answers, and what an operator is told of mistakes in them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import yaml

from tests.config.test_config import config, errors
from vumi_snappy.records import Subscription

WORDS = {'opt_out_keywords': {'en': ['STOP'], 'sw': ['ACHA']}, 'opt_in_keywords': ['START']}
HOURS = {'time_zone': 'UTC', 'monday-friday': '08:00-17:00'}


def test_sessions_are_answered_unless_told_otherwise_and_nothing_else_is():
    answers = config().answers
    assert answers.session_prompt and answers.session_reply
    assert not answers.auto_reply and answers.opening_hours is None


def test_texts_are_texts_also_where_yaml_makes_bytes_of_them():
    answers = config(**yaml.safe_load(
        'session_prompt: Prompt\nsession_reply: Bye\nauto_reply: Thank you\n'
        'out_of_hours_reply: Closed\n'
        'opening_hours: {time_zone: Africa/Johannesburg, monday: "08:00-17:00"}')).answers
    for name in ('session_prompt', 'session_reply', 'auto_reply', 'out_of_hours_reply'):
        assert isinstance(getattr(answers, name), type('')), name


def test_keywords_have_their_replies_by_language_or_one_for_all():
    answers = config(opt_out_reply={'en': 'Bye', 'sw': 'Kwaheri'}, opt_in_reply='Hi',
                     **WORDS).answers
    assert (answers.opt_out_replies, answers.opt_in_replies) == (
        {'en': 'Bye', 'sw': 'Kwaheri'}, {'': 'Hi'})
    assert answers.keywords.meaning('acha') == (Subscription.OPT_OUT, 'sw')


def test_transports_whose_sessions_begin_without_a_text_are_named_in_a_list():
    assert config().answers.no_text_at_start == frozenset()
    told = config(session_start_without_text=[b'mtech_ussd', 'truteq']).answers
    assert told.no_text_at_start == frozenset(['mtech_ussd', 'truteq'])
    for wrong in ('mtech_ussd', [''], [7]):
        assert 'session_start_without_text' in errors(session_start_without_text=wrong)


def test_nobody_opts_out_by_default():
    assert config().answers.keywords.meaning('STOP') is None


def test_the_period_is_given_in_hours():
    assert config(auto_reply='Thank you', auto_reply_every=0.5).answers.auto_reply_every == 1800


@pytest.mark.parametrize('options, told', [
    (dict(out_of_hours_reply='Closed'), "needs 'opening_hours'"),
    (dict(opening_hours={'time_zone': 'UTC'}), "Field 'opening_hours' must have hours"),
    (dict(opening_hours=dict(HOURS, time_zone='Mars/Base')), 'unknown time_zone'),
    (dict(opening_hours='always'), 'opening_hours'),
    (dict(auto_reply_every=-1), 'auto_reply_every'),
    (dict(opt_out_keywords=['STOP']), 'need each other'),
    (dict(opt_out_keywords=['STOP'], opt_in_keywords=['stop!']), 'the opposite'),
    (dict(opt_out_keywords=['...'], opt_in_keywords=['START']), 'letter or digit'),
    (dict(opt_out_keywords=['STOP'], opt_in_keywords=[True]), 'in quotes'),
    (dict(opt_out_keywords={False: ['STOPP']}, opt_in_keywords=['START']), 'in quotes'),
    (dict(opt_out_keywords={'en': 'STOP'}, opt_in_keywords=['START']), 'opt_out_keywords'),
    (dict(opt_out_keywords='STOP', opt_in_keywords=['START']), 'opt_out_keywords'),
    (dict(WORDS, opt_out_reply={'en': 'Bye'}), 'for each language'),
    (dict(WORDS, opt_in_reply={'en': 'Hi', 'de': 'Hallo'}), 'for each language'),
    (dict(WORDS, opt_in_reply=7), 'opt_in_reply'),
    (dict(opt_out_reply='Bye'), "needs 'opt_out_keywords'"),
])
def test_mistakes(options, told):
    assert told in errors(**options)
