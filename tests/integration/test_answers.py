# -*- coding: utf-8 -*-
"""What the worker itself answers, on real parts: two of Vumi's own transports, of different kinds,
its dispatcher, RabbitMQ, Redis, the stand-in Snappy and two workers, each a process of its own.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time

import pytest

from tests.integration.looking import command, private_notes, received, texts_of, tickets_of
from tools.stack import Stack
from tools.ussd import WORKER
from tools.waiting import until

pytestmark = pytest.mark.integration

PROMPT, BYE = 'Nini? What is it?', 'Asante 🙏 we have it.'
GONE, BACK = 'You will get no more messages.', 'Welcome back.'
THANKS, CLOSED = 'Thank you, we will look at it.', 'We are closed.'


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=2, worker_config=dict(
            WORKER, snappy_rate_limit=0, snappy_timeout=5, session_prompt=PROMPT,
            session_reply=BYE, auto_reply=THANKS,
            opt_out_keywords={'en': ['STOP'], 'sw': ['ACHA']}, opt_in_keywords=['START'],
            opt_out_reply={'en': GONE, 'sw': 'Kwaheri'}, opt_in_reply=BACK)) as running:
        yield running


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


def test_a_session_is_closed_at_once_and_the_agents_answer_comes_by_sms(stack, ussd, person):
    assert ussd.dial(person).say('My card is lost').screen == BYE
    [ticket] = until(lambda: tickets_of(stack, person))
    stack.standin.reply(ticket['nonce'], '<p>We have found it.</p>')
    until(lambda: received(stack, person) == ['We have found it.'])


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


def test_a_text_message_that_opens_a_ticket_gets_the_auto_reply_and_the_agents_after_it(
        stack, ussd, person):
    message_id = stack.new_message_id()
    for _ in range(2):
        stack.send_message(person, 'by SMS', message_id=message_id)
    stack.send_message(person, 'and one more')
    [ticket] = until(lambda: tickets_of(stack, person))
    stack.standin.reply(ticket['nonce'], '<p>We are on our way.</p>')
    until(lambda: received(stack, person) == [THANKS, 'We are on our way.'])
    [first] = [each for each in stack.outbound() if each.content == THANKS]
    assert first.in_reply_to == message_id


def test_a_robot_gets_no_answer_but_a_ticket(stack, ussd, person):
    robot = 'Promo%s' % (person[-4:],)
    for text in ('Win a phone', 'Win a car'):
        stack.send_message(robot, text)
    until(lambda: [each for each in stack.standin.tickets(1000) if robot in
                   each['default_subject']])
    stack.send_message(person, 'after it')
    until(lambda: received(stack, person) == [THANKS])
    assert received(stack, robot) == []


def test_who_opts_out_is_told_once_and_an_agent_who_replies_is_told_why_not(stack, ussd, person):
    stack.send_message(person, 'Help')
    [ticket] = until(lambda: tickets_of(stack, person))
    for text in ('stop!', 'STOP'):
        stack.send_message(person, text)
    until(lambda: 'STOP' in ' '.join(words(tickets_of(stack, person)[0])))
    until(lambda: received(stack, person) == [THANKS, GONE])
    stack.standin.reply(ticket['nonce'], '<p>Why?</p>')
    [told] = until(lambda: private_notes(stack, person))
    assert 'opted out' in told
    stack.send_message(person, 'Start')
    until(lambda: received(stack, person) == [THANKS, GONE, BACK])
    stack.standin.reply(ticket['nonce'], '<p>Hello again.</p>')
    until(lambda: received(stack, person) == [THANKS, GONE, BACK, 'Hello again.'])


def test_who_opts_out_without_a_ticket_opens_none(stack, ussd, person):
    stack.send_message(person, ' Acha. ')
    until(lambda: received(stack, person) == ['Kwaheri'])
    stack.send_message(person, 'please STOP the noise')
    until(lambda: texts_of(stack, person) == ['please STOP the noise'])
    assert received(stack, person) == ['Kwaheri']


def test_an_operator_can_unsubscribe_somebody_and_undo_it(stack, ussd, person):
    def opted_out(what):
        return command(stack, 'opted-out', what, '--config', 'CONFIG', person)

    assert opted_out('show') == (0, 'not opted out\n')
    assert opted_out('add') == (0, 'done\n')
    assert opted_out('add') == (0, 'nothing to do: it was so before\n')
    assert opted_out('show')[1].startswith('opted out on 20')
    stack.send_message(person, 'Help')
    until(lambda: texts_of(stack, person))
    assert opted_out('remove') == (0, 'done\n')
    stack.send_message(person, 'stop')
    until(lambda: received(stack, person) == [GONE])


def test_a_session_can_opt_out_too_and_counts_for_text_messages(stack, ussd, person):
    session = ussd.dial(person).say('stop')
    assert (session.screen, session.is_over) == (GONE, True)
    stack.send_message(person, 'Help')
    [ticket] = until(lambda: tickets_of(stack, person))
    stack.standin.reply(ticket['nonce'], '<p>Hi</p>')
    until(lambda: private_notes(stack, person))
    assert received(stack, person) == []


def test_outside_the_opening_hours_people_are_told_so_once(person):
    two_days_ago = time.strftime('%A', time.gmtime(time.time() - 2 * 86400)).lower()
    with Stack(worker_config={
            'auto_reply': THANKS, 'out_of_hours_reply': CLOSED,
            'opening_hours': {'time_zone': 'UTC', two_days_ago: '08:00-17:00'}}) as at_night:
        for text in ('Help', 'Hello?', 'Anybody?'):
            at_night.send_message(person, text)
        until(lambda: 'Anybody?' in ' '.join(texts_of(at_night, person)))
        at_night.send_message(person + '9', 'after it')
        until(lambda: received(at_night, person + '9') == [CLOSED])
        assert received(at_night, person) == [CLOSED]


def test_a_ticket_tells_what_was_answered(stack, ussd, person):
    ussd.dial(person).say('Help')
    [ticket] = until(lambda: tickets_of(stack, person))
    said = until(lambda: [each for each in [command(
        stack, 'ticket', '--config', 'CONFIG', ticket['nonce'])[1]] if 'acked' in each])[0]
    lines = [line for line in said.splitlines() if 'answer 1' in line]
    for line, what in zip(lines, ('answer stored', 'published', 'acked')):
        assert what in line
    assert 'session_end' in lines[0]


def test_everybody_is_answered_once_though_workers_are_killed(stack, ussd, person):
    people = ['%s%03d' % (person, n) for n in range(120)]
    for n, each in enumerate(people):
        stack.send_message(each, 'Help')
        if n == 20:
            stack.kill_worker(0)
        elif n == 60:
            stack.kill_worker(1)
        elif n == 40:
            stack.start_worker(0)
    stack.start_worker(1)
    for each in people:
        until(lambda: texts_of(stack, each), within=60)
        until(lambda: received(stack, each), within=60)
    answered = [each.to_addr for each in stack.outbound() if each.to_addr in people]
    assert sorted(answered) == people


def test_no_worker_made_a_mistake_in_all_this(stack):
    for n in range(2):
        for word in ('fault of its own', 'Traceback', 'the handler failed'):
            assert word not in stack.worker_log(n)
