"""What Snappy brings before its ticket is known: kept, but not for long, and not without end."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted

from tests.store.conftest import START, claim, together
from vumi_snappy.records import Accepted, StaffNote, TicketEvent, Wait
from vumi_snappy.store.replies import EARLY_FOR, MOST_EARLY, MOST_EARLY_BYTES

NONCE = 'k3jd82hs7ahq92m1'


@pytest.fixture
def opening(bench):
    """A bench where a ticket is being opened; `bench.attempt` opens it."""
    pytest_twisted.blockon(bench.says('Help'))
    bench.attempt = pytest_twisted.blockon(claim(bench.store.forwards))
    return bench


@pytest_twisted.inlineCallbacks
def test_a_reply_that_came_too_early_is_sent_when_its_ticket_is_known(opening):
    assert (yield opening.answers('<p>Yes</p>', NONCE, 'n1')) is Accepted.STORED
    assert (yield opening.store.figures())['early'] == 1
    assert isinstance((yield claim(opening.store.replies)), Wait)
    opening.clock.advance(EARLY_FOR - 1)
    yield opening.store.forwards.finish(opening.attempt, NONCE, '')
    assert (yield claim(opening.store.replies)).html == '<p>Yes</p>'
    assert (yield opening.store.figures())['early'] == 0
    assert (yield opening.answers('<p>Yes</p>', NONCE, 'n1')) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_a_reply_that_a_worker_of_the_first_release_kept_is_sent_as_well(opening):
    send, key = opening.store.connection.send, '%s:orphans:%s' % (opening.prefix, NONCE)
    yield opening.answers('<p>Yes</p>', NONCE, 'n1')
    note = json.loads((yield send('HGET', key, 'n1')).decode('utf-8'))
    del note['note']
    yield send('HSET', key, 'n1', json.dumps(note))
    yield opening.store.forwards.finish(opening.attempt, NONCE, '')
    assert (yield claim(opening.store.replies)).note_id == 'n1'


@pytest_twisted.inlineCallbacks
def test_what_nobody_has_claimed_within_the_hour_is_forgotten(opening):
    yield opening.answers('<p>To a third person</p>', 'another00000000a', 'n1')
    yield opening.store.record_ticket_event(TicketEvent(
        'ticket.waiting', 'another00000000a', '4', at=START, status='waiting'))
    send = opening.store.connection.send
    keys = yield send('KEYS', opening.prefix + ':*another00000000a')
    assert len(keys) == 2
    for key in keys:
        assert 0 < (yield send('TTL', key)) <= EARLY_FOR
        yield send('DEL', key)  # as Redis does in an hour
    opening.clock.advance(EARLY_FOR + 1)
    assert (yield opening.store.figures())['early'] == 0
    yield opening.store.forwards.finish(opening.attempt, 'another00000000a', '')
    assert isinstance((yield claim(opening.store.replies)), Wait)


@pytest_twisted.inlineCallbacks
def test_more_than_are_kept_are_to_come_again_and_are_taken_when_there_is_room(opening):
    many = [StaffNote('n%d' % (n,), 'other-%d' % (n,), '', '<p>Hi</p>', '7')
            for n in range(MOST_EARLY + 5)]
    said = yield together(opening.store.accept_reply, many)
    assert said == [Accepted.STORED] * MOST_EARLY + [Accepted.TOO_EARLY] * 5
    assert (yield opening.store.figures())['early'] == MOST_EARLY
    # One that is kept is known when it comes again.
    assert (yield together(opening.store.accept_reply, many[:1])) == [Accepted.STORED]
    # A reply on a ticket that is known is none of these.
    yield opening.store.forwards.finish(opening.attempt, NONCE, '')
    assert (yield opening.answers('<p>Yes</p>', NONCE)) is Accepted.STORED
    yield opening.says('Help', who='+27820001002')
    yield claim(opening.store.forwards)
    opening.clock.advance(EARLY_FOR + 1)
    assert (yield together(opening.store.accept_reply, many[-1:])) == [Accepted.STORED]


@pytest_twisted.inlineCallbacks
def test_a_long_one_is_not_kept_but_to_come_again(opening):
    said = yield opening.answers('x' * (MOST_EARLY_BYTES + 1), NONCE)
    assert said is Accepted.TOO_EARLY


@pytest_twisted.inlineCallbacks
def test_events_of_no_more_tickets_than_that_are_kept(opening):
    told = []
    for n in range(MOST_EARLY + 1):
        told.append((yield opening.store.record_ticket_event(TicketEvent(
            'ticket.waiting', 'other-%d' % (n,), '', at=START, status='waiting'))))
    assert told == [Accepted.STORED] * MOST_EARLY + [Accepted.UNKNOWN_TICKET]
