"""What the worker answers of itself."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest

from vumi_snappy.answers import Answers
from vumi_snappy.records import AnswerKind, TicketUse

TEXTS = dict(session_prompt='How can we help?', session_reply='We have your message.')


def plan(fields, **options):
    message = dict(content='Help', session_event=None, to_addr='8864', from_addr='+27820001001',
                   transport_type='sms', helper_metadata={}, transport_metadata={})
    message.update(fields)
    return Answers(**dict(TEXTS, **options)).plan(message)


def session(event, content, **options):
    return plan(dict(session_event=event, content=content, transport_type='ussd'), **options)


def told(planned):
    return [(answer.kind, answer.text, answer.session_event) for answer in planned.answers]


def test_a_session_without_a_word_is_asked_and_stays_open():
    for event in ('new', 'resume'):
        asked = session(event, None)
        assert asked.tickets is TicketUse.NONE
        assert told(asked) == [(AnswerKind.SESSION_PROMPT, 'How can we help?', None)]


def test_what_is_said_makes_the_ticket_and_closes_the_session():
    said = session('resume', 'My card is lost')
    assert said.tickets is TicketUse.OPEN
    assert told(said) == [(AnswerKind.SESSION_END, 'We have your message.', 'close')]
    assert not said.answers[0].automatic


def test_an_aborted_session_is_nothing():
    assert session('close', None).is_empty
    assert session('close', 'User aborted').is_empty


@pytest.mark.parametrize('options, event, content', [
    (dict(session_prompt=''), 'new', None), (dict(session_reply=' '), 'resume', 'Help')])
def test_an_empty_text_is_not_sent(options, event, content):
    assert session(event, content, **options).answers == ()


def test_a_message_without_a_session_is_not_answered_unless_told_to():
    planned = plan({})
    assert (planned.tickets, planned.answers) == (TicketUse.OPEN, ())


@pytest.mark.parametrize('content', [None, '', ' \n'])
def test_a_message_without_text_is_nothing(content):
    assert plan(dict(content=content)).is_empty
