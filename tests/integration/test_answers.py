# -*- coding: utf-8 -*-
"""What the worker itself answers, on real parts: two of Vumi's own transports, of different kinds,
its dispatcher, RabbitMQ, Redis, the stand-in Snappy and two workers, each a process of its own.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest

from tests.integration.test_end_to_end import command, tickets_of, until
from tools.stack import Stack
from tools.ussd import BRIDGE, UssdNetwork

pytestmark = pytest.mark.integration

PROMPT, BYE = 'Nini? What is it?', 'Asante 🙏 we have it.'


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=2, worker_config={
            'transport_name': BRIDGE, 'snappy_rate_limit': 0, 'snappy_timeout': 5,
            'session_prompt': PROMPT, 'session_reply': BYE}) as running:
        yield running


@pytest.fixture(scope='module')
def ussd(stack):
    return UssdNetwork(stack).start()


@pytest.fixture
def person(stack):
    """A number that nobody has used yet."""
    person.last += 1
    return '+2782100%04d' % (person.last,)


person.last = 1000


def words(ticket):
    """The public notes of a ticket, oldest first."""
    return [note['content'] for note in reversed(ticket['notes']) if note['scope'] == 'public']


def test_a_session_is_asked_answered_and_becomes_a_ticket(stack, ussd, person):
    session = ussd.dial(person)
    assert (session.screen, session.is_over) == (PROMPT, False)
    session.say('My card is lost ክፍል')
    assert (session.screen, session.is_over) == (BYE, True)
    [ticket] = until(lambda: tickets_of(stack, person))
    assert words(ticket) == ['My card is lost ክፍል']


def test_an_empty_answer_is_asked_again(stack, ussd, person):
    session = ussd.dial(person).say('')
    assert (session.screen, session.is_over) == (PROMPT, False)
    assert session.say('Help').is_over
    [ticket] = until(lambda: tickets_of(stack, person))
    assert words(ticket) == ['Help']


def test_a_session_that_is_aborted_opens_no_ticket(stack, ussd, person):
    ussd.dial(person).hang_up()
    ussd.dial(person + '9').say('after it')
    until(lambda: tickets_of(stack, person + '9'))
    assert tickets_of(stack, person) == []


def test_a_second_session_goes_on_the_same_ticket(stack, ussd, person):
    ussd.dial(person).say('one')
    until(lambda: tickets_of(stack, person))
    ussd.dial(person).say('two')
    until(lambda: words(tickets_of(stack, person)[0]) == ['one', 'two'])


def test_a_text_message_is_as_ever(stack, ussd, person):
    stack.send_message(person, 'by SMS')
    [ticket] = until(lambda: tickets_of(stack, person))
    stack.standin.reply(ticket['nonce'], '<p>We are on our way.</p>')
    until(lambda: [message.content for message in stack.outbound() if message.to_addr == person])
    assert [message.content for message in stack.outbound() if message.to_addr == person] == [
        'We are on our way.']


def test_a_ticket_tells_what_was_answered(stack, ussd, person):
    ussd.dial(person).say('Help')
    [ticket] = until(lambda: tickets_of(stack, person))
    said = until(lambda: [each for each in [command(
        stack, 'ticket', '--config', 'CONFIG', ticket['nonce'])[1]] if 'acked' in each])[0]
    lines = [line for line in said.splitlines() if 'answer 1' in line]
    for line, what in zip(lines, ('answer stored', 'published', 'acked')):
        assert what in line
    assert 'session_end' in lines[0]
