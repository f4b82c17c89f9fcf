"""Which webhooks a change fires, and in which shape."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from twisted.internet.task import Clock

from tests.standin.conftest import PERSON, draft
from vumi_snappy.standin.drafts import Invalid, read_draft
from vumi_snappy.standin.events import Agent, Events
from vumi_snappy.standin.model import Desk

STAFF = {'staff_id': 1, 'to': PERSON}


class Scene(object):
    """A desk, and what its hooks were told to send."""

    def __init__(self, **options):
        self.sent = []
        self.desk = Desk(Clock().seconds)
        self.events = Events(self, **options)
        self.agent = Agent(self.desk, self.events)

    def send(self, event, data):
        self.sent.append((event, json.loads(json.dumps(data))))

    def post(self, **fields):
        added = self.desk.add_note(read_draft(draft(**fields)))
        self.events.note_posted(added)
        return added.ticket['nonce']

    def fired(self):
        fired, self.sent = [event for event, _ in self.sent], []
        return fired


@pytest.fixture
def scene():
    return Scene()


def test_a_customers_first_note(scene):
    scene.post()
    assert scene.fired() == ['contact.created', 'ticket.created', 'message.incoming']


def test_a_customers_next_notes(scene):
    nonce = scene.post()
    scene.fired()
    scene.post(id=nonce)
    assert scene.fired() == ['message.incoming']
    scene.agent.reply(nonce, 'Hi')
    scene.fired()
    scene.post(id=nonce)
    assert scene.fired() == ['message.incoming', 'ticket.waiting']


def test_an_agents_reply_and_private_note(scene):
    nonce = scene.post()
    scene.fired()
    scene.agent.reply(nonce, '<p>Hi</p>')
    assert scene.fired() == ['message.outgoing', 'ticket.replied']
    scene.agent.reply(nonce, '<p>Difficult</p>', 'private')
    assert scene.fired() == ['message.private']


def test_notes_that_are_made_through_the_api_in_an_agents_name(scene):
    nonce = scene.post()
    scene.fired()
    scene.post(id=nonce, **STAFF)
    assert scene.fired() == ['message.outgoing', 'ticket.replied']
    scene.post(id=nonce, scope='private', **STAFF)
    assert scene.fired() == ['message.private']


def test_the_api_can_be_quiet():
    scene = Scene(fires=False)
    nonce = scene.post()
    assert scene.fired() == []
    scene.agent.reply(nonce, 'Hi')
    assert scene.fired() == ['message.outgoing', 'ticket.replied']


def test_private_notes_can_fire_as_outgoing_too():
    scene = Scene(private_twice=True)
    nonce = scene.post()
    scene.fired()
    scene.agent.reply(nonce, 'Difficult', 'private')
    assert [(event, data['note']['scope']) for event, data in scene.sent] == [
        ('message.private', 'private'), ('message.outgoing', 'private')]


def test_tags_are_told_with_what_came_and_went(scene):
    nonce = scene.post(tags=['a', 'b'])
    scene.fired()
    scene.agent.tag(nonce, ['b', 'c', 'c'])
    [(event, data)] = scene.sent
    assert (event, data['added'], data['removed'], data['ticket']['tags']) == (
        'tags.changed', ['c'], ['a'], ['b', 'c'])
    scene.fired()
    scene.agent.tag(nonce, ['b', 'c'])
    assert scene.fired() == []
    with pytest.raises(Invalid):
        scene.agent.tag(nonce, 'b')


def test_the_ticket_is_nested_in_the_note(scene):
    nonce = scene.post()
    scene.fired()
    scene.agent.reply(nonce, '<p>Hi</p>')
    note = scene.sent[0][1]['note']
    assert set(note) == {
        'id', 'account_id', 'ticket_id', 'created_by_staff_id', 'created_by_contact_id', 'scope',
        'created_at', 'updated_at', 'content', 'system', 'using_html', 'raw_headers', 'creator',
        'ticket'}
    assert note['ticket']['nonce'] == nonce
    assert {'next_recipients', 'email_message_id', 'tags', 'contacts', 'opener'} <= set(
        note['ticket'])
    assert not {'mailbox', 'unread'} & set(note['ticket'])


def test_a_staff_members_tokens_leak_into_webhooks_alone(scene):
    nonce = scene.post()
    scene.fired()
    note = scene.agent.reply(nonce, '<p>Hi</p>')
    creator = scene.sent[0][1]['note']['creator']
    assert {'remember_token', 'verification_token', 'ios_device_token'} <= set(creator)
    assert 'remember_token' not in json.dumps(note)


def test_a_new_ticket_is_told_without_nonce_and_with_escaped_recipients(scene):
    nonce = scene.post()
    ticket = dict(scene.sent)['ticket.created']['ticket']
    assert 'nonce' not in ticket
    assert ticket['next_recipients'].startswith('{&quot;')
    assert nonce in json.dumps(dict(scene.sent)['message.incoming'])
