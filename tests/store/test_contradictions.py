"""A reply that names two tickets is sent to nobody, and its agent is told."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import claim
from vumi_snappy.records import Accepted, JobKind, ReplyState, StaffNote, TicketEvent, Wait

NONCE, OTHER = 'k3jd82hs7ahq92m1', 'p0pd82hs7ahq92m1'


def note(bench, nonce=NONCE, sid='1001', other='', note_id='n1'):
    return StaffNote(note_id=note_id, nonce=nonce, ticket_id=sid, html='<p>Two tablets</p>',
                     other_ticket_id=other, staff_id='7', created_at=bench.clock.seconds())


@pytest.fixture
def bench(make_bench):
    return pytest_twisted.blockon(make_bench(notices=True))


@pytest.fixture
def known(bench):
    """A bench with two people's tickets, which Snappy calls 1001 and 2002."""
    for who, nonce, sid in (('+27820001001', NONCE, '1001'), ('+27820001002', OTHER, '2002')):
        pytest_twisted.blockon(bench.opens(who=who, nonce=nonce))
        pytest_twisted.blockon(bench.store.record_ticket_event(
            TicketEvent('message.incoming', nonce, sid)))
    return bench


@defer.inlineCallbacks
def refused(bench, given):
    """What the agent is told of a note, of which nobody else hears: its ticket and the reason."""
    said = yield bench.store.accept_reply(given)
    assert said is Accepted.REFUSED
    assert isinstance((yield claim(bench.store.replies)), Wait)
    again = yield bench.store.accept_reply(given)
    assert again is Accepted.DUPLICATE
    job = yield claim(bench.store.forwards)
    assert (job.kind, job.outcome) == (JobKind.DELIVERY_NOTICE, ReplyState.REFUSED)
    assert job.about == '<p>Two tablets</p>'
    [lost] = yield bench.store.lists.undelivered()
    assert lost['state'] == 'refused'
    defer.returnValue((lost['ticket'], lost['reason']))


@pytest.mark.parametrize('names, second', [
    ({'other': '2002'}, '2002'), ({'sid': '2002'}, '2002'), ({'sid': '3003'}, '3003')],
    ids=['another ticket beside its own', "the id of another person's", 'an id of no ticket'])
@pytest_twisted.inlineCallbacks
def test_a_note_whose_names_contradict_each_other_is_refused(known, names, second):
    ticket, why = yield refused(known, note(known, **names))
    assert ticket == '1'
    assert '1001' in why and second in why


@pytest_twisted.inlineCallbacks
def test_without_a_staff_member_its_agent_is_told_by_the_tag_alone(make_bench):
    bench = yield make_bench()
    yield bench.opens(nonce=NONCE)
    assert (yield bench.store.accept_reply(note(bench, other='2002'))) is Accepted.REFUSED
    assert (yield claim(bench.store.forwards)).kind is JobKind.TAGS


@pytest_twisted.inlineCallbacks
def test_a_note_of_which_only_the_second_name_is_ours_is_seen_there(known):
    ticket, _ = yield refused(known, note(known, nonce='n0tours82hs7ahq9', sid='4', other='2002'))
    assert ticket == '2'


@pytest_twisted.inlineCallbacks
def test_a_note_of_which_no_name_is_ours_is_no_concern_of_ours(known):
    said = yield known.store.accept_reply(
        note(known, nonce='n0tours82hs7ahq9', sid='4', other='5'))
    assert said is Accepted.UNKNOWN_TICKET


@pytest_twisted.inlineCallbacks
def test_what_agrees_is_sent(known):
    assert (yield known.store.accept_reply(note(known))) is Accepted.STORED
    assert (yield claim(known.store.replies)).html == '<p>Two tablets</p>'


@pytest_twisted.inlineCallbacks
def test_a_reply_on_the_ticket_that_a_newer_one_has_replaced_is_no_contradiction(known):
    yield known.says('Still there?')
    attempt = yield claim(known.store.forwards)
    yield known.store.forwards.ticket_gone(attempt)
    yield known.store.forwards.retry(attempt, 0)
    attempt = yield claim(known.store.forwards)
    yield known.store.forwards.finish(attempt, 'newer82hs7ahq9a1', '')
    yield known.store.record_ticket_event(
        TicketEvent('message.incoming', 'newer82hs7ahq9a1', '3003'))
    assert (yield known.store.accept_reply(note(known))) is Accepted.STORED
    contradicts = note(known, sid='3003', note_id='n2')
    assert (yield known.store.accept_reply(contradicts)) is Accepted.REFUSED


@pytest_twisted.inlineCallbacks
def test_an_event_does_not_give_a_ticket_another_id(known):
    yield known.store.record_ticket_event(TicketEvent('message.incoming', NONCE, '3003'))
    assert (yield known.store.ticket('1'))['snappy_id'] == '1001'


@pytest_twisted.inlineCallbacks
def test_a_contradiction_that_came_before_its_tickets_nonce_was_known_is_refused_then(bench):
    yield bench.says('Help')
    attempt = yield claim(bench.store.forwards)
    assert (yield bench.store.accept_reply(note(bench, other='2002'))) is Accepted.STORED
    yield bench.store.forwards.finish(attempt, NONCE, '')
    assert isinstance((yield claim(bench.store.replies)), Wait)
    assert (yield claim(bench.store.forwards)).kind is JobKind.DELIVERY_NOTICE
