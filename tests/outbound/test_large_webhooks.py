# -*- coding: utf-8 -*-
"""Replies with pictures in them are taken; of what is too large, the agent hears."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64

import pytest
import pytest_twisted
from twisted.internet import defer
from twisted.internet.task import Clock

from tests.http.doubles import (
    Counts, Listening, RecordingStore, request, served, wait_until)
from tests.snappy.test_hook import body, note
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.server import GuardedSite
from vumi_snappy.outbound.webhook import WebhookResource
from vumi_snappy.records import TOO_LARGE
from vumi_snappy.snappy.hook import parse_hook

FORM = b'Content-Type: application/x-www-form-urlencoded'
LIMITS = Limits(max_body=100000, large_body=1500000, large_at_once=2)


def basic(password):
    return b'Authorization: Basic ' + base64.b64encode(b'anyone:' + password)


def with_picture(size, **fields):
    picture = '<p>Look:</p><img src="data:image/png;base64,%s"><p>Bye</p>' % (
        ('iVBORw0KGgoAAAANSUhEUg' * (size // 20))[:size],)
    return body(note(content=picture, **fields))


class Hook(object):
    def __init__(self):
        self.store, self.counts, self.clock = RecordingStore(), Counts(), Clock()
        webhook = WebhookResource(self.store, ['sesam'], '/snappy', self.counts, Clock(),
                                  max_body=LIMITS.large_body)
        self.site = GuardedSite(served(webhook), self.clock, LIMITS,
                                may_send_more=webhook.may_send_more)
        listening = Listening(self.site)
        self.stop, self._send, self._ask = listening.stop, listening.send, listening.ask

    @defer.inlineCallbacks
    def gets(self, status, sent, path=b'/snappy', headers=(basic(b'sesam'),)):
        """Whether the answer to what is `sent` has that status."""
        answer = yield self._ask(request(b'POST', path, sent, list(headers) + [FORM]))
        assert answer.status == status

    @defer.inlineCallbacks
    def begin(self, size):
        """Send all but the last bytes of a note with so large a picture; fires with the connection,
        and those bytes."""
        count = len(self.site.large_bodies.under_way)
        whole = request(b'POST', b'/snappy', with_picture(size), [basic(b'sesam'), FORM])
        raw = yield self._send(whole[:-10])
        yield self.has_under_way(count + 1)
        defer.returnValue((raw, whole[-10:]))

    def has_under_way(self, count):
        return wait_until(lambda: len(self.site.large_bodies.under_way) == count,
                          lambda: 'not in time')


@pytest.fixture
def hook():
    hook = Hook()
    yield hook
    pytest_twisted.blockon(hook.stop())


@pytest_twisted.inlineCallbacks
def test_a_reply_with_a_picture_in_it_is_taken_and_the_picture_not_kept(hook):
    for path, headers in ((b'/snappy', [basic(b'sesam')]), (b'/snappy/sesam', [])):
        yield hook.gets(200, with_picture(1000000), path, headers)
    kept = hook.store.notes[0].html
    assert kept == '<p>Look:</p><img src="data:"><p>Bye</p>'
    assert not hook.site.large_bodies.under_way


@pytest_twisted.inlineCallbacks
def test_of_one_that_is_too_large_it_is_stored_that_it_came(hook):
    yield hook.gets(200, with_picture(3000000))
    [kept] = hook.store.notes
    assert (kept.note_id, kept.nonce, kept.ticket_id) == ('4711', 'k3jd82hs7ahq92m1', '1001')
    assert kept.html == TOO_LARGE
    assert not hook.site.large_bodies.under_way


@pytest_twisted.inlineCallbacks
def test_wherever_it_is_cut_it_is_known_or_refused_and_never_a_text(hook):
    for size in range(2000000, 2000026):
        yield hook.gets(200, with_picture(size))
    assert len(hook.store.notes) == 26
    assert {each.html for each in hook.store.notes} == {TOO_LARGE}
    assert {each.nonce for each in hook.store.notes} == {'k3jd82hs7ahq92m1'}


@pytest_twisted.inlineCallbacks
def test_one_too_large_that_does_not_tell_its_note_is_refused_and_counted(hook):
    yield hook.gets(413, body({'note': ['x' * 2000000]}))
    assert hook.counts.told == ['webhooks.rejected']
    yield hook.gets(413, b'%FF' * 1000000)
    assert hook.store.notes == []


@pytest_twisted.inlineCallbacks
def test_whoever_has_no_secret_is_told_so_and_nothing_of_it_is_kept(hook):
    for path, headers in ((b'/snappy', [basic(b'simsim')]), (b'/snappy/simsim', []),
                          (b'/snappy', [])):
        yield hook.gets(401, with_picture(300000), path, headers)
    yield hook.gets(413, with_picture(300000), b'/health/')
    assert hook.store.notes == []


@pytest_twisted.inlineCallbacks
def test_only_a_few_large_ones_are_taken_at_once_and_others_have_room(hook):
    first, rest = yield hook.begin(300000)
    second, _ = yield hook.begin(300000)
    yield hook.gets(503, with_picture(300000))
    assert hook.store.notes == []
    yield hook.gets(200, body(note(id=1)))
    first.send(rest)
    assert (yield first.answer()).status == 200
    second.transport.abortConnection()
    yield hook.has_under_way(0)


@pytest_twisted.inlineCallbacks
def test_a_large_one_is_given_time_by_its_size(hook):
    raw, rest = yield hook.begin(300000)
    hook.clock.advance(LIMITS.request_time + 1)
    raw.send(rest)
    assert (yield raw.answer()).status == 200


@pytest_twisted.inlineCallbacks
def test_one_that_never_ends_is_cut_off(hook):
    raw, _ = yield hook.begin(3000000)
    hook.clock.advance(301)
    assert (yield raw.answer()).status == 408
    assert not hook.site.large_bodies.under_way


def test_no_note_is_taken_for_one_that_was_too_large():
    assert parse_hook(body(note(content=TOO_LARGE))).note.html != TOO_LARGE
