"""Notes, claims and confirmations that go together stay apart: each has a fate of its own."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest_twisted
from twisted.internet import defer
from twisted.python import failure

from tests.store.conftest import claim, together
from vumi_snappy.records import Accepted, StaffNote, Wait
from vumi_snappy.store import StoreRefused, StoreUnavailable

PEOPLE = ['+2782000100%d' % (n,) for n in range(4)]


def nonce(who):
    return 'nonce-of-%s' % (who,)


def note(note_id, who):
    return StaffNote(note_id=note_id, nonce=nonce(who), ticket_id='', created_at=1416000000.0,
                     html='<p>%s</p>' % (note_id,))


@defer.inlineCallbacks
def tickets_of_all(bench):
    for who in PEOPLE:
        yield bench.opens(nonce=nonce(who), who=who)


def notes_for_all(bench):
    return together(bench.store.accept_reply, [
        note('%d' % (n,), who) for n, who in enumerate(PEOPLE)])


def taken(outcomes):
    return [each.type if isinstance(each, failure.Failure) else each for each in outcomes]


@pytest_twisted.inlineCallbacks
def test_notes_that_come_together_are_stored_in_their_order_each_once(bench):
    yield tickets_of_all(bench)
    stored, duplicate = Accepted.STORED, Accepted.DUPLICATE
    notes = [note('1', PEOPLE[0]), note('2', PEOPLE[1]), note('3', PEOPLE[0]),
             note('1', PEOPLE[0]), note('4', 'somebody else')]
    outcomes = yield together(bench.store.accept_reply, notes)
    assert outcomes == [stored, stored, stored, duplicate, Accepted.UNKNOWN_TICKET]
    assert (yield together(bench.store.accept_reply, notes[:3])) == [duplicate] * 3
    said = []
    for _again in range(2):
        claimed, _wait = yield bench.store.replies.claim(9)
        said.append(sorted(each.html for each in claimed))
        yield together(bench.store.replies.finish, [each.message_id for each in claimed])
    assert said == [['<p>1</p>', '<p>2</p>'], ['<p>3</p>']]


@pytest_twisted.inlineCallbacks
def test_a_note_that_can_not_be_stored_is_in_no_others_way(bench):
    yield tickets_of_all(bench)
    kid = yield bench.store.ticket_of_nonce(nonce(PEOPLE[1]))
    yield bench.store.connection.send(
        'HSET', '%s:ticket:%s' % (bench.prefix, kid), 'replies', 'not a number')
    outcomes = yield notes_for_all(bench)
    stored = Accepted.STORED
    assert taken(outcomes) == [stored, StoreRefused, stored, stored]
    claimed, _wait = yield bench.store.replies.claim(9)
    assert len(claimed) == 3


@pytest_twisted.inlineCallbacks
def test_a_note_that_failed_on_the_way_is_stored_when_it_comes_again(bench):
    yield bench.opens(nonce=nonce(PEOPLE[0]))
    key = '%s:ticket:1' % (bench.prefix,)
    yield bench.store.connection.send('HSET', key, 'staff_at', 'not a number')
    by_staff = attr.evolve(note('1', PEOPLE[0]), staff_id='7')
    assert taken((yield together(bench.store.accept_reply, [by_staff]))) == [StoreRefused]
    yield bench.store.connection.send('HDEL', key, 'staff_at')
    assert (yield together(bench.store.accept_reply, [by_staff] * 2)) == [
        Accepted.STORED, Accepted.DUPLICATE]
    assert (yield claim(bench.store.replies)).html == '<p>1</p>'


@pytest_twisted.inlineCallbacks
def test_one_claim_takes_the_next_of_each_person_up_to_its_most(bench):
    yield tickets_of_all(bench)
    yield together(bench.store.accept_reply, [
        note('%s %d' % (who, n), who) for n in range(2) for who in PEOPLE])
    claimed, wait = yield bench.store.replies.claim(3)
    assert (len(claimed), wait) == (3, None)
    more, wait = yield bench.store.replies.claim(3)
    assert (len(more), isinstance(wait, Wait)) == (1, True)
    assert len({each.thread for each in claimed + more}) == 4
    assert all(each.html.endswith(' 0</p>') for each in claimed + more)


@pytest_twisted.inlineCallbacks
def test_the_end_of_a_claim_says_when_there_is_more(bench):
    yield tickets_of_all(bench)
    yield together(bench.store.accept_reply, [note('1', PEOPLE[0]), note('2', PEOPLE[1])])
    [attempt], _ = yield bench.store.replies.claim(1)
    yield bench.store.replies.retry(attempt, 3)
    claimed, wait = yield bench.store.replies.claim(9)
    assert (len(claimed), wait.seconds) == (1, 3)


@pytest_twisted.inlineCallbacks
def test_of_a_claim_each_lease_is_lost_and_given_back_by_itself(bench):
    yield tickets_of_all(bench)
    yield notes_for_all(bench)
    claimed, _ = yield bench.store.replies.claim(4)
    another = yield bench.another()
    yield bench.store.replies.retry(claimed[0], 0)
    bench.clock.advance(10)
    lost = yield bench.store.replies.renew(
        [(each.thread, each.token) for each in claimed[:2]])
    assert lost == {claimed[0].thread}
    bench.clock.advance(10)
    # Two were renewed by nobody, one was given back; one is still ours.
    others, _ = yield another.replies.claim(9)
    assert {each.thread: each.look for each in others} == {
        claimed[0].thread: False, claimed[2].thread: True, claimed[3].thread: True}
    assert not (yield bench.store.replies.retry(claimed[2], 0))


@pytest_twisted.inlineCallbacks
def test_what_is_on_the_bus_is_done_even_where_the_lease_was_lost_meanwhile(bench):
    yield tickets_of_all(bench)
    yield together(bench.store.accept_reply, [note('1', PEOPLE[0]), note('2', PEOPLE[1])])
    claimed, _ = yield bench.store.replies.claim(2)
    bench.clock.advance(40)
    another = yield bench.another()
    [taken_over], _ = yield another.replies.claim(1)
    published = [each.message_id for each in claimed]
    assert (yield together(bench.store.replies.finish, published)) == [True, True]
    assert (yield together(another.replies.finish, published)) == [False, False]
    assert isinstance((yield claim(another.replies)), Wait)


@pytest_twisted.inlineCallbacks
def test_the_answer_to_a_publication_and_its_receipt_are_one_piece_of_news(bench):
    yield tickets_of_all(bench)
    yield bench.store.accept_reply(note('1', PEOPLE[0]))
    attempt = yield claim(bench.store.replies)
    call, called = bench.store.replies._scripts.call, []
    bench.store.replies._scripts.call = lambda name, *args, **named: (
        called.append(name) or call(name, *args, **named))
    told = yield together(bench.store.replies.finish, [attempt.message_id] * 2)
    assert called == ['finish_published']
    later = yield bench.store.replies.finish(attempt.message_id)
    assert (told, later) == ([True, False], False)
    assert list(bench.store.replies.finished_last) == [attempt.message_id]


@pytest_twisted.inlineCallbacks
def test_what_can_not_be_noted_fails_alone(bench):
    yield tickets_of_all(bench)
    yield together(bench.store.accept_reply, [note('1', PEOPLE[0]), note('2', PEOPLE[1])])
    claimed, _ = yield bench.store.replies.claim(2)
    send, key = bench.store.connection.send, '%s:history:%s' % (bench.prefix, claimed[0].ticket)
    yield send('DEL', key)
    yield send('SET', key, 'no list')
    told = yield together(bench.store.replies.finish, [each.message_id for each in claimed])
    yield send('DEL', key)
    assert taken(told) == [StoreRefused, True]


@pytest_twisted.inlineCallbacks
def test_a_claim_of_many_whose_answer_was_lost_is_made_again_at_once(bench):
    yield tickets_of_all(bench)
    yield notes_for_all(bench)
    scripts = bench.store.replies._scripts
    answered = scripts.call_json
    scripts.call_json = lambda name, *args: answered(name, *args).addCallback(
        lambda _: defer.fail(StoreUnavailable('away')))
    yield bench.store.replies.claim(9).addErrback(lambda lost: lost.trap(StoreUnavailable))
    scripts.call_json = answered
    claimed, _ = yield bench.store.replies.claim(9)
    assert len(claimed) == 4
    assert not any(each.look for each in claimed)


@pytest_twisted.inlineCallbacks
def test_what_can_not_be_read_is_logged_is_in_nobodys_way_and_is_looked_at_again(
        bench, logged):
    yield tickets_of_all(bench)
    yield notes_for_all(bench)
    kid = yield bench.store.ticket_of_nonce(nonce(PEOPLE[1]))
    key = '%s:ticket:%s' % (bench.prefix, kid)
    whole = yield bench.store.connection.send('HGET', key, 'r1')
    yield bench.store.connection.send('HSET', key, 'r1', '{')
    claimed, wait = yield bench.store.replies.claim(9)
    assert len(claimed) == 3
    assert len([line for line in logged if 'can not be read' in line]) == 1
    assert 0 < wait.seconds <= 60
    yield bench.store.connection.send('HSET', key, 'r1', whole)
    bench.clock.advance(60)
    claimed, _ = yield bench.store.replies.claim(9)
    assert '<p>1</p>' in [each.html for each in claimed]


@pytest_twisted.inlineCallbacks
def test_a_person_whose_way_back_can_not_be_read_holds_up_nobody_claimed_with_them(bench, logged):
    yield tickets_of_all(bench)
    yield notes_for_all(bench)
    kid = yield bench.store.ticket_of_nonce(nonce(PEOPLE[1]))
    send = bench.store.connection.send
    tid = yield send('HGET', '%s:ticket:%s' % (bench.prefix, kid), 'tid')
    yield send('HSET', '%s:thread:%s' % (bench.prefix, tid.decode('ascii')), 'e', 1, 'e1', '{')
    claimed, wait = yield bench.store.replies.claim(4)
    assert (len(claimed), wait) == (3, None)
    [line] = [line for line in logged if 'can not be read' in line]
    assert 'ticket %s' % (kid,) in line
