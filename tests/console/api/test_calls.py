# -*- coding: utf-8 -*-
"""What the API tells and changes; each answer is as the description says."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.operations.conftest import NOMSA, YUSUF, failed_and_parked, parked
from tests.store.conftest import START
from tests.store.test_lists import failed_reply, settled
from vumi_snappy.monitoring.health import Check, CheckState
from vumi_snappy.records import Subscription
from vumi_snappy.store.views import ENTRIES


@defer.inlineCallbacks
def told(program, method, path, body=None):
    """The JSON of an answer that is to be a 200."""
    answer = yield program.ask(method, path, body)
    assert answer.status == 200, answer.body
    defer.returnValue(answer.json)


@defer.inlineCallbacks
def trail(bench):
    """Who did what, and about what, newest first."""
    entries = yield bench.store.operators.audits()
    defer.returnValue([(each['who'], each['what'], each['about']) for each in entries])


@pytest_twisted.inlineCallbacks
def test_the_overview_has_what_the_page_has(bench, make_program):
    program = make_program(rate_limit=200, checks=[
        ('snappy', lambda: Check(CheckState.DOWN, 'it is away', since=START))])
    yield bench.opens()
    yield parked(bench, YUSUF)
    yield bench.says('waits')
    bench.clock.advance(5)
    found = yield told(program, 'GET', '/overview')
    assert {name: found[name] for name in (
        'forwards', 'replies', 'parked', 'undelivered', 'tickets', 'oldest', 'calls', 'calls_left',
        'rate_limit', 'breaker')} == {
        'forwards': 1, 'replies': 0, 'parked': 1, 'undelivered': 0, 'tickets': 2, 'oldest': 5.0,
        'calls': 2, 'calls_left': 198, 'rate_limit': 200.0, 'breaker': ''}
    assert found['checks']['snappy']['status'] == 'down'


@pytest_twisted.inlineCallbacks
def test_without_a_limit_there_is_nothing_left_of_it(make_program):
    found = yield told(make_program(rate_limit=0), 'GET', '/overview')
    assert 'rate_limit' not in found and 'calls_left' not in found


@pytest_twisted.inlineCallbacks
def test_tallies_have_a_number_for_each_minute(bench, program):
    yield bench.opens()
    bench.clock.advance(60)
    yield bench.says('waits')
    yield bench.store.figures()
    found = yield told(program, 'GET', '/tallies?hours=1')
    assert (found['minutes'], found['since']) == (60, START - START % 60 - 58 * 60)
    assert {len(series) for series in found['series'].values()} == {60}
    assert found['series']['received'][-3:] == [0, 1, 1]
    assert found['series']['forwarded'][-3:] == [0, 1, 0]
    assert found['series']['waiting'][-3:] == [0, 0, 1]


@pytest_twisted.inlineCallbacks
def test_health_is_that_of_the_health_page(make_program):
    program = make_program(worker='bouncer-1', checks=[
        ('store', lambda: Check(CheckState.OK)),
        ('queue', lambda: Check(CheckState.DEGRADED, '1 parked', since=START))])
    found = yield told(program, 'GET', '/health')
    assert (found['status'], found['worker']) == ('degraded', 'bouncer-1')
    assert found['checks']['queue']['text'] == '1 parked'
    assert found['checks']['queue']['since'] == '2014-11-14T21:20:00Z'


@pytest_twisted.inlineCallbacks
def test_tickets_are_listed_filtered_and_searched(bench, program):
    yield failed_and_parked(bench)
    for path, numbers in [
            ('/tickets', ['2', '1']), ('/tickets?state=parked', ['2']),
            ('/tickets?tag=%23undelivered', ['1']), ('/tickets?until=1970-01-01', []),
            ('/tickets?since=2014-11-15', []), ('/search?q=27+82+000+1002', ['2']),
            ('/search?q=%231', ['1']), ('/search?q=%20', [])]:
        found = yield told(program, 'GET', path)
        assert [each['ticket'] for each in found['tickets']] == numbers, path
        assert 'next' not in found


@pytest_twisted.inlineCallbacks
def test_a_long_list_is_read_page_by_page(bench, program):
    for n in range(3):
        yield bench.says('hello', who='+2782%07d' % (n,))
    page = yield told(program, 'GET', '/tickets?limit=2')
    rest = yield told(program, 'GET', '/tickets?limit=2&after=' + page['next'])
    assert [each['ticket'] for each in page['tickets'] + rest['tickets']] == ['3', '2', '1']
    assert 'next' not in rest


@pytest_twisted.inlineCallbacks
def test_a_ticket_has_all_that_was_said_and_what_became_of_it(bench, program):
    yield bench.opens('Where is\nthe clinic? \u263a')
    yield failed_reply(bench)
    found = yield told(program, 'GET', '/tickets/1')
    [message], [reply] = found['messages'], found['replies']
    assert (message['text'], message['state'], message['at']) == (
        'Where is\nthe clinic? \u263a', 'forwarded', START)
    assert (reply['text'], reply['state']) == ('Hi', 'failed')
    assert [(step['what'], step.get('message'), step.get('reply'), step['detail'])
            for step in found['history']] == [
        ('stored', 1, None, ''), ('ticket opened', None, None, 'k3jd82hs7ahq92m1'),
        ('forwarded', 1, None, ''), ('reply stored', None, 1, ''), ('published', None, 1, ''),
        ('failed', None, 1, 'no such number')]
    assert (yield told(program, 'GET', '/tickets/001')) == found


@pytest_twisted.inlineCallbacks
def test_a_long_ticket_is_told_part_by_part(bench, program):
    yield bench.opens('the very first')
    for n in range(ENTRIES):
        yield bench.says('message %d' % (n,))
    last = yield told(program, 'GET', '/tickets/1')
    first = yield told(program, 'GET', '/tickets/1?before=%d' % (last['earlier'],))
    assert 'earlier' not in first
    assert first['messages'][0]['text'] == 'the very first'
    assert len(first['history'] + last['history']) == ENTRIES + 3


@pytest_twisted.inlineCallbacks
def test_tags_are_told_with_how_many_have_them(bench, program):
    yield bench.opens()
    yield failed_reply(bench)
    yield settled(bench)
    assert (yield told(program, 'GET', '/tags')) == {
        'tags': [{'tag': '#undelivered', 'tickets': 1}]}


# What could not be done.

@pytest_twisted.inlineCallbacks
def test_what_could_not_be_done_is_told_with_its_reasons(bench, program):
    yield failed_and_parked(bench)
    found = yield told(program, 'GET', '/parked')
    [each] = found['parked']
    assert (found['total'], each['id'], each['what'], each['reason']) == (
        1, '1', 'message for Snappy', 'Snappy refused it (422)')
    assert 'jobs' not in each
    found = yield told(program, 'GET', '/undelivered')
    [each] = found['undelivered']
    assert (found['total'], each['id'], each['text']) == (1, '1:1', 'Hi')
    assert (each['addr'], each['reason'], each['state']) == (NOMSA, 'no such number', 'failed')
    assert (yield told(program, 'GET', '/parked?offset=1')) == {'total': 1, 'parked': []}


@pytest.mark.parametrize('path, body, audited', [
    ('/parked/1/retry', None, 'put back'),
    ('/parked/1/drop', {'reason': 'spam'}, 'dropped'),
    ('/undelivered/1:1/retry', {'reason': 'on again'}, 'sent a reply again'),
    ('/undelivered/1:1/drop', {'reason': 'she came in'}, 'let an undelivered reply be')])
@pytest_twisted.inlineCallbacks
def test_one_is_retried_or_dropped_in_the_name_of_the_token(bench, program, path, body, audited):
    yield failed_and_parked(bench)
    assert (yield told(program, 'POST', path, body)) == {'done': True}
    [entry] = (yield told(program, 'GET', '/audit'))['entries']
    assert (entry['who'], entry['what']) == ('token (sync)', audited)
    assert not body or entry['detail'] == body['reason']
    assert (yield program.post(path, body)).status == 404


@pytest.mark.parametrize('path', ['/parked/1/drop', '/undelivered/1:1/drop'])
@pytest_twisted.inlineCallbacks
def test_to_drop_wants_a_reason(bench, program, path):
    yield failed_and_parked(bench)
    for body in ({}, {'reason': ''}):
        answer = yield program.post(path, body)
        assert (answer.status, answer.json['field']) == (400, 'reason')
    assert (yield trail(bench)) == []


@pytest_twisted.inlineCallbacks
def test_many_are_changed_at_once_and_what_is_gone_is_told(bench, program):
    yield failed_and_parked(bench)
    items = [{'kind': 'parked', 'id': '1'}, {'kind': 'undelivered', 'id': '1'}]
    found = yield told(program, 'POST', '/drop', {'items': items, 'reason': 'she came in'})
    assert found == {'done': items[:1], 'gone': items[1:]}
    assert (yield told(program, 'POST', '/retry', {'items': items})) == {'done': [], 'gone': items}


# People.

@pytest_twisted.inlineCallbacks
def test_a_person_is_opted_out_and_in_at_their_wish(bench, program):
    yield bench.opens()
    asked = '/opt-out?address=27820001001'
    assert (yield told(program, 'GET', asked)) == {'address': NOMSA, 'opted_out': False}
    for opted_out, changed in ((True, True), (True, False)):
        assert (yield told(program, 'PUT', '/opt-out', {
            'address': NOMSA, 'opted_out': opted_out})) == {'changed': changed}
    assert (yield told(program, 'GET', asked)) == {
        'address': NOMSA, 'opted_out': True, 'since': START}
    yield told(program, 'PUT', '/opt-out', {'address': NOMSA, 'opted_out': False})
    assert (yield bench.store.subscriptions.since(NOMSA)) is None
    assert (yield trail(bench)) == [('token (sync)', 'opted a person in', ''),
                                    ('token (sync)', 'opted a person out', '')]


@pytest_twisted.inlineCallbacks
def test_an_address_that_names_nobody_is_neither_opted_out_nor_changed(program):
    found = yield told(program, 'GET', '/opt-out?address=0829999997')
    assert found == {'address': '0829999997', 'opted_out': False}
    answer = yield program.ask('PUT', '/opt-out', {'address': '0829999997', 'opted_out': True})
    assert (answer.status, answer.json['field']) == (404, 'address')
    assert 'Nobody with this' in answer.json['message']


@pytest_twisted.inlineCallbacks
def test_a_person_is_forgotten_with_a_receipt(bench, program):
    yield bench.opens('My secret', nonce='k3jd82hs7ahq92m1')
    yield bench.store.subscriptions.change(NOMSA, Subscription.OPT_OUT)
    wish = {'address': NOMSA, 'yes': True}
    found = yield told(program, 'POST', '/forget', wish)
    assert found['tickets'] == [{'ticket': '1', 'nonce': 'k3jd82hs7ahq92m1', 'snappy_id': ''}]
    assert (found['messages'], found['opted_out']) == (1, True) and len(found['stays']) > 3
    assert (yield bench.store.recent_tickets()) == []
    assert (yield trail(bench)) == [('token (sync)', 'forgot a person', '')]
    answer = yield program.post('/forget', wish)
    assert (answer.status, answer.json['field']) == (404, 'address')


@pytest_twisted.inlineCallbacks
def test_the_audit_trail_is_read_page_by_page(bench, program):
    for n in range(3):
        yield bench.store.operators.note('lerato', 'did %d' % (n,), 'about', 'detail')
    page = yield told(program, 'GET', '/audit?limit=2')
    assert ([each['what'] for each in page['entries']], page['next']) == (['did 2', 'did 1'], 2)
    page = yield told(program, 'GET', '/audit?limit=2&offset=2')
    assert page == {'entries': [{'at': START, 'who': 'lerato', 'what': 'did 0', 'about': 'about',
                                 'detail': 'detail'}]}
