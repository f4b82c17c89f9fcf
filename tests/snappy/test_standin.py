"""The client before the stand-in Snappy, which behaves as Snappy's documents say."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
import pytest_twisted
from twisted.internet import reactor

from tests.snappy.conftest import DRAFT
from tests.snappy.test_client import error_of
from vumi_snappy.http.call_errors import (
    BadCredentials, NotFound, RateLimited, ServerFault, Unanswered)
from vumi_snappy.snappy import NoteDraft, Scope, SnappyClient
from vumi_snappy.standin.service import StandIn

FIRST = attr.evolve(DRAFT, mailbox_id=1)


@pytest.fixture
def standin():
    standin = StandIn(reactor, api_key='k3y')
    pytest_twisted.blockon(standin.start())
    yield standin
    pytest_twisted.blockon(standin.stop())


@pytest.fixture
def client(standin):
    client = SnappyClient(reactor, standin.url, 'k3y', timeout=20)
    yield client
    pytest_twisted.blockon(client.close())


@pytest_twisted.inlineCallbacks
def test_a_ticket_is_opened_continued_read_tagged_and_closed(client):
    nonce = yield client.post_note(FIRST)
    assert (yield client.post_note(attr.evolve(
        FIRST, nonce=nonce, message='and my phone too \U0001f4f1'))) == nonce
    yield client.post_note(NoteDraft(
        mailbox_id=1, subject='s', message='network: MTN', nonce=nonce, staff_id=1,
        scope=Scope.PRIVATE, to_name='Internal Information',
        to_address='27820001001@sms.example.org'))
    notes = yield client.get_notes(nonce)
    assert [(note.scope, note.content) for note in notes] == [
        (Scope.PRIVATE, '<p>network: MTN</p>\n'),
        (Scope.PUBLIC, 'and my phone too \U0001f4f1'), (Scope.PUBLIC, 'My card is lost')]
    yield client.set_tags(nonce, ['#bank'])
    yield client.set_status(nonce, 'replied')
    ticket = yield client.get_ticket(nonce)
    assert (ticket.nonce, ticket.status, ticket.tags, ticket.contact_addresses) == (
        nonce, 'replied', ('#bank',), ('27820001001@sms.example.org',))
    assert (yield client.get_ticket(ticket.id)) == ticket


@pytest_twisted.inlineCallbacks
def test_a_ticket_is_found_where_it_waits_and_by_its_contact(client):
    nonce = yield client.post_note(FIRST)
    account, = yield client.accounts()
    mailbox, = yield client.mailboxes(account['id'])
    assert [each['username'] for each in (yield client.staff(account['id']))] == [
        'agent', 'second']
    for found in ((yield client.waiting(mailbox['id'])),
                  (yield client.search(account['id'], '27820001001@sms.example.org'))):
        assert [each.nonce for each in found] == [nonce]
    assert (yield client.search(account['id'], '27820001001', 2)) == []


@pytest_twisted.inlineCallbacks
def test_a_wrong_key_and_a_deleted_ticket(standin, client):
    stranger = SnappyClient(reactor, standin.url, 'wrong')
    assert type((yield error_of(stranger.accounts()))) is BadCredentials
    yield stranger.close()
    error = yield error_of(client.post_note(attr.evolve(FIRST, nonce='0000000000000000')))
    assert type(error) is NotFound


@pytest.mark.parametrize('fault, kind, unknown, done', [
    ({'effect': 'reset_before'}, Unanswered, True, 0),
    ({'effect': 'reset_after'}, Unanswered, True, 1),
    ({'effect': 'status', 'status': 500}, ServerFault, True, 0),
    ({'effect': 'status_after', 'status': 502}, ServerFault, True, 1),
    ({'effect': 'status', 'status': 429, 'retry_after': '3'}, RateLimited, False, 0)])
@pytest_twisted.inlineCallbacks
def test_a_fault_is_told_as_what_it_may_have_done(standin, client, fault, kind, unknown, done):
    standin.faults.add(dict(fault, method='POST', times=1))
    error = yield error_of(client.post_note(FIRST))
    assert type(error) is kind
    assert error.outcome_unknown is unknown
    assert len(standin.desk.tickets()) == done
