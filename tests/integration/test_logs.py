# -*- coding: utf-8 -*-
"""What the workers log: one thread to follow each message by, and nothing secret or personal.

Every line of two workers' processes counts, Vumi's, Twisted's and the libraries' included; nothing
in them filters by level, so this is what an operator sees at most.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
import time

import pytest
import pytest_twisted
import requests

from tests.integration.bus_stage import Outside
from tests.integration.looking import tickets_of
from tools.ports import answers
from tools.stack import Stack
from tools.waiting import until

pytestmark = pytest.mark.integration

#: A mark in each text that must not be found again.
MARK = 'zebra'


@pytest.fixture(scope='module')
def stack():
    with Stack(workers=2, worker_config={
            'snappy_rate_limit': 0, 'retry_initial_delay': 0.2, 'snappy_timeout': 2,
            'extras': ['helper_metadata.%s' % (MARK,)], 'publish_status': True,
            'metrics_publish_interval': 0.5,
            'auto_reply': 'Auto %s' % (MARK,), 'session_prompt': 'Prompt %s' % (MARK,),
            'opt_out_keywords': ['STOP%s' % (MARK,)], 'opt_in_keywords': ['START'],
            'opt_out_reply': 'Out %s' % (MARK,)},
            ) as running:
        yield running


def number(n):
    return '+2782719%04d' % (n,)


def says(stack, n, text, **fields):
    message_id = stack.send_message(number(n), '%s %s' % (text, MARK), **fields)
    until(lambda: any(text in note['content'] for ticket in tickets_of(stack, number(n))
                      for note in ticket['notes']))
    return message_id


def replies(stack, n, text):
    [ticket] = tickets_of(stack, number(n))
    return stack.standin.reply(ticket['nonce'], '<p>%s %s</p>' % (text, MARK))


def arrived(stack, text):
    return until(lambda: [each for each in stack.outbound() if text in each.content])[0]


def restart_transport(stack):
    """As an operator must, who restarted RabbitMQ: it does not come back by itself."""
    [port] = [int(part['where'].rpartition(':')[2]) for part in stack.parts()
              if part['name'] == 'Transport']
    stack.transport.stop()
    stack.transport.start()
    stack.transport.wait_until(lambda: answers(port), 30)


def logs(stack):
    return ''.join(stack.worker_log(n) for n in range(2))


def secret_of(stack):
    return stack.hook_url(0).partition('anyone:')[2].partition('@')[0]


def fault(stack, effect, text, n, **rule):
    """A message that meets a fault of Snappy's on its way."""
    stack.standin.add_fault(effect, path='^/note', method='POST', times=1, **rule)
    says(stack, n, text)
    stack.standin.clear_faults()


def webhooks_that_are_turned_away(stack):
    url = stack.hook_url(0)
    plain = url.replace('anyone:%s@' % (secret_of(stack),), '')
    for target, body in [
            (stack.hook_url(0, secret='guess-%s' % (MARK,)), {}), (plain + '/guess-' + MARK, {}),
            (url, {'event': 'message.outgoing', 'data': '{"note": "%s' % (MARK,)}),
            (url, {'event': MARK, 'data': json.dumps({'note': {'content': MARK, 'id': MARK}})}),
            (url, {MARK: MARK}), (plain + '/' + secret_of(stack), {'data': MARK})]:
        requests.post(target, data=body, timeout=10)
    requests.post(url, data=MARK, headers={'Content-Type': 'text/%s' % (MARK,)}, timeout=10)
    requests.get(plain + '?' + MARK, timeout=10)


@pytest_twisted.inlineCallbacks
def every_flow(stack):
    says(stack, 0, 'Opening', helper_metadata={MARK: MARK})
    replies(stack, 0, 'Answer')
    stack.report_delivery(arrived(stack, 'Answer'))
    arrived(stack, 'Auto')
    stack.send_message(number(1), None, session_event='new', transport_type='ussd')
    arrived(stack, 'Prompt')
    fault(stack, 'status', 'FiveHundred', 2, status=500)
    fault(stack, 'reset_after', 'Reset', 3)
    fault(stack, 'garbage', 'Garbage', 4, body='<html>%s</html>' % (MARK,))
    fault(stack, 'hang_after', 'Hanging', 5)
    stack.standin.add_fault('garbage', path='^/note', method='POST', times=2, status=422,
                            body='{"message": "%s %s"}' % (MARK, number(6)))
    stack.send_message(number(6), 'Parked %s' % (MARK,))
    until(lambda: 'is parked' in logs(stack))
    stack.network.answer_with(503)
    replies(stack, 2, 'Refused')
    until(lambda: 'failed, reported by its transport' in logs(stack))
    stack.network.answer_with(200)
    stack.send_message(number(3), 'STOP%s' % (MARK,))
    arrived(stack, 'Out')
    replies(stack, 3, 'Unwanted')
    until(lambda: 'is refused' in logs(stack))
    yield Outside(stack.servers.rabbitmq).publish(
        'sms.inbound', b'{"content": "%s"' % (MARK.encode('ascii'),),
        json.dumps({'content': MARK, 'from_addr': number(7)}).encode('utf-8'),
        json.dumps({'message_type': 'user_message', 'message_version': '20110921',
                    'message_id': 'm', 'timestamp': MARK, 'from_addr': number(7),
                    'content': {MARK: MARK}}).encode('utf-8'))
    until(lambda: logs(stack).count('put aside') == 3)
    webhooks_that_are_turned_away(stack)
    for server in (stack.servers.redis, stack.servers.rabbitmq):
        server.kill()
        replies_are_taken = server is stack.servers.rabbitmq
        if replies_are_taken:
            replies(stack, 4, 'Kept')
        time.sleep(1)
        server.start()
    restart_transport(stack)
    arrived(stack, 'Kept')
    until(lambda: all(stack.worker_log(n).count('everything is set up') == 2 for n in range(2)))
    says(stack, 0, 'Afterwards')


def test_a_message_is_followed_from_the_bus_to_its_ticket_and_to_the_reply(stack):
    asked = says(stack, 9, 'Question')
    replies(stack, 9, 'Certainly')
    reply = arrived(stack, 'Certainly').message_id
    # A transport reports later than it acks; with two workers the later one might overtake.
    until(lambda: 'Message %s: acked' % (reply,) in logs(stack))
    stack.report_delivery(arrived(stack, 'Certainly'))
    until(lambda: 'Message %s: delivered' % (reply,) in logs(stack))
    [ticket] = tickets_of(stack, number(9))

    def one(pattern):
        [found] = re.findall('%s.*' % (pattern,), logs(stack))
        return found

    assert one('Message %s: ' % (asked,)) == 'Message %s: stored.' % (asked,)
    opened = one(r'Ticket \d+: \S+ is at Snappy as %s' % (ticket['nonce'],))
    assert asked in opened
    ours = opened.partition(':')[0]
    assert ticket['nonce'] in one(r"Note \d+ on Snappy's ticket %s: stored" % (ticket['nonce'],))
    assert reply in one(r'%s: reply 1 \(note \d+\) leaves as' % (ours,))
    assert one('%s: reply 1 is on the bus' % (ours,))
    said = re.findall('Message %s: (.*), reported' % (reply,), logs(stack))
    assert sorted(said) == ['acked', 'delivered']  # of two workers, each its own


@pytest_twisted.inlineCallbacks
def test_nothing_secret_or_personal_is_logged_whatever_happens(stack):
    yield every_flow(stack)
    for n in range(2):
        stack.stop_worker(n)
    said = logs(stack)
    secrets = [MARK, secret_of(stack), stack.standin.api_key, stack.servers.rabbitmq.password,
               'Basic ', 'Opening', 'Garbage', 'Unwanted'] + [number(n)[1:] for n in range(8)]
    found = {secret: [line for line in said.splitlines() if secret.lower() in line.lower()][:2]
             for secret in secrets if secret.lower() in said.lower()}
    assert found == {}
    assert re.findall(r'\d{9,}', re.sub('[0-9a-f]{32}|process \\d+', '', said)) == []
    # Nothing went so wrong that a library's own words had to be logged.
    assert 'Unhandled' not in said and 'Traceback' not in said
