"""What becomes of replies: each fate is kept, and an agent is told once of a bad one."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from hypothesis import given, settings, strategies as st
from twisted.internet import defer

from tests.store.conftest import NONCE, claim
from vumi_snappy.records import JobKind, ReplyState, Wait
from vumi_snappy.store.identity import reply_message_id

ACKED, FAILED, DELIVERED = ReplyState.ACKED, ReplyState.FAILED, ReplyState.DELIVERED


@pytest.fixture
def bench(make_bench):
    return pytest_twisted.blockon(make_bench(notices=True))


@defer.inlineCallbacks
def claimed_reply(bench, html='<p>Hi</p>'):
    """A reply on an open ticket, in a worker's hands."""
    yield bench.opens()
    yield bench.answers(html, NONCE)
    attempt = yield claim(bench.store.replies)
    defer.returnValue(attempt)


@defer.inlineCallbacks
def told(bench):
    """What there is to do at Snappy: pairs of kind and text, until nothing is left."""
    found = []
    while True:
        job = yield claim(bench.store.forwards)
        if isinstance(job, Wait):
            break
        found.append((job.kind, job.outcome, job.text))
        yield bench.store.forwards.finish(job, NONCE, '')
    defer.returnValue(found)


@defer.inlineCallbacks
def fate(bench):
    [ticket] = yield bench.store.recent_tickets()
    defer.returnValue(ticket['replies'][0]['state'])


@pytest_twisted.inlineCallbacks
def test_a_refused_reply_leaves_the_queue_and_the_agent_is_told_why(bench):
    attempt = yield claimed_reply(bench)
    assert (yield bench.store.replies.refuse(attempt, 'they left'))
    assert (yield fate(bench)) == 'refused'
    assert isinstance((yield claim(bench.store.replies)), Wait)
    assert (yield told(bench)) == [
        (JobKind.DELIVERY_NOTICE, ReplyState.REFUSED, 'they left'),
        (JobKind.TAGS, ReplyState.FAILED, '#undelivered'),
        (JobKind.STATUS, ReplyState.FAILED, 'waiting')]
    [ticket] = yield bench.store.recent_tickets()
    assert [(entry['what'], entry['detail']) for entry in ticket['history']
            if entry.get('reply')] == [('reply stored', ''), ('refused', 'they left')]
    assert not (yield bench.store.replies.refuse(attempt, 'they left'))
    assert (yield told(bench)) == []


@pytest_twisted.inlineCallbacks
def test_without_a_staff_member_a_refusal_makes_no_note_but_the_tag(make_bench):
    bench = yield make_bench()
    attempt = yield claimed_reply(bench)
    yield bench.store.replies.refuse(attempt, 'they left')
    assert [kind for kind, _, _ in (yield told(bench))] == [JobKind.TAGS, JobKind.STATUS]


@pytest_twisted.inlineCallbacks
def test_who_lost_the_lease_may_neither_refuse_nor_settle_the_parts(bench):
    attempt = yield claimed_reply(bench)
    bench.clock.advance(40)
    yield claim(bench.store.replies)
    assert not (yield bench.store.replies.refuse(attempt, 'they left'))
    assert (yield bench.store.replies.cut(attempt, ['a', 'b'])) is None
    assert (yield fate(bench)) == 'publishing'


@pytest_twisted.inlineCallbacks
def test_the_next_reply_goes_on_behind_a_refused_one(bench):
    first = yield claimed_reply(bench)
    yield bench.answers('<p>second</p>', NONCE)
    yield bench.store.replies.refuse(first, 'they left')
    second = yield claim(bench.store.replies)
    assert second.html == '<p>second</p>'


@defer.inlineCallbacks
def published_in_parts(bench, count=3):
    """A reply of several messages, on the bus; fires with its parts."""
    attempt = yield claimed_reply(bench)
    parts = yield bench.store.replies.cut(attempt, ['part'] * count)
    yield bench.store.replies.finish(attempt.message_id)
    defer.returnValue(parts)


@defer.inlineCallbacks
def fates(bench, parts, *events):
    """The states of the reply after each event, a pair of part (from 1) and state."""
    found = []
    for part, state, why in events:
        yield bench.store.record_event(parts[part - 1].message_id, state, why)
        found.append((yield fate(bench)))
    defer.returnValue(found)


@pytest_twisted.inlineCallbacks
def test_a_reply_in_parts_is_acked_and_delivered_when_all_of_them_are(bench):
    parts = yield published_in_parts(bench, 2)
    assert (yield fates(bench, parts, (2, ACKED, ''), (2, DELIVERED, ''), (1, ACKED, ''),
                        (1, ACKED, ''), (1, DELIVERED, ''))) == [
        'published', 'published', 'acked', 'acked', 'delivered']
    assert (yield told(bench)) == []


@pytest_twisted.inlineCallbacks
def test_it_has_failed_when_one_part_has_and_the_agent_is_told_once_which(bench):
    parts = yield published_in_parts(bench)
    assert (yield fates(bench, parts, (1, ACKED, ''), (2, FAILED, 'no credit'),
                        (3, FAILED, 'no credit'), (2, FAILED, 'no credit'))) == [
        'published', 'failed', 'failed', 'failed']
    assert (yield told(bench)) == [
        (JobKind.DELIVERY_NOTICE, FAILED, 'part 2 of 3: no credit'),
        (JobKind.TAGS, FAILED, '#undelivered'), (JobKind.STATUS, FAILED, 'waiting')]


@pytest_twisted.inlineCallbacks
def test_a_part_that_failed_first_and_was_delivered_then_is_told_in_the_history(bench):
    parts = yield published_in_parts(bench, 2)
    yield fates(bench, parts, (1, FAILED, 'busy'), (1, DELIVERED, ''), (2, DELIVERED, ''),
                (2, FAILED, 'late'))
    assert (yield fate(bench)) == 'delivered'
    assert len((yield told(bench))) == 3
    [ticket] = yield bench.store.recent_tickets()
    assert [(entry['what'], entry['detail']) for entry in ticket['history']
            if entry.get('reply')][3:] == [
        ('failed', 'part 1 of 2: busy'), ('delivered', 'part 1 of 2'),
        ('delivered', 'part 2 of 2'), ('failed', 'part 2 of 2: late')]


@given(st.permutations([(1, ACKED), (1, DELIVERED), (2, ACKED), (2, FAILED), (2, DELIVERED),
                        (3, ACKED), (3, DELIVERED), (1, ACKED)]))
@settings(max_examples=20, deadline=None)
@pytest_twisted.inlineCallbacks
def test_in_whatever_order_events_come_the_end_is_the_same(make_bench, order):
    bench = yield make_bench(notices=True)
    parts = yield published_in_parts(bench)
    yield fates(bench, parts, *[event + ('',) for event in order])
    assert (yield fate(bench)) == 'delivered'
    assert len((yield told(bench))) in (0, 3)


@pytest_twisted.inlineCallbacks
def test_the_event_of_a_part_does_not_prove_that_those_behind_it_were_published(bench):
    attempt = yield claimed_reply(bench)
    parts = yield bench.store.replies.cut(attempt, ['one', 'two', 'three'])
    assert (yield fates(bench, parts, (1, ACKED, ''), (1, DELIVERED, ''))) == ['publishing'] * 2
    assert (yield bench.store.record_event(parts[1].message_id, None)) == (None, False)
    yield bench.store.replies.retry(attempt, 0, look=True)
    bench.clock.advance(60)
    again = yield claim(bench.store.replies)
    assert [part.text for part in again.parts] == ['three']
    assert (yield bench.store.record_event(parts[2].message_id, ACKED)) == (None, True)
    assert isinstance((yield claim(bench.store.replies)), Wait)
    assert (yield fates(bench, parts, (2, ACKED, ''))) == ['acked']


@pytest_twisted.inlineCallbacks
def test_parts_before_one_that_a_transport_spoke_of_are_not_sent_again(bench):
    attempt = yield claimed_reply(bench)
    parts = yield bench.store.replies.cut(attempt, ['one', 'two', 'three'])
    yield bench.store.record_event(parts[1].message_id, ACKED)
    yield bench.store.replies.retry(attempt, 0, look=True)
    bench.clock.advance(60)
    assert [part.text for part in (yield claim(bench.store.replies)).parts] == ['three']


@pytest_twisted.inlineCallbacks
def test_who_looks_while_a_part_is_spoken_of_may_not_send_what_was_left_before(bench):
    attempt = yield claimed_reply(bench)
    parts = yield bench.store.replies.cut(attempt, ['one', 'two'])
    yield bench.store.replies.retry(attempt, 0, look=True)
    bench.clock.advance(60)
    looking = yield claim(bench.store.replies)
    assert [part.text for part in looking.parts] == ['one', 'two']
    yield bench.store.record_event(parts[0].message_id, ACKED)
    assert not (yield bench.store.replies.looked(looking))
    bench.clock.advance(60)
    assert [part.text for part in (yield claim(bench.store.replies)).parts] == ['two']


@pytest_twisted.inlineCallbacks
def test_a_part_that_failed_while_the_rest_may_be_missing_is_told_to_the_agent(bench):
    attempt = yield claimed_reply(bench)
    parts = yield bench.store.replies.cut(attempt, ['one', 'two'])
    assert (yield fates(bench, parts, (1, FAILED, 'no credit'))) == ['failed']
    assert isinstance((yield claim(bench.store.replies)), Wait)
    assert (yield told(bench))[0] == (
        JobKind.DELIVERY_NOTICE, FAILED, 'part 1 of 2: no credit')


@pytest_twisted.inlineCallbacks
def test_the_ids_of_all_parts_are_forgotten_with_the_ticket(bench):
    parts = yield published_in_parts(bench)
    bench.clock.advance(1000)
    while not isinstance((yield claim(bench.store.forwards)), Wait):
        pass
    assert (yield bench.store.sweep(10, 10, 0)) == [1, 0]
    for part in parts:
        assert (yield bench.store.record_event(part.message_id, ACKED)) == (None, False)


@defer.inlineCallbacks
def published_with_timeout(make_bench, seconds=0, notices=True):
    """Fires with a bench and a reply that is on the bus since so many seconds."""
    bench = yield make_bench(ack_timeout=60.0, notices=notices)
    yield bench.opens()
    reply = yield bench.published()
    bench.clock.advance(seconds)
    if seconds >= 60:
        yield look(bench)
    defer.returnValue((bench, reply))


def look(bench, limit=10):
    return bench.store.replies.overdue(limit, 'not confirmed within a minute')


@pytest_twisted.inlineCallbacks
def test_a_reply_of_which_nothing_is_heard_in_time_is_unconfirmed_and_told(make_bench):
    bench, _ = yield published_with_timeout(make_bench, seconds=59)
    assert (yield look(bench)) == [0, 0]
    bench.clock.advance(1)
    assert (yield look(bench)) == [1, 1]
    assert (yield look(bench)) == [0, 0]
    assert (yield fate(bench)) == 'unconfirmed'
    assert (yield told(bench)) == [
        (JobKind.DELIVERY_NOTICE, ReplyState.UNCONFIRMED, 'not confirmed within a minute'),
        (JobKind.TAGS, FAILED, '#undelivered'), (JobKind.STATUS, FAILED, 'waiting')]


@pytest.mark.parametrize('state', [ACKED, FAILED, DELIVERED])
@pytest_twisted.inlineCallbacks
def test_whatever_is_heard_of_it_in_time_is_enough(make_bench, state):
    bench, attempt = yield published_with_timeout(make_bench)
    yield bench.store.record_event(attempt.message_id, state)
    bench.clock.advance(100)
    assert (yield look(bench)) == [0, 0]
    assert (yield fate(bench)) == state.value


@pytest.mark.parametrize('state', [ACKED, DELIVERED])
@pytest_twisted.inlineCallbacks
def test_the_agent_who_was_told_that_it_is_not_known_is_told_that_it_arrived_after_all(
        make_bench, state):
    bench, reply = yield published_with_timeout(make_bench, seconds=60)
    for _ in range(2):
        yield bench.store.record_event(reply.message_id, state)
    assert (yield fate(bench)) == state.value
    assert (yield told(bench))[3:] == [(JobKind.DELIVERY_NOTICE, state, '')]


@pytest.mark.parametrize('notices', [True, False])
@pytest_twisted.inlineCallbacks
def test_who_was_told_nothing_of_a_reply_is_told_nothing_of_its_ack(make_bench, notices):
    bench, reply = yield published_with_timeout(make_bench, 0 if notices else 60, notices)
    yield bench.store.record_event(reply.message_id, ACKED)
    assert [each for each in (yield told(bench)) if each[1] is ACKED] == []


@pytest_twisted.inlineCallbacks
def test_one_that_fails_after_it_was_unconfirmed_is_not_told_a_second_time(make_bench):
    bench, reply = yield published_with_timeout(make_bench, seconds=60)
    yield bench.store.record_event(reply.message_id, FAILED, 'no credit')
    assert (yield fate(bench)) == 'failed'
    assert len((yield told(bench))) == 3
    [ticket] = yield bench.store.recent_tickets()
    assert ('failed', 'no credit') in [
        (entry['what'], entry['detail']) for entry in ticket['history']]


@pytest_twisted.inlineCallbacks
def test_a_nack_that_comes_first_leaves_nothing_to_wait_for(make_bench):
    bench = yield make_bench(ack_timeout=60.0, notices=True)
    attempt = yield claimed_reply(bench)
    yield bench.store.record_event(attempt.message_id, FAILED, 'no credit')
    yield bench.store.replies.finish(attempt.message_id)
    bench.clock.advance(60)
    assert (yield look(bench)) == [0, 0]
    assert (yield fate(bench)) == 'failed'


@pytest_twisted.inlineCallbacks
def test_parts_of_which_nothing_was_heard_are_named(make_bench):
    bench = yield make_bench(ack_timeout=60.0, notices=True)
    parts = yield published_in_parts(bench)
    yield fates(bench, parts, (2, ACKED, ''))
    bench.clock.advance(60)
    assert (yield look(bench)) == [1, 1]
    [(_, _, why), _, _] = yield told(bench)
    assert why == 'part 1, 3 of 3: not confirmed within a minute'
    assert (yield fates(bench, parts, (1, ACKED, ''), (3, ACKED, ''))) == ['unconfirmed', 'acked']


@pytest_twisted.inlineCallbacks
def test_no_more_are_looked_at_than_was_asked_for(make_bench):
    bench, _ = yield published_with_timeout(make_bench)
    for _ in range(4):
        yield bench.published()
    bench.clock.advance(60)
    looks = []
    for _ in range(3):
        looks.append((yield look(bench, limit=2)))
    assert looks == [[2, 2], [2, 2], [1, 1]]


@pytest_twisted.inlineCallbacks
def test_those_that_wait_from_before_it_was_turned_off_are_let_go_without_a_word(make_bench):
    bench, _ = yield published_with_timeout(make_bench, seconds=59)
    bench.clock.advance(1)
    bench.store = yield bench.another(ack_timeout=0.0)
    assert (yield look(bench)) == [1, 0]
    assert (yield fate(bench)) == 'published'
    assert (yield told(bench)) == []


@pytest_twisted.inlineCallbacks
def test_a_delivery_is_told_once_where_that_is_wanted(make_bench):
    bench = yield make_bench(notices=True, delivered_notices=True)
    yield bench.opens()
    reply = yield bench.published()
    for state in (ACKED, DELIVERED, DELIVERED):
        yield bench.store.record_event(reply.message_id, state)
    assert (yield told(bench)) == [(JobKind.DELIVERY_NOTICE, DELIVERED, '')]


@pytest_twisted.inlineCallbacks
def test_nothing_is_awaited_for_a_ticket_that_is_forgotten(make_bench):
    bench, _ = yield published_with_timeout(make_bench)
    bench.clock.advance(1000)
    assert (yield bench.store.sweep(10, 10, 0)) == [1, 0]
    assert (yield look(bench)) == [0, 0]


@pytest_twisted.inlineCallbacks
def test_a_part_that_fails_for_no_reason_is_told_so(bench):
    parts = yield published_in_parts(bench)
    yield fates(bench, parts, (1, FAILED, ''))
    assert (yield told(bench))[0][2] == 'part 1 of 3: the network gave no reason'


@pytest.mark.parametrize('state', [ACKED, FAILED, ReplyState.DELIVERED, None])
@pytest_twisted.inlineCallbacks
def test_what_is_said_of_a_reply_that_nobody_has_published_changes_nothing(bench, state):
    yield bench.opens(nonce=NONCE)
    yield bench.answers('<p>One</p>', NONCE, 'n1')
    yield bench.answers('<p>Two</p>', NONCE, 'n2')
    ids = [reply_message_id(bench.prefix, note) for note in ('n1', 'n2')]
    for message_id in ids:
        said = yield bench.store.record_event(message_id, state, 'no credit')
        assert said == (None, False)
    assert (yield told(bench)) == []
    for html, message_id in zip(('<p>One</p>', '<p>Two</p>'), ids):
        attempt = yield claim(bench.store.replies)
        assert (attempt.html, attempt.message_id) == (html, message_id)
        assert (yield bench.store.replies.finish(attempt.message_id))
    [ticket] = yield bench.store.recent_tickets()
    assert [reply['state'] for reply in ticket['replies']] == ['published', 'published']


@pytest.mark.parametrize('look, taken', [(False, False), (True, True)])
@pytest_twisted.inlineCallbacks
def test_a_reply_that_was_given_back_leaves_by_an_event_only_where_it_may_be_out(
        bench, look, taken):
    attempt = yield claimed_reply(bench)
    yield bench.store.replies.retry(attempt, 1, look=look, outage=True, count=False)
    yield bench.store.record_event(attempt.message_id, ACKED)
    bench.clock.advance(100)
    again = yield claim(bench.store.replies)
    assert isinstance(again, Wait) == taken


@pytest_twisted.inlineCallbacks
def test_what_is_said_of_a_parked_reply_changes_nothing(bench):
    attempt = yield claimed_reply(bench)
    yield bench.store.replies.park(attempt, 'the reply holds no text to send')
    assert (yield bench.store.record_event(attempt.message_id, ACKED)) == (None, False)
    assert (yield fate(bench)) == 'parked'
