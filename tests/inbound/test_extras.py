# -*- coding: utf-8 -*-
"""What another system knows of a person comes into the private note, and holds nothing up."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
from hypothesis import given, strategies as st
from twisted.internet import defer
from twisted.logger import globalLogPublisher

from tests.flow import NONCE, Counts
from tests.http.doubles import kept_logs, wait_until
from tests.snappy.conftest import ClockedReactor
from tests.snappy.raw import RawServer, http
from tests.store.conftest import claim
from vumi_snappy.inbound.extras import ExtrasLookup, LookupRules, _Failed, note_lines, value_at
from vumi_snappy.records import JobKind, Wait

FIELDS = (('Clinic', ('clinic', 'name')), ('due', ('due',)))
KNOWN = http(json.dumps({'clinic': {'name': 'Zola — B'}, 'due': '2015-02'}).encode('utf-8'))


class Desk(object):
    """Look-ups from the bench's store at a server that says what the test wants."""

    def __init__(self, bench):
        self.bench, self.counts, self.logged = bench, Counts(), []
        self.reactor = ClockedReactor()
        self.server = RawServer(lambda talk, _request: talk.say(self.answers.pop(0))).start()
        self.answers = []
        self.use(LookupRules(FIELDS, token='Token sesam'))
        globalLogPublisher.addObserver(self.logged.append)

    def use(self, rules):
        self.lookup = ExtrasLookup(self.reactor, self.bench.store, rules, self.counts)

    def url(self, path='/people/%2B27820001001'):
        return 'http://127.0.0.1:%d%s' % (self.server.port, path)

    @defer.inlineCallbacks
    def opens(self, extras='', url=None):
        """A message opens a ticket, whose look-up is claimed; fires with that."""
        yield self.bench.opens(extras=extras, lookup=url or self.url())
        attempt = yield claim(self.bench.store.lookups)
        defer.returnValue(attempt)

    @defer.inlineCallbacks
    def private_note(self):
        """The text of the private note that is to be written, or what there is instead."""
        attempt = yield claim(self.bench.store.forwards)
        defer.returnValue(attempt if isinstance(attempt, Wait) else (attempt.kind, attempt.text))

    @defer.inlineCallbacks
    def stop(self):
        globalLogPublisher.removeObserver(self.logged.append)
        yield self.lookup.stop(1)
        yield self.server.stop()


@pytest.fixture
def desk(bench):
    made = Desk(bench)
    yield made
    pytest_twisted.blockon(made.stop())
    for secret in ('sesam', '27820001001', 'Zola'):
        assert secret not in kept_logs(made.logged)


@pytest_twisted.inlineCallbacks
def test_what_is_found_is_told_by_its_labels_behind_what_the_message_gave(desk):
    desk.answers = [KNOWN]
    yield desk.lookup.handle((yield desk.opens(extras='ward: B')))
    found = yield desk.private_note()
    assert found == (JobKind.PRIVATE_NOTE, 'ward: B\nClinic: Zola — B\ndue: 2015-02')
    assert desk.counts.counted == {}
    [asked] = desk.server.requests
    assert asked.startswith(b'GET /people/%2B27820001001 HTTP/1.1\r\n')
    assert b'Authorization: Token sesam\r\n' in asked
    assert b'cookie' not in asked.lower()


@pytest_twisted.inlineCallbacks
def test_the_ticket_and_later_messages_do_not_wait_for_it(desk):
    yield desk.bench.says('Help', lookup=desk.url())
    yield desk.bench.says('Are you there?')
    claimed = yield claim(desk.bench.store.lookups)
    attempt = yield claim(desk.bench.store.forwards)
    assert (attempt.kind, len(attempt.messages)) == (JobKind.OPEN_TICKET, 2)
    yield desk.bench.store.forwards.finish(attempt, NONCE, 'hash')
    desk.answers = [KNOWN]
    yield desk.lookup.handle(claimed)
    kind, text = yield desk.private_note()
    assert kind is JobKind.PRIVATE_NOTE


@pytest_twisted.inlineCallbacks
def test_a_note_for_a_ticket_that_is_not_open_yet_comes_behind_it(desk):
    yield desk.bench.says('Help', lookup=desk.url())
    desk.answers = [KNOWN]
    yield desk.lookup.handle((yield claim(desk.bench.store.lookups)))
    kind, _ = yield desk.private_note()
    assert kind is JobKind.OPEN_TICKET


@pytest.mark.parametrize('answer, tries', [
    (http(b'', 500), 3), (http(b'', 429), 3), (http(b'garbage'), 3), (http(b'[]'), 3),
    (http(b'\xff'), 3), (http(b'{"due": NaN}'), 3), (b'rubbish\r\n\r\n', 3),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}', 3),
    (http(b'', 401), 1), (http(b'', 302, Location='http://127.0.0.1:1/'), 1),
    (http(b' ' * 70000 + b'{}'), 1)])
@pytest_twisted.inlineCallbacks
def test_what_fails_is_tried_a_few_times_and_then_the_note_has_what_the_message_gave(
        desk, answer, tries):
    def behave(talk, _request):
        talk.say(answer)
        talk.close()
    desk.server.behave = behave
    attempt = yield desk.opens(extras='ward: B')
    for n in range(tries):
        assert isinstance((yield desk.private_note()), Wait)
        yield desk.lookup.handle(attempt)
        if n + 1 < tries:
            assert desk.counts.counted == {}
            attempt = yield claim(desk.bench.store.lookups)
            assert attempt.seconds < 15
            desk.bench.clock.advance(15)
            attempt = yield claim(desk.bench.store.lookups)
    found = yield desk.private_note()
    assert found == (JobKind.PRIVATE_NOTE, 'ward: B')
    assert desk.counts.counted == {'extras.failed': 1}
    assert len(desk.server.requests) == tries
    [ticket] = yield desk.bench.store.recent_tickets()
    assert [each['detail'] for each in ticket['history'] if each['what'] == 'extras'][0] \
        .startswith('not found: ')


@pytest_twisted.inlineCallbacks
def test_a_server_that_hangs_is_given_up_in_its_time(desk):
    desk.server.behave = lambda talk, _request: None
    attempt = yield desk.opens()
    handled = desk.lookup.handle(attempt)
    yield desk.server.until(lambda: desk.server.requests)
    desk.reactor.clock.advance(4.9)
    assert not handled.called
    desk.reactor.clock.advance(0.2)
    yield handled
    assert (yield claim(desk.bench.store.lookups)).seconds > 0


@pytest_twisted.inlineCallbacks
def test_a_server_that_is_not_there_is_a_failure_like_any_other(desk):
    attempt = yield desk.opens(url='http://127.0.0.1:1/people')
    handled = desk.lookup.handle(attempt)
    # Twisted takes its time to go on to a host's next address.
    yield wait_until(lambda: desk.reactor.clock.advance(0.01) or handled.called, lambda: 'waits')
    assert 'the connection was refused' in kept_logs(desk.logged)


@pytest.mark.parametrize('answer', [
    http(b'{}'), http(b'', 404), http(b'', 410), http(b'{"due": null, "clinic": {"name": " "}}')])
@pytest_twisted.inlineCallbacks
def test_where_nothing_is_known_no_note_is_written_and_nothing_is_wrong(desk, answer):
    desk.answers = [answer]
    yield desk.lookup.handle((yield desk.opens()))
    assert isinstance((yield desk.private_note()), Wait)
    assert desk.counts.counted == {}
    [ticket] = yield desk.bench.store.recent_tickets()
    assert ticket['state'] == 'settled'


@pytest_twisted.inlineCallbacks
def test_a_worker_that_dies_at_it_leaves_it_to_another_and_the_note_is_written_once(desk):
    lost = yield desk.opens()
    desk.bench.clock.advance(16)
    desk.answers = [KNOWN, KNOWN]
    yield desk.lookup.handle((yield claim(desk.bench.store.lookups)))
    yield desk.lookup.handle(lost)
    kind, _ = yield desk.private_note()
    assert kind is JobKind.PRIVATE_NOTE
    [ticket] = yield desk.bench.store.recent_tickets()
    assert [each['what'] for each in ticket['history']].count('extras') == 1


@pytest_twisted.inlineCallbacks
def test_once_the_option_is_gone_what_was_stored_is_written_without_asking(desk):
    desk.use(LookupRules())
    yield desk.lookup.handle((yield desk.opens(extras='ward: B')))
    assert (yield desk.private_note()) == (JobKind.PRIVATE_NOTE, 'ward: B')
    assert desk.server.requests == []


@pytest_twisted.inlineCallbacks
def test_a_second_message_is_not_looked_up_again(desk):
    yield desk.opens()
    yield desk.bench.says('Again', lookup=desk.url())
    desk.bench.clock.advance(1)
    claimed = yield claim(desk.bench.store.lookups)
    assert isinstance(claimed, Wait)


@pytest.mark.parametrize('path, value', [
    ('a', 'x'), ('b.c', '3'), ('d.1.e', 'y'), ('f', 'yes'), ('g', '1.5'), ('h', 'one two'),
    ('b', ''), ('d.7', ''), ('d.e', ''), ('n', ''), ('a.b', ''), ('missing', '')])
def test_a_path_leads_to_a_single_value_or_to_nothing(path, value):
    data = {'a': 'x', 'b': {'c': 3}, 'd': [0, {'e': 'y'}], 'f': True, 'g': 1.5,
            'h': ' one\n\x00two ', 'n': None}
    assert value_at(data, tuple(path.split('.'))) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(['a', 'b', '0', 'c']), inner, max_size=3), max_leaves=10)


@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode('utf-8')))
def test_any_body_gives_lines_or_is_a_failure_and_nothing_else(body):
    try:
        lines = note_lines(
            body, [('label', path) for path in (('a',), ('b', '0'), ('a', '0', 'c'))])
    except _Failed:
        return
    for line in lines:
        assert line.startswith('label: ') and '\n' not in line
        assert line.encode('utf-8').decode('utf-8') == line
