"""Who is who: one person on one channel has a ticket of their own, and gets the replies to it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.store.conftest import claim
from vumi_snappy.records import ImportedTicket, JobKind
from vumi_snappy.store.identity import thread_id

LOCAL = '0820001001'


@pytest_twisted.inlineCallbacks
def test_one_local_number_on_two_transports_is_two_people(bench):
    yield bench.opens('From South Africa', who=LOCAL, transport='sms_za', nonce='nonce-za')
    yield bench.opens('From Kenya', who=LOCAL, transport='sms_ke', nonce='nonce-ke')
    tickets = yield bench.store.recent_tickets()
    assert sorted(each['nonce'] for each in tickets) == ['nonce-ke', 'nonce-za']
    yield bench.answers('<p>to Kenya</p>', 'nonce-ke')
    yield bench.answers('<p>to South Africa</p>', 'nonce-za')
    claimed, _ = yield bench.store.replies.claim(9)
    assert sorted((each.html, each.envelope['transport_name']) for each in claimed) == [
        ('<p>to Kenya</p>', 'sms_ke'), ('<p>to South Africa</p>', 'sms_za')]


@pytest_twisted.inlineCallbacks
def test_whoever_the_contact_address_tells_apart_has_a_ticket_of_their_own(bench):
    # As with the contact address {from_addr}.{to_addr}@...
    yield bench.opens('To one', who=LOCAL, transport='sms', apart='["8001"]', nonce='nonce-1')
    yield bench.says('To two', who=LOCAL, transport='sms', apart='["8002"]')
    attempt = yield claim(bench.store.forwards)
    assert attempt.kind is JobKind.OPEN_TICKET
    yield bench.says('To one again', who=LOCAL, transport='sms', apart='["8001"]')
    attempt = yield claim(bench.store.forwards)
    assert (attempt.kind, attempt.nonce) == (JobKind.ADD_NOTE, 'nonce-1')


@pytest.mark.parametrize('apart', ['', '["8001"]'])
@pytest_twisted.inlineCallbacks
def test_all_that_an_address_is_known_by_is_found_and_forgotten(bench, apart):
    for transport in ('sms_za', 'sms_ke'):
        yield bench.says('Help', who=LOCAL, transport=transport, apart=apart)
    found = yield bench.store.lists.find([], [LOCAL])
    assert sorted(each['ticket'] for each in found) == ['1', '2']
    receipt = yield bench.store.lists.forget(LOCAL)
    assert sorted(each['ticket'] for each in receipt['tickets']) == ['1', '2']
    left = yield bench.store.connection.send('KEYS', bench.prefix + ':*')
    assert [key for key in left if b'thread' in key or b'person' in key or b'ticket:' in key] == []


@pytest_twisted.inlineCallbacks
def test_a_ticket_that_was_taken_over_is_that_of_its_own_transport(bench):
    envelope = {'from_addr': LOCAL, 'endpoint': 'default', 'transport_name': 'sms_za'}
    yield bench.store.import_ticket(ImportedTicket(
        'i1', LOCAL, 'default', 'sms', 'nonce-za', '', 'From before', '', bench.clock.seconds(),
        bench.clock.seconds(), 'Support', 'c', envelope))
    yield bench.says('And now?', who=LOCAL, transport='sms_za')
    yield bench.says('I am somebody else', who=LOCAL, transport='sms_ke')
    taken_over, new = (yield bench.store.ticket('1')), (yield bench.store.ticket('2'))
    assert [len(each['messages']) for each in (taken_over, new)] == [2, 1]


def test_no_two_channels_give_one_name():
    told = [('', ''), ('sms', ''), ('', 'sms'), ('sms', '["8001"]'), ('sms', '["8002"]'),
            ('["8001"]', 'sms')]
    names = [thread_id('default', 'sms', LOCAL, name, apart) for name, apart in told]
    assert len(set(names)) == len(told)
