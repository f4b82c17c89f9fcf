"""A ticket of any length is told part by part, each of a bounded size."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import START, claim
from vumi_snappy.records import ReplyState, StaffNote
from vumi_snappy.store.views import ENTRIES

NONCE = 'k3jd82hs7ahq92m1'


@defer.inlineCallbacks
def long_ticket(bench, messages):
    yield bench.opens('message 0')
    for n in range(1, messages):
        yield bench.says('message %d' % (n,))
    yield bench.answers('<p>One</p>', NONCE)


@pytest_twisted.inlineCallbacks
def test_its_last_part_is_told_first_and_then_what_was_earlier(bench):
    count = ENTRIES + 50
    yield long_ticket(bench, count)
    last = yield bench.store.ticket('1')
    assert len(last['history']) == ENTRIES
    assert last['messages'][-1]['text'] == 'message %d' % (count - 1,)
    assert [r['html'] for r in last['replies']] == ['<p>One</p>']
    earlier = yield bench.store.ticket('1', last['earlier'])
    assert [m['text'] for m in earlier['messages'] + last['messages']] == [
        'message %d' % (n,) for n in range(count)]
    assert (earlier['earlier'], earlier['replies']) == (None, [])


@pytest_twisted.inlineCallbacks
def test_who_wants_all_of_it_gets_all_of_it(bench):
    yield long_ticket(bench, 2 * ENTRIES)
    ticket = yield bench.store.whole_ticket('1')
    assert [m['number'] for m in ticket['messages']] == list(range(1, 2 * ENTRIES + 1))
    assert (len(ticket['history']), ticket['earlier']) == (2 * ENTRIES + 3, None)
    page = yield bench.store.lists.tickets(whole=True)
    assert page.tickets == [ticket]


@pytest_twisted.inlineCallbacks
def test_a_reply_is_told_with_all_that_is_known_of_it(bench):
    yield bench.opens()
    yield bench.store.accept_reply(StaffNote(
        note_id='note1', nonce=NONCE, ticket_id='771', html='<p>Yes</p>', staff_id='7',
        staff_name='Thandi', created_at=START - 5.5))
    attempt = yield claim(bench.store.replies)
    assert (attempt.note_id, attempt.html) == ('note1', '<p>Yes</p>')
    parts = yield bench.store.replies.cut(attempt, ['Ye', 's'])
    [reply] = (yield bench.store.ticket('1'))['replies']
    assert {name: reply[name] for name in ('note', 'html', 'staff', 'name', 'number', 'id')} == {
        'note': 'note1', 'html': '<p>Yes</p>', 'staff': '7', 'name': 'Thandi', 'number': 1,
        'id': attempt.message_id}
    assert float(reply['at']) == START - 5.5
    assert [(part['message_id'], part['text']) for part in reply['parts']] == [
        (part.message_id, part.text) for part in parts]


@pytest_twisted.inlineCallbacks
def test_replies_that_did_not_arrive_are_counted_off_one_by_one(bench):
    yield bench.opens()
    items = []
    for n in range(3):
        reply = yield bench.published()
        yield bench.store.record_event(reply.message_id, ReplyState.FAILED, 'why %d' % (n,))
        items.append('1:%d' % (reply.number,))
    found = yield bench.store.lists.undelivered()
    assert [each['reason'] for each in found] == ['why 0', 'why 1', 'why 2']
    for n, item in enumerate(items):
        page = yield bench.store.lists.tickets(['undelivered'])
        assert len(page.tickets) == 1, 'after %d' % (n,)
        assert (yield bench.store.lists.settle_undelivered(item, drop=True))
    page = yield bench.store.lists.tickets(['undelivered'])
    assert page.tickets == []
