"""From the released Django bouncer to the worker, as the guide says; and nobody is left out."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os

import pytest
import requests

from tests.integration.looking import command, received
from tools.django_bouncer import DjangoBouncer, NotInstallable
from tools.stack import SHORT_CODE, Stack
from tools.waiting import until

pytestmark = pytest.mark.integration

THANDI, SIPHO, ZANELE, LERATO = ['+2782000930%d' % (n,) for n in range(4)]
KEY = {'username': DjangoBouncer.username, 'api_key': DjangoBouncer.api_key}


@pytest.fixture(scope='module')
def stack():
    with Stack(worker_config={
            'snappy_rate_limit': 0, 'retry_initial_delay': 0.2,
            'bouncer_api_users': {DjangoBouncer.username: DjangoBouncer.api_key},
            'bouncer_api_accounts': [{'id': 1, 'key': 'useraccountkey'}],
            'bouncer_api_conversations': [
                {'id': 1, 'key': 'conversationkey', 'to_addr': SHORT_CODE}]}) as running:
        yield running


@pytest.fixture(scope='module')
def bouncer(stack):
    """The released bouncer, of which the help desk's hook is."""
    try:
        made = DjangoBouncer(stack.servers.folder, stack.servers.guard, stack.standin.api_url,
                             stack.standin.api_key, stack.standin.mailbox_id)
    except NotInstallable as why:
        pytest.skip('%s' % (why,))
    made.start()
    made.load([
        ('UserAccount', [dict(id=1, key='useraccountkey', name='Account')]),
        ('Conversation', [dict(id=1, user_account_id=1, key='conversationkey', name='Line')]),
        # Its celery did not get around to this one.
        ('Ticket', [dict(id=100, conversation_id=1, message='Are you there?', contact_key='c',
                         msisdn=ZANELE)])])
    leads_to(stack, made.url)
    yield made
    made.end()


def leads_to(stack, root):
    """The host name of the API leads there: that is all of the hook's URL that changes."""
    stack.standin.set_hook('%slistener/?username=%s&api_key=%s' % (
        root, KEY['username'], KEY['api_key']))


def ours(stack):
    """The root of the API of the worker."""
    return stack.health_url(0).replace('/health/', '/api/v1/snappybouncer/')


def ticket(root, number):
    return requests.get('%sticket/%d/' % (root, number), params=KEY, timeout=30).json()


def asks(root, number, text):
    """A person's message, as a sandbox app posts it; its ticket, when it is at the help desk."""
    said = requests.post(root + 'ticket/', params=KEY, timeout=30, json={
        'contact_key': 'c', 'conversation': '/api/v1/snappybouncer/conversation/1/',
        'msisdn': number, 'message': text})
    assert said.status_code == 201
    until(lambda: ticket(root, said.json()['id'])['support_nonce'])
    return ticket(root, said.json()['id'])


def imports(stack, source, *options):
    status, said = command(stack, 'import-bouncer', '--json', '--to-addr', SHORT_CODE,
                           '--config', 'CONFIG', source, *options)
    told = json.loads(said)
    return status, {name: told[name] for name in (
        'imported', 'renumbered', 'known', 'unsent', 'forwarded', 'bad') if told[name]}


def notes(stack):
    return sorted(note['content'] for ticket in stack.standin.tickets(1000)
                  for note in ticket['notes'])


def test_sandbox_apps_and_the_hook_stay_while_the_worker_takes_over(stack, bouncer):
    thandis = asks(bouncer.url, THANDI, 'My card is lost')
    siphos = asks(bouncer.url, SIPHO, 'No water')
    stack.standin.reply(siphos['support_nonce'], '<p>Since when?</p>')
    until(lambda: ticket(bouncer.url, siphos['id'])['response'])

    # What would happen, and what happens; and one more comes while the move is under way.
    assert imports(stack, bouncer.database, '--dry-run') == (0, {'imported': 2, 'unsent': 1})
    assert imports(stack, bouncer.database) == (0, {'imported': 2, 'unsent': 1})
    late = asks(bouncer.url, ZANELE, 'Late')

    # The host name leads to the worker. What it does not know yet, it is to be brought again.
    root = ours(stack)
    leads_to(stack, root)
    stack.standin.reply(late['support_nonce'], '<p>Yes?</p>')
    until(lambda: [each for each in stack.standin.deliveries() if 404 in each['statuses']])
    # Old tickets are answered to the people whose they are, and their numbers are what they were.
    stack.standin.reply(thandis['support_nonce'], '<p>Between us</p>', scope='private')
    stack.standin.reply(thandis['support_nonce'], '<p>We block it.</p>')
    stack.standin.reply(siphos['support_nonce'], '<p>It is back.</p>')
    until(lambda: len(stack.outbound()) == 2)
    assert ticket(root, siphos['id'])['response'] == 'Since when?\n\nIt is back.'
    # Sandbox apps post on: who has a ticket stays on it, who has none gets one.
    tickets_before = len(stack.standin.tickets(1000))
    again, leratos = asks(root, THANDI, 'Thanks'), asks(root, LERATO, 'Hello')
    assert (again['id'], again['support_nonce']) == (thandis['id'], thandis['support_nonce'])
    assert again['message'] == 'My card is lost\n\nThanks'
    stack.standin.reply(leratos['support_nonce'], '<p>Hello you</p>')

    # All that came since the first import is taken over, and the bouncer is gone.
    bouncer.stop()
    assert imports(stack, bouncer.database) == (0, {
        'imported': 1, 'renumbered': 1, 'known': 2, 'unsent': 1})
    until(lambda: len(stack.outbound()) == 4)
    assert {number: received(stack, number) for number in (THANDI, SIPHO, ZANELE, LERATO)} == {
        THANDI: ['We block it.'], SIPHO: ['It is back.'], ZANELE: ['Yes?'],
        LERATO: ['Hello you']}
    until(lambda: 'Thanks' in notes(stack))
    assert len(stack.standin.tickets(1000)) == tickets_before + 1

    # What the bouncer had not relayed is forwarded once.
    assert imports(stack, bouncer.database, '--forward-unsent')[1] == {
        'known': 3, 'forwarded': 1}
    assert imports(stack, bouncer.database, '--forward-unsent')[1] == {'known': 4}
    until(lambda: 'Are you there?' in notes(stack))
    assert notes(stack).count('Are you there?') == 1
    # And who writes over the bus goes on, on the same ticket.
    before = len(stack.standin.tickets(1000))
    stack.send_message(THANDI, 'Thank you')
    until(lambda: 'Thank you' in notes(stack))
    assert len(stack.standin.tickets(1000)) == before


def test_its_dump_holds_the_same_as_its_database(stack, bouncer):
    path = os.path.join(stack.servers.folder, 'dump.json')
    with io.open(path, 'wb') as out:
        out.write(bouncer.dumpdata())
    assert imports(stack, path) == (0, {'known': 4})


def test_its_export_holds_no_numbers_and_every_line_says_so(stack, bouncer):
    path = os.path.join(stack.servers.folder, 'export.csv')
    with io.open(path, 'wb') as out:
        out.write(bouncer.csv())
    status, said = command(stack, 'import-bouncer', '--to-addr', SHORT_CODE, '--config', 'CONFIG',
                           path)
    assert status == 1
    assert 'line 2: the export has no column msisdn' in said
    assert 'can not be used: 4' in said
