"""What the worker answers of itself."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.inbound.answer_plan import Answers
from vumi_snappy.inbound.keywords import Keywords
from vumi_snappy.inbound.opening_hours import OpeningHours
from vumi_snappy.records import AnswerKind, Subscription, TicketUse

TEXTS = dict(session_prompt='How can we help?', session_reply='We have your message.')


NOON, NIGHT = 1416225600.0, 1416265200.0  # of a Monday, in UTC
OFFICE = OpeningHours.parse({'time_zone': 'UTC', 'monday-friday': '08:00-17:00'})
AUTOMATIC = dict(auto_reply='Thank you', out_of_hours_reply='We are closed', opening_hours=OFFICE,
                 auto_reply_every=3600.0)


def plan(fields, now=NOON, **options):
    message = dict(content='Help', session_event=None, to_addr='8864', from_addr='+27820001001',
                   transport_type='sms', helper_metadata={}, transport_metadata={})
    message.update(fields)
    return Answers(**dict(TEXTS, **options)).plan(message, now)


def session(event, content, **options):
    return plan(dict(session_event=event, content=content, transport_type='ussd'), **options)


def told(planned):
    return [(answer.kind, answer.text, answer.session_event) for answer in planned.answers]


def test_a_session_without_a_word_is_asked_and_stays_open():
    for event in ('new', 'resume'):
        asked = session(event, None)
        assert asked.tickets is TicketUse.NONE
        assert told(asked) == [(AnswerKind.SESSION_PROMPT, 'How can we help?', None)]


@pytest.mark.parametrize('event, name, tickets', [
    ('new', 'mtech_ussd', TicketUse.NONE), ('new', 'another_ussd', TicketUse.OPEN),
    ('new', None, TicketUse.OPEN), ('resume', 'mtech_ussd', TicketUse.OPEN),
    (None, 'mtech_ussd', TicketUse.OPEN)])
def test_the_name_of_a_menu_that_a_transport_begins_with_is_nothing_said(event, name, tickets):
    planned = plan(dict(session_event=event, content='testmenu', transport_name=name,
                        transport_type='ussd'), no_text_at_start=frozenset(['mtech_ussd']))
    assert planned.tickets is tickets
    if tickets is TicketUse.NONE:
        assert told(planned) == [(AnswerKind.SESSION_PROMPT, 'How can we help?', None)]


def test_what_is_said_makes_the_ticket_and_closes_the_session():
    said = session('resume', 'My card is lost')
    assert said.tickets is TicketUse.OPEN
    assert told(said) == [(AnswerKind.SESSION_END, 'We have your message.', 'close')]
    assert not said.answers[0].automatic


@pytest.mark.parametrize('options, event, content', [
    (dict(session_prompt=''), 'new', None), (dict(session_reply=' '), 'resume', 'Help')])
def test_an_empty_text_is_not_sent(options, event, content):
    assert session(event, content, **options).answers == ()


def test_a_message_without_a_session_is_not_answered_unless_told_to():
    planned = plan({})
    assert (planned.tickets, planned.answers) == (TicketUse.OPEN, ())


@pytest.mark.parametrize('event, content', [
    (None, None), (None, ''), (None, ' \n'), ('close', None), ('close', 'User aborted')])
def test_a_message_without_text_or_at_the_end_of_a_session_is_nothing(event, content):
    assert plan(dict(session_event=event, content=content)).is_empty


def test_a_message_that_opens_a_ticket_gets_the_auto_reply():
    [answer] = plan({}, **AUTOMATIC).answers
    assert (answer.kind, answer.text) == (AnswerKind.AUTO_REPLY, 'Thank you')
    assert (answer.automatic, answer.only_new_ticket, answer.once_every) == (True, True, 3600.0)
    assert answer.session_event is None


def test_outside_the_opening_hours_any_message_is_told_so():
    [answer] = plan({}, now=NIGHT, **AUTOMATIC).answers
    assert (answer.kind, answer.text) == (AnswerKind.OUT_OF_HOURS, 'We are closed')
    assert (answer.automatic, answer.only_new_ticket, answer.once_every) == (True, False, 3600.0)


def test_without_a_text_for_the_night_nothing_is_said_then():
    assert plan({}, now=NIGHT, **dict(AUTOMATIC, out_of_hours_reply='')).answers == ()


def test_a_session_at_night_is_closed_with_the_hours():
    said = session('resume', 'Help', now=NIGHT, **AUTOMATIC)
    assert told(said) == [(AnswerKind.SESSION_END, 'We are closed', 'close')]
    said = session('resume', 'Help', **AUTOMATIC)
    assert told(said) == [(AnswerKind.SESSION_END, 'We have your message.', 'close')]


def test_a_robots_message_makes_a_ticket_but_gets_no_answer():
    planned = plan(dict(from_addr='MTN-Info'), **AUTOMATIC)
    assert (planned.tickets, planned.answers) == (TicketUse.OPEN, ())
    assert 'telephone number' in planned.withheld


def test_nothing_is_withheld_where_nothing_would_be_answered():
    assert plan(dict(from_addr='MTN-Info')).withheld == ''


OPTING = dict(AUTOMATIC, keywords=Keywords.of({'en': ['STOP'], 'sw': ['ACHA']}, {'': ['START']}),
              opt_out_replies={'en': 'Bye', 'sw': 'Kwaheri'}, opt_in_replies={'': 'Welcome back'})


@pytest.mark.parametrize('content, subscription, kind, text', [
    ('stop', Subscription.OPT_OUT, AnswerKind.OPTED_OUT, 'Bye'),
    ('Acha!', Subscription.OPT_OUT, AnswerKind.OPTED_OUT, 'Kwaheri'),
    ('START', Subscription.OPT_IN, AnswerKind.OPTED_IN, 'Welcome back')])
def test_a_keyword_changes_the_subscription_opens_no_ticket_and_is_told_once(
        content, subscription, kind, text):
    planned = plan(dict(content=content), **OPTING)
    assert (planned.tickets, planned.subscription) == (TicketUse.LIVE_ONLY, subscription)
    assert told(planned) == [(kind, text, None)]
    assert planned.answers[0].only_if_changed and not planned.answers[0].automatic


def test_a_session_in_which_somebody_opts_out_is_closed_all_the_same():
    planned = session('resume', 'STOP', **OPTING)
    assert told(planned) == [(AnswerKind.OPTED_OUT, 'Bye', 'close')]
    assert not planned.answers[0].only_if_changed
    planned = session('resume', 'STOP', **dict(OPTING, opt_out_replies={}))
    assert told(planned) == [(AnswerKind.OPTED_OUT, 'We have your message.', 'close')]


def test_a_keyword_without_a_reply_still_counts():
    planned = plan(dict(content='STOP'), **dict(OPTING, opt_out_replies={}))
    assert (planned.answers, planned.subscription) == ((), Subscription.OPT_OUT)
    assert not planned.is_empty


@pytest.mark.parametrize('flag', [True, False])
def test_where_a_middleware_handles_opt_outs_its_word_stands(flag):
    planned = plan(dict(content='STOP', helper_metadata={'optout': {
        'optout': flag, 'optout_keyword': 'stop'}}), **OPTING)
    assert (planned.tickets, planned.subscription) == (TicketUse.OPEN, None)
    # And who opts out there is not thanked for it.
    assert len(planned.answers) == (0 if flag else 1)


TEXT = st.none() | st.text(max_size=30) | st.sampled_from(
    ['STOP', 'Acha', '*120#', '8864', 'Help'])
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.text(max_size=5) | st.sampled_from(['optout', 'is_bot']), inner,
                        max_size=3), max_leaves=8)
METADATA = st.dictionaries(st.text(max_size=5) | st.sampled_from(['optout', 'is_bot']), JSON,
                           max_size=3)


@given(st.fixed_dictionaries({
    'content': TEXT, 'to_addr': TEXT, 'from_addr': st.text(max_size=15), 'transport_type': TEXT,
    'session_event': st.sampled_from([None, 'new', 'resume', 'close']),
    'helper_metadata': METADATA, 'transport_metadata': METADATA}),
    st.floats(0, 4e9))
def test_any_message_has_a_plan_and_whatever_is_said_is_kept(fields, now):
    planned = plan(fields, now=now, **OPTING)
    said = (fields['content'] or '').strip()
    if not said or fields['session_event'] == 'close':
        assert planned.tickets is TicketUse.NONE
    elif fields['session_event'] != 'new':
        assert planned.tickets is TicketUse.OPEN or planned.subscription
    closing = [answer for answer in planned.answers if answer.session_event == 'close']
    assert not closing or fields['session_event'] in ('new', 'resume')
    for answer in planned.answers:
        assert bool(answer.good_for) is (fields['session_event'] in ('new', 'resume'))
