# -*- coding: utf-8 -*-
"""The whole loop on real parts, as its users see it.

RabbitMQ, Redis, the stand-in Snappy, one of Vumi's own transports and two workers on one queue run
as processes of their own; the tests look only at what a person at the phone, an agent or an
operator could see.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import requests

from tests.integration.looking import command, opened, received, texts_of, tickets_of
from tools.stack import Stack
from tools.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=2, worker_config={
            'snappy_rate_limit': 0, 'retry_initial_delay': 0.2, 'snappy_timeout': 5,
            'metrics_publish_interval': 0.5}) as running:
        yield running


def test_a_message_opens_a_ticket_in_the_persons_own_name(stack, person):
    ticket = opened(stack, person, 'My card is lost')
    assert ticket['default_subject'] == 'Support for %s' % (person,)
    assert texts_of(stack, person) == ['My card is lost']


def test_a_second_message_goes_on_the_same_ticket(stack, person):
    opened(stack, person, 'one')
    stack.send_message(person, 'two')
    until(lambda: texts_of(stack, person) == ['one', 'two'])
    assert len(tickets_of(stack, person)) == 1


def test_an_agents_answer_arrives_as_a_text_message(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>We are on our way.</p>')
    until(lambda: received(stack, person) == ['We are on our way.'])
    [message] = [each for each in stack.outbound() if each.to_addr == person]
    assert message.in_reply_to


def test_html_with_entities_and_links_becomes_readable_text(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], (
        '<p>Bring <b>your ID</b> &amp; a photo,<br>see '
        '<a href="https://clinic.example.org/map">the map</a>.</p>\n<p>Thandi</p>\n'))
    until(lambda: received(stack, person))
    assert received(stack, person) == [
        'Bring your ID & a photo,\nsee the map (https://clinic.example.org/map).\n\nThandi']


def test_other_scripts_and_emoji_survive_both_ways(stack, person):
    said = 'مرحبا 👋 नमस्ते 👩\u200d⚕️ ስላም'
    ticket = opened(stack, person, said)
    assert texts_of(stack, person) == [said]
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % (said,))
    until(lambda: received(stack, person) == [said])


def test_a_text_that_looks_like_a_date_is_still_a_text(stack, person):
    opened(stack, person, '2014-11-14 21:20:00')
    assert texts_of(stack, person) == ['2014-11-14 21:20:00']


def test_a_private_note_never_reaches_the_phone(stack, person):
    ticket = opened(stack, person)
    stack.standin.reply(ticket['nonce'], '<p>Difficult customer</p>', scope='private')
    stack.standin.reply(ticket['nonce'], '<p>Good morning</p>')
    until(lambda: received(stack, person))
    assert received(stack, person) == ['Good morning']


def test_an_answer_on_a_ticket_that_is_not_ours_goes_nowhere(stack, person):
    ours = opened(stack, person)
    made = requests.post(stack.standin.api_url + '/note', auth=(stack.standin.api_key, 'x'), json={
        'mailbox_id': 1, 'subject': 'By e-mail', 'message': 'Hello',
        'from': [{'name': 'Somebody', 'address': 'somebody@example.org'}]})
    before = len(stack.outbound())
    stack.standin.reply(made.text, '<p>To somebody else</p>')
    stack.standin.reply(ours['nonce'], '<p>To you</p>')
    until(lambda: received(stack, person))
    assert [message.content for message in stack.outbound()[before:]] == ['To you']


def test_a_wrong_secret_is_turned_away(stack):
    answer = requests.post(stack.hook_url(0, secret='wrong'), data={
        'event': 'message.outgoing', 'data': '{}'})
    assert answer.status_code == 401
    assert 'wrong' not in stack.worker_log(0)


def test_the_secret_is_also_taken_as_the_last_segment_of_the_path(stack, person):
    ticket = opened(stack, person)
    secret = stack.hook_url(0).partition('anyone:')[2].partition('@')[0]
    note = {'id': 990001, 'scope': 'public', 'created_by_staff_id': 1, 'content': '<p>Hi</p>',
            'ticket_id': ticket['id'], 'created_at': 1416000000,
            'ticket': {'id': ticket['id'], 'nonce': ticket['nonce']}}
    url = '%s/%s' % (stack.hook_url(0).replace('anyone:%s@' % (secret,), ''), secret)
    for _ in range(2):  # Snappy may bring it again
        answer = requests.post(url, data={
            'event': 'message.outgoing', 'data': json.dumps({'note': note})})
        assert answer.status_code == 200
    until(lambda: received(stack, person))
    time_for_a_second_one = opened(stack, person + '9')
    assert time_for_a_second_one
    assert received(stack, person) == ['Hi']


def test_raw_line_feeds_in_a_hook_are_kept(stack, person):
    ticket = opened(stack, person)
    stack.standin.set_hook(stack.hook_url(0), raw_line_feeds=True)
    try:
        stack.standin.reply(ticket['nonce'], '<p>bye<br>\nline2</p>')
        until(lambda: received(stack, person) == ['bye\nline2'])
    finally:
        stack.standin.set_hook(stack.hook_url(0), raw_line_feeds=False)


def test_a_blank_message_opens_no_ticket(stack, person):
    stack.send_message(person, '')
    stack.send_message(person + '9', 'after it')
    until(lambda: texts_of(stack, person + '9'))
    assert tickets_of(stack, person) == []


def test_of_a_message_without_text_the_agent_is_told(stack, person):
    stack.send_message(person, None)
    until(lambda: texts_of(stack, person))
    assert texts_of(stack, person) == [
        '[a message without text, of which its transport tells nothing]']


def test_a_message_that_is_delivered_twice_is_forwarded_once(stack, person):
    message_id = stack.new_message_id()
    for _ in range(2):
        stack.send_message(person, 'once', message_id=message_id)
    stack.send_message(person, 'twice')
    until(lambda: 'twice' in ' '.join(texts_of(stack, person)))
    assert ' '.join(texts_of(stack, person)).count('once') == 1


def test_two_workers_share_a_queue_and_keep_each_person_in_order(stack, person):
    # More people than one worker serves at once, and a Snappy slow enough that the rest waits.
    people = ['%s%02d' % (person, n) for n in range(30)]

    def served():
        return [stack.worker_log(n).count('is at Snappy as') for n in range(2)]

    before = served()
    stack.standin.add_fault('latency', path='^/note', seconds=2.0)
    try:
        for n in range(3):
            for each in people:
                stack.send_message(each, 'message %d.' % (n,))
        for each in people:
            until(lambda: 'message 2.' in '\n'.join(texts_of(stack, each)), within=40)
    finally:
        stack.standin.clear_faults()
    for each in people:
        said = '\n'.join(texts_of(stack, each))
        places = [said.index('message %d.' % (n,)) for n in range(3)]
        assert places == sorted(places)
        assert len(tickets_of(stack, each)) == 1
    assert all(now > then for now, then in zip(served(), before)), (before, served())


def test_a_failing_snappy_is_tried_again_and_nothing_is_doubled(stack, person):
    stack.standin.add_fault('status', path='^/note', method='POST', times=1, status=500)
    stack.standin.add_fault('reset_after', path='^/note', method='POST', times=1)
    stack.send_message(person, 'in spite of all')
    until(lambda: texts_of(stack, person), within=40)
    stack.send_message(person, 'and again')
    until(lambda: len(texts_of(stack, person)) == 2, within=40)
    assert texts_of(stack, person) == ['in spite of all', 'and again']
    assert len(tickets_of(stack, person)) == 1


def test_health_says_that_all_is_well(stack):
    answer = requests.get(stack.health_url(0))
    assert (answer.status_code, answer.json()['status']) == (200, 'ok')
    assert requests.get(stack.health_url(0) + 'ready').status_code == 200


def test_nothing_secret_or_personal_is_in_the_workers_logs(stack, person):
    said = 'a-very-private-matter'
    ticket = opened(stack, person, said)
    stack.standin.reply(ticket['nonce'], '<p>an-answer-in-confidence</p>')
    until(lambda: received(stack, person))
    secret = stack.hook_url(0).partition('anyone:')[2].partition('@')[0]
    for n in range(2):
        log = stack.worker_log(n)
        for word in (said, 'an-answer-in-confidence', person, stack.standin.api_key, secret,
                     'remember', stack.servers.rabbitmq.password + '@'):
            assert word not in log


def test_the_command_line_checks_a_configuration_against_the_real_parts(stack):
    status, said = command(stack, 'check-config', 'CONFIG')
    assert (status, 'Snappy accepts the API key' in said, 'fit to hold messages' in said) == (
        0, True, True)


def test_the_command_line_shows_status_and_a_tickets_history(stack, person):
    ticket = opened(stack, person)
    status, said = command(stack, 'ticket', '--config', 'CONFIG', ticket['nonce'])
    assert status == 0
    assert [what for what in ('stored', 'ticket opened', 'forwarded') if what not in said] == []
    assert person not in said
    status, said = command(stack, 'status', '--json', '--config', 'CONFIG')
    assert (status, json.loads(said)['parked']) == (0, 0)


def test_what_an_agent_does_on_a_ticket_shows_on_the_command_line(stack, person):
    ticket = opened(stack, person)
    stack.standin.post('tickets/%s/tags' % (ticket['nonce'],), {'tags': ['#card', '@thandi']})
    # Hooks of one second can overtake each other, and then go by their arrival.
    until(lambda: 'topic #card' in command(stack, 'ticket', '-c', 'CONFIG', ticket['nonce'])[1])
    stack.standin.reply(ticket['nonce'], '<p>On our way</p>')
    told = 'at Snappy: status replied, topic #card, assigned to thandi, answered by %s' % (
        stack.standin.agent_name(),)
    until(lambda: told in command(stack, 'ticket', '-c', 'CONFIG', ticket['nonce'])[1])
    said = command(stack, 'ticket', '-c', 'CONFIG', ticket['nonce'])[1]
    assert 'tags changed' in said


def test_what_snappy_refuses_is_parked_shown_and_put_back(stack, person):
    stack.standin.add_fault('status', path='^/note', method='POST', times=2, status=422)
    stack.send_message(person, 'refused at first')
    until(lambda: 'refused it (422)' in command(
        stack, 'parked', 'list', '--config', 'CONFIG')[1])
    status, said = command(stack, 'parked', 'retry', '--config', 'CONFIG', '--all')
    assert (status, said.strip()) == (0, 'put back: 1')
    until(lambda: texts_of(stack, person) == ['refused at first'])
