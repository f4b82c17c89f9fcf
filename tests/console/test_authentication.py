# -*- coding: utf-8 -*-
"""Who gets into the console, how, and for how long."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from passlib.hash import pbkdf2_sha256
from twisted.internet import defer, reactor, task
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers

from tests.console.conftest import HASH, PASSWORD, USERS, Browser
from vumi_snappy.console.authentication import Authentication, TooSoon
from vumi_snappy.http.callers import Callers
from vumi_snappy.operations.users import Role, User, Users, hash_password, is_hash

PAGES = ['/', '/live', '/tickets', '/tickets/1', '/problems', '/audit']


@pytest.mark.parametrize('path', PAGES)
@pytest_twisted.inlineCallbacks
def test_strangers_see_no_page(bench, stranger, path):
    yield bench.opens('My secret')
    answer = yield stranger.get(path)
    assert answer.status in (303, 401)
    assert 'secret' not in answer.text


@pytest_twisted.inlineCallbacks
def test_who_logs_in_comes_to_the_page_that_was_asked_for(stranger):
    answer = yield stranger.get('/tickets?q=%2B27820001001')
    assert answer.headers['location'] == '/login?next=%2Ftickets%3Fq%3D%252B27820001001'
    answer = yield stranger.log_in(next='/tickets?q=%2B27820001001')
    assert answer.status == 303
    assert answer.headers['location'] == '/tickets?q=%2B27820001001'


@pytest.mark.parametrize('where', [
    'https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', ''])
@pytest_twisted.inlineCallbacks
def test_nobody_is_sent_elsewhere(stranger, where):
    answer = yield stranger.log_in(next=where)
    assert answer.headers['location'] == '/'


@pytest.mark.parametrize('name, password', [
    ('lerato', 'wrong'), ('nobody', PASSWORD), ('', ''), ('lerato', PASSWORD + '\0'),
    ('lerato', 'x' * 5000), ('l' * 5000, PASSWORD)])
@pytest_twisted.inlineCallbacks
def test_a_wrong_password_opens_nothing(stranger, name, password):
    answer = yield stranger.log_in(name, password)
    assert answer.status == 401
    assert 'The name or the password is wrong' in answer.text
    assert (yield stranger.get('/')).status == 303


@pytest_twisted.inlineCallbacks
def test_a_log_in_form_from_elsewhere_is_not_taken(stranger):
    answer = yield stranger.post('/login', {'name': 'lerato', 'password': PASSWORD,
                                            'token': '0' * 48})
    assert answer.status == 400
    assert (yield stranger.get('/')).status == 303


@pytest_twisted.inlineCallbacks
def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(make_listening):
    listening = make_listening()
    plain = yield Browser(listening).log_in()
    assert 'HttpOnly' in plain.headers['set-cookie']
    assert 'samesite=lax' in plain.headers['set-cookie'].lower()
    assert 'Secure' not in plain.headers['set-cookie']
    told = [b'X-Forwarded-Proto: https']
    from_anybody = yield Browser(listening).log_in(headers=told)
    assert 'Secure' not in from_anybody.headers['set-cookie']
    behind_ours = make_listening(proxies=['127.0.0.1'])
    by_tls = yield Browser(behind_ours).log_in(headers=told)
    assert 'Secure' in by_tls.headers['set-cookie']


@pytest_twisted.inlineCallbacks
def test_who_logs_out_is_out_also_with_the_old_cookie(browser):
    kept = dict(browser.cookies)
    answer = yield browser.post('/logout', {'csrf': browser.csrf})
    assert answer.status == 303
    browser.cookies = kept
    assert (yield browser.get('/')).status == 303


@pytest_twisted.inlineCallbacks
def test_any_worker_serves_a_session(browser, bench, make_listening):
    other = Browser(make_listening(store=(yield bench.another())))
    other.cookies = browser.cookies
    assert (yield other.get('/')).status == 200


@pytest.mark.parametrize('users', [
    {'lerato': User('lerato', hash_password('another'), Role.OPERATE)},
    {'thabo': USERS['thabo']}])
@pytest_twisted.inlineCallbacks
def test_a_changed_password_or_a_name_taken_off_ends_the_session(browser, make_listening, users):
    later = Browser(make_listening(users=users))
    later.cookies = browser.cookies
    assert (yield later.get('/')).status == 303


@pytest_twisted.inlineCallbacks
def test_the_store_holds_no_token_and_forgets_the_session(browser, bench):
    [token] = [value for name, value in browser.cookies.items() if b'session' in name]
    send = bench.store.connection.send
    [key] = yield send('KEYS', '%s:session:*' % (bench.prefix,))
    assert token not in key and token not in (yield send('GET', key))
    assert 0 < (yield send('TTL', key)) <= 12 * 3600


@pytest_twisted.inlineCallbacks
def test_log_ins_are_in_the_audit_trail_and_failed_ones_counted_beside_it(stranger, bench):
    for name in ('lerato', 'nobody', 'lerato'):
        yield stranger.log_in(name, 'wrong')
        bench.clock.advance(1)
    yield stranger.log_in()
    assert [(entry['who'], entry['what'], entry['detail']) for entry in
            (yield bench.store.operators.audits())] == [('lerato', 'logged in', '127.0.0.1')]
    assert [(each['who'], each['caller'], each['count']) for each in (
        yield bench.store.operators.failures())] == [
            ('lerato', '127.0.0.1', 2), ('', '127.0.0.1', 1)]
    page = yield stranger.get('/audit')
    assert 'Failed log-ins' in page.text and 'no such user' in page.text


@pytest_twisted.inlineCallbacks
def test_failed_log_ins_flush_no_audit_trail_and_are_bounded_in_number_and_time(bench):
    sessions, send = bench.store.operators, bench.store.connection.send
    yield sessions.note('lerato', 'dropped', 'ticket 7', 'spam')
    for n in range(1100):
        bench.clock.advance(1)
        yield sessions.note_failure('', '2001:db8::%x' % (n,))
    assert len((yield sessions.audits())) == 1
    found = yield sessions.failures(2000)
    assert (len(found), found[0]['caller']) == (1000, '2001:db8::44b')
    assert (yield send('HLEN', bench.prefix + ':failed_log_ins')) == 1000
    bench.clock.advance(31 * 86400)
    for _ in range(12):
        yield sessions.note_failure('lerato', '192.0.2.1')
    [line] = yield sessions.failures(2000)
    assert (line['who'], line['count']) == ('lerato', 12)


class FromSomewhere(object):
    """A request from `host`, whose cookies nobody looks at."""

    requestHeaders = Headers()

    def __init__(self, host):
        self.host = host

    def getClientAddress(self):
        return self

    def isSecure(self):
        return False

    def addCookie(self, *_, **__):
        pass


class Guessed(object):
    """Authentication on a clock of the test, and how many passwords were hashed.

    `checked` stands in for the check where it is set: hashing that is still under way.
    """

    checked = None

    def __init__(self, bench):
        self.clock, self.hashed = task.Clock(), 0
        users = Users(reactor, USERS)
        check = users.check

        def counted(name, password):
            self.hashed += 1
            return self.checked() if self.checked else check(name, password)
        users.check = counted
        self.authentication = Authentication(
            self.clock, bench.store.operators, users, Callers(), 1)

    def log_in(self, name='lerato', password='wrong', host='192.0.2.1'):
        return self.authentication.log_in(FromSomewhere(host), name, password)


def refused(tries):
    """Those of `tries` that were turned away at once."""
    found = [each for each in tries if each.called and isinstance(each.result, Failure)]
    for each in found:
        each.addErrback(lambda reason: reason.trap(TooSoon) and None)
    return found


@pytest.mark.parametrize('name', ['lerato', 'nobody'])
def test_of_many_log_ins_at_once_a_few_are_hashed_whether_the_name_exists_or_not(bench, name):
    guessed = Guessed(bench)
    guessed.checked = lambda: defer.Deferred()
    tries = [guessed.log_in(name) for _ in range(90)]
    assert (guessed.hashed, len(refused(tries))) == (4, 86)
    guessed.clock.advance(0.25)
    tries = [guessed.log_in(name) for _ in range(9)]
    assert (guessed.hashed, len(refused(tries))) == (5, 8)


@pytest.mark.parametrize('name', ['lerato', 'nobody'])
def test_a_name_is_guarded_from_many_addresses_whether_it_exists_or_not(bench, name):
    guessed = Guessed(bench)
    guessed.checked = lambda: defer.Deferred()
    tries = [guessed.log_in(name, host='192.0.2.%d' % (n,)) for n in range(9)]
    assert (guessed.hashed, len(refused(tries))) == (4, 5)


@pytest_twisted.inlineCallbacks
def test_no_guesser_elsewhere_keeps_out_who_was_in_from_here(bench):
    guessed = Guessed(bench)
    assert (yield guessed.log_in(password=PASSWORD, host='198.51.100.7'))
    checked, guessed.checked = guessed.checked, lambda: defer.Deferred()
    tries = [guessed.log_in(host='192.0.2.%d' % (n,)) for n in range(9)]
    assert len(refused(tries)) == 5
    guessed.checked = checked
    assert (yield guessed.log_in(password=PASSWORD, host='198.51.100.7'))


@pytest_twisted.inlineCallbacks
def test_the_right_password_is_not_looked_at_in_the_penalty_and_forgives_after_it(bench):
    guessed = Guessed(bench)
    checked, guessed.checked = guessed.checked, lambda: defer.Deferred()
    for _ in range(4):
        guessed.log_in()
    guessed.checked = checked
    assert len(refused([guessed.log_in(password=PASSWORD)])) == 1
    guessed.clock.advance(8)
    assert (yield guessed.log_in(password=PASSWORD))
    for _ in range(3):
        assert (yield guessed.log_in()) is None


@pytest_twisted.inlineCallbacks
def test_who_tries_too_soon_is_told_when_to_come_again(stranger):
    for _ in range(5):
        answer = yield stranger.log_in('nobody', 'wrong')
        if answer.status == 429:
            break
    soon = [stranger.log_in('nobody', 'wrong') for _ in range(3)]
    answers = yield defer.gatherResults(soon)
    told = [each for each in answers if each.status == 429]
    assert told and all(each.headers['retry-after'].isdigit() for each in told)
    assert 'Please try again in' in told[0].text


class FromNowhere(object):
    requestHeaders = Headers()

    def getClientAddress(self):
        return None


@pytest_twisted.inlineCallbacks
def test_a_guesser_waits(bench):
    clock = task.Clock()
    authentication = Authentication(
        clock, bench.store.operators, Users(reactor, USERS), Callers(), 1)

    request = FromNowhere()
    for _ in range(3):
        assert (yield authentication.log_in(request, 'lerato', 'wrong')) is None
    slow = authentication.log_in(request, 'lerato', 'wrong')
    while not clock.getDelayedCalls():
        yield task.deferLater(reactor, 0.01, lambda: None)
    assert not slow.called
    clock.advance(10)
    assert (yield slow) is None


def test_a_hash_is_told_from_a_password():
    assert is_hash(HASH)
    assert is_hash(hash_password(PASSWORD)) and hash_password(PASSWORD) != hash_password(PASSWORD)
    # What other tools make of a password is the same.
    assert pbkdf2_sha256.verify('short', hash_password('short'))
    for text in ('password', '', '$2b$12$abc', HASH[:-2] + '!!'):
        assert not is_hash(text)
