"""The tickets that the Django bouncer's API tells of: by number, by contact, by address."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import START, claim, inbound
from vumi_snappy.content.numbers import Numbers
from vumi_snappy.records import Accepted, ImportedTicket, Posted
from vumi_snappy.store import posted as posted_module
from vumi_snappy.store.posted import PostedTicket, TooMany

THANDI, SIPHO = '+27820001001', '+27820001002'
OLD = ImportedTicket(
    message_id='old-1', from_addr=THANDI, endpoint='default', transport_type='sms', nonce='n17',
    ticket_id='', content='Old', response='', opened_at=START - 9, seen_at=START - 9, subject='',
    contact_address='', envelope={}, posted=Posted('line', 'thandi'), number=17)


def post(bench, text, who=THANDI, contact_key='thandi', message_id=None):
    """A person's message by the API; fires with the number of its ticket."""
    return bench.store.accept_inbound(inbound(
        message_id or 'm-%s' % (text,), who, content=text,
        posted=Posted('line', contact_key))).addCallback(
            lambda taken: taken.ticket)


@defer.inlineCallbacks
def numbers(bench, offset=0, limit=20, **filters):
    """Fires with how many there are, and the numbers on a page."""
    total, found = yield bench.store.posted.page(offset, limit, **filters)
    defer.returnValue((total, [each.number for each in found]))


@pytest_twisted.inlineCallbacks
def test_a_posted_message_is_told_with_its_ticket_whole(bench):
    number = yield post(bench, 'No w\xe4ter')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.finish(attempt, 'nonce', 'hash')
    yield post(bench, 'Still none')
    bench.clock.advance(5)
    yield bench.answers('<p>Since when?</p>', 'nonce')
    assert (yield bench.store.posted.tickets([int(number)])) == [PostedTicket(
        number=1, contact_key='thandi', conversation='line', from_addr=THANDI, nonce='nonce',
        snappy_id='', opened=START, at=START + 5, messages=['No w\xe4ter', 'Still none'],
        replies=['<p>Since when?</p>'])]


@pytest_twisted.inlineCallbacks
def test_what_came_by_the_bus_is_not_told_until_something_is_posted_to_it(bench):
    yield bench.says('Help')
    assert (yield numbers(bench)) == (0, [])
    assert (yield bench.store.posted.tickets([1])) == []
    yield post(bench, 'Help!')
    assert (yield numbers(bench)) == (1, [1])


@pytest_twisted.inlineCallbacks
def test_a_person_is_found_by_any_spelling_of_their_number(make_bench):
    bench = yield make_bench(numbers=Numbers('ZA'))
    for who in (THANDI, '0820001001', SIPHO):
        yield post(bench, 'by %s' % (who,), who=who)
    for asked in ('27820001001', '0820001001', THANDI):
        assert (yield numbers(bench, addresses=[asked])) == (2, [1, 2])


@pytest_twisted.inlineCallbacks
def test_pages_go_by_number_however_late_a_ticket_saw_something(bench):
    for n in range(5):
        yield post(bench, 'text %d' % (n,), who='+2782000100%d' % (n,))
    yield post(bench, 'again', who='+27820001000')
    assert (yield numbers(bench, 0, 2)) == (5, [1, 2])
    assert (yield numbers(bench, 4, 2)) == (5, [5])
    assert (yield numbers(bench, 9, 2)) == (5, [])


@pytest_twisted.inlineCallbacks
def test_a_large_page_is_read_in_pieces(bench, monkeypatch):
    monkeypatch.setattr(posted_module, '_AT_ONCE', 2)
    for n in range(5):
        yield post(bench, 'text %d' % (n,), who='+2782000100%d' % (n,))
    assert (yield numbers(bench, 0, 20)) == (5, [1, 2, 3, 4, 5])
    assert (yield numbers(bench, 1, 3)) == (5, [2, 3, 4])
    found = yield bench.store.posted.tickets([5, 4, 99, 3])
    assert [each.number for each in found] == [5, 4, 3]


@pytest_twisted.inlineCallbacks
def test_tickets_are_found_by_contact_by_address_and_by_both(bench):
    yield post(bench, 'a', THANDI, 'one')
    yield post(bench, 'b', SIPHO, 'two')
    yield post(bench, 'c', '+27820001003', 'one')
    assert (yield numbers(bench, contact_keys=['one'])) == (2, [1, 3])
    assert (yield numbers(bench, 1, 1, contact_keys=['one'])) == (2, [3])
    assert (yield numbers(bench, contact_keys=['two', 'one', 'one'])) == (3, [1, 2, 3])
    assert (yield numbers(bench, addresses=[SIPHO, THANDI])) == (2, [1, 2])
    assert (yield numbers(bench, addresses=[SIPHO, THANDI], contact_keys=['one'])) == (1, [1])
    assert (yield numbers(bench, contact_keys=['three'])) == (0, [])
    assert (yield numbers(bench, contact_keys=[])) == (0, [])


@pytest_twisted.inlineCallbacks
def test_a_contact_whose_key_has_changed_is_found_by_the_new_one(bench):
    yield post(bench, 'a', THANDI, 'one')
    yield post(bench, 'b', THANDI, 'two')
    assert (yield numbers(bench, contact_keys=['one'])) == (0, [])
    assert (yield numbers(bench, contact_keys=['two'])) == (1, [1])


@pytest_twisted.inlineCallbacks
def test_a_filter_that_would_have_to_go_through_too_many_is_refused(bench, monkeypatch):
    monkeypatch.setattr(posted_module, '_MOST', 1)
    yield post(bench, 'a', THANDI, 'one')
    yield post(bench, 'b', SIPHO, 'two')
    with pytest.raises(TooMany):
        yield numbers(bench, contact_keys=['one', 'two'])
    with pytest.raises(TooMany):
        yield numbers(bench, addresses=[THANDI, SIPHO])
    assert (yield numbers(bench, contact_keys=['one'])) == (1, [1])


@pytest_twisted.inlineCallbacks
def test_of_many_texts_the_last_ones_are_told(bench):
    for n in range(103):
        yield post(bench, 'text %d' % (n,))
    [ticket] = yield bench.store.posted.tickets([1])
    assert (len(ticket.messages), ticket.messages[0], ticket.messages[-1]) == (
        100, 'text 3', 'text 102')


@pytest_twisted.inlineCallbacks
def test_nothing_is_told_of_who_was_forgotten(bench):
    yield post(bench, 'a')
    yield bench.store.lists.forget(THANDI)
    assert (yield numbers(bench)) == (0, [])
    assert (yield numbers(bench, contact_keys=['thandi'])) == (0, [])
    assert (yield bench.store.connection.send('KEYS', '%s:posted*' % (bench.prefix,))) == []


@pytest_twisted.inlineCallbacks
def test_what_is_posted_again_under_its_id_says_which_ticket_it_is_on(bench):
    assert (yield post(bench, 'a', message_id='same')) == '1'
    assert (yield post(bench, 'a', message_id='same')) == '1'
    [ticket] = yield bench.store.posted.tickets([1])
    assert ticket.messages == ['a']


# Numbers of what was taken over.

@pytest_twisted.inlineCallbacks
def test_a_ticket_keeps_the_number_that_it_had(bench):
    assert (yield bench.store.import_ticket(OLD)) == 'imported'
    assert (yield numbers(bench)) == (1, [17])
    assert (yield post(bench, 'New', SIPHO)) == '18'


@pytest_twisted.inlineCallbacks
def test_it_gets_another_one_where_that_is_taken_or_none(bench):
    yield bench.store.import_ticket(OLD)
    for number, expected in ((17, 18), (3, 19), (0, 20)):
        other = attr.evolve(OLD, number=number, nonce='other-%d' % (number,), message_id='o')
        assert (yield bench.store.import_ticket(other, dry_run=True)) == 'renumbered'
        assert (yield bench.store.import_ticket(other)) == 'renumbered'
        assert (yield numbers(bench))[1][-1] == expected


@pytest_twisted.inlineCallbacks
def test_one_that_was_taken_over_before_it_was_told_of_is_told_of_from_then_on(bench):
    yield bench.store.import_ticket(attr.evolve(OLD, posted=None))
    assert (yield numbers(bench)) == (0, [])
    assert (yield bench.store.import_ticket(OLD, dry_run=True)) == 'known'
    assert (yield numbers(bench)) == (0, [])
    assert (yield bench.store.import_ticket(OLD)) == 'known'
    assert (yield numbers(bench)) == (1, [17])
    # What was posted since is newer than what was taken over.
    yield post(bench, 'New', contact_key='newer')
    assert (yield bench.store.import_ticket(OLD)) == 'known'
    assert (yield numbers(bench, contact_keys=['newer'])) == (1, [17])


@pytest_twisted.inlineCallbacks
def test_a_reply_that_came_before_its_ticket_was_taken_over_is_sent_then(bench):
    yield bench.says('Help', who=SIPHO)
    yield claim(bench.store.forwards)  # a ticket is being opened: this reply may be for it
    yield bench.answers('<p>Since when?</p>', 'n17')
    assert (yield claim(bench.store.replies)).why == 'idle'
    yield bench.store.import_ticket(attr.evolve(OLD, envelope={'from_addr': THANDI}))
    attempt = yield claim(bench.store.replies)
    assert (attempt.ticket, attempt.html) == ('17', '<p>Since when?</p>')


@pytest_twisted.inlineCallbacks
def test_a_reply_that_was_sent_before_its_ticket_was_taken_over_is_not_sent_again(bench):
    sent = attr.evolve(OLD, response='Hi  bye', seen_at=START)
    yield bench.store.import_ticket(sent)
    assert (yield bench.answers('<p>Hi &amp; bye</p>\n', 'n17', 'a')) is Accepted.DUPLICATE
    # Other words are another reply, and so are the same ones, written later.
    assert (yield bench.answers('<p>Hi</p>', 'n17', 'b')) is Accepted.STORED
    bench.clock.advance(60)
    assert (yield bench.answers('<p>Hi &amp; bye</p>\n', 'n17', 'c')) is Accepted.STORED
    # The old bridge may have gone on sending for a while.
    yield bench.store.import_ticket(attr.evolve(sent, response='More', seen_at=START + 60))
    assert (yield bench.answers('<p>More</p>', 'n17', 'd')) is Accepted.DUPLICATE
    yield bench.store.import_ticket(attr.evolve(sent, response='Less', seen_at=START))
    assert (yield bench.answers('<p>Less</p>', 'n17', 'e')) is Accepted.STORED


@pytest_twisted.inlineCallbacks
def test_neither_is_one_that_came_here_first(bench):
    yield bench.says('Help', who=SIPHO)
    yield claim(bench.store.forwards)
    yield bench.answers('<p>Hi &amp; bye</p>', 'n17')
    yield bench.store.import_ticket(attr.evolve(OLD, response='Hi  bye', seen_at=START))
    assert (yield claim(bench.store.replies)).why == 'idle'
