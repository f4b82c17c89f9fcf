"""What is taken over can be answered, once, and to the right person; on a real Redis."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import Bench, claim
from vumi_snappy.content.numbers import Numbers
from vumi_snappy.content.templates import Template
from vumi_snappy.django_bouncer.takeover.importing import Importer, Line
from vumi_snappy.django_bouncer.takeover.tickets import BadRow, OldTicket, Reading
from vumi_snappy.records import Accepted, JobKind, Wait

OLD = OldTicket(
    place='ticket 1', key='1', conversation='conversationkey', msisdn='+27820001001', nonce='n1',
    support_id='5', message='My card is lost', response='Which <one>?', created_at=1412078400.0,
    updated_at=1412082000.0)
UNSENT = attr.evolve(OLD, place='ticket 2', key='2', nonce='', support_id='', response='')
LINE = Line('sms_transport', 'sms', '12345', 'default', {'other': 'ussd'})


@pytest.fixture
def bench(redis_port):
    made = pytest_twisted.blockon(Bench(redis_port).start())
    yield made
    pytest_twisted.blockon(made.stop())


@defer.inlineCallbacks
def imported(bench, *rows, **options):
    """Fires with what became of the rows."""
    importer = Importer(bench.store, options.pop('line', LINE),
                        Template.parse('Support for {from_addr}'),
                        Template.parse('{from_addr}@sms.example.org'), **options)
    yield importer.run(Reading(lambda _reading: (row for row in rows)))
    counts = {name: n for name, n in importer.counts.items() if n and name != 'rows'}
    defer.returnValue((counts, [(each.place, each.why) for each in importer.bad]))


@pytest_twisted.inlineCallbacks
def test_a_ticket_that_was_taken_over_can_be_answered(bench):
    yield imported(bench, OLD)
    assert (yield bench.answers('<p>It is blocked</p>', 'n1')) is Accepted.STORED
    attempt = yield claim(bench.store.replies)
    assert attempt.html == '<p>It is blocked</p>'
    assert attempt.envelope['from_addr'] == '+27820001001'
    assert attempt.envelope['to_addr'] == '12345'
    assert attempt.envelope['transport_name'] == 'sms_transport'
    assert attempt.envelope['endpoint'] == 'default'


@pytest_twisted.inlineCallbacks
def test_it_is_shown_with_its_message_and_the_last_response(bench):
    yield imported(bench, OLD)
    [ticket] = yield bench.store.recent_tickets()
    assert ticket['nonce'] == 'n1'
    assert [m['text'] for m in ticket['messages']] == ['My card is lost']
    assert [(r['html'], r['state']) for r in ticket['replies']] == [
        ('Which &lt;one&gt;?', 'published')]
    assert ticket['state'] == 'settled'
    assert ticket['opened'] == OLD.created_at
    assert isinstance((yield claim(bench.store.replies)), Wait)
    assert isinstance((yield claim(bench.store.forwards)), Wait)


@pytest_twisted.inlineCallbacks
def test_to_run_it_again_changes_nothing(bench):
    rows = [OLD, attr.evolve(OLD, place='ticket 3', key='3', nonce='n3'), UNSENT]
    assert (yield imported(bench, *rows, forward_unsent=True))[0] == {
        'imported': 2, 'forwarded': 1}
    keys = yield bench.store.connection.send('KEYS', bench.prefix + '*')
    tickets = yield bench.store.recent_tickets()
    bench.clock.advance(10)
    assert (yield imported(bench, *rows, forward_unsent=True))[0] == {'known': 3}
    assert sorted((yield bench.store.connection.send('KEYS', bench.prefix + '*'))) == sorted(keys)
    assert (yield bench.store.recent_tickets()) == tickets


@pytest_twisted.inlineCallbacks
def test_a_dry_run_tells_the_same_and_stores_nothing(bench):
    before = yield bench.store.connection.send('KEYS', bench.prefix + '*')
    said = yield imported(bench, OLD, UNSENT, dry_run=True, forward_unsent=True)
    assert said == ({'imported': 1, 'unsent': 1}, [])
    assert (yield bench.store.connection.send('KEYS', bench.prefix + '*')) == before


@pytest_twisted.inlineCallbacks
def test_what_was_never_relayed_waits_until_it_is_asked_for_and_then_is_forwarded_once(bench):
    assert (yield imported(bench, UNSENT))[0] == {'unsent': 1}
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    yield imported(bench, UNSENT, forward_unsent=True)
    attempt = yield claim(bench.store.forwards)
    assert attempt.kind is JobKind.OPEN_TICKET
    assert [m.text for m in attempt.messages] == ['My card is lost']
    assert attempt.contact_address == '27820001001@sms.example.org'
    assert (yield imported(bench, UNSENT))[0] == {'known': 1}


@pytest_twisted.inlineCallbacks
def test_it_is_the_same_message_in_a_dump_with_its_fewer_decimals(bench):
    yield imported(bench, attr.evolve(UNSENT, created_at=1412078400.123456), forward_unsent=True)
    dumped = attr.evolve(UNSENT, created_at=1412078400.123)
    assert (yield imported(bench, dumped, forward_unsent=True))[0] == {'known': 1}


@pytest_twisted.inlineCallbacks
def test_a_nonce_of_two_people_goes_to_neither_by_mistake(bench):
    other = attr.evolve(OLD, place='ticket 9', key='9', msisdn='+27820001009')
    counts, bad = yield imported(bench, OLD, other)
    assert counts == {'imported': 1, 'bad': 1}
    assert [place for place, _ in bad] == ['ticket 9']
    yield bench.answers('<p>Yours</p>', 'n1')
    assert (yield claim(bench.store.replies)).envelope['from_addr'] == '+27820001001'


@pytest_twisted.inlineCallbacks
def test_each_conversation_has_its_endpoint(bench):
    yield imported(bench, attr.evolve(OLD, conversation='other'))
    yield bench.answers('<p>Hi</p>', 'n1')
    assert (yield claim(bench.store.replies)).envelope['endpoint'] == 'ussd'


@pytest_twisted.inlineCallbacks
def test_what_the_bus_tells_of_a_person_is_not_overwritten(bench):
    yield bench.opens(nonce='fresh', transport='sms_transport')
    yield imported(bench, OLD)
    yield bench.says('And one more', transport='sms_transport')
    assert (yield claim(bench.store.forwards)).nonce == 'fresh'
    yield bench.answers('<p>Hi</p>', 'n1')
    attempt = yield claim(bench.store.replies)
    assert 'to_addr' not in attempt.envelope


@pytest_twisted.inlineCallbacks
def test_a_message_soon_after_the_last_one_joins_the_ticket_that_was_taken_over(bench):
    recent = attr.evolve(OLD, updated_at=bench.clock.seconds() - 3600)
    yield imported(bench, recent)
    yield bench.says('Hello again', transport='sms_transport')
    attempt = yield claim(bench.store.forwards)
    assert (attempt.kind, attempt.nonce) == (JobKind.ADD_NOTE, 'n1')


@pytest_twisted.inlineCallbacks
def test_rows_that_can_not_be_used_are_counted_and_the_first_are_told(bench):
    counts, bad = yield imported(bench, *[
        BadRow('line %d' % (n,), 'broken') for n in range(150)] + [OLD])
    assert counts == {'imported': 1, 'bad': 150}
    assert len(bad) == 100


@pytest_twisted.inlineCallbacks
def test_old_tickets_are_not_forgotten_as_soon_as_they_are_there(bench):
    yield imported(bench, OLD)
    assert (yield bench.store.sweep(30 * 86400.0, 100, 0)) == [0, 0]
    bench.clock.advance(31 * 86400)
    assert (yield bench.store.sweep(30 * 86400.0, 100, 0)) == [1, 0]
    assert (yield bench.answers('<p>Late</p>', 'n1')) is Accepted.UNKNOWN_TICKET


@pytest_twisted.inlineCallbacks
def test_tickets_keep_their_numbers_contacts_and_conversations_for_the_api(bench):
    rows = [attr.evolve(OLD, key='17', contact_key='thandi'),
            attr.evolve(OLD, key='x', nonce='n2'), attr.evolve(OLD, key='3', nonce='n3')]
    assert (yield imported(bench, *rows))[0] == {'imported': 3, 'renumbered': 2}
    total, found = yield bench.store.posted.page(0, 20)
    assert (total, [(each.number, each.contact_key, each.conversation) for each in found]) == (3, [
        (17, 'thandi', 'conversationkey'), (18, '', 'conversationkey'),
        (19, '', 'conversationkey')])


@pytest_twisted.inlineCallbacks
def test_what_is_forwarded_is_told_of_by_the_api_too(bench):
    yield imported(bench, attr.evolve(UNSENT, contact_key='thandi'), forward_unsent=True)
    [ticket] = yield bench.store.posted.tickets([1])
    assert (ticket.contact_key, ticket.messages) == ('thandi', ['My card is lost'])


@pytest_twisted.inlineCallbacks
def test_it_stops_between_tickets_when_told_to_and_goes_on_the_next_time(bench):
    closed = []
    rows = [attr.evolve(OLD, key='%d' % (n,), nonce='n%d' % (n,)) for n in range(1, 251)]

    def read(_reading):
        try:
            for row in rows:
                yield row
        finally:
            closed.append(True)
    importer = Importer(bench.store, LINE, Template.parse('x'), Template.parse('{from_addr}@x'),
                        progress=lambda rows, tickets: importer.stop())
    yield importer.run(Reading(read))
    assert importer.stopped
    assert importer.counts['rows'] == importer.counts['imported'] == 100
    assert closed
    assert (yield imported(bench, *rows))[0] == {'known': 100, 'imported': 150}


@pytest_twisted.inlineCallbacks
def test_how_far_it_is_is_told_also_when_nothing_can_be_used(bench):
    told = []

    def read(reading):
        for n in range(150):
            reading.share = (n + 1) / 150
            yield BadRow('line %d' % (n,), 'broken')
    importer = Importer(bench.store, LINE, Template.parse('x'), Template.parse('{from_addr}@x'),
                        progress=lambda rows, tickets: told.append((rows, tickets.share)))
    yield importer.run(Reading(read))
    assert told == [(100, 100 / 150), (150, 1)]
    assert not importer.stopped


@pytest_twisted.inlineCallbacks
def test_a_number_has_the_spelling_of_the_bridge_also_when_taken_over_before(bench):
    old, unsent = attr.evolve(OLD, msisdn='0820001001'), attr.evolve(UNSENT, msisdn='0820001001')
    assert (yield imported(bench, old))[0] == {'imported': 1}
    assert (yield imported(bench, old, numbers=Numbers('ZA'))) == ({'known': 1}, [])
    other = attr.evolve(old, key='3', nonce='n3')
    counts, _ = yield imported(bench, other, unsent, numbers=Numbers('ZA'), forward_unsent=True)
    assert counts == {'imported': 1, 'forwarded': 1}
    ticket = yield bench.store.ticket('3')
    assert ticket['from_addr'] == '+27820001001'
    assert (yield bench.answers('<p>Hi</p>', 'n3')) is Accepted.STORED
    assert (yield claim(bench.store.replies)).envelope['from_addr'] == '0820001001'
