# -*- coding: utf-8 -*-
"""Who gets into the console, how, and for how long."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted
from passlib.hash import pbkdf2_sha256
from twisted.internet import reactor, task
from twisted.web.http_headers import Headers

from tests.console.conftest import HASH, PASSWORD, USERS, Browser
from vumi_snappy.callers import Origins
from vumi_snappy.console.doors import Doors
from vumi_snappy.console.users import Role, User, Users, hash_password, is_hash

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
    by_tls = yield Browser(listening).log_in(headers=[b'X-Forwarded-Proto: https'])
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
def test_log_ins_are_in_the_audit_trail(stranger, bench):
    yield stranger.log_in('lerato', 'wrong')
    yield stranger.log_in()
    assert [(entry['who'], entry['what'], entry['detail']) for entry in
            (yield bench.store.sessions.audits())] == [
        ('lerato', 'logged in', '127.0.0.1'), ('lerato', 'failed to log in', '127.0.0.1')]
    page = yield stranger.get('/audit')
    assert 'failed to log in' in page.text


class FromNowhere(object):
    requestHeaders = Headers()

    def getClientAddress(self):
        return None


@pytest_twisted.inlineCallbacks
def test_a_guesser_waits(bench):
    clock = task.Clock()
    doors = Doors(clock, bench.store.sessions, Users(reactor, USERS), Origins(), 1)

    request = FromNowhere()
    for _ in range(3):
        assert (yield doors.log_in(request, 'lerato', 'wrong')) is None
    slow = doors.log_in(request, 'lerato', 'wrong')
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
