"""What Snappy's hooks tell of a ticket is kept with it, in whatever order and however often."""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid

import pytest_twisted
from hypothesis import HealthCheck, given, settings, strategies as st
from twisted.internet import defer

from benchmarks.blocking_store import blocking_store, claimed, now
from tests.store.conftest import NONCE, START, claim, inbound
from vumi_snappy.records import Accepted, ReplyState, StaffNote, TicketEvent

SID = '1001'


def tagged(tags=None, at=0.0, added=(), removed=(), nonce=NONCE, sid=SID):
    return TicketEvent('tags.changed', nonce, sid, at=at, tags=tags, added=list(added),
                       removed=list(removed))


def status(word, at=0.0, nonce=NONCE, sid=SID):
    return TicketEvent('ticket.%s' % (word,), nonce, sid, at=at, status=word)


@defer.inlineCallbacks
def gone(bench):
    """Snappy does not know the ticket any more; fires with the attempt that learnt it."""
    yield bench.says('Again')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.ticket_gone(attempt)
    defer.returnValue(attempt)


def said(ticket, *whats):
    return [(each['what'], each['detail']) for each in ticket['history'] if each['what'] in whats]


@pytest_twisted.inlineCallbacks
def test_topic_and_assignment_are_the_first_tags_of_their_kind(bench):
    yield bench.opens()
    [ticket] = yield bench.store.recent_tickets()
    assert [ticket[name] for name in ('status', 'topic', 'assigned_to', 'staff_id', 'tags')] == [
        '', '', '', '', []]
    yield bench.store.record_ticket_event(
        tagged(['bare', '#undelivered', '#card', '@thandi', '#other', '@sipho']))
    [ticket] = yield bench.store.recent_tickets()
    assert (ticket['topic'], ticket['assigned_to']) == ('#card', 'thandi')
    assert ticket['tags'][:2] == ['bare', '#undelivered']
    assert said(ticket, 'tags changed') == [
        ('tags changed', 'bare #undelivered #card @thandi #other @sipho')]
    yield bench.store.record_ticket_event(tagged([]))
    [ticket] = yield bench.store.recent_tickets()
    assert (ticket['topic'], ticket['assigned_to'], ticket['tags']) == ('', '', [])
    assert said(ticket, 'tags changed')[1:] == [('tags changed', 'none')]


@pytest_twisted.inlineCallbacks
def test_the_status_is_the_latest_by_its_own_time_and_not_by_its_arrival(bench):
    yield bench.opens()
    for event in (status('replied', START - 10), status('waiting', START - 20)):
        yield bench.store.record_ticket_event(event)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['status'] == 'replied'
    assert said(ticket, 'ticket status') == [('ticket status', 'replied')]


@pytest_twisted.inlineCallbacks
def test_without_a_time_or_with_one_in_the_future_an_event_is_of_when_it_comes(bench):
    yield bench.opens()
    yield bench.store.record_ticket_event(status('replied', START + 10 ** 9))
    bench.clock.advance(1)
    yield bench.store.record_ticket_event(status('waiting'))
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['status'] == 'waiting'


@pytest_twisted.inlineCallbacks
def test_an_event_that_comes_again_is_recognised_and_changes_nothing(bench):
    yield bench.opens()
    first, second = tagged(['#a'], START - 9), tagged(['#b'], START - 9)
    told = []
    for event in (first, second, first, first):
        told.append((yield bench.store.record_ticket_event(event)))
    assert told == [Accepted.STORED] * 2 + [Accepted.DUPLICATE] * 2
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['tags'] == ['#b']


@pytest_twisted.inlineCallbacks
def test_what_was_added_and_removed_is_counted_from_the_last_whole_list(bench):
    yield bench.opens()
    for event in (tagged(added=['#late'], at=START - 5), tagged(['#a', '#b'], START - 10),
                  tagged(removed=['#a'], at=START - 3), tagged(added=['#a'], at=START - 4),
                  tagged(added=['#gone'], at=START - 20)):
        yield bench.store.record_ticket_event(event)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['tags'] == ['#b', '#late']


@pytest_twisted.inlineCallbacks
def test_an_event_for_a_ticket_of_somebody_else_changes_nothing(bench):
    yield bench.opens()
    for nonce, sid in (('somebodyelses000', SID), ('', SID), ('', '')):
        told = yield bench.store.record_ticket_event(tagged(['#x'], nonce=nonce, sid=sid))
        assert told is Accepted.UNKNOWN_TICKET
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['tags'] == []


@pytest_twisted.inlineCallbacks
def test_once_a_note_has_brought_both_names_either_will_do(bench):
    yield bench.opens()
    yield bench.store.record_ticket_event(TicketEvent('message.incoming', NONCE, SID))
    told = yield bench.store.record_ticket_event(status('waiting', nonce=''))
    assert told is Accepted.STORED
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['status'] == 'waiting'


@pytest_twisted.inlineCallbacks
def test_an_id_that_is_another_tickets_stays_with_that(bench):
    yield bench.opens()
    yield bench.opens(nonce='othernonce000000', who='+27820001002')
    yield bench.store.record_ticket_event(TicketEvent('message.incoming', NONCE, SID))
    yield bench.store.record_ticket_event(
        TicketEvent('message.incoming', 'othernonce000000', SID))
    yield bench.store.record_ticket_event(tagged(['#first'], nonce=''))
    tickets = yield bench.store.recent_tickets()
    assert {t['nonce']: t['topic'] for t in tickets} == {NONCE: '#first', 'othernonce000000': ''}


@pytest_twisted.inlineCallbacks
def test_what_comes_before_the_nonce_is_known_waits_for_it(bench):
    yield bench.says('Help')
    attempt = yield claim(bench.store.forwards)
    early = [tagged(['#a'], START - 3), status('waiting', START - 3, nonce='')]
    for event in early:
        assert (yield bench.store.record_ticket_event(event)) is Accepted.STORED
    bench.clock.advance(10)
    yield bench.store.forwards.finish(attempt, NONCE, 'hash')
    [ticket] = yield bench.store.recent_tickets()
    assert (ticket['topic'], ticket['status']) == ('#a', 'waiting')
    assert (yield bench.store.record_ticket_event(early[0])) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_who_wrote_last_is_kept_by_the_notes_own_times(bench):
    yield bench.opens()
    for note_id, name, at in (('2', 'Thandi Agent', START - 5), ('1', 'Sipho Agent', START - 9)):
        yield bench.store.accept_reply(StaffNote(
            note_id, NONCE, SID, '<p>Hi</p>', staff_id='7' + note_id, staff_name=name,
            created_at=at))
    [ticket] = yield bench.store.recent_tickets()
    assert (ticket['staff_id'], ticket['staff_name']) == ('72', 'Thandi Agent')


@pytest_twisted.inlineCallbacks
def test_a_ticket_that_was_deleted_at_snappy_takes_what_was_told_of_it_along(bench):
    yield bench.opens()
    yield bench.store.record_ticket_event(tagged(['#a']))
    yield gone(bench)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['tags'] == []
    for nonce in (NONCE, ''):
        told = yield bench.store.record_ticket_event(tagged(['#b'], nonce=nonce))
        assert told is not Accepted.DUPLICATE
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['tags'] == []


@pytest_twisted.inlineCallbacks
def test_a_ticket_that_was_replaced_takes_replies_and_tells_nothing_of_the_next_one(bench):
    yield bench.opens()
    attempt = yield gone(bench)
    yield bench.store.forwards.finish(attempt, 'thenextticket001', 'hash')
    for number, nonce in enumerate((NONCE, '')):
        outcome = yield bench.store.accept_reply(StaffNote(
            'note %d' % (number,), nonce, SID if nonce else '', '<p>Hi</p>',
            created_at=START))
        assert outcome is (Accepted.STORED if nonce else Accepted.UNKNOWN_TICKET)
    told = yield bench.store.record_ticket_event(tagged(['#b'], nonce=NONCE))
    assert told is Accepted.UNKNOWN_TICKET
    [ticket] = yield bench.store.recent_tickets()
    assert (ticket['nonce'], ticket['snappy_id'], ticket['tags']) == ('thenextticket001', '', [])


@pytest_twisted.inlineCallbacks
def test_a_replaced_ticket_is_still_known_by_its_number(bench):
    yield bench.opens()
    yield bench.store.record_ticket_event(tagged(['#a']))
    yield gone(bench)
    outcome = yield bench.store.accept_reply(StaffNote(
        'a note', '', SID, '<p>Hi</p>', created_at=START))
    assert outcome is Accepted.STORED
    yield bench.store.lists.forget('+27820001001')
    left = yield bench.store.connection.send('KEYS', bench.prefix + ':*')
    assert [key for key in left if b'nonce:' in key or b'sid:' in key] == []


@pytest_twisted.inlineCallbacks
def test_a_forgotten_ticket_is_not_brought_back_by_an_event(bench):
    yield bench.opens()
    yield bench.store.record_ticket_event(tagged(['#a']))
    bench.clock.advance(100)
    assert (yield bench.store.sweep(50, 10, 0)) == [1, 0]
    for nonce in (NONCE, ''):
        told = yield bench.store.record_ticket_event(tagged(['#b'], nonce=nonce))
        assert told is Accepted.UNKNOWN_TICKET
    assert (yield bench.store.recent_tickets()) == []


@pytest_twisted.inlineCallbacks
def test_a_tag_that_we_set_stays_until_snappy_tells_of_a_list_without_it(bench):
    yield bench.opens()
    yield bench.answers('<p>Hi</p>', NONCE)
    reply = yield claim(bench.store.replies)
    yield bench.store.record_event(reply.message_id, ReplyState.FAILED)
    yield bench.forwarded()
    seen = []
    for event in (tagged(added=['#card'], at=START - 9), tagged(['#card'], at=START - 5)):
        yield bench.store.record_ticket_event(event)
        [ticket] = yield bench.store.recent_tickets()
        seen.append((sorted(ticket['tags']), ticket['topic']))
    assert seen == [(['#card', '#undelivered'], '#card'), (['#card'], '#card')]


# Any order.

TAGS = ['#a', '#b', '#undelivered', '@thandi', 'bare', '1', '']


def two_open_tickets(port):
    """A store that blocks."""
    store = blocking_store(port, uuid.uuid4().hex, lambda: START, rate_limit=0)
    for n in (1, 2):
        now(store.accept_inbound(inbound('m%d' % n, '+%d' % n)))
        now(store.forwards.finish(claimed(store.forwards), 'nonce%d' % n, 'hash'))
    return store


def known(store):
    return {t['nonce']: [t[name] for name in ('status', 'tags', 'topic', 'assigned_to')]
            for t in now(store.recent_tickets())}


EVENTS = st.lists(st.builds(
    TicketEvent, st.just('x'), st.sampled_from(['nonce1', 'nonce2', 'nobodys']), st.just(''),
    status=st.sampled_from(['', 'waiting', 'replied']),
    tags=st.none() | st.lists(st.sampled_from(TAGS[:-1]), max_size=3, unique=True),
    added=st.lists(st.sampled_from(TAGS[:3]), max_size=2),
    removed=st.lists(st.sampled_from(TAGS[3:-1]), max_size=2)), max_size=6)


def test_the_order_and_the_number_of_deliveries_are_no_matter(redis_port):
    @settings(max_examples=40, deadline=None,
              suppress_health_check=[HealthCheck.too_slow])
    @given(EVENTS, st.data())
    def check(events, data):
        # Each is of another second, as they are told apart by that.
        events = [TicketEvent(e.name, e.nonce, e.ticket_id, START - 100 + n, e.status, e.tags,
                              e.added, e.removed) for n, e in enumerate(events)]
        one, other = two_open_tickets(redis_port), two_open_tickets(redis_port)
        for event in events:
            now(one.record_ticket_event(event))
        shuffled = data.draw(st.permutations(
            events + data.draw(st.lists(st.sampled_from(events), max_size=4) if events
                               else st.just([]))))
        for event in shuffled:
            now(other.record_ticket_event(event))
        assert known(one) == known(other)
        for nonce, (status, tags, _, _) in sorted(known(one).items()):
            mine = [e for e in events if e.nonce == nonce]
            assert status == ([''] + [e.status for e in mine if e.status])[-1]
            assert set(tags) <= {tag for e in mine for tag in (e.tags or []) + e.added}
    check()


TEXTS = st.text(max_size=8) | st.sampled_from(['nonce1', '1001', '#a', '"', '\x00', '[]'])


def test_whatever_an_event_holds_it_is_taken_or_not_and_nothing_else(redis_port):
    store = two_open_tickets(redis_port)

    @settings(max_examples=100, deadline=None)
    @given(st.builds(
        TicketEvent, TEXTS, TEXTS, TEXTS, st.sampled_from([0.0, 1.0, START, 253402300799.0]),
        TEXTS, st.none() | st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=3),
        st.lists(TEXTS, max_size=3)))
    def check(event):
        assert now(store.record_ticket_event(event)) in Accepted
        assert set(known(store)) == {'nonce1', 'nonce2'}
        assert known(store)['nonce2'] == ['', [], '', '']
    check()
