"""From the released Django bouncer to the worker, as the guide says; and nobody is left out."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import json
import os

import pytest
import requests

from tests.integration.looking import command, received, until
from tools.django_bouncer import DjangoBouncer, NotInstallable
from tools.stack import SHORT_CODE, Stack

pytestmark = pytest.mark.integration

THANDI, SIPHO, ZANELE = ['+2782000930%d' % (n,) for n in range(3)]
KEY = {'username': DjangoBouncer.username, 'api_key': DjangoBouncer.api_key}


@pytest.fixture(scope='module')
def stack():
    with Stack(worker_config={'snappy_rate_limit': 0, 'retry_initial_delay': 0.2}) as running:
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
    stack.standin.set_hook('%slistener/?username=%s&api_key=%s' % (
        made.url, made.username, made.api_key))
    yield made
    made.end()


def asks(bouncer, number, text):
    """A person's message, as a sandbox app brings it to the bouncer; its ticket."""
    said = requests.post(bouncer.url + 'ticket/', params=KEY, timeout=30, json={
        'contact_key': 'c', 'conversation': '/api/v1/snappybouncer/conversation/1/',
        'msisdn': number, 'message': text})
    assert said.status_code == 201
    return requests.get(bouncer.url + 'ticket/%d/' % (said.json()['id'],), params=KEY,
                        timeout=30).json()


def imports(stack, source, *options):
    status, said = command(stack, 'import-bouncer', '--json', '--to-addr', SHORT_CODE,
                           '--config', 'CONFIG', source, *options)
    told = json.loads(said)
    return status, {name: told[name] for name in (
        'imported', 'known', 'unsent', 'forwarded', 'bad') if told[name]}


def notes(stack):
    return sorted(note['content'] for ticket in stack.standin.tickets(1000)
                  for note in ticket['notes'])


def test_open_tickets_are_answered_over_the_bus_after_the_move(stack, bouncer):
    thandis, siphos = asks(bouncer, THANDI, 'My card is lost'), asks(bouncer, SIPHO, 'No water')
    assert thandis['support_nonce']
    stack.standin.reply(siphos['support_nonce'], '<p>Since when?</p>')
    until(lambda: requests.get(bouncer.url + 'ticket/%d/' % (siphos['id'],), params=KEY,
                               timeout=30).json()['response'])

    # What would happen, and what happens.
    assert imports(stack, bouncer.database, '--dry-run') == (0, {'imported': 2, 'unsent': 1})
    assert imports(stack, bouncer.database) == (0, {'imported': 2, 'unsent': 1})

    # One more comes while the move is under way.
    late = asks(bouncer, ZANELE, 'Late')
    bouncer.stop()
    assert imports(stack, bouncer.database) == (0, {'imported': 1, 'known': 2, 'unsent': 1})
    stack.set_hook(0)
    for ticket, answer in ((thandis, 'We block it.'), (siphos, 'It is back.'), (late, 'Yes?')):
        stack.standin.reply(ticket['support_nonce'], '<p>%s</p>' % (answer,))
    until(lambda: len(stack.outbound()) == 3)
    assert {number: received(stack, number) for number in (THANDI, SIPHO, ZANELE)} == {
        THANDI: ['We block it.'], SIPHO: ['It is back.'], ZANELE: ['Yes?']}

    # What the bouncer had not relayed is forwarded once.
    assert imports(stack, bouncer.database, '--forward-unsent')[1] == {
        'known': 3, 'forwarded': 1}
    assert imports(stack, bouncer.database, '--forward-unsent')[1] == {'known': 4}
    until(lambda: 'Are you there?' in notes(stack))
    assert notes(stack).count('Are you there?') == 1
    # And who was answered over the bouncer goes on over the worker, on the same ticket.
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
