# -*- coding: utf-8 -*-
"""Snappy's hook is let in, understood, and answered when its reply is stored; nobody else is."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

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

from tests.test_hooks import JSON, NOTE, body, note
from tests.web_doubles import (
    Counts, Listening, RecordingStore, fed, kept_logs, request, statuses, wait_until)
from vumi_snappy.hooks import HookEvent
from vumi_snappy.httpd import GuardedSite, Limits
from vumi_snappy.records import Accepted
from vumi_snappy.store.errors import StoreRefused, StoreUnavailable
from vumi_snappy.webhook import WebhookResource

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
            webhook.resource(), Clock(), Limits(max_body=2 * 1024 * 1024)))
        self.port = self._listening.number
        self.connect = self._listening.connect
        self.stop = self._listening.stop

    def ask(self, sent=b'', path=b'/snappy', headers=(basic(SECRET),), method=b'POST', form=FORM):
        return self._listening.ask(request(method, path, sent, list(headers) + [form]))


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


# Who is let in.

@pytest_twisted.inlineCallbacks
def test_a_reply_with_the_secret_as_password_is_stored(serve):
    hook = serve()
    answer = yield hook.ask(body(note()))
    assert (answer.status, answer.json) == (200, {'result': 'stored'})
    assert [each.note_id for each in hook.store.notes] == ['4711']
    assert hook.counts.told == [('accepted', 'message.outgoing')]


@pytest_twisted.inlineCallbacks
def test_a_reply_with_the_secret_as_last_part_of_the_path_is_stored(serve):
    hook = serve()
    answer = yield hook.ask(body(note()), b'/snappy/' + quoted(SECRET), headers=())
    assert answer.status == 200
    assert len(hook.store.notes) == 1


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


@pytest.mark.parametrize('path', [b'/snappy', b'/snappy/'])
@pytest_twisted.inlineCallbacks
def test_a_slash_at_the_end_of_the_path_is_no_matter(serve, path):
    answer = yield serve().ask(body(note()), path)
    assert answer.status == 200


@pytest.mark.parametrize('secret', ['a/b//c', 'a+b c', '%41', 'ü/☃', '?#', ':', '.', '..'])
@pytest_twisted.inlineCallbacks
def test_a_secret_may_hold_any_character(serve, secret):
    hook = serve(secrets=[secret])
    for path, headers in ((b'/snappy', [basic(secret)]), (b'/snappy/' + quoted(secret), [])):
        answer = yield hook.ask(body(note()), path, headers=headers)
        assert answer.status == 200


@pytest.mark.parametrize('path', ['/', '', '/a/b/', 'snappy'])
@pytest_twisted.inlineCallbacks
def test_the_webhook_may_be_at_any_path(serve, path):
    hook = serve(path=path)
    base = ('/' + path.strip('/')).encode('ascii')
    below = base.rstrip(b'/') + b'/' + quoted(SECRET)
    for at, headers in ((base, [basic(SECRET)]), (below, [])):
        answer = yield hook.ask(body(note()), at, headers=headers)
        assert answer.status == 200


@pytest_twisted.inlineCallbacks
def test_while_the_secret_is_changed_the_old_and_the_new_one_are_good(serve):
    hook = serve(secrets=['old', 'new'])
    for secret, status in (('old', 200), ('new', 200), ('older', 401), ('oldnew', 401)):
        answer = yield hook.ask(body(note()), headers=[basic(secret)])
        assert answer.status == status


@pytest.mark.parametrize('path, headers', [
    (b'/snappy', []),
    (b'/snappy', [basic('')]),
    (b'/snappy', [basic(SECRET + ' ')]),
    (b'/snappy', [basic(SECRET[:-1])]),
    (b'/snappy', [basic('', user=SECRET)]),
    (b'/snappy', [b'Authorization: Basic']),
    (b'/snappy', [b'Authorization: Basic !!!!']),
    (b'/snappy', [b'Authorization: Basic \xff\xfe']),
    (b'/snappy', [b'Authorization: Bearer ' + basic(SECRET).split(b' ')[-1]]),
    (b'/snappy?' + quoted(SECRET), []),
    (b'/snappy/' + quoted(SECRET) + b'/', []),
    (b'/snappy/x', [basic(SECRET)]),
    (b'/snappy/%00', []),
])
@pytest_twisted.inlineCallbacks
def test_without_the_right_secret_nothing_is_taken(serve, path, headers):
    hook = serve()
    answer = yield hook.ask(body(note()), path, headers=headers)
    assert answer.status == 401
    assert answer.headers['www-authenticate'] == 'Basic realm="vumi-snappy"'
    assert hook.store.notes == []
    assert hook.counts.told == [('rejected', 'secret')]


@pytest.mark.parametrize('secrets', [[], [''], ['good', '']])
def test_there_is_no_webhook_without_a_secret(secrets):
    with pytest.raises(ValueError):
        WebhookResource(RecordingStore(), secrets, '/snappy', Counts(), Clock())


@pytest_twisted.inlineCallbacks
def test_who_guesses_waits_longer_each_time_and_who_knows_does_not(serve):
    hook = serve()
    for _ in range(3):
        answer = yield hook.ask(headers=[basic('wrong')])
        assert answer.status == 401
    waiting = hook.ask(headers=[basic('wrong')])
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not held back')
    assert not waiting.called
    answer = yield hook.ask(body(note()))
    assert answer.status == 200
    hook.clock.advance(0.25)
    answer = yield waiting
    assert answer.status == 401
    waiting = hook.ask(headers=[basic('wrong')])
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not held back')
    hook.clock.advance(0.25)
    assert hook.clock.getDelayedCalls()
    hook.clock.advance(0.25)
    yield waiting


@pytest_twisted.inlineCallbacks
def test_a_guesser_who_does_not_wait_leaves_nothing_behind(serve):
    hook = serve()
    for _ in range(3):
        yield hook.ask(headers=[basic('wrong')])
    raw = yield hook.connect()
    raw.send(request(path=b'/snappy'))
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not held back')
    raw.transport.abortConnection()
    yield wait_until(lambda: not hook.clock.getDelayedCalls(), lambda: 'still held back')
    assert hook.counts.told == [('rejected', 'secret')] * 3
    assert 'failed' not in kept_logs(hook.logged)


@pytest_twisted.inlineCallbacks
def test_a_wrong_secret_is_told_in_the_log_once(serve):
    hook = serve()
    for _ in range(3):
        yield hook.ask(headers=[basic('wrong')])
    told = [line for line in kept_logs(hook.logged).split('\n') if 'without our secret' in line]
    assert len(told) == 1
    assert '127.0.0.1' in told[0]


@pytest_twisted.inlineCallbacks
def test_only_allowed_networks_may_call_when_they_are_named(serve):
    hook = serve(allowed_networks=['198.51.100.0/24'])
    answer = yield hook.ask(body(note()))
    assert (answer.status, hook.counts.told) == (403, [('rejected', 'network')])
    hook = serve(allowed_networks=['127.0.0.0/8'])
    answer = yield hook.ask(body(note()))
    assert answer.status == 200


@pytest_twisted.inlineCallbacks
def test_behind_a_trusted_proxy_it_is_the_forwarded_address_that_counts(serve):
    hook = serve(allowed_networks=['198.51.100.0/24'], trusted_proxies=['127.0.0.1'])
    for forwarded, status in ((b'198.51.100.7', 200), (b'198.51.100.7, 203.0.113.9', 403)):
        answer = yield hook.ask(body(note()), headers=[
            basic(SECRET), b'X-Forwarded-For: ' + forwarded])
        assert answer.status == status


# How it is called.

@pytest.mark.parametrize('method', [b'GET', b'HEAD', b'PUT', b'DELETE', b'OPTIONS', b'WHATEVER'])
@pytest.mark.parametrize('path', [b'/snappy', b'/snappy/', b'/snappy/x'])
@pytest_twisted.inlineCallbacks
def test_any_other_method_is_told_which_one_is_taken(serve, method, path):
    hook = serve()
    raw = yield hook.connect()
    raw.send(request(method, path))
    yield raw.until(b'\r\n\r\n')
    assert raw.got.startswith(b'HTTP/1.1 405 ')
    assert b'\r\nAllow: POST\r\n' in raw.got
    assert hook.counts.told == [('rejected', 'method')]


@pytest.mark.parametrize('form', [FORM, FORM_UTF8, FORM + b';charset=us-ascii', FORM + b'; x=y'])
@pytest_twisted.inlineCallbacks
def test_a_form_is_taken_with_or_without_its_charset(serve, form):
    answer = yield serve().ask(body(note()), form=form)
    assert answer.status == 200


@pytest.mark.parametrize('form', [
    b'Content-Type: application/json', b'Content-Type: multipart/form-data; boundary=x',
    b'Content-Type:', b'X-None: x', FORM + b'x', FORM + b'; charset=latin-1',
    b'Content-Type: application/x-www-form-urlencoded, text/plain'])
@pytest_twisted.inlineCallbacks
def test_any_other_type_is_refused(serve, form):
    hook = serve()
    answer = yield hook.ask(body(note()), form=form)
    assert (answer.status, hook.counts.told) == (415, [('rejected', 'type')])


@pytest_twisted.inlineCallbacks
def test_a_body_may_be_as_long_as_the_limit_to_the_byte(serve):
    sent = body(note())
    hook = serve(max_body=len(sent))
    answer = yield hook.ask(sent)
    assert answer.status == 200
    answer = yield hook.ask(sent + b'&')
    assert (answer.status, hook.counts.told[-1]) == (413, ('rejected', 'size'))


@pytest.mark.parametrize('sent, field', [
    (b'', 'event'), (b'event=message.outgoing', 'data'), (body('{'), 'data'),
    (body('[' * 100000), 'data'), (body('{"note": NaN}'), 'data'), (body({}), 'data.note'),
    (body(note()) + b'&event=x', 'field of the form is given twice'), (b'event=%ff', 'UTF-8'),
    (body(note(ticket='x')), 'data.note.ticket'), (body(note(id=None)), 'data.note.id'),
])
@pytest_twisted.inlineCallbacks
def test_what_can_not_be_understood_is_refused_with_the_field_and_told_in_the_log(
        serve, sent, field):
    hook = serve()
    answer = yield hook.ask(sent)
    assert answer.status == 400
    assert field in answer.json['error']
    assert answer.json['error'] in kept_logs(hook.logged)
    assert (hook.store.notes, hook.counts.told) == ([], [('rejected', 'body')])


# What is done about it.

@pytest_twisted.inlineCallbacks
def test_the_agents_words_reach_the_store_as_they_were_written(serve):
    hook = serve()
    html = '<p>Hi &amp; bye\nline2 \u0634\u0643\u0631\u0627 \U0001f469\u200d\U0001f4bb</p>\n'
    raw = json.dumps(note(content=html)).replace('\\n', '\n')
    yield hook.ask(body(raw))
    [kept] = hook.store.notes
    assert kept.html == html
    assert (kept.nonce, kept.ticket_id, kept.staff_id) == ('k3jd82hs7ahq92m1', '1001', '7')


@pytest_twisted.inlineCallbacks
def test_a_staff_members_tokens_do_not_reach_the_store(serve):
    hook = serve()
    yield hook.ask(body(note()))
    assert 'leaked' not in repr(hook.store.notes)
    assert 'leaked' in repr(NOTE)


@pytest.mark.parametrize('sent, event, why', [
    (body(note(scope='private')), 'message.outgoing', 'private'),
    (body(note(), 'message.private'), 'message.private', 'private'),
    (body(note(created_by_staff_id=None, created_by_contact_id=3)), 'message.outgoing',
     'not_by_staff'),
    (body(note(), 'message.incoming'), 'message.incoming', 'not_a_reply'),
    (body({'contact': {'value': 'x@example.org'}}, 'contact.created'), 'contact.created',
     'not_a_reply'),
    (body({'ticket': {}, 'added': [], 'removed': ['#x']}, 'tags.changed'), 'tags.changed',
     'no_ticket'),
    (body('sesam', 'sesam.changed\nforged line'), 'other', 'unknown_event'),
])
@pytest_twisted.inlineCallbacks
def test_what_is_no_reply_is_accepted_counted_and_goes_nowhere(serve, sent, event, why):
    hook = serve()
    answer = yield hook.ask(sent)
    assert (answer.status, answer.json) == (200, {'result': 'ignored: ' + why})
    assert hook.counts.told == [('accepted', event), ('ignored', why)]
    assert hook.store.notes == []


@pytest_twisted.inlineCallbacks
def test_what_is_told_of_a_ticket_is_kept_before_it_is_accepted(serve):
    hook = serve()
    sent = body({'ticket': dict(NOTE['ticket'], status='waiting')}, 'ticket.replied')
    hook.store.answers = [StoreUnavailable('away'), Accepted.STORED, Accepted.DUPLICATE,
                          Accepted.UNKNOWN_TICKET]
    told = []
    for status, result in ((503, None), (200, 'stored'), (200, 'duplicate'),
                           (200, 'ignored: unknown_ticket')):
        answer = yield hook.ask(sent)
        told.append((answer.status, answer.json.get('result')) == (status, result))
    assert all(told)
    assert [(event.nonce, event.status) for event in hook.store.events] == [
        ('k3jd82hs7ahq92m1', 'replied')] * 3
    accepted = ('accepted', 'ticket.replied')
    assert hook.counts.told == [('rejected', 'store'), accepted, accepted, ('duplicate',),
                                accepted, ('ignored', 'unknown_ticket')]


@pytest_twisted.inlineCallbacks
def test_a_private_note_tells_only_by_which_names_its_ticket_is_known(serve):
    hook = serve()
    for name in ('message.private', 'message.incoming'):
        yield hook.ask(body(note(content='<p>Hello</p>'), name))
    assert [attr.astuple(event)[:3] for event in hook.store.events] == [
        ('message.private', 'k3jd82hs7ahq92m1', '1001'),
        ('message.incoming', 'k3jd82hs7ahq92m1', '1001')]
    assert 'Hello' not in repr(hook.store.events)


@pytest_twisted.inlineCallbacks
def test_a_reply_on_a_ticket_that_is_not_ours_is_accepted_and_counted(serve):
    hook = serve()
    hook.store.answers = [Accepted.UNKNOWN_TICKET]
    answer = yield hook.ask(body(note()))
    assert answer.status == 200
    assert hook.counts.told == [('accepted', 'message.outgoing'), ('ignored', 'unknown_ticket')]


@pytest_twisted.inlineCallbacks
def test_a_repeated_webhook_is_accepted_and_counted(serve):
    hook = serve()
    hook.store.answers = [Accepted.STORED, Accepted.DUPLICATE]
    for _ in range(2):
        answer = yield hook.ask(body(note()))
        assert answer.status == 200
    assert hook.counts.told == [('accepted', 'message.outgoing'),
                                ('accepted', 'message.outgoing'), ('duplicate',)]


@pytest_twisted.inlineCallbacks
def test_the_answer_waits_for_the_store(serve):
    hook = serve()
    storing = defer.Deferred()
    hook.store.answers = [storing]
    answer = hook.ask(body(note()))
    yield wait_until(lambda: hook.store.notes, lambda: 'not stored')
    assert (answer.called, hook.counts.told) == (False, [])
    storing.callback(Accepted.STORED)
    answer = yield answer
    assert answer.status == 200


@pytest.mark.parametrize('failure, word', [
    (StoreUnavailable('Redis is away: Hello'), 'store'),
    (StoreRefused('Redis said: Hello'), 'store'),
    (KeyError('Hello'), 'fault'),
])
@pytest_twisted.inlineCallbacks
def test_while_a_reply_can_not_be_stored_snappy_is_told_to_come_again(serve, failure, word):
    hook = serve()
    hook.store.answers = [failure]
    answer = yield hook.ask(body(note()))
    assert (answer.status, answer.headers['retry-after']) == (503, '30')
    assert hook.counts.told == [('rejected', word)]
    assert type(failure).__name__ in kept_logs(hook.logged)
    assert 'Hello' not in answer.body.decode('ascii')
    answer = yield hook.ask(body(note()))
    assert answer.status == 200


@pytest_twisted.inlineCallbacks
def test_a_store_that_never_answers_is_given_up(serve):
    hook = serve()
    hook.store.answers = [defer.Deferred()]
    waiting = hook.ask(body(note()))
    yield wait_until(hook.clock.getDelayedCalls, lambda: 'not waiting')
    hook.clock.advance(15)
    answer = yield waiting
    assert answer.status == 503
    assert hook.counts.told == [('rejected', 'store')]


@pytest_twisted.inlineCallbacks
def test_a_counter_that_fails_is_no_500(serve):
    hook = serve()
    hook.counts.webhook_accepted = lambda name: 1 // 0
    answer = yield hook.ask(body(note()))
    assert answer.status == 503


@pytest_twisted.inlineCallbacks
def test_when_the_caller_goes_away_the_store_is_left_to_finish(serve):
    hook = serve()
    cancelled = []
    storing = defer.Deferred(cancelled.append)
    hook.store.answers = [storing]
    raw = yield hook.connect()
    raw.send(request(path=b'/snappy', body=body(note()), headers=[basic(SECRET), FORM]))
    yield wait_until(lambda: hook.store.notes, lambda: 'not stored')
    raw.transport.abortConnection()
    yield wait_until(lambda: not hook.clock.getDelayedCalls(), lambda: 'still waiting')
    assert cancelled == []
    storing.callback(Accepted.STORED)
    assert hook.counts.told == []
    assert 'failed' not in kept_logs(hook.logged)


@pytest.mark.parametrize('path', [
    b'/', b'/other', b'/snappyx', b'/%2Fother', b'/snappy%2Fx/..', b'/<secret>', b'/snappy;x'])
@pytest_twisted.inlineCallbacks
def test_elsewhere_there_is_nothing(serve, path):
    answer = yield serve().ask(body(note()), path)
    assert answer.status in (401, 404)
    assert answer.json['error']


@pytest.mark.parametrize('path', [b'//snappy/sesam', b'/snappy//sesam', b'/x/../snappy/sesam'])
@pytest_twisted.inlineCallbacks
def test_nobody_is_sent_elsewhere_with_a_secret_in_the_address(serve, path):
    answer = yield serve().ask(body(note()), path)
    assert answer.status in (401, 404)
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
    channel, transport = fed(GuardedSite(webhook.resource(), Clock()),
                             request(b'POST', b'/' + path, sent, headers))
    assert len(statuses(transport)) == 1
    assert statuses(transport) <= {200, 400, 401, 404, 415}
    channel.connectionLost(None)
