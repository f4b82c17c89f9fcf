"""What a message means in a session."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
from hypothesis import given, strategies as st

from vumi_snappy.sessions import Step, session_step

CODE = '*120*8864#'


@pytest.mark.parametrize('event, content, step', [
    # As airtel's, trueafrican's, truteq's and telnet's transports begin: without a text.
    ('new', None, Step.ASK),
    ('new', '', Step.ASK),
    ('new', '*120*8864#', Step.ASK),
    ('new', ' *120*8864*1# ', Step.ASK),
    ('new', '120*8864#', Step.ASK),
    # As imimobile's does, which tells by the clock whether a session is new.
    ('new', 'My card is lost', Step.SAID),
    ('new', '1', Step.SAID),
    ('resume', 'My card is lost', Step.SAID),
    ('resume', '1', Step.SAID),
    ('resume', '#', Step.SAID),
    ('resume', CODE, Step.SAID),
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


@pytest.mark.parametrize('content, step', [('8864', Step.ASK), ('8865', Step.SAID)])
def test_the_number_that_was_dialled_is_nothing_said(content, step):
    assert session_step('new', content, '8864') is step


def test_a_transport_that_does_not_say_what_was_dialled():
    assert session_step('new', 'Help', None) is Step.SAID
    assert session_step('new', None, None) is Step.ASK


@given(st.text().filter(lambda text: text.strip()))
def test_whatever_is_said_when_asked_is_taken(text):
    assert session_step('resume', text, CODE) is Step.SAID
