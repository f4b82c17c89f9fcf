"""The help desk's tickets, notes and contacts have the shapes that were recorded."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet.task import Clock

from tests.standin.conftest import PERSON, draft
from vumi_snappy.standin.drafts import Invalid, read_draft
from vumi_snappy.standin.model import Desk, NoSuchTicket

#: 2014-09-18 13:00:00 in UTC.
THEN = 1411045200
STAFF = {'staff_id': 1, 'to': PERSON}


@pytest.fixture
def clock():
    clock = Clock()
    clock.advance(THEN)
    return clock


@pytest.fixture
def desk(clock):
    return Desk(clock.seconds, seed=1)


def add(desk, message='My card is lost', **fields):
    return desk.add_note(read_draft(draft(message=message, **fields)))


def test_a_ticket_has_the_fields_and_formats_of_snappy(desk):
    ticket = add(desk).ticket
    assert set(ticket) == {
        'id', 'account_id', 'mailbox_id', 'created_via', 'last_reply_by', 'last_reply_at',
        'opened_by_staff_id', 'opened_by_contact_id', 'opened_at', 'status',
        'first_staff_reply_at', 'default_subject', 'summary', 'next_recipients', 'nonce',
        'created_at', 'updated_at', 'unread', 'tags', 'contacts', 'mailbox', 'opener'}
    assert (ticket['opened_at'], ticket['updated_at']) == (THEN, '2014-09-18 13:00:00')
    assert ticket['next_recipients'] == {'cc': [], 'bcc': [], 'to': PERSON}
    assert (ticket['opener'], ticket['opened_by_contact_id']) == (ticket['contacts'][0], 1)


def test_a_note_has_the_fields_and_formats_of_snappy(desk):
    note = add(desk).note
    assert set(note) == {
        'id', 'account_id', 'ticket_id', 'created_by_staff_id', 'created_by_contact_id', 'scope',
        'created_at', 'updated_at', 'content', 'system', 'using_html', 'raw_headers', 'contacts',
        'staff_creator', 'contact_creator', 'attachments', 'creator'}
    assert (note['created_at'], note['updated_at']) == (THEN, '2014-09-18 13:00:00')
    assert (note['contacts'][0]['address'], note['contacts'][0]['type']) == (
        PERSON[0]['address'], 'from')
    assert (note['creator'], note['staff_creator']) == (note['contact_creator'], None)


def test_customers_are_quoted_and_staff_comes_back_as_html(desk):
    ticket = add(desk, 'a <b>\nb').ticket
    private = add(desk, 'for the team', id=ticket['nonce'], scope='private', **STAFF).note
    assert (private['content'], private['scope'], private['using_html']) == (
        '<p>for the team</p>\n', 'private', 0)
    assert (private['created_by_staff_id'], private['created_by_contact_id']) == (1, None)
    assert private['contacts'][0]['type'] == 'to'
    assert [note['content'] for note in desk.notes(ticket)][1] == 'a <b>\nb'


def test_an_agents_reply_is_html_with_a_line_feed_at_its_end(desk, clock):
    ticket = add(desk).ticket
    clock.advance(5)
    assert desk.reply(ticket['nonce'], 'Hi')['content'] == '<p>Hi</p>\n'
    assert desk.reply(ticket['nonce'], '<p>Hi</p>')['content'] == '<p>Hi</p>\n'
    assert (ticket['status'], ticket['last_reply_by'], ticket['first_staff_reply_at']) == (
        'replied', 'staff', THEN + 5)
    with pytest.raises(Invalid):
        desk.reply(ticket['nonce'], '')
    with pytest.raises(Invalid):
        desk.reply(ticket['nonce'], 'Hi', staff_id=99)
    with pytest.raises(NoSuchTicket):
        desk.reply('gone', 'Hi')


def test_a_private_note_answers_nobody(desk):
    ticket = add(desk).ticket
    desk.reply(ticket['nonce'], 'Difficult', scope='private')
    assert (ticket['status'], ticket['last_reply_by']) == ('waiting', 'customer')


@pytest.mark.parametrize('reopens, status', [(True, 'waiting'), (False, 'replied')])
def test_a_customers_note_puts_its_ticket_back_to_waiting_or_not(reopens, status):
    desk = Desk(reopens=reopens)
    ticket = add(desk).ticket
    desk.reply(ticket['nonce'], 'Hi')
    added = add(desk, 'Thanks', id=ticket['nonce'])
    assert (ticket['status'], added.waits_again) == (status, reopens)
    assert (ticket in desk.tickets('waiting')) is reopens


def test_a_private_note_without_a_ticket_opens_one(desk):
    added = add(desk, scope='private', **STAFF)
    assert added.opened
    assert (added.ticket['opened_by_staff_id'], added.ticket['opener']['username']) == (1, 'agent')


def test_one_address_is_one_contact_whose_name_is_split(desk):
    first = add(desk).ticket['contacts'][0]
    assert (first['first_name'], first['last_name']) == ('+27820001001', 'Zulu')
    assert add(desk, **{'from': [dict(PERSON[0], name='Somebody Else')]}).newcomers == ()
    other = add(desk, **{'from': [{'address': 'two@sms.example.org'}]})
    assert [each['value'] for each in other.newcomers] == ['two@sms.example.org']
    assert len(desk.contacts) == 2


def test_a_summary_has_200_characters_at_most(desk):
    ticket = add(desk, 'x' * 201).ticket
    assert ticket['summary'] == 'x' * 200
    assert desk.notes(ticket)[0]['content'] == 'x' * 201


def test_what_is_refused_leaves_nothing_behind(desk):
    for wrong in ({'mailbox_id': 7}, {'staff_id': 99, 'to': PERSON}):
        with pytest.raises(Invalid):
            add(desk, **wrong)
    with pytest.raises(NoSuchTicket):
        add(desk, id='gone')
    assert (len(desk.contacts), desk.tickets()) == (0, [])


@pytest.mark.parametrize('query', [
    'card IS', 'support', '27820001001@', 'blocked', 'the team'])
def test_search_looks_through_subjects_addresses_and_every_note(desk, query):
    add(desk, 'nothing of it', subject='else', **{'from': [{'address': 'two@sms.example.org'}]})
    ticket = add(desk).ticket
    desk.reply(ticket['nonce'], '<p>It is blocked</p>')
    desk.reply(ticket['nonce'], 'for the team', scope='private')
    assert desk.search(query) == [ticket]


def test_numbers_are_never_given_twice(desk):
    first = add(desk)
    desk.delete(first.ticket)
    second = add(desk)
    desk.reset()
    third = add(desk)
    numbers = [(added.ticket['id'], added.note['id']) for added in (first, second, third)]
    assert numbers == [(1001, 1), (1002, 2), (1003, 3)]
    assert desk.tickets() == [third.ticket]
    assert desk.search('card') == [third.ticket]


def test_a_ticket_is_found_by_its_number_or_nonce_and_by_nothing_else(desk):
    ticket = add(desk).ticket
    for name in (1001, '1001', ticket['nonce']):
        assert desk.ticket(name) is ticket
    for name in ('', 'gone', '-1001', '1001 ', '\u00b2', '9' * 5000, None):
        with pytest.raises(NoSuchTicket):
            desk.ticket(name)


def test_a_seed_repeats_the_nonces():
    nonces = [[add(desk).ticket['nonce'] for _ in range(3)]
              for desk in (Desk(seed='x'), Desk(seed='x'), Desk(seed='y'))]
    assert nonces[0] == nonces[1] != nonces[2]
    assert len(set(nonces[0])) == 3
