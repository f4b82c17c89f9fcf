"""What a message means in a session."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.inbound.ussd_sessions import Step, session_step

CODE = '*120*8864#'


@pytest.mark.parametrize('event, content, step', [
    # As airtel's, trueafrican's, truteq's and telnet's transports begin: without a text.
    ('new', None, Step.ASK),
    ('new', '', Step.ASK),
    ('new', '*120*8864#', Step.ASK),
    ('new', ' *120*8864*1# ', Step.ASK),
    ('new', '120*8864#', Step.ASK),
    # As imimobile's does, which tells by the clock whether a session is new.
    ('new', 'My card is lost', Step.TEXT),
    ('new', '1', Step.TEXT),
    ('resume', 'My card is lost', Step.TEXT),
    ('resume', '1', Step.TEXT),
    ('resume', '#', Step.TEXT),
    ('resume', CODE, Step.TEXT),
    ('resume', None, Step.ASK),
    ('resume', ' \n', Step.ASK),
    ('close', None, Step.OVER),
    ('close', '', Step.OVER),
    ('close', 'Map Dialog User Abort User Reason: User specific reason', Step.OVER),
    (None, 'My card is lost', Step.OUTSIDE),
    (None, None, Step.OUTSIDE),
    (None, CODE, Step.OUTSIDE),
])
def test_a_message_of_a_session(event, content, step):
    assert session_step(event, content, CODE) is step


@pytest.mark.parametrize('content, step', [('8864', Step.ASK), ('8865', Step.TEXT)])
def test_the_number_that_was_dialled_is_nothing_said(content, step):
    assert session_step('new', content, '8864') is step


def test_a_transport_that_does_not_say_what_was_dialled():
    assert session_step('new', 'Help', None) is Step.TEXT
    assert session_step('new', None, None) is Step.ASK


@given(st.text().filter(lambda text: text.strip()))
def test_whatever_is_said_when_asked_is_taken(text):
    assert session_step('resume', text, CODE) is Step.TEXT


@given(st.text(alphabet='12*#x', max_size=8).filter(bool))
def test_digits_with_a_star_or_hash_among_them_were_dialled(text):
    dialled = set(text) <= set('12*#') and bool(set(text) & set('*#'))
    assert session_step('new', text, CODE) is (Step.ASK if dialled else Step.TEXT)


def test_stars_without_end_are_looked_through_once():
    """What looks through them once from each of them takes an hour."""
    assert session_step('new', '*' * 10 ** 6 + 'x', CODE) is Step.TEXT
