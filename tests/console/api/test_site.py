# -*- coding: utf-8 -*-
"""Who may ask the API, and what is answered instead of what was asked for."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
from twisted.internet import defer, task
from twisted.internet import reactor as real_reactor
from twisted.web.http_headers import Headers

from tests.console.api.conftest import JSON, SECRETS, TOKENS, Program
from tests.console.conftest import USERS, Browser
from tests.console.test_authentication import FromNowhere
from tests.operations.conftest import NOMSA, parked
from tests.http.doubles import request
from vumi_snappy.console.api.gate import Gate
from vumi_snappy.console.api.routes import ROUTES
from vumi_snappy.http.callers import Callers
from vumi_snappy.http.responses import HttpError
from vumi_snappy.operations.tokens import Tokens, make_token
from vumi_snappy.operations.users import Role
from vumi_snappy.store import StoreRefused, StoreUnavailable

#: What each path with a name in it is asked for with.
NAMES = {'number': '1', 'id': '1'}
OPEN = [route for route in ROUTES if route.role is None]
GUARDED = [route for route in ROUTES if route.role is not None]
OPERATING = [route for route in ROUTES if route.role is Role.OPERATE]


def path_of(route):
    return route.path.format(**NAMES)


def named(routes):
    return {'argvalues': routes, 'ids': [route.name for route in routes]}


# Who may ask.

@pytest.mark.parametrize('route', **named(GUARDED))
@pytest_twisted.inlineCallbacks
def test_without_a_token_nothing_is_told_and_nothing_done(bench, make_program, route):
    yield parked(bench, text='My secret')
    answer = yield make_program(None).ask(route.method, path_of(route), {})
    assert (answer.status, answer.json['code']) == (401, 'unauthorized')
    assert answer.headers['www-authenticate'] == 'Bearer realm="vumi-snappy"'
    assert b'secret' not in answer.body and len((yield bench.store.parked())) == 1


@pytest.mark.parametrize('route', **named(OPERATING))
@pytest_twisted.inlineCallbacks
def test_a_token_that_may_only_look_changes_nothing(bench, make_program, route):
    yield parked(bench)
    answer = yield make_program('dashboard').ask(route.method, path_of(route), {'reason': 'x'})
    assert (answer.status, answer.json['code']) == (403, 'forbidden')
    assert 'insufficient_scope' in answer.headers['www-authenticate']
    assert len((yield bench.store.parked())) == 1


@pytest_twisted.inlineCallbacks
def test_a_token_that_may_only_look_sees_everything(make_program):
    dashboard = make_program('dashboard')
    for route in ROUTES:
        if route.role is Role.READ and not any(each.required for each in route.query):
            status = (yield dashboard.get(path_of(route))).status
            assert status == (404 if route.can_miss else 200), route.name


@pytest.mark.parametrize('header', [
    'Bearer ' + make_token(), 'Bearer', 'Bearer sesam', 'Basic ' + SECRETS['sync'],
    SECRETS['sync'], 'Bearer ' + TOKENS['sync'].hashed, 'Bearer ' + SECRETS['sync'] + 'x',
    'Bearer \xff'], ids=[
        'another-token', 'no-token', 'a-word', 'basic', 'no-scheme', 'the-hash', 'one-too-long',
        'not-ascii'])
@pytest_twisted.inlineCallbacks
def test_a_wrong_token_opens_nothing_and_is_not_logged(make_program, told, header):
    answer = yield make_program(None).get(
        '/tags', [b'Authorization: ' + header.encode('latin-1')])
    assert answer.status == 401 and 'invalid_token' in answer.headers['www-authenticate']
    assert 'from 127.0.0.1' in told()
    assert SECRETS['sync'] not in told() and 'sesam' not in told()


@pytest_twisted.inlineCallbacks
def test_two_tokens_are_none(make_program):
    answer = yield make_program('sync').get(
        '/tags', [b'Authorization: Bearer ' + SECRETS['dashboard'].encode('ascii')])
    assert answer.status == 401


@pytest_twisted.inlineCallbacks
def test_the_word_bearer_may_be_written_in_any_case(make_program):
    answer = yield make_program(None).get(
        '/tags', [b'Authorization: bEARER  ' + SECRETS['dashboard'].encode('ascii')])
    assert answer.status == 200


@pytest_twisted.inlineCallbacks
def test_everybody_may_read_the_description(make_program):
    for route in OPEN:
        assert (yield make_program(None).get(path_of(route))).status == 200


@pytest_twisted.inlineCallbacks
def test_a_session_of_the_pages_is_none_of_the_apis_nor_the_other_way(bench, make_listening):
    listening = make_listening(users=USERS, tokens=TOKENS)
    browser = Browser(listening)
    yield browser.log_in()
    assert (yield browser.get('/')).status == 200
    assert (yield browser.get('/api/v1/tags')).status == 401
    answer = yield browser.ask(b'POST', '/api/v1/forget', json.dumps(
        {'address': NOMSA, 'yes': True}).encode('ascii'), [JSON])
    assert answer.status == 401
    bearer = b'Authorization: Bearer ' + SECRETS['sync'].encode('ascii')
    assert (yield Browser(listening).get('/', [bearer])).status == 303
    answer = yield Program(listening).get('/tags')
    assert answer.status == 200 and 'set-cookie' not in answer.headers


@pytest_twisted.inlineCallbacks
def test_wrong_tokens_are_throttled_and_logged_once(told):
    clock, guess = task.Clock(), FromNowhere()
    guess.requestHeaders = Headers({'Authorization': ['Bearer guess']})
    gate = Gate(clock, Tokens(TOKENS), Callers())
    for _ in range(3):
        with pytest.raises(HttpError):
            yield gate.let_in(guess, Role.READ)
    assert told().count('An unknown API token was sent') == 1
    slow = gate.let_in(guess, Role.READ)
    assert not slow.called
    clock.advance(10)
    with pytest.raises(HttpError):
        yield slow


# What goes wrong.

@pytest.mark.parametrize('method, path, status, allowed', [
    ('GET', '/nothing', 404, None), ('GET', '/tickets/', 404, None), ('GET', '//tags', 404, None),
    ('GET', '/tickets/99', 404, None), ('GET', '/tickets/last', 404, None),
    ('GET', '/tickets/' + '9' * 40, 404, None), ('GET', '/tickets/%C2%B2', 404, None),
    ('POST', '/parked/7/retry', 404, None),
    ('POST', '/undelivered/1/retry', 404, None), ('POST', '/undelivered/7:1/retry', 404, None),
    ('DELETE', '/tickets', 405, 'GET, HEAD'), ('OPTIONS', '/forget', 405, 'POST'),
    ('TRACE', '/opt-out', 405, 'GET, HEAD, PUT'), ('BREW', '/tags', 405, 'GET, HEAD')])
@pytest_twisted.inlineCallbacks
def test_what_is_not_there_is_said_so_in_json(program, method, path, status, allowed):
    answer = yield program.ask(method, path)
    assert (answer.status, answer.headers.get('allow')) == (status, allowed)
    assert set(answer.json) == {'code', 'message'}


@pytest.mark.parametrize('path, field', [
    ('/tickets?state=lost', 'state'), ('/tickets?since=soon', 'since'),
    ('/tickets?until=2026-02-30', 'until'), ('/tickets?after=1', 'after'),
    ('/tickets?tag=', 'tag'), ('/tickets?limit=0', 'limit'), ('/tickets?limit=201', 'limit'),
    ('/tickets?limit=1e2', 'limit'), ('/tickets?limit=%C2%B2', 'limit'),
    ('/tickets?limit=1&limit=2', 'limit'), ('/tickets?q=1', 'q'), ('/search', 'q'),
    ('/search?q=' + 'x' * 201, 'q'), ('/tallies?hours=25', 'hours'),
    ('/parked?offset=-1', 'offset'), ('/opt-out', 'address'),
    ('/search?q=%ED%A0%80', None), ('/tags?%FF=1', None)])
@pytest_twisted.inlineCallbacks
def test_a_parameter_that_can_not_be_is_named(program, path, field):
    answer = yield program.get(path)
    assert (answer.status, answer.json['code'], answer.json.get('field')) == (
        400, 'invalid', field)


@pytest.mark.parametrize('body, field', [
    (b'{"address": "+27", "yes": ' + b'1' * 21 + b'}', None),
    (b'', None), (b'{', None), (b'\xff', None), (b'[]', None), (b'null', None), (b'"x"', None),
    (b'[' * 60000, None), (b'{"address": NaN, "yes": true}', None),
    (b'{"yes": true}', 'address'),
    (b'{"address": "+27", "address": "+28", "yes": true}', None),
    (b'{"address": "+27"}', 'yes'), (b'{"address": "+27", "yes": false}', 'yes'),
    (b'{"address": "+27", "yes": 1}', 'yes'), (b'{"address": "", "yes": true}', 'address'),
    (b'{"address": 27, "yes": true}', 'address'),
    (b'{"address": ["+27"], "yes": true}', 'address'),
    (b'{"address": "+27", "yes": true, "why": "x"}', 'why')])
@pytest_twisted.inlineCallbacks
def test_a_body_that_can_not_be_is_refused_and_its_field_named(bench, program, body, field):
    yield bench.says('Help')
    answer = yield program.post('/forget', body, [JSON])
    assert (answer.status, answer.json.get('field')) == (400, field)
    assert len((yield bench.store.recent_tickets())) == 1


@pytest.mark.parametrize('items, field', [
    ([], 'items'), ([1], 'items[0]'), ([{'kind': 'parked'}], 'items[0].id'),
    ([{'kind': 'parked', 'id': '1'}, {'kind': 'lost', 'id': '1'}], 'items[1].kind'),
    ([{'kind': [], 'id': '1'}], 'items[0].kind'),
    ([{'kind': 'parked', 'id': '1'}] * 201, 'items')])
@pytest_twisted.inlineCallbacks
def test_a_field_deep_inside_is_named_by_its_way(program, items, field):
    answer = yield program.post('/retry', {'items': items})
    assert (answer.status, answer.json['field']) == (400, field)


@pytest.mark.parametrize('kind', [
    b'text/plain', b'application/x-www-form-urlencoded', b'application/jsonx', b''])
@pytest_twisted.inlineCallbacks
def test_a_body_must_be_said_to_be_json(program, kind):
    answer = yield program.post('/forget', b'{"address": "+27", "yes": true}',
                                [b'Content-Type: ' + kind] if kind else [])
    assert (answer.status, answer.json['code']) == (415, 'unsupported_media_type')


@pytest.mark.parametrize('head, status', [
    ([b'Content-Length: 70000'], 413), ([b'Content-Length: +5'], 400),
    ([b'Transfer-Encoding: chunked'], 501), ([b'X: ' + b'x' * 20000], 431)])
@pytest_twisted.inlineCallbacks
def test_what_the_server_itself_refuses_looks_the_same(make_listening, head, status):
    answer = yield make_listening(tokens=TOKENS).ask(request(b'GET', b'/api/v1/tags', b'', head))
    assert answer.status == status and set(answer.json) == {'code', 'message'}


@pytest.mark.parametrize('failed', [StoreUnavailable('away'), StoreRefused('foreign')])
@pytest_twisted.inlineCallbacks
def test_a_store_that_is_away_is_a_503_to_be_asked_again(bench, program, monkeypatch, failed):
    monkeypatch.setattr(bench.store.lists, 'tags', lambda: defer.fail(failed))
    answer = yield program.get('/tags')
    assert (answer.status, answer.json['code']) == (503, 'unavailable')
    assert int(answer.headers['retry-after']) > 0 and 'Redis' in answer.json['message']


@pytest_twisted.inlineCallbacks
def test_how_the_worker_is_is_told_also_without_a_store(bench, program):
    yield bench.store.stop()
    assert (yield program.get('/overview')).status == 503
    for path in ('/health', '/openapi.json'):
        assert (yield program.get(path)).status == 200


@pytest.mark.parametrize('broken', [
    lambda: defer.fail(KeyError('sesam')), lambda: {}['sesam'], lambda: defer.succeed([1])])
@pytest_twisted.inlineCallbacks
def test_a_fault_of_ours_is_no_500_and_told_by_its_place_alone(bench, program, monkeypatch, told,
                                                               broken):
    monkeypatch.setattr(bench.store.lists, 'tags', broken)
    answer = yield program.get('/tags')
    assert answer.status == 503 and b'sesam' not in answer.body
    assert 'could not be served' in told() and 'sesam' not in told()


@pytest_twisted.inlineCallbacks
def test_no_answer_is_kept_by_anybody_nor_taken_for_a_page(program):
    for path in ('/tags', '/nothing', '/tickets?state=lost', '/openapi.json'):
        headers = (yield program.get(path)).headers
        assert headers['cache-control'] == 'no-store'
        assert headers['content-type'] == 'application/json; charset=utf-8'
        assert headers['x-content-type-options'] == 'nosniff' and 'server' not in headers


@pytest_twisted.inlineCallbacks
def test_the_head_of_an_answer_can_be_had_alone(make_listening):
    listening = make_listening(tokens=TOKENS)
    answers = []
    for method in (b'GET', b'HEAD'):
        answers.append((yield listening.ask(request(method, b'/api/v1/tags', b'', [
            b'Authorization: Bearer ' + SECRETS['dashboard'].encode('ascii')]))))
    assert answers[1].body == b'' and answers[1].status == answers[0].status == 200
    assert answers[1].headers['content-length'] == answers[0].headers['content-length']


@pytest_twisted.inlineCallbacks
def test_a_change_goes_on_when_who_asked_for_it_goes_away(bench, program, monkeypatch):
    yield parked(bench)
    asked, change = defer.Deferred(), bench.store.unpark
    go = defer.Deferred()

    def slow(*args):
        asked.callback(None)
        return go.addCallback(lambda _: change(*args))
    monkeypatch.setattr(bench.store, 'unpark', slow)
    raw = yield program.listening.connect()
    raw.send(request(b'POST', b'/api/v1/parked/1/retry', b'', [
        b'Authorization: Bearer ' + SECRETS['sync'].encode('ascii')]))
    yield asked
    raw.transport.abortConnection()
    yield task.deferLater(real_reactor, 0, lambda: None)
    go.callback(None)
    while (yield bench.store.parked()):
        yield task.deferLater(real_reactor, 0.005, lambda: None)
