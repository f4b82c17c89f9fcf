"""What becomes of replies: each fate is kept, and an agent is told once of a bad one."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest_twisted
from twisted.internet import defer

from vumi_snappy.records import JobKind, ReplyState, Wait

NONCE = 'k3jd82hs7ahq92m1'


@defer.inlineCallbacks
def claimed_reply(bench, html='<p>Hi</p>'):
    """A reply on an open ticket, in a worker's hands."""
    yield bench.opens(nonce=NONCE)
    yield bench.answers(html, NONCE)
    attempt = yield bench.store.replies.claim()
    defer.returnValue(attempt)


@defer.inlineCallbacks
def told(bench):
    """What there is to do at Snappy: pairs of kind and text, until nothing is left."""
    found = []
    while True:
        job = yield bench.store.forwards.claim()
        if isinstance(job, Wait):
            break
        found.append((job.kind, job.outcome, job.text))
        yield bench.store.forwards.finish(job, NONCE, '')
    defer.returnValue(found)


@defer.inlineCallbacks
def fate(bench):
    [ticket] = yield bench.store.recent_tickets()
    defer.returnValue(ticket['replies'][0]['state'])


@pytest_twisted.inlineCallbacks
def test_a_refused_reply_leaves_the_queue_and_the_agent_is_told_why(bench):
    attempt = yield claimed_reply(bench)
    assert (yield bench.store.replies.refuse(attempt, 'they left'))
    assert (yield fate(bench)) == 'refused'
    assert isinstance((yield bench.store.replies.claim()), Wait)
    assert (yield told(bench)) == [
        (JobKind.DELIVERY_NOTICE, ReplyState.REFUSED, 'they left'),
        (JobKind.TAGS, ReplyState.FAILED, '#undelivered')]
    [ticket] = yield bench.store.recent_tickets()
    assert [(entry['what'], entry['detail']) for entry in ticket['history']
            if entry.get('reply')] == [('reply stored', ''), ('refused', 'they left')]


@pytest_twisted.inlineCallbacks
def test_a_refusal_may_be_said_again_and_is_told_once(bench):
    attempt = yield claimed_reply(bench)
    yield bench.store.replies.refuse(attempt, 'they left')
    assert not (yield bench.store.replies.refuse(attempt, 'they left'))
    assert len((yield told(bench))) == 2


@pytest_twisted.inlineCallbacks
def test_without_a_staff_member_a_refusal_makes_no_note_but_the_tag(bench):
    attempt = yield claimed_reply(bench)
    yield bench.store.replies.refuse(attempt, 'they left', notice=False)
    assert [kind for kind, _, _ in (yield told(bench))] == [JobKind.TAGS]


@pytest_twisted.inlineCallbacks
def test_who_lost_the_lease_may_not_refuse(bench):
    attempt = yield claimed_reply(bench)
    bench.clock.advance(40)
    yield bench.store.replies.claim()
    assert not (yield bench.store.replies.refuse(attempt, 'they left'))
    assert (yield fate(bench)) == 'publishing'


@pytest_twisted.inlineCallbacks
def test_the_next_reply_goes_on_behind_a_refused_one(bench):
    first = yield claimed_reply(bench)
    yield bench.answers('<p>second</p>', NONCE)
    yield bench.store.replies.refuse(first, 'they left')
    second = yield bench.store.replies.claim()
    assert second.html == '<p>second</p>'
