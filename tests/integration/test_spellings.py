"""One number in several spellings, on real parts: two of Vumi's own transports, its dispatcher,
RabbitMQ, Redis, the stand-in Snappy and two workers, each a process of its own.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tests.integration.looking import command, private_notes, received, texts_of, tickets_of
from tools.stack import Stack
from tools.ussd import WORKER
from tools.waiting import until

pytestmark = pytest.mark.integration

GONE = 'You will get no more messages.'


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=2, worker_config=dict(
            WORKER, snappy_rate_limit=0, snappy_timeout=5, normalise_numbers='ZA',
            session_prompt='What is it?', session_reply='Thanks.', opt_out_keywords=['STOP'],
            opt_in_keywords=['START'], opt_out_reply=GONE)) as running:
        yield running


def test_an_opt_out_on_one_line_holds_on_another_that_spells_the_number_otherwise(stack, ussd):
    session = ussd.dial('0823100001').say('stop')
    assert (session.screen, session.is_over) == (GONE, True)
    stack.send_message('27823100001', 'Help')
    [ticket] = until(lambda: tickets_of(stack, '+27823100001'))
    stack.standin.reply(ticket['nonce'], '<p>Hi</p>')
    [told] = until(lambda: private_notes(stack, '+27823100001'))
    assert 'opted out' in told
    said = command(stack, 'opted-out', 'remove', '--config', 'CONFIG', '00 27 82 310 0001')
    assert said == (0, 'done\n')
    stack.standin.reply(ticket['nonce'], '<p>Hello again</p>')
    until(lambda: received(stack, '27823100001') == ['Hello again'])


def test_spellings_on_one_line_are_one_ticket_and_the_reply_goes_to_the_last(stack, ussd):
    for who in ('+27823100002', '0823100002', '0027823100002'):
        stack.send_message(who, 'I am %s' % (who,))
        until(lambda: any(who in text for text in texts_of(stack, '+27823100002')))
    [ticket] = tickets_of(stack, '+27823100002')
    stack.standin.reply(ticket['nonce'], '<p>Hi</p>')
    until(lambda: received(stack, '0027823100002') == ['Hi'])
    assert received(stack, '+27823100002') == received(stack, '0823100002') == []
