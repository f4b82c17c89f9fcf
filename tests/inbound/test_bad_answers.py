"""What Snappy, or something in front of it, answers wrongly: nothing is ticked off for it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.flow import NONCE
from tests.store.conftest import claim
from vumi_snappy.http.call_errors import BadAnswer, NotFound, Refused, ServerFault, Unreachable
from vumi_snappy.records import Wait
from vumi_snappy.snappy import Scope

NOMSA, YUSUF = '+27820001001', '+27820001002'


@pytest_twisted.inlineCallbacks
def test_a_note_that_is_answered_with_another_tickets_nonce_is_not_ticked_off(flow):
    for who in (NOMSA, YUSUF):
        yield flow.bench.says('Help', who=who)
        yield flow.turn()
    yield flow.bench.says('again', who=YUSUF)
    flow.snappy.answers = [NONCE]  # Nomsa's
    yield flow.turn()
    ticket = yield flow.ticket()
    assert (ticket['from_addr'], ticket['nonce'], ticket['state']) == (
        YUSUF, 'n000000000000002', 'waiting')
    flow.bench.clock.advance(5)
    yield flow.turn()  # it is there, as a look shows
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'
    assert [draft.message for draft in flow.snappy.posted].count('again') == 1


@pytest_twisted.inlineCallbacks
def test_a_new_ticket_is_not_given_the_name_of_another_ticket_of_ours(flow):
    yield flow.bench.says('Help', who=NOMSA)
    yield flow.turn()
    yield flow.bench.says('My card is lost', who=YUSUF)
    flow.snappy.answers = [NONCE]
    yield flow.turn()
    assert (yield flow.bench.store.ticket_of_nonce(NONCE)) == '1'
    ticket = yield flow.ticket()
    assert (ticket['from_addr'], ticket['nonce'], ticket['state']) == (YUSUF, '', 'waiting')
    yield flow.bench.answers('<p>For Nomsa</p>', NONCE)
    reply = yield claim(flow.bench.store.replies)
    assert reply.envelope['from_addr'] == NOMSA


@pytest.mark.parametrize('word', [
    'Unauthorized', 'error', 'Maintenance', '4040', 'maintenancebreak', '1234567890123456',
    'K3JD82HS7AHQ92M1', 'k3jd82hs7ahq92m1x'])
@pytest_twisted.inlineCallbacks
def test_an_unusual_nonce_is_believed_when_snappy_knows_such_a_ticket(flow, word):
    yield flow.bench.says('Help')
    flow.snappy.answers = [word]
    yield flow.turn()
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (word, 'settled')
    assert flow.snappy.asked == ['get_ticket']


@pytest.mark.parametrize('error', [
    NotFound('Snappy answered 404', 404), BadAnswer('<html>', 200), ServerFault('500', 500),
    Unreachable('refused'), Refused('Snappy answered 422', 422)])
@pytest_twisted.inlineCallbacks
def test_an_unusual_nonce_that_snappy_does_not_confirm_is_no_ticket(flow, error):
    yield flow.bench.says('Help')
    flow.snappy.answers, flow.snappy.ticket_answers = ['Unauthorized'], [error]
    yield flow.turn()
    assert (yield flow.bench.store.ticket_of_nonce('Unauthorized')) is None
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == ('', 'waiting')
    assert (yield flow.bench.store.parked()) == []
    flow.bench.clock.advance(31)
    yield flow.turn()  # it looks first
    assert 'search' in flow.snappy.asked
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_ticket_of_another_name_confirms_nothing(flow):
    yield flow.bench.says('Help')
    flow.snappy.answers = ['1189']
    named = flow.snappy.get_ticket
    flow.snappy.get_ticket = lambda nonce: named('k3jd82hs7ahq92m1')
    yield flow.turn()
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == ('', 'waiting')


@pytest_twisted.inlineCallbacks
def test_the_nonce_that_all_samples_had_costs_no_further_call(flow):
    yield flow.bench.says('Help')
    yield flow.turn()
    assert flow.snappy.asked == []


@pytest_twisted.inlineCallbacks
def test_what_is_never_answered_well_is_seen_in_health_and_parked_at_last(flow):
    yield flow.bench.says('Help', who=NOMSA)
    yield flow.turn()
    yield flow.bench.says('Help too', who=YUSUF)
    flow.snappy.answers = [NONCE] * 50
    breakers = set()
    for _ in range(50):
        yield flow.turn()
        flow.snappy.on_desk = flow.snappy.on_desk[:1]
        breakers.add((yield flow.bench.store.figures())['breaker'])
        flow.bench.clock.advance(120)
    assert breakers == {'', 'BadAnswer'}
    [parked] = yield flow.bench.store.parked()
    assert parked['reason'] == 'it still failed after 1 hours (BadAnswer)'


@pytest.mark.parametrize('turns, what', [(1, 'tags'), (2, 'status')])
@pytest_twisted.inlineCallbacks
def test_a_tag_or_status_whose_answer_is_a_page_is_looked_for_and_set_once(flow, turns, what):
    yield flow.undelivered(turns)
    flow.snappy.does_the_work = True
    setattr(flow.snappy, what + '_answers', [BadAnswer('a page', 200)])
    yield flow.turn()
    ticket = yield flow.ticket()
    assert ticket['state'] == 'waiting'
    for _ in range(3 - turns):
        flow.bench.clock.advance(5)
        yield flow.turn()
    assert flow.snappy.asked.count('set_' + what) == 1
    assert flow.snappy.tags == ['#cards', '#undelivered']
    ticket = yield flow.ticket()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_private_note_must_be_answered_with_its_tickets_nonce_too(flow):
    yield flow.bench.says('one', extras='clinic: 12')
    yield flow.turn()
    flow.snappy.answers = ['another000000001']
    yield flow.turn()
    assert isinstance((yield flow.turn()), Wait)
    flow.bench.clock.advance(5)
    yield flow.turn()
    assert [draft.scope for draft in flow.snappy.posted] == [Scope.PUBLIC, Scope.PRIVATE]
    ticket = yield flow.ticket()
    assert (ticket['nonce'], ticket['state']) == (NONCE, 'settled')
