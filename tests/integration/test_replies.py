"""Agents' replies on their way to a phone and what becomes of them, on real parts."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tests.integration.looking import command, opened, private_notes, received, tickets_of
from tools.processes import vumi_python
from tools.stack import Stack
from tools.ussd import WORKER
from tools.waiting import until

# Without the USSD network nothing leads from the bus to a worker of its options; and where there
# is no Vumi, and so no such network, the worker has the text messages alone.
OPTIONS = WORKER if vumi_python() else {}
pytestmark = [pytest.mark.integration] + [pytest.mark.usefixtures('ussd')] * bool(OPTIONS)


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=2, worker_config=dict(
            OPTIONS, snappy_rate_limit=0, retry_initial_delay=0.2, snappy_timeout=5,
            max_reply_segments={'sms': 1}, max_reply_parts=3, long_replies='split',
            reply_cut_marker='--', fold_typography=True, ack_timeout=3,
            delivered_notice=True)) as running:
        yield running


def history(stack, ticket):
    return command(stack, 'ticket', '--config', 'CONFIG', ticket['nonce'])[1]


def is_tagged(stack, number):
    return ['#undelivered' in ticket['tags'] for ticket in tickets_of(stack, number)] == [True]


def test_a_long_reply_arrives_as_numbered_messages_in_order(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % ('The clinic is open. ' * 20,))
    until(lambda: len(received(stack, person)) == 3)
    texts = received(stack, person)
    assert [text[:6] for text in texts] == ['(1/3) ', '(2/3) ', '(3/3) ']
    assert ' '.join(text[6:] for text in texts) == ('The clinic is open. ' * 20).strip()


def test_typography_that_would_make_it_long_is_folded(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % ('It\u2019s open. ' * 12,))
    until(lambda: received(stack, person) == [("It's open. " * 12).strip()])


def test_a_signature_below_the_marker_stays_at_the_help_desk(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>Come on Monday.</p><p>--<br>Thandi, clinic</p>')
    until(lambda: received(stack, person) == ['Come on Monday.'])


def test_a_part_that_fails_is_told_once_and_by_its_number(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % ('The clinic is open. ' * 20,))
    until(lambda: len(received(stack, person)) == 3)
    parts = [each for each in stack.outbound() if each.to_addr == person]
    stack.report_delivery(parts[0])
    stack.report_delivery(parts[1], 'failed')
    until(lambda: is_tagged(stack, person))
    stack.report_delivery(parts[2], 'failed')
    until(lambda: 'part 3 of 3' in history(stack, ticket))
    [note] = private_notes(stack, person)
    assert 'not delivered' in note and 'part 2 of 3: the network gave no reason' in note
    until(lambda: tickets_of(stack, person)[0]['status'] == 'waiting')


def test_a_reply_that_is_too_long_is_refused_and_its_agent_is_told(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % ('The clinic is open. ' * 60,))
    stack.standin.reply(ticket['nonce'], '<p>Short</p>')
    until(lambda: received(stack, person) == ['Short'])
    until(lambda: is_tagged(stack, person))
    [note] = private_notes(stack, person)
    assert 'This reply was not sent to' in note and 'characters too long' in note


def test_a_delivered_reply_is_told_where_that_is_wanted_and_leaves_no_tag(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>Come in</p>')
    until(lambda: received(stack, person))
    for _ in range(2):
        stack.report_delivery([each for each in stack.outbound() if each.to_addr == person][0])
    until(lambda: private_notes(stack, person))
    assert ['This reply was delivered to' in note for note in private_notes(stack, person)] == [
        True]
    assert not is_tagged(stack, person)


def test_a_reply_that_no_transport_takes_is_unconfirmed_until_one_does(stack, person):
    ticket = opened(stack, person)
    stack.transport.freeze()
    try:
        stack.standin.reply(ticket['nonce'], '<p>Come in</p>')
        until(lambda: is_tagged(stack, person))
        [note] = private_notes(stack, person)
        assert 'It is not known whether this reply reached' in note and '3 seconds' in note
        assert received(stack, person) == []
    finally:
        stack.transport.thaw()
    until(lambda: received(stack, person) == ['Come in'])
    until(lambda: 'acked' in history(stack, ticket))
    until(lambda: len(private_notes(stack, person)) == 2)
    assert 'has taken this reply' in private_notes(stack, person)[1]


@pytest.mark.vumi
def test_whoever_dialled_a_ussd_code_is_answered_by_sms(stack, ussd, person):
    assert ussd.dial(person).say('My card is lost').is_over
    [ticket] = until(lambda: tickets_of(stack, person))
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % ('We are on our way. ' * 10,))
    until(lambda: len(received(stack, person)) == 2)
    parts = [each for each in stack.outbound() if each.to_addr == person]
    assert [part.content[:6] for part in parts] == ['(1/2) ', '(2/2) ']
    assert {(part.in_reply_to, part.session_event) for part in parts} == {(None, None)}
    for part in parts:
        stack.report_delivery(part)
    until(lambda: 'delivered to' in ''.join(private_notes(stack, person)))
