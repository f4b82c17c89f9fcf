# -*- coding: utf-8 -*-
"""Snappy's hook is let in, understood, and answered when its reply is stored; nobody else is."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json

import attr
import pytest
import pytest_twisted
import treq
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import defer
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from tests.http.doubles import (
    Counts, Listening, RecordingStore, fed, kept_logs, request, served, statuses, wait_until)
from tests.snappy.test_hook import JSON, NOTE, body, note
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.server import GuardedSite
from vumi_snappy.outbound.webhook import WebhookResource
from vumi_snappy.records import Accepted
from vumi_snappy.snappy.hook import HookEvent
from vumi_snappy.store.errors import StoreRefused, StoreUnavailable

SECRET = 'sesam-öffne-dich'
FORM = b'Content-Type: application/x-www-form-urlencoded'
FORM_UTF8 = b'Content-Type: Application/X-WWW-Form-Urlencoded; charset="UTF-8"'


def basic(password, user='anyone'):
    coded = base64.b64encode(('%s:%s' % (user, password)).encode('utf-8'))
    return b'Authorization: Basic ' + coded


def quoted(text):
    return ''.join('%%%02X' % (byte,) for byte in bytearray(text.encode('utf-8'))).encode('ascii')


class Hook(object):
    """The webhook on a real port, a store that remembers, and what was counted and logged."""

    def __init__(self, secrets=(SECRET,), path='/snappy', **options):
        self.clock = Clock()
        self.store = RecordingStore()
        self.counts = Counts()
        self.logged = []
        webhook = WebhookResource(self.store, list(secrets), path, self.counts, self.clock,
                                  **options)
        # The limits of the server are not what is told here.
        self._listening = Listening(GuardedSite(
            served(webhook), Clock(), Limits(max_body=2 * 1024 * 1024)))
        self.port = self._listening.number
        self.send = self._listening.send
        self.stop = self._listening.stop

    def ask(self, sent=b'', path=b'/snappy', headers=(basic(SECRET),), form=FORM):
        return self._listening.ask(request(b'POST', path, sent, list(headers) + [form]))

    @defer.inlineCallbacks
    def gets(self, status, sent=body(note()), *where, **how):
        """Whether the answer to what is `sent` has that status; fires with it."""
        answer = yield self.ask(sent, *where, **how)
        assert answer.status == status
        defer.returnValue(answer)


@pytest.fixture
def serve():
    hooks = []

    def start(*args, **kwargs):
        hook = Hook(*args, **kwargs)
        globalLogPublisher.addObserver(hook.logged.append)
        hooks.append(hook)
        return hook
    yield start
    for hook in hooks:
        globalLogPublisher.removeObserver(hook.logged.append)
        pytest_twisted.blockon(hook.stop())
        # Whatever a test does: what is secret or an agent's is in no log.
        for word in ('sesam', 'Hello', 'leaked', 'öffne'):
            assert word not in kept_logs(hook.logged)


@pytest.fixture
def hook(serve):
    return serve()


# Who is let in.

@pytest.mark.parametrize('path, headers', [
    (b'/snappy', [basic(SECRET)]), (b'/snappy/', [basic(SECRET)]),
    (b'/snappy/' + quoted(SECRET), [])])
@pytest_twisted.inlineCallbacks
def test_a_reply_with_the_secret_as_password_or_last_part_of_the_path_is_stored(
        hook, path, headers):
    answer = yield hook.gets(200, body(note()), path, headers)
    assert answer.json == {'result': 'stored'}
    assert [each.note_id for each in hook.store.notes] == ['4711']
    assert hook.counts.told == ['webhooks.accepted']


@pytest_twisted.inlineCallbacks
def test_the_urls_of_the_readme_work_with_an_ordinary_client(serve):
    hook = serve(secrets=['plain:secret'])
    for url, auth in (('http://127.0.0.1:%d/snappy', ('anyone', 'plain:secret')),
                      ('http://127.0.0.1:%d/snappy/plain%%3Asecret', None)):
        response = yield treq.post(
            url % (hook.port,), auth=auth, persistent=False,
            data={'event': 'message.outgoing', 'data': json.dumps(note()).encode('utf-8')})
        assert response.code == 200
    assert len(hook.store.notes) == 2


@pytest.mark.parametrize('secret, path', [
    (secret, '/snappy') for secret in ('a/b//c', 'a+b c', '%41', 'ü/☃', '?#', ':', '.', '..')
] + [(SECRET, path) for path in ('/', '', '/a/b/', 'snappy')])
@pytest_twisted.inlineCallbacks
def test_a_secret_may_hold_any_character_and_the_webhook_be_at_any_path(serve, secret, path):
    hook = serve(secrets=[secret], path=path)
    base = ('/' + path.strip('/')).encode('ascii')
    for at, headers in ((base, [basic(secret)]),
                        (base.rstrip(b'/') + b'/' + quoted(secret), [])):
        yield hook.gets(200, body(note()), at, headers=headers)


@pytest_twisted.inlineCallbacks
def test_while_the_secret_is_changed_the_old_and_the_new_one_are_good(serve):
    hook = serve(secrets=['old', 'new'])
    for secret, status in (('old', 200), ('new', 200), ('older', 401), ('oldnew', 401)):
        yield hook.gets(status, headers=[basic(secret)])


@pytest.mark.parametrize('path, headers', [
    (b'/snappy', []), (b'/snappy/%00', []), (b'/snappy/x', [basic(SECRET)]),
    (b'/snappy?' + quoted(SECRET), []), (b'/snappy/' + quoted(SECRET) + b'/', [])
] + [(b'/snappy', [header]) for header in (
    basic(''), basic(SECRET + ' '), basic(SECRET[:-1]), basic('', user=SECRET),
    b'Authorization: Basic', b'Authorization: Basic !!!!', b'Authorization: Basic \xff\xfe',
    b'Authorization: Bearer ' + basic(SECRET).split(b' ')[-1])])
@pytest_twisted.inlineCallbacks
def test_without_the_right_secret_nothing_is_taken(hook, path, headers):
    answer = yield hook.gets(401, body(note()), path, headers)
    assert answer.headers['www-authenticate'] == 'Basic realm="vumi-snappy"'
    assert hook.store.notes == []
    assert hook.counts.told == ['webhooks.rejected']


@pytest.mark.parametrize('secrets', [[], [''], ['good', '']])
def test_there_is_no_webhook_without_a_secret(secrets):
    with pytest.raises(ValueError):
        WebhookResource(RecordingStore(), secrets, '/snappy', Counts(), Clock())


@pytest_twisted.inlineCallbacks
def test_who_guesses_waits_longer_each_time_and_who_knows_does_not(hook):
    for _ in range(3):
        yield hook.gets(401, b'', headers=[basic('wrong')])
    waiting = hook.gets(401, headers=[basic('wrong')])
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not held back')
    assert not waiting.called
    yield hook.gets(200)
    hook.clock.advance(0.25)
    yield waiting
    waiting = hook.gets(401, headers=[basic('wrong')])
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not held back')
    hook.clock.advance(0.25)
    assert hook.clock.getDelayedCalls()
    hook.clock.advance(0.25)
    yield waiting


@pytest_twisted.inlineCallbacks
def test_a_guesser_who_does_not_wait_leaves_nothing_behind(hook):
    for _ in range(3):
        yield hook.ask(headers=[basic('wrong')])
    raw = yield hook.send(request(path=b'/snappy'))
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not held back')
    raw.transport.abortConnection()
    yield wait_until(lambda: not hook.clock.getDelayedCalls(), lambda: 'still held back')
    assert hook.counts.told == ['webhooks.rejected'] * 3
    assert 'failed' not in kept_logs(hook.logged)
    # A wrong secret is told in the log once.
    [line] = [line for line in kept_logs(hook.logged).split('\n') if 'had no valid secret' in line]
    assert '127.0.0.1' in line


@pytest.mark.parametrize('options, forwarded, status', [
    (dict(allowed_networks=['198.51.100.0/24']), b'', 403),
    (dict(allowed_networks=['127.0.0.0/8']), b'', 200),
    (dict(allowed_networks=['198.51.100.0/24'], trusted_proxies=['127.0.0.1']),
     b'198.51.100.7', 200),
    (dict(allowed_networks=['198.51.100.0/24'], trusted_proxies=['127.0.0.1']),
     b'198.51.100.7, 203.0.113.9', 403)])
@pytest_twisted.inlineCallbacks
def test_only_allowed_networks_may_call_and_behind_a_trusted_proxy_it_tells_from_where(
        serve, options, forwarded, status):
    hook = serve(**options)
    yield hook.gets(status, headers=[basic(SECRET), b'X-Forwarded-For: ' + forwarded])
    assert hook.counts.told == ['webhooks.accepted' if status == 200 else 'webhooks.rejected']


# How it is called.

@pytest.mark.parametrize('method', [b'GET', b'HEAD', b'PUT', b'DELETE', b'OPTIONS', b'WHATEVER'])
@pytest.mark.parametrize('path', [b'/snappy', b'/snappy/', b'/snappy/x'])
@pytest_twisted.inlineCallbacks
def test_any_other_method_is_told_which_one_is_taken(hook, method, path):
    raw = yield hook.send(request(method, path))
    yield raw.until(b'\r\n\r\n')
    assert raw.got.startswith(b'HTTP/1.1 405 ')
    assert b'\r\nAllow: POST\r\n' in raw.got
    assert hook.counts.told == ['webhooks.rejected']


@pytest.mark.parametrize('form, status', [
    (FORM, 200), (FORM_UTF8, 200), (FORM + b';charset=us-ascii', 200), (FORM + b'; x=y', 200),
    (b'Content-Type: application/json', 415), (FORM + b'; charset=latin-1', 415),
    (b'Content-Type: multipart/form-data; boundary=x', 415), (b'Content-Type:', 415),
    (b'X-None: x', 415), (FORM + b'x', 415),
    (b'Content-Type: application/x-www-form-urlencoded, text/plain', 415)])
@pytest_twisted.inlineCallbacks
def test_a_form_is_taken_with_or_without_its_charset_and_any_other_type_refused(
        hook, form, status):
    yield hook.gets(status, form=form)
    assert hook.counts.told == ['webhooks.accepted' if status == 200 else 'webhooks.rejected']


@pytest_twisted.inlineCallbacks
def test_a_body_may_be_as_long_as_the_limit_to_the_byte(serve):
    sent = body(note())
    hook = serve(max_body=len(sent))
    yield hook.gets(200, sent)
    yield hook.gets(413, sent + b'&')
    assert hook.counts.told[-1] == 'webhooks.rejected'


@pytest.mark.parametrize('sent, field', [
    (b'', 'event'), (b'event=message.outgoing', 'data'), (body('{'), 'data'),
    (body('[' * 100000), 'data'), (body('{"note": NaN}'), 'data'), (body({}), 'data.note'),
    (body(note()) + b'&event=x', 'field of the form is given twice'), (b'event=%ff', 'UTF-8'),
    (body(note(ticket='x')), 'data.note.ticket'), (body(note(id=None)), 'data.note.id'),
])
@pytest_twisted.inlineCallbacks
def test_what_can_not_be_understood_is_refused_with_the_field_and_told_in_the_log(
        hook, sent, field):
    answer = yield hook.gets(400, sent)
    assert field in answer.json['error']
    assert answer.json['error'] in kept_logs(hook.logged)
    assert (hook.store.notes, hook.counts.told) == ([], ['webhooks.rejected'])


# What is done about it.

@pytest_twisted.inlineCallbacks
def test_the_agents_words_reach_the_store_as_they_were_written_and_no_tokens(hook):
    html = '<p>Hi &amp; bye\nline2 \u0634\u0643\u0631\u0627 \U0001f469\u200d\U0001f4bb</p>\n'
    raw = json.dumps(note(content=html)).replace('\\n', '\n')
    yield hook.ask(body(raw))
    [kept] = hook.store.notes
    assert kept.html == html
    assert (kept.nonce, kept.ticket_id, kept.staff_id) == ('k3jd82hs7ahq92m1', '1001', '7')
    assert 'leaked' in raw and 'leaked' not in repr(kept)


@pytest.mark.parametrize('sent, why', [
    (body(note(scope='private')), 'private'),
    (body(note(), 'message.private'), 'private'),
    (body(note(created_by_staff_id=None, created_by_contact_id=3)), 'not_by_staff'),
    (body(note(), 'message.incoming'), 'not_a_reply'),
    (body({'contact': {'value': 'x@example.org'}}, 'contact.created'), 'not_a_reply'),
    (body({'ticket': {}, 'added': [], 'removed': ['#x']}, 'tags.changed'), 'no_ticket'),
    (body('sesam', 'sesam.changed\nforged line'), 'unknown_event'),
])
@pytest_twisted.inlineCallbacks
def test_what_is_no_reply_is_accepted_counted_and_goes_nowhere(hook, sent, why):
    answer = yield hook.gets(200, sent)
    assert answer.json == {'result': 'ignored: ' + why}
    assert hook.counts.told == ['webhooks.accepted', 'webhooks.ignored']
    assert hook.store.notes == []


@pytest_twisted.inlineCallbacks
def test_what_is_told_of_a_ticket_is_kept_before_it_is_accepted(hook):
    sent = body({'ticket': dict(NOTE['ticket'], status='waiting')}, 'ticket.replied')
    hook.store.answers = [StoreUnavailable('away'), Accepted.STORED, Accepted.DUPLICATE,
                          Accepted.UNKNOWN_TICKET]
    for status, result in ((503, None), (200, 'stored'), (200, 'duplicate'),
                           (200, 'ignored: unknown_ticket')):
        answer = yield hook.gets(status, sent)
        assert answer.json.get('result') == result
    assert [(event.nonce, event.status) for event in hook.store.events] == [
        ('k3jd82hs7ahq92m1', 'replied')] * 3
    accepted = 'webhooks.accepted'
    assert hook.counts.told == ['webhooks.rejected', accepted, accepted, 'webhooks.duplicate',
                                accepted, 'webhooks.ignored']


@pytest_twisted.inlineCallbacks
def test_a_private_note_tells_only_by_which_names_its_ticket_is_known(hook):
    for name in ('message.private', 'message.incoming'):
        yield hook.ask(body(note(content='<p>Hello</p>'), name))
    assert [attr.astuple(event)[:3] for event in hook.store.events] == [
        ('message.private', 'k3jd82hs7ahq92m1', '1001'),
        ('message.incoming', 'k3jd82hs7ahq92m1', '1001')]
    assert 'Hello' not in repr(hook.store.events)


@pytest.mark.parametrize('accepted, status, result, counted', [
    (Accepted.UNKNOWN_TICKET, 200, 'ignored: unknown_ticket', ['accepted', 'ignored']),
    (Accepted.REFUSED, 200, 'refused', ['accepted', 'replies.refused']),
    (Accepted.TOO_EARLY, 503, None, ['rejected']),
    (Accepted.DUPLICATE, 200, 'duplicate', ['accepted', 'duplicate'])])
@pytest_twisted.inlineCallbacks
def test_what_became_of_a_reply_in_the_store_is_answered_and_counted(
        hook, accepted, status, result, counted):
    hook.store.answers = [accepted]
    answer = yield hook.gets(status, body(note(ticket_id=2002)))
    assert answer.json.get('result') == result
    assert ('retry-after' in answer.headers) == (status == 503)
    assert hook.counts.told == [
        each if '.' in each else 'webhooks.' + each for each in counted]
    assert ('Note 4711 is not sent' in kept_logs(hook.logged)) == (accepted is Accepted.REFUSED)


@pytest_twisted.inlineCallbacks
def test_the_answer_waits_for_the_store(hook):
    storing = defer.Deferred()
    hook.store.answers = [storing]
    answer = hook.gets(200)
    yield wait_until(lambda: hook.store.notes, lambda: 'not stored')
    assert (answer.called, hook.counts.told) == (False, [])
    storing.callback(Accepted.STORED)
    yield answer


@pytest.mark.parametrize('failure, why', [
    (StoreUnavailable('Redis is away: Hello'), 'The store is not available'),
    (StoreRefused('Redis said: Hello'), 'The store is not available'),
    (KeyError('Hello'), 'Something failed on the server'),
])
@pytest_twisted.inlineCallbacks
def test_while_a_reply_can_not_be_stored_snappy_is_told_to_try_again(hook, failure, why):
    hook.store.answers = [failure]
    answer = yield hook.gets(503)
    assert answer.headers['retry-after'] == '30'
    assert answer.json['error'] == why + ': try again later.'
    assert hook.counts.told == ['webhooks.rejected']
    assert type(failure).__name__ in kept_logs(hook.logged)
    assert 'Hello' not in answer.body.decode('ascii')
    yield hook.gets(200)


@pytest_twisted.inlineCallbacks
def test_a_store_that_never_answers_is_given_up(hook):
    hook.store.answers = [defer.Deferred()]
    waiting = hook.gets(503)
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not waiting')
    hook.clock.advance(15)
    yield waiting
    assert hook.counts.told == ['webhooks.rejected']


@pytest_twisted.inlineCallbacks
def test_a_counter_that_fails_is_no_500(hook):
    hook.counts.count = lambda name: 1 // 0
    yield hook.gets(503)


@pytest_twisted.inlineCallbacks
def test_when_the_caller_goes_away_the_store_is_left_to_finish(hook):
    cancelled = []
    storing = defer.Deferred(cancelled.append)
    hook.store.answers = [storing]
    raw = yield hook.send(
        request(path=b'/snappy', body=body(note()), headers=[basic(SECRET), FORM]))
    yield wait_until(lambda: hook.store.notes, lambda: 'not stored')
    raw.transport.abortConnection()
    yield wait_until(lambda: not hook.clock.getDelayedCalls(), lambda: 'still waiting')
    assert cancelled == []
    storing.callback(Accepted.STORED)
    assert hook.counts.told == []
    assert 'failed' not in kept_logs(hook.logged)


@pytest.mark.parametrize('path', [
    b'/', b'/other', b'/snappyx', b'/%2Fother', b'/snappy%2Fx/..', b'/<secret>', b'/snappy;x',
    b'//snappy/sesam', b'/snappy//sesam', b'/x/../snappy/sesam'])
@pytest_twisted.inlineCallbacks
def test_elsewhere_is_nothing_and_nobody_is_sent_on_with_a_secret_in_the_address(serve, path):
    answer = yield serve().ask(body(note()), path)
    assert answer.status in (401, 404)
    assert answer.json['error']
    assert 'sesam' not in '%s' % (answer.headers,)


@given(st.binary(max_size=10) | st.sampled_from([b'snappy', b'snappy/']),
       st.binary(max_size=60) | st.just(body(note())) | st.builds(
           body, JSON | st.fixed_dictionaries({'ticket': JSON, 'added': JSON, 'note': JSON}),
           st.sampled_from([each.value for each in HookEvent] + ['tomorrow.invented'])),
       st.lists(st.sampled_from([
           FORM, basic(SECRET), b'Host: ', b'Cookie: \xff=\xff', b'X-Forwarded-For: \xff',
           b'Authorization: Basic \xc3', b'Accept-Encoding: gzip', b'Connection: upgrade',
           b'Upgrade: websocket', b'Content-Type: \xff']), max_size=4))
def test_whatever_is_sent_is_never_a_500(path, sent, headers):
    webhook = WebhookResource(RecordingStore(), [SECRET], '/snappy', Counts(), Clock(),
                              trusted_proxies=['127.0.0.1'])
    channel, transport = fed(GuardedSite(served(webhook), Clock()),
                             request(b'POST', b'/' + path, sent, headers))
    assert len(statuses(transport)) == 1
    assert statuses(transport) <= {200, 400, 401, 404, 415}
    channel.connectionLost(None)
