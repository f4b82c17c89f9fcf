"""Webhooks are delivered form-encoded, and tried again until they are accepted."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http_headers import Headers

from vumi_snappy.standin.hooks import PATIENCE, RETRY_AFTER, Hooks, leave_line_feeds_raw

NOTE = {'note': {'id': 7, 'content': 'bye\nline2'}}


class Response(object):
    """An empty answer."""

    phrase = b'OK'

    def __init__(self, code):
        self.code, self.headers = code, Headers()

    def deliverBody(self, protocol):
        protocol.connectionLost(Failure(ResponseDone()))


class Receiver(object):
    """An IAgent whose receiver answers with `statuses`, then 200; 0 is a refused connection, and
    None no answer."""

    def __init__(self, statuses=()):
        self.statuses, self.urls, self.headers = list(statuses), [], []

    def request(self, method, url, headers=None, body=None):
        self.urls.append(url.decode('ascii'))
        self.headers.append(headers)
        status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            return defer.Deferred()
        return defer.fail(OSError()) if not status else defer.succeed(Response(status))


@pytest.fixture
def clock():
    return Clock()


def hooks_to(clock, *statuses, **options):
    return Hooks(clock, 'http://receiver/hook', agent=Receiver(statuses), **options)


def deliver(hooks, clock, seconds=0.0):
    hooks.send('message.outgoing', NOTE)
    clock.pump([0.0] + [0.125] * int(round(seconds * 8)))
    return hooks.listed()[-1]


def test_an_accepted_delivery_is_made_once(clock):
    delivery = deliver(hooks_to(clock), clock, 30)
    assert (delivery['statuses'], delivery['accepted'], delivery['note']) == ([200], 0.0, 7)


@pytest.mark.parametrize('status', [0, 302, 401, 404, 500, 503])
def test_a_delivery_that_is_not_accepted_is_tried_again_later(clock, status):
    hooks = hooks_to(clock, status, status)
    assert deliver(hooks, clock)['statuses'] == [status]
    clock.advance(RETRY_AFTER[0])
    assert hooks.listed()[0]['statuses'] == [status] * 2
    clock.advance(RETRY_AFTER[1] - 0.1)
    assert hooks.settings()['under_way'] == 1
    clock.advance(0.1)
    [delivery] = hooks.listed()
    assert delivery['statuses'] == [status, status, 200]
    assert delivery['accepted'] == pytest.approx(RETRY_AFTER[0] + RETRY_AFTER[1])
    assert hooks.settings()['under_way'] == 0


def test_a_receiver_that_does_not_answer_has_so_much_time(clock):
    hooks = hooks_to(clock, None)
    assert deliver(hooks, clock, PATIENCE - 0.125)['statuses'] == []
    clock.advance(0.125)
    clock.advance(RETRY_AFTER[0])
    assert hooks.listed()[0]['statuses'] == [0, 200]


def test_a_delivery_is_given_up_in_the_end(clock):
    hooks = hooks_to(clock, *[500] * 1000)
    delivery = deliver(hooks, clock, sum(RETRY_AFTER) + 1)
    assert len(delivery['statuses']) == len(RETRY_AFTER)
    assert delivery['accepted'] is None
    assert delivery['given_up'] == pytest.approx(sum(RETRY_AFTER))
    assert hooks.settings()['under_way'] == 0


def test_a_retry_goes_where_the_webhook_is_set_to_then(clock):
    hooks = hooks_to(clock, 500, 500)
    deliver(hooks, clock)
    hooks.set({'url': ''})
    clock.advance(RETRY_AFTER[0])
    hooks.set({'url': 'http://other:8020/hook'})
    clock.advance(RETRY_AFTER[1])
    assert hooks.listed()[0]['statuses'] == [500, 0, 500]
    assert hooks._agent.urls == ['http://receiver/hook', 'http://other:8020/hook']


def test_without_a_url_nothing_is_sent(clock):
    hooks = Hooks(clock, agent=Receiver())
    hooks.send('message.outgoing', NOTE)
    assert (hooks.listed(), hooks.settings()['under_way']) == ([], 0)


@pytest.mark.parametrize('url, plain, names', [
    ('http://a:b@h/x?y=1', 'http://h/x?y=1', b'a:b'),
    ('http://a@[::1]:8/', 'http://[::1]:8/', b'a:'),
    ('http://a:%c3%a9%3A@h/', 'http://h/', b'a:\xc3\xa9:'), ('https://h/x', 'https://h/x', None)])
def test_user_and_password_go_into_a_header(clock, url, plain, names):
    hooks = hooks_to(clock)
    hooks.set({'url': url})
    deliver(hooks, clock)
    assert hooks._agent.urls == [plain]
    header = hooks._agent.headers[0].getRawHeaders(b'authorization')
    assert header == (names and [b'Basic ' + base64.b64encode(names)])


def test_deliveries_can_be_doubled(clock):
    hooks = hooks_to(clock)
    hooks.set({'duplicate': 1.0})
    deliver(hooks, clock)
    assert [each['statuses'] for each in hooks.listed()] == [[200], [200]]


def test_deliveries_can_be_held_back_and_so_come_out_of_order(clock):
    hooks = hooks_to(clock, seed=1)
    hooks.set({'delay': 5})
    for _ in range(10):
        hooks.send('message.outgoing', NOTE)
    clock.pump([0.01] * 501)
    times = [each['accepted'] for each in hooks.listed()]
    assert times != sorted(times)
    assert all(0 <= time <= 5 for time in times)


def test_what_is_delivered_can_be_followed(clock):
    hooks = hooks_to(clock)
    for _ in range(5):
        deliver(hooks, clock)
    assert [each['number'] for each in hooks.listed(since=2, limit=2)] == [3, 4]


@pytest.mark.parametrize('settings', [
    {'url': 'nowhere'}, {'url': None}, {'url': 'http://'}, {'url': 'http://h:99999999/'},
    {'url': 'ftp://host/'}, {'url': 'http://[/'}, {'delay': '2'}, {'delay': -1},
    {'duplicate': 2}, {'duplicate': True}, {'duplicate': float('nan')}, {'raw_line_feeds': 1},
    {'speed': 1}])
def test_settings_that_make_no_sense_change_nothing(clock, settings):
    hooks = hooks_to(clock)
    before = hooks.settings()
    with pytest.raises(ValueError):
        hooks.set(dict(settings, **{} if 'delay' in settings else {'delay': 1}))
    assert hooks.settings() == before


def test_a_reset_gives_up_what_is_under_way(clock):
    hooks = hooks_to(clock, None, 500)
    deliver(hooks, clock)
    deliver(hooks, clock)
    hooks.reset()
    assert (hooks.listed(), hooks.settings()['under_way']) == ([], 0)
    clock.advance(100)
    assert len(hooks._agent.urls) == 2
    assert deliver(hooks, clock)['number'] == 3


@given(st.text())
def test_line_feeds_can_stand_raw_in_the_json_and_nothing_else_is_changed(text):
    text = 'bye\n\\nline2' + text
    raw = leave_line_feeds_raw(json.dumps({'content': text}))
    assert '\n' in raw
    assert json.loads(raw, strict=False) == {'content': text}


@pytest_twisted.inlineCallbacks
def test_a_real_receiver_gets_a_form_with_two_fields_and_the_urls_credentials(
        make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url)
    nonce = yield caller.note()
    yield receiver.until(3)
    assert receiver.events() == ['contact.created', 'message.incoming', 'ticket.created']
    caller.standin.agent.reply(nonce, '<p>Hi &amp; bye</p>')
    yield receiver.until(5)
    assert {(user, password) for user, password, _ in receiver.got} == {(b'anyone', b's3@cret')}
    assert {tuple(sorted(fields)) for _, _, fields in receiver.got} == {(b'data', b'event')}
    note = receiver.data('message.outgoing')['note']
    assert (note['ticket']['nonce'], note['content']) == (nonce, '<p>Hi &amp; bye</p>\n')


@pytest_twisted.inlineCallbacks
def test_a_real_receiver_that_says_no_is_asked_again(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url, raw_line_feeds=True)
    receiver.statuses = [503]
    caller.standin.hooks.send('message.outgoing', NOTE)
    yield receiver.until(2)
    assert receiver.got[0] == receiver.got[1]
    data = receiver.got[0][2][b'data'][0]
    assert b'bye\nline2' in data
