"""What an older version has stored is read, answered and forgotten as what this one stores.

``schema1.json`` are the keys that the scripts of schema 1 left of three people: Nomsa, whose first
ticket has a reply that failed and one of two messages, and whose second ticket has a parked
message; Yusuf, of whom a message and a reply wait; Sipho, who was taken over from another bridge.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
import json
import os

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import START
from vumi_snappy.records import SCHEMA_VERSION, Accepted, JobKind, ReplyState, Wait

NOMSA, YUSUF, SIPHO = ('+2782000100%d' % (n,) for n in (1, 2, 3))
#: When it was left.
LEFT = 1416284411.0
_KEPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'schema1.json')


@defer.inlineCallbacks
def put(send, key, kind, value):
    if kind == 'string':
        yield send('SET', key, value)
    elif kind == 'hash':
        yield send('HSET', key, *[each for pair in value.items() for each in pair])
    elif kind == 'list':
        yield send('RPUSH', key, *value)
    elif kind == 'set':
        yield send('SADD', key, *value)
    else:
        yield send('ZADD', key, *[each for member, score in value
                                  for each in ('%.3f' % score, member)])


@pytest.fixture
def old(bench):
    """A bench on what was left, an hour later."""
    with io.open(_KEPT, encoding='utf-8') as kept:
        for key, (kind, value) in json.load(kept).items():
            pytest_twisted.blockon(put(
                bench.store.connection.send, '%s:%s' % (bench.prefix, key), kind, value))
    bench.clock.advance(LEFT - START + 3600)
    return bench


@pytest_twisted.inlineCallbacks
def test_a_ticket_has_all_that_was_said_and_done(old):
    ticket = yield old.store.ticket('1')
    assert [m['text'] for m in ticket['messages']] == ['My card is lost \U0001f600']
    assert [m['state'] for m in ticket['messages']] == ['forwarded']
    first, second = ticket['replies']
    assert (first['html'], first['state']) == ('<p>Which bank?</p>', 'failed')
    assert [part['text'] for part in second['parts']] == ['long', 'longer']
    assert [step['what'] for step in ticket['history']][:3] == [
        'stored', 'ticket opened', 'forwarded']
    assert ticket['history'][0]['message'] == 1
    assert (ticket['tags'], ticket['staff_name']) == (['#undelivered'], 'Thandi')
    assert (ticket['nonce'], ticket['snappy_id'], ticket['earlier']) == ('nonce1', '771', None)


@pytest_twisted.inlineCallbacks
def test_what_was_taken_over_still_has_its_answer(old):
    ticket = yield old.store.ticket('4')
    assert [m['text'] for m in ticket['messages']] == ['From before']
    assert [r['html'] for r in ticket['replies']] == ['<p>An answer from before</p>']


@pytest_twisted.inlineCallbacks
def test_what_was_seen_is_recognised(old):
    assert (yield old.says('My card is lost', message_id='m1')) is Accepted.DUPLICATE
    assert (yield old.answers('<p>Wait</p>', 'nonce3', 'note3')) is Accepted.DUPLICATE


@pytest_twisted.inlineCallbacks
def test_what_waits_is_sent_and_answered(old):
    attempt = yield old.store.forwards.claim()
    assert (attempt.kind, attempt.nonce) == (JobKind.ADD_NOTE, 'nonce3')
    assert [m.text for m in attempt.messages] == ['and now?']
    assert (yield old.store.forwards.finish(attempt, 'nonce3', 'hash'))
    reply = yield old.store.replies.claim()
    assert (reply.html, reply.note_id) == ('<p>Wait</p>', 'note3')
    assert reply.envelope['from_addr'] == YUSUF
    assert reply.envelope['transport_name'] == 'sms_transport'
    assert reply.envelope['message_id'] == 'm5'
    assert (yield old.store.replies.finish(reply.ticket, reply.number))


@pytest_twisted.inlineCallbacks
def test_what_is_parked_is_put_back_with_its_text(old):
    [parked] = yield old.store.parked()
    assert (yield old.store.unpark(parked['id']))
    texts = []
    for _ in range(2):
        attempt = yield old.store.forwards.claim()
        texts.extend(m.text for m in attempt.messages)
        yield old.store.forwards.finish(attempt, attempt.nonce, '')
    assert sorted(texts) == ['Hello again', 'and now?']
    assert isinstance((yield old.store.forwards.claim()), Wait)


@pytest_twisted.inlineCallbacks
def test_events_find_their_replies_and_parts(old):
    ticket = yield old.store.ticket('1')
    for part in ticket['replies'][1]['parts']:
        moved, _ = yield old.store.record_event(part['message_id'], ReplyState.DELIVERED)
    assert moved is ReplyState.DELIVERED
    assert (yield old.store.ticket('1'))['replies'][1]['state'] == 'delivered'


@pytest_twisted.inlineCallbacks
def test_what_did_not_arrive_can_be_sent_again(old):
    [lost] = yield old.store.lists.undelivered()
    assert (lost['html'], lost['reason']) == ('<p>Which bank?</p>', 'no such number')
    assert (yield old.store.lists.settle_undelivered(lost['id']))
    first, second = (yield old.store.replies.claim()), (yield old.store.replies.claim())
    assert sorted([first.html, second.html]) == ['<p>Wait</p>', '<p>Which bank?</p>']


@pytest_twisted.inlineCallbacks
def test_a_person_goes_on_where_they_were(old):
    yield old.says('Still there?', who=NOMSA)
    ticket = yield old.store.ticket('2')
    assert [m['text'] for m in ticket['messages']] == [
        'Hello again', 'Are you there?', 'Still there?']
    assert [step['what'] for step in ticket['history']][-1] == 'stored'
    yield old.answers('<p>Yes</p>', 'nonce2')
    _, reply = (yield old.store.replies.claim()), (yield old.store.replies.claim())
    assert (reply.html, reply.envelope['from_addr']) == ('<p>Yes</p>', NOMSA)
    # It is kept as the rest is now, with nothing left of how it was.
    [thread] = yield old.store.connection.send('KEYS', old.prefix + ':thread:b77d*')
    fields = yield old.store.connection.send('HKEYS', thread)
    assert b'envelope' not in fields and b'endpoint' not in fields


@pytest_twisted.inlineCallbacks
def test_people_are_found_and_have_each_ticket_once(old):
    @defer.inlineCallbacks
    def found():
        tickets = yield old.store.lists.find([], [NOMSA])
        defer.returnValue([each['ticket'] for each in tickets])
    assert (yield found()) == ['2', '1']
    old.clock.advance(80 * 3600)
    yield old.says('Something new', who=NOMSA)
    assert (yield found()) == ['5', '2', '1']
    assert (yield old.store.ticket('1'))['from_addr'] == NOMSA


@pytest_twisted.inlineCallbacks
def test_a_person_is_forgotten_and_nothing_is_left_of_them(old):
    old.clock.advance(80 * 3600)
    yield old.says('Something new', who=NOMSA)
    receipt = yield old.store.lists.forget(NOMSA)
    assert [each[0] for each in receipt.tickets] == ['1', '2', '5']
    assert (receipt.messages, receipt.replies) == (4, 2)
    keys = yield old.store.connection.send('KEYS', old.prefix + ':*')
    about = (b'ticket:1', b'ticket:2', b'ticket:5', b'history:1', b'history:2', b'nonce1',
             b'nonce2', b':771', NOMSA.encode('ascii'), b'b77d21106832c0118ee69b08')
    assert [key for key in keys if key.endswith(about)] == []
    # That of Yusuf's reply is left.
    assert len([key for key in keys if b':published:' in key]) == 1


@pytest_twisted.inlineCallbacks
def test_answers_of_no_ticket_that_nobody_listed_are_forgotten_too(old):
    send, key = old.store.connection.send, old.prefix + ':answer:a1'
    yield send('HSET', key, 'addr', NOMSA, 'state', 'published', 't', '')
    yield old.another()
    receipt = yield old.store.lists.forget(NOMSA)
    assert receipt.answers == 1
    assert (yield send('EXISTS', key)) == 0


@pytest_twisted.inlineCallbacks
def test_from_now_on_older_versions_refuse_the_store(old):
    yield old.another()
    said = yield old.store.connection.send('GET', old.prefix + ':schema')
    assert int(said) == SCHEMA_VERSION
