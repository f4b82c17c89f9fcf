"""Looking before sending again: where, and what becomes of what can not be looked through."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
import pytest_twisted
from twisted.internet import defer

from tests.flow import NONCE
from tests.store.conftest import START
from vumi_snappy.http.call_errors import TooLarge, Unanswered
from vumi_snappy.records import JobKind

NOMSA = '+27820001001'


@defer.inlineCallbacks
def unknown_outcome(flow, done=True):
    """A message that may be at Snappy, when it can be looked for."""
    yield flow.bench.says('Help', who=NOMSA)
    flow.snappy.answers, flow.snappy.does_the_work = [Unanswered('timeout')], done
    yield flow.turn()
    flow.bench.clock.advance(31)


def too_large(flow, place='inbox', times=99, done=True):
    """The list `place`, where it would be looked for, can not be read so many times."""
    flow.snappy.shown_in = ()
    flow.snappy.list_answers = {place: [TooLarge('too large to be read', 200)] * times}
    return unknown_outcome(flow, done)


@pytest.mark.parametrize('place', ['search', 'waiting', 'inbox'])
@pytest_twisted.inlineCallbacks
def test_a_ticket_is_found_wherever_it_is_shown(flow, place):
    yield unknown_outcome(flow)
    flow.snappy.shown_in = (place,)
    yield flow.turn()
    assert len(flow.snappy.posted) == 1
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')


@pytest_twisted.inlineCallbacks
def test_no_list_is_read_for_a_ticket_that_search_finds(flow):
    yield unknown_outcome(flow)
    yield flow.turn()
    assert 'waiting' not in flow.snappy.asked and 'inbox' not in flow.snappy.asked


@pytest_twisted.inlineCallbacks
def test_the_notes_of_a_ticket_are_read_once_however_often_it_is_listed(flow):
    yield unknown_outcome(flow)
    flow.snappy.on_desk = [flow.snappy.on_desk[0], flow.snappy.on_desk[0]]
    flow.snappy.get_notes = lambda nonce, wanted: flow.snappy._answered('get_notes', [])
    yield flow.turn()
    assert flow.snappy.asked.count('get_notes') == 1


@pytest.mark.parametrize('days, posts', [(100, 2), (0.5, 1), (-0.5, 1)])
@pytest_twisted.inlineCallbacks
def test_a_ticket_that_is_older_than_the_message_is_not_taken_for_it(flow, days, posts):
    # Its nonce was forgotten with the ticket, so that it could be the one that was not confirmed.
    yield unknown_outcome(flow)
    flow.snappy.opened_at = START - days * 86400
    yield flow.turn()
    assert len(flow.snappy.posted) == posts
    assert (yield flow.ticket())['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_ticket_that_search_shows_behind_many_others_is_read_where_it_waits(flow):
    yield unknown_outcome(flow)
    [its] = flow.snappy._tickets()
    others = [attr.evolve(its, nonce='x%015d' % (n,)) for n in range(10)]
    flow.snappy.search = lambda account, query, page: defer.succeed(
        others + [its] if page == 1 else [])
    get_notes = flow.snappy.get_notes
    flow.snappy.get_notes = lambda nonce, wanted: (
        get_notes(nonce, wanted) if nonce == NONCE else defer.succeed([]))
    yield flow.turn()
    assert len(flow.snappy.posted) == 1


@pytest.mark.parametrize('place', ['search', 'waiting', 'inbox'])
@pytest_twisted.inlineCallbacks
def test_what_is_too_large_to_look_through_holds_up_nobody_and_is_said(flow, place, logged):
    yield too_large(flow, place)
    for n in range(8):
        flow.bench.clock.advance(70)
        yield flow.bench.says('Help', who='+2782000200%d' % n)
        for _ in range(2):
            yield flow.turn()
    assert [draft.from_name for draft in flow.snappy.posted].count(NOMSA) == 1
    assert len(flow.snappy.posted) == 9
    figures = yield flow.bench.store.figures()
    assert (figures['breaker'], figures['too_large']) == ('', 1)
    assert any('TooLarge' in line for line in logged)
    ticket = [each for each in (yield flow.bench.store.recent_tickets())
              if each['from_addr'] == NOMSA][0]
    assert [entry['detail'] for entry in ticket['history'] if entry['what'] == 'trying again'] == [
        'Unanswered', 'TooLarge: too large to be read']


@pytest_twisted.inlineCallbacks
def test_it_goes_on_when_the_list_has_become_shorter(flow):
    yield too_large(flow, times=1, done=False)
    yield flow.turn()
    assert (yield flow.bench.store.figures())['too_large'] == 1
    flow.bench.clock.advance(70)
    attempt = yield flow.turn()
    assert attempt.kind is JobKind.OPEN_TICKET
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'
    assert (yield flow.bench.store.figures())['too_large'] == 0


@pytest_twisted.inlineCallbacks
def test_it_is_parked_when_it_does_not(flow):
    yield too_large(flow)
    for _ in range(70):
        yield flow.turn()
        flow.bench.clock.advance(70)
    [parked] = yield flow.bench.store.parked()
    assert parked['reason'] == 'it still failed after 1 hours (TooLarge)'
    assert (yield flow.bench.store.figures())['too_large'] == 0


@pytest_twisted.inlineCallbacks
def test_a_person_who_is_forgotten_is_not_counted_any_more(flow):
    yield too_large(flow)
    yield flow.turn()
    yield flow.bench.store.lists.forget(NOMSA)
    assert (yield flow.bench.store.figures())['too_large'] == 0
