"""Work leads out of the store in order, to one worker at a time, and survives that worker."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import claim
from vumi_snappy.records import JobKind, Wait
from vumi_snappy.store import BreakerRules, StoreError, StoreUnavailable

OTHER = '+27820001002'


@pytest_twisted.inlineCallbacks
def test_waiting_messages_of_one_person_are_joined_in_order(bench):
    for text in ('one', 'two', 'three'):
        yield bench.says(text)
    attempt = yield claim(bench.store.forwards)
    assert [m.text for m in attempt.messages] == ['one', 'two', 'three']
    yield bench.store.forwards.finish(attempt, 'k3jd82hs7ahq92m1', 'hash')
    [ticket] = yield bench.store.recent_tickets()
    assert [m['state'] for m in ticket['messages']] == ['forwarded'] * 3
    assert ticket['state'] == 'settled'


@pytest.mark.parametrize('most, joined', [(1000, 2), (10, 1)])
@pytest_twisted.inlineCallbacks
def test_joining_stops_at_the_size_limit_but_a_message_over_it_still_goes(bench, most, joined):
    bench.store.forwards._join_bytes = most
    for _ in range(3):
        yield bench.says('x' * 400)
    attempt = yield claim(bench.store.forwards)
    assert len(attempt.messages) == joined


@pytest_twisted.inlineCallbacks
def test_one_persons_work_goes_to_one_worker_at_a_time(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    yield bench.says('two')
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    yield bench.store.forwards.finish(first, 'k3jd82hs7ahq92m1', 'hash')
    second = yield claim(bench.store.forwards)
    assert [m.text for m in second.messages] == ['two']


@pytest_twisted.inlineCallbacks
def test_one_persons_trouble_does_not_delay_another(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    yield bench.store.forwards.retry(first, 3600)
    yield bench.says('hello', who=OTHER)
    other = yield claim(bench.store.forwards)
    assert other.from_addr == OTHER


@pytest_twisted.inlineCallbacks
def test_an_attempt_given_back_is_made_again_with_the_same_messages(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    yield bench.says('two')
    yield bench.store.forwards.retry(first, 5, look=True)
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(31)
    again = yield claim(bench.store.forwards)
    assert (again.id, again.look, again.tries) == (first.id, True, 1)
    assert [m.text for m in again.messages] == ['one']


@pytest_twisted.inlineCallbacks
def test_a_dead_workers_work_is_taken_over_when_its_call_can_have_no_more_effect(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    bench.clock.advance(16)  # the lease of 15 seconds is over, the call's 30 are not
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(15)
    second = yield claim(bench.store.forwards)
    assert second.id == first.id
    assert second.look
    assert second.token != first.token


@pytest_twisted.inlineCallbacks
def test_what_could_not_be_read_is_claimed_again_when_its_lease_is_over(bench):
    yield bench.says('Help')
    send, history = bench.store.connection.send, bench.prefix + ':history:1'
    yield send('RENAME', history, 'aside')
    with pytest.raises(StoreError):
        yield claim(bench.store.forwards)
    yield send('RENAME', 'aside', history)
    bench.clock.advance(46)  # the lease, and what a call may take
    assert [m.text for m in (yield claim(bench.store.forwards)).messages] == ['Help']


@pytest_twisted.inlineCallbacks
def test_a_renewed_lease_is_kept_and_a_lost_one_is_told(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    bench.clock.advance(10)
    assert (yield bench.store.forwards.renew([(first.thread, first.token)])) == set()
    bench.clock.advance(21)
    second = yield claim(bench.store.forwards)
    assert isinstance(second, type(first))
    lost = yield bench.store.forwards.renew([(first.thread, first.token)])
    assert lost == {first.thread}


@pytest_twisted.inlineCallbacks
def test_a_worker_that_lost_its_lease_can_not_give_back_or_park(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    bench.clock.advance(31)
    second = yield claim(bench.store.forwards)
    assert not (yield bench.store.forwards.retry(first, 0))
    assert not (yield bench.store.forwards.park(first, 'no'))
    assert not (yield bench.store.forwards.looked(first))
    assert (yield bench.store.forwards.looked(second))


@pytest_twisted.inlineCallbacks
def test_what_is_done_is_done_even_when_the_lease_was_lost(bench):
    yield bench.says('one')
    first = yield claim(bench.store.forwards)
    bench.clock.advance(31)
    yield claim(bench.store.forwards)
    assert (yield bench.store.forwards.finish(first, 'k3jd82hs7ahq92m1', 'hash'))
    assert not (yield bench.store.forwards.finish(first, 'k3jd82hs7ahq92m1', 'hash'))
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_new_tickets_go_before_notes_and_notes_before_private_notes(bench):
    yield bench.opens(nonce='aaaa1111')
    yield bench.says('a note')
    bench.clock.advance(1)
    yield bench.says('a new ticket', who=OTHER, extras='clinic: 12')
    kinds = []
    for nonce in ('bbbb2222', 'aaaa1111', 'bbbb2222'):
        attempt = yield claim(bench.store.forwards)
        kinds.append(attempt.kind)
        yield bench.store.forwards.finish(attempt, nonce, 'hash')
    assert kinds == [JobKind.OPEN_TICKET, JobKind.ADD_NOTE, JobKind.PRIVATE_NOTE]


@pytest_twisted.inlineCallbacks
def test_what_can_wait_does_not_wait_for_ever(bench):
    yield bench.opens(nonce='aaaa1111')
    yield bench.says('a note')
    bench.clock.advance(11)
    yield bench.says('a new ticket', who=OTHER)
    attempt = yield claim(bench.store.forwards)
    assert attempt.kind is JobKind.ADD_NOTE


@pytest_twisted.inlineCallbacks
def test_a_parked_attempt_lets_the_next_message_go_and_can_be_put_back(bench):
    yield bench.says('refused')
    first = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(first, 'Snappy refused it (422)', 'bad subject')
    yield bench.says('next')
    following = yield claim(bench.store.forwards)
    # The ticket was never opened, so the next message opens it.
    assert following.kind is JobKind.OPEN_TICKET
    yield bench.store.forwards.finish(following, 'k3jd82hs7ahq92m1', 'hash')
    [parked] = yield bench.store.parked()
    assert (parked['reason'], parked['answer']) == ('Snappy refused it (422)', 'bad subject')
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['state'] == 'parked'
    assert (yield bench.store.unpark(parked['id']))
    back = yield claim(bench.store.forwards)
    assert [m.text for m in back.messages] == ['refused']
    assert back.kind is JobKind.ADD_NOTE
    assert (yield bench.store.parked()) == []


@pytest_twisted.inlineCallbacks
def test_what_was_parked_with_an_unknown_outcome_is_looked_for_when_it_is_put_back(bench):
    yield bench.says('unknown')
    first = yield claim(bench.store.forwards)
    yield bench.store.forwards.retry(first, 0, look=True)
    bench.clock.advance(31)
    again = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(again, 'given up')
    [parked] = yield bench.store.parked()
    yield bench.store.unpark(parked['id'])
    back = yield claim(bench.store.forwards)
    assert back.look


@pytest_twisted.inlineCallbacks
def test_what_is_dropped_is_gone_from_the_queue_but_not_from_the_ticket(bench):
    yield bench.says('spam')
    first = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(first, 'refused')
    [parked] = yield bench.store.parked()
    yield bench.store.unpark(parked['id'], drop=True, reason='it was a test')
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['messages'][0]['state'] == 'dropped'
    assert ticket['history'][-1]['detail'] == 'it was a test'


@pytest_twisted.inlineCallbacks
def test_a_ticket_that_snappy_lost_is_opened_again_by_the_same_message(bench):
    yield bench.opens()
    yield bench.says('still here?')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.ticket_gone(attempt)
    yield bench.store.forwards.retry(attempt, 0)
    again = yield claim(bench.store.forwards)
    assert (again.kind, again.nonce, again.id) == (JobKind.OPEN_TICKET, '', attempt.id)


@pytest_twisted.inlineCallbacks
def test_failures_of_snappys_open_the_breaker_and_one_probe_closes_it(make_bench):
    bench = yield make_bench(breaker=BreakerRules(threshold=2, pause=10, longest_pause=60))
    lane = bench.store.forwards
    for n in range(4):
        yield bench.says('help', who='+2782000200%d' % n)
    for _ in range(2):
        attempt = yield claim(lane)
        yield lane.snappy_failed('ServerFault')
        yield lane.retry(attempt, 3600, outage=True)
    held = yield claim(lane)
    assert (held.why, 9 < held.seconds <= 10) == ('ServerFault', True)
    bench.clock.advance(11)
    probe = yield claim(lane)
    assert isinstance((yield claim(lane)), Wait)  # one probe at a time
    yield lane.finish(probe, 'k3jd82hs7ahq92m1', 'hash')
    # Those that failed while it was away come back at once, not in an hour.
    claimed = []
    for n in range(3):
        attempt = yield claim(lane)
        claimed.append(attempt.from_addr)
    assert len(set(claimed)) == 3


@pytest_twisted.inlineCallbacks
def test_the_breakers_pauses_grow_up_to_the_longest(make_bench):
    bench = yield make_bench(breaker=BreakerRules(threshold=1, pause=10, longest_pause=25))
    yield bench.says('help')
    pauses = []
    for _ in range(3):
        yield bench.store.forwards.snappy_failed('ServerFault')
        held = yield claim(bench.store.forwards)
        pauses.append(round(held.seconds))
        bench.clock.advance(held.seconds)
    assert pauses == [10, 20, 25]


@pytest_twisted.inlineCallbacks
def test_a_call_that_hung_since_before_snappy_came_back_says_nothing_of_it(make_bench):
    bench = yield make_bench(breaker=BreakerRules(threshold=1, pause=10, longest_pause=60))
    yield bench.says('help')
    yield bench.store.forwards.snappy_answered()
    bench.clock.advance(20)
    yield bench.store.forwards.snappy_failed('Unanswered', age=30)
    assert not isinstance((yield claim(bench.store.forwards)), Wait)


@pytest_twisted.inlineCallbacks
def test_a_probe_that_hangs_is_followed_by_another(make_bench):
    bench = yield make_bench(breaker=BreakerRules(threshold=1, pause=1, longest_pause=3))
    for n in range(2):
        yield bench.says('help', who='+2782000200%d' % n)
    yield bench.store.forwards.snappy_failed('Unanswered')
    bench.clock.advance(1.1)
    first = yield claim(bench.store.forwards)
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(2.1)
    second = yield claim(bench.store.forwards)
    assert second.from_addr != first.from_addr


@pytest_twisted.inlineCallbacks
def test_a_retry_after_stands_whatever_calls_that_were_under_way_bring(bench):
    yield bench.says('help')
    lane = bench.store.forwards
    yield lane.snappy_answered()
    yield lane.snappy_failed('RateLimited', hold=42)
    yield lane.snappy_answered()
    yield lane.snappy_failed('RateLimited', hold=1)
    held = yield claim(lane)
    assert (held.why, round(held.seconds)) == ('RateLimited', 42)
    assert round((yield lane.take_call())) == 42
    bench.clock.advance(42)
    assert (yield lane.take_call()) == 0
    assert not isinstance((yield claim(lane)), Wait)


@pytest_twisted.inlineCallbacks
def test_a_claim_whose_answer_was_lost_is_made_again_at_once(bench):
    yield bench.says('help')
    scripts = bench.store.forwards._scripts
    answered = scripts.call_json

    def lost(name, *args):
        return answered(name, *args).addCallback(lambda _: defer.fail(StoreUnavailable('away')))
    scripts.call_json = lost
    with pytest.raises(StoreUnavailable):
        yield claim(bench.store.forwards)
    scripts.call_json = answered
    attempt = yield claim(bench.store.forwards)
    assert [m.text for m in attempt.messages] == ['help']
    assert not attempt.look
    assert isinstance((yield claim(bench.store.forwards)), Wait)


@pytest_twisted.inlineCallbacks
def test_a_look_up_that_waits_is_work_that_waits(bench):
    yield bench.opens(lookup='https://registry.example/27820001001')
    bench.clock.advance(90)
    figures = yield bench.store.figures()
    assert (figures['lookups'], figures['forwards'], figures['oldest']) == (1, 0, 90)
