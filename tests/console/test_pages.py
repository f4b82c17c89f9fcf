# -*- coding: utf-8 -*-
"""What the console's pages show, and that they show it safely."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.console.conftest import Browser
from tests.operations.conftest import NOMSA, YUSUF, failed_and_parked, parked
from tests.store.test_lists import failed_reply
from vumi_snappy.monitoring.health import Check, CheckState
from vumi_snappy.records import TicketEvent
from vumi_snappy.store import StoreUnavailable
from vumi_snappy.store.views import ENTRIES

HOSTILE = '<script>alert(1)</script> "\' {{ 777 * 7 }} &amp; \u202e'


def numbers(page):
    """The tickets on a list, in their order."""
    return re.findall(r'<a href="/tickets/(\d+)">#', page.text)


@pytest_twisted.inlineCallbacks
def test_the_overview_says_what_flows_waits_and_is_parked(bench, make_listening):
    browser = Browser(make_listening(
        rate_limit=200, checks=[('snappy', lambda: Check(CheckState.DOWN, 'it is away'))]))
    yield browser.log_in()
    yield bench.opens()
    yield parked(bench, YUSUF)
    yield bench.says('waits')
    for path in ('/', '/live'):
        page = yield browser.get(path)
        assert page.status == 200
        assert re.search(r'Waiting for Snappy</dt><dd>1<', page.text)
        assert re.search(r'Parked</dt><dd><a href="/problems">1<', page.text)
        assert re.search(r'<dd>198 <small>of 200', page.text)
        assert 'snappy: down</span> it is away' in page.text
        assert 'aria-label="Messages received: 3 in 6 hours, at most 3 a minute"' in page.text
    assert '<nav' in (yield browser.get('/?hours=24')).text
    assert '<nav' not in (yield browser.get('/live')).text


@pytest_twisted.inlineCallbacks
def test_tickets_are_listed_filtered_and_searched(bench, browser):
    yield failed_and_parked(bench)
    assert numbers((yield browser.get('/tickets'))) == ['2', '1']
    for query, found in [
            ('state=parked', ['2']), ('tag=%23undelivered', ['1']), ('until=1970-01-01', []),
            ('since=2014-11-15', []), ('q=27+82+000+1002', ['2']), ('q=%231', ['1']),
            ('after=%C2%B2,%C2%B2', ['2', '1']), ('state=%FF', None), ('q=%ED%A0%80', None)]:
        page = yield browser.get('/tickets?' + query)
        assert page.status == (400 if found is None else 200), query
        assert numbers(page) == (found or []), query


@pytest.mark.parametrize('path', [
    '/?hours=%C2%B2', '/audit?from=%C2%B2', '/problems?parked=%D9%A3'])
@pytest_twisted.inlineCallbacks
def test_what_only_looks_like_a_number_is_none(browser, path):
    assert (yield browser.get(path)).status == 200


@pytest_twisted.inlineCallbacks
def test_a_long_list_is_paged(bench, browser):
    for n in range(60):
        yield bench.says('hello', who='+2782%07d' % (n,))
    page = yield browser.get('/tickets')
    older = re.search(r'rel="next" href="([^"]+)"', page.text).group(1)
    rest = yield browser.get(older.replace('&amp;', '&'))
    assert len(numbers(page)) == 50
    assert numbers(page) + numbers(rest) == ['%d' % n for n in sorted(
        range(1, 61), key=lambda n: '%d' % n, reverse=True)]


@pytest_twisted.inlineCallbacks
def test_a_ticket_shows_all_that_was_said_and_what_became_of_it(bench, make_listening):
    browser = Browser(make_listening(link='https://snappy.example/t/{nonce}'))
    yield browser.log_in()
    yield bench.opens('Where is\nthe clinic?')
    yield failed_reply(bench, html='<p>In <b>Soweto</b> &amp; open</p>')
    page = yield browser.get('/tickets/1')
    assert 'Where is\nthe clinic?' in page.text
    assert 'In Soweto &amp; open' in page.text
    assert page.text.index('Where is') < page.text.index('In Soweto')
    assert 'not delivered: no such number' in page.text
    assert 'href="https://snappy.example/t/k3jd82hs7ahq92m1"' in page.text


@pytest_twisted.inlineCallbacks
def test_a_long_ticket_is_shown_part_by_part(bench, browser):
    yield bench.opens('the very first')
    for n in range(ENTRIES):
        yield bench.says('message %d' % (n,))
    last = yield browser.get('/tickets/1')
    assert 'message %d<' % (ENTRIES - 1,) in last.text and 'the very first' not in last.text
    [path] = re.findall('href="(/tickets/1[?]before=[0-9]+)"', last.text)
    first = yield browser.get(path)
    assert 'the very first' in first.text and '>Earlier<' not in first.text
    assert 'href="/tickets/1">Latest' in first.text
    assert 'Latest' not in last.text


@pytest_twisted.inlineCallbacks
def test_a_ticket_is_called_on_its_page_what_the_list_calls_it(bench, browser):
    yield failed_and_parked(bench)
    yield bench.opens('fine', who='+27820001003', nonce='another')
    for number, state, problems in (('1', 'undelivered', '/problems#undelivered'),
                                    ('2', 'parked', '/problems'), ('3', 'settled', None)):
        text = (yield browser.get('/tickets/' + number)).text
        assert re.findall('state [a-z]+">([^<]+)<', text.partition('</h1>')[0]) == [state]
        assert re.findall('href="([^"]+)">See why', text) == ([problems] if problems else [])


@pytest_twisted.inlineCallbacks
def test_a_ticket_tells_what_snappy_says_of_it(bench, browser):
    yield bench.opens()
    yield bench.store.record_ticket_event(TicketEvent(
        'tags.changed', 'k3jd82hs7ahq92m1', '17', at=bench.clock.seconds(), status='replied',
        tags=['#card', '@thandi']))
    text = (yield browser.get('/tickets/1')).text
    assert '<dt>Status at Snappy</dt><dd>replied</dd>' in text
    assert '<dt>Assigned to</dt><dd>thandi</dd>' in text


@pytest_twisted.inlineCallbacks
def test_without_an_address_there_is_no_link_to_snappy(bench, browser):
    yield bench.opens()
    assert 'Open in Snappy' not in (yield browser.get('/tickets/1')).text


@pytest.mark.parametrize('path', [
    '/tickets/99', '/tickets/last', '/tickets/' + '9' * 40, '/tickets/%C3%A4', '/nothing',
    '/static/site.py', '/static/..%2Fsite.py'])
@pytest_twisted.inlineCallbacks
def test_what_is_not_there_is_said_so(browser, path):
    page = yield browser.get(path)
    assert page.status == 404


@pytest_twisted.inlineCallbacks
def test_whatever_people_write_is_text(bench, browser):
    yield bench.opens(HOSTILE, who=HOSTILE)
    yield bench.answers('<p>%s</p><img src=x onerror=alert(1)>' % (HOSTILE,), 'k3jd82hs7ahq92m1')
    yield parked(bench, YUSUF, HOSTILE, HOSTILE)
    for path in ('/tickets', '/tickets/1', '/tickets/2', '/problems',
                 '/tickets?q=%3Cscript%3Ealert(1)%3C/script%3E'):
        page = yield browser.get(path)
        assert page.status == 200
        assert '<script>alert' not in page.text and '<img' not in page.text, path
        assert '>5439' not in page.text and ' 5439 ' not in page.text, path


@pytest.mark.parametrize('path', ['/', '/login', '/tickets', '/static/style.css', '/nothing'])
@pytest_twisted.inlineCallbacks
def test_the_browser_is_told_to_run_and_load_nothing_but_ours(browser, path):
    headers = (yield browser.get(path)).headers
    policy = headers['content-security-policy']
    assert "default-src 'none'" in policy and 'unsafe' not in policy
    assert "frame-ancestors 'none'" in policy and headers['x-content-type-options'] == 'nosniff'
    assert 'server' not in headers


@pytest_twisted.inlineCallbacks
def test_pages_have_nothing_inline_and_nothing_from_elsewhere(bench, browser):
    yield bench.opens()
    yield parked(bench, YUSUF)
    for path in ('/', '/tickets', '/tickets/1', '/problems', '/audit', '/login'):
        text = (yield browser.get(path)).text
        assert not re.search(r'<style|<script>| style=| on\w+=|(?:src|href)="(?:https?:)?//', text)


@pytest_twisted.inlineCallbacks
def test_each_field_has_a_label(bench, browser):
    yield failed_and_parked(bench)
    for path in ('/login', '/tickets', '/problems'):
        text = (yield browser.get(path)).text
        for field in re.findall(r'<(?:input|select)\b[^>]*>', text):
            if 'type="hidden"' in field or 'type="checkbox"' in field:
                continue
            name = re.search(r'id="([^"]+)"', field).group(1)
            assert 'for="%s"' % (name,) in text


@pytest_twisted.inlineCallbacks
def test_problems_are_told_with_their_reasons(bench, browser):
    yield failed_and_parked(bench)
    page = yield browser.get('/problems')
    assert 'message for Snappy' in page.text and 'Snappy refused it (422)' in page.text
    assert 'mailbox is closed' in page.text
    assert 'no such number' in page.text and 'Hi' in page.text


@pytest_twisted.inlineCallbacks
def test_one_problem_is_put_back_by_its_button(bench, browser):
    yield failed_and_parked(bench)
    answer = yield browser.post('/problems', {'csrf': browser.csrf, 'do': 'retry parked 1'})
    assert answer.status == 303 and answer.headers['location'] == '/problems?retry=1&gone=0'
    assert (yield bench.store.parked()) == []
    assert '1 put back' in (yield browser.get(answer.headers['location'])).text
    [entry] = (yield bench.store.operators.audits(limit=1))
    assert (entry['who'], entry['what'], entry['about']) == ('lerato', 'put back', 'ticket 2')


@pytest_twisted.inlineCallbacks
def test_what_is_ticked_is_dropped_for_a_reason_that_is_kept(bench, browser):
    yield failed_and_parked(bench)
    answer = yield browser.post('/problems', [
        ('csrf', browser.csrf), ('item', 'parked 1'), ('item', 'undelivered 1:1'),
        ('item', 'parked 99'), ('reason', 'she came in'), ('do', 'drop')])
    assert answer.headers['location'] == '/problems?drop=2&gone=1'
    assert (yield bench.store.parked()) == []
    assert (yield bench.store.lists.undelivered()) == []
    assert 'she came in' in (yield browser.get('/tickets/2')).text
    assert 'she came in' in (yield browser.get('/audit')).text


@pytest.mark.parametrize('fields', [
    {'do': 'drop parked 1'}, {'do': 'retry'}, {'do': 'burn parked 1'}, {'do': 'retry all 1'}, {}])
@pytest_twisted.inlineCallbacks
def test_a_form_that_makes_no_sense_changes_nothing(bench, browser, fields):
    yield parked(bench)
    answer = yield browser.post('/problems', dict(fields, csrf=browser.csrf))
    assert answer.status == 400
    assert len((yield bench.store.parked())) == 1


@pytest_twisted.inlineCallbacks
def test_a_forged_form_changes_nothing(bench, browser):
    yield parked(bench)
    for csrf in ('', '0' * 48, 'ä'):
        answer = yield browser.post('/problems', {'csrf': csrf, 'do': 'retry parked 1'})
        assert answer.status == 400
    answer = yield browser.ask(b'POST', '/problems', b'{}', [b'Content-Type: application/json'])
    assert answer.status == 415
    assert len((yield bench.store.parked())) == 1


@pytest_twisted.inlineCallbacks
def test_who_may_only_look_changes_nothing(bench, stranger):
    yield stranger.log_in('thabo')
    yield parked(bench)
    page = yield stranger.get('/problems')
    assert page.status == 200 and 'name="do"' not in page.text
    answer = yield stranger.post('/problems', {'csrf': stranger.csrf, 'do': 'retry parked 1'})
    assert answer.status == 403
    assert len((yield bench.store.parked())) == 1


@pytest_twisted.inlineCallbacks
def test_a_store_that_is_away_is_told_in_words(bench, browser, monkeypatch):
    monkeypatch.setattr(bench.store, 'figures', lambda: defer.fail(StoreUnavailable('away')))
    page = yield browser.get('/')
    assert page.status == 503 and 'Redis' in page.text and 'retry-after' in page.headers


@pytest_twisted.inlineCallbacks
def test_a_fault_of_ours_is_no_traceback(bench, browser, monkeypatch):
    monkeypatch.setattr(bench.store, 'figures', lambda: defer.succeed({'sesam': 1}))
    page = yield browser.get('/')
    assert page.status == 503 and 'sesam' not in page.text


@pytest_twisted.inlineCallbacks
def test_a_person_is_forgotten_when_their_number_is_typed_twice(bench, browser):
    yield bench.opens('My secret', nonce='k3jd82hs7ahq92m1')
    page = yield browser.get('/forget?address=27+82+000+1001')
    assert '1 ticket of +27820001001' in page.text
    slip = yield browser.post('/forget', {
        'csrf': browser.csrf, 'address': NOMSA, 'again': YUSUF})
    assert slip.status == 400 and (yield bench.store.recent_tickets()) != []
    receipt = yield browser.post('/forget', {
        'csrf': browser.csrf, 'address': NOMSA, 'again': NOMSA})
    assert receipt.status == 200 and 'at Snappy k3jd82hs7ahq92m1' in receipt.text
    assert 'What stays elsewhere' in receipt.text
    assert (yield bench.store.recent_tickets()) == []
    audit = yield browser.get('/audit')
    assert 'forgot a person' in audit.text and NOMSA not in audit.text


@pytest_twisted.inlineCallbacks
def test_who_may_only_look_forgets_nobody(bench, stranger):
    yield bench.opens()
    yield stranger.log_in('thabo')
    assert 'name="again"' not in (yield stranger.get('/forget?address=%2B27820001001')).text
    answer = yield stranger.post('/forget', {
        'csrf': stranger.csrf, 'address': NOMSA, 'again': NOMSA})
    assert answer.status == 403 and (yield bench.store.recent_tickets()) != []
