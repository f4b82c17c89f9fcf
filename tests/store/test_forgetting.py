"""A person who is forgotten: nothing of theirs is left, everything of others is."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import claim
from tests.store.test_lists import everything, failed_reply, listed, settled
from vumi_snappy.records import Answer, AnswerKind, ReplyState, Subscription, TicketUse, Wait
from vumi_snappy.store import StoreUnavailable

NOMSA, YUSUF = '+27820001001', '+27820001002'
MARK = 'quagga'


@defer.inlineCallbacks
def contents(bench):
    """All keys of the store with all that is in them, as text."""
    send, found = bench.store.connection.send, {}
    readers = {b'string': ('GET',), b'hash': ('HGETALL',), b'list': ('LRANGE', 0, -1),
               b'set': ('SMEMBERS',), b'zset': ('ZRANGE', 0, -1, 'WITHSCORES')}
    for key in (yield send('KEYS', bench.prefix + ':*')):
        reader = readers[(yield send('TYPE', key))]
        value = yield send(reader[0], key, *reader[1:])
        if reader[0] == 'HGETALL':  # in what order it comes, Redis may change its mind about
            value = sorted(zip(value[::2], value[1::2]))
        found[key] = repr(sorted(value) if reader[0] == 'SMEMBERS' else value)
    defer.returnValue(found)


@defer.inlineCallbacks
def a_life(bench, who, nonce):
    """Something of everything that the store can know of a person."""
    store = bench.store
    yield bench.opens('%s opens' % (MARK,), who=who, nonce=nonce, extras=MARK)
    yield settled(bench)
    yield failed_reply(bench, nonce, '<p>%s</p>' % (MARK,), MARK)
    yield settled(bench)
    bench.clock.advance(100 * 3600)
    yield bench.says('%s comes again' % (MARK,), who,
                     lookup='https://registry.example/%s' % (MARK,))
    yield store.forwards.park((yield claim(store.forwards)), 'refused', MARK)
    # An answer of no ticket, that was sent; and one that waits.
    told = Answer(AnswerKind.OPTED_OUT, MARK)
    yield bench.says('STOP', who, tickets=TicketUse.NONE, answers=[told],
                     subscription=Subscription.OPT_OUT)
    sent = yield claim(store.replies)
    yield store.replies.finish(sent.message_id)
    yield store.record_event(sent.message_id, ReplyState.ACKED)
    yield bench.says('STOP', who, tickets=TicketUse.NONE, endpoint='other', answers=[told])
    yield bench.says('%s waits' % (MARK,), who=who)


@pytest_twisted.inlineCallbacks
def test_nothing_of_the_person_is_left(bench):
    yield a_life(bench, NOMSA, 'k3jd82hs7ahq92m1')
    receipt = yield bench.store.lists.forget(NOMSA)
    assert receipt == {
        'tickets': [{'ticket': '1', 'nonce': 'k3jd82hs7ahq92m1', 'snappy_id': ''},
                    {'ticket': '2', 'nonce': '', 'snappy_id': ''}],
        'messages': 3, 'replies': 1, 'answers': 1, 'waiting': 3, 'parked': 1, 'opted_out': True}
    left = yield contents(bench)
    for key, value in left.items():
        for secret in (MARK, NOMSA, NOMSA[1:], 'k3jd82hs7ahq92m1'):
            assert secret not in value and secret.encode('ascii') not in key, key
    figures = yield bench.store.figures()
    assert (figures['forwards'], figures['replies'], figures['parked'], figures['oldest']) == (
        0, 0, 0, 0)
    assert (yield bench.store.lists.forget(NOMSA)) is None


@pytest_twisted.inlineCallbacks
def test_the_audit_trail_has_it_before_anything_is_gone(bench):
    yield a_life(bench, NOMSA, 'k3jd82hs7ahq92m1')
    calls, run = [], bench.store._scripts.call

    def only_one(name, **named):
        calls.append(name)
        return run(name, **named) if len(calls) == 1 else defer.fail(StoreUnavailable('cut off'))
    bench.store._scripts.call = only_one
    with pytest.raises(StoreUnavailable):
        yield bench.store.lists.forget(NOMSA, 'lerato')
    bench.store._scripts.call = run
    yield bench.store.lists.forget(NOMSA, 'lerato')
    trail = yield bench.store.operators.audits()
    assert [(each['who'], each['what']) for each in trail][-1] == ('lerato', 'forgot a person')
    assert '2 tickets' in trail[-1]['detail'] and NOMSA not in trail[-1]['detail']


@pytest_twisted.inlineCallbacks
def test_who_is_forgotten_at_once_is_in_the_audit_trail_once_and_who_is_not_known_never(bench):
    yield a_life(bench, NOMSA, 'k3jd82hs7ahq92m1')
    for who in (NOMSA, NOMSA, YUSUF):
        yield bench.store.lists.forget(who, 'lerato')
    assert len((yield bench.store.operators.audits())) == 1


@pytest.mark.parametrize('others', [0, 1200])
@pytest_twisted.inlineCallbacks
def test_what_operators_wrote_of_them_is_gone_from_the_audit_trail(bench, others):
    yield a_life(bench, NOMSA, 'k3jd82hs7ahq92m1')
    [parked] = yield bench.store.parked()
    yield bench.store.unpark(parked['id'], True, 'asked by %s, %s' % (MARK, NOMSA), 'lerato')
    note = bench.store.operators.note
    yield note('lerato', 'exported tickets', '', 'for 082 000-1001')
    for n in range(others):
        yield note('thabo', 'logged in', '', '127.0.0.1')
    yield note('thabo', 'dropped', 'ticket 12', 'spam')
    yield note('thabo', 'dropped', 'ticket 1', 'spam')
    yield bench.store.lists.forget(NOMSA, 'lerato')
    trail = yield bench.store.operators.audits(0, 2000)
    assert len(trail) == others + 5
    assert [each['detail'] for each in trail if each['what'] in (
        'dropped', 'exported tickets')] == [
            '(erased with the person)', 'spam'] + ['(erased with the person)'] * 2
    for secret in (MARK, NOMSA[1:], '000-1001'):
        assert secret not in repr(trail)
    assert {each['who'] for each in trail} == {'lerato', 'thabo'}


@pytest_twisted.inlineCallbacks
def test_an_answer_that_belongs_to_no_ticket_is_forgotten_with_an_entry_too(bench):
    told = Answer(AnswerKind.OPTED_IN, MARK)
    yield bench.says('START', NOMSA, tickets=TicketUse.NONE, answers=[told],
                     subscription=Subscription.OPT_IN)
    sent = yield claim(bench.store.replies)
    yield bench.store.replies.finish(sent.message_id)
    yield bench.store.lists.forget(NOMSA, 'lerato')
    assert len((yield bench.store.operators.audits())) == 1


@pytest_twisted.inlineCallbacks
def test_what_came_too_early_for_their_ticket_is_gone_with_it(bench):
    yield bench.opens(nonce='k3jd82hs7ahq92m1')
    send, prefix = bench.store.connection.send, bench.prefix
    yield send('HSET', prefix + ':orphans:k3jd82hs7ahq92m1', '7', MARK)
    yield send('RPUSH', prefix + ':early:n:k3jd82hs7ahq92m1', MARK)
    yield bench.store.lists.forget(NOMSA)
    assert MARK not in ' '.join((yield contents(bench)).values())


@pytest_twisted.inlineCallbacks
def test_others_are_as_they_were(bench):
    yield bench.opens(who=YUSUF, nonce='other')
    yield failed_reply(bench, 'other')
    yield settled(bench)
    yield bench.says('again', who=YUSUF)
    yield bench.store.forwards.park((yield claim(bench.store.forwards)), 'refused')
    before, kept = (yield everything(bench)), (yield contents(bench))
    yield a_life(bench, NOMSA, 'k3jd82hs7ahq92m1')
    yield bench.store.lists.forget(NOMSA)
    after = yield contents(bench)
    assert (yield everything(bench)) == before
    about = {key for key in kept if b':tally:' not in key and b':seen:' not in key
             and key.rpartition(b':')[2] not in (
                 b'rate', b'breaker', b'clock', b'master', b'last_ticket', b'last_parked',
                 b'channels')}
    assert {key: after.get(key) for key in about} == {key: kept[key] for key in about}


@pytest_twisted.inlineCallbacks
def test_a_worker_that_has_theirs_in_hand_can_do_no_more_with_it(bench):
    yield bench.says('hello')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.lists.forget(NOMSA)
    assert not (yield bench.store.forwards.finish(attempt, 'nonce', 'hash'))
    assert not (yield bench.store.forwards.park(attempt, 'refused'))
    assert (yield bench.store.recent_tickets()) == []
    assert isinstance((yield claim(bench.store.forwards)), Wait)


@pytest_twisted.inlineCallbacks
def test_who_has_many_tickets_is_forgotten_bit_by_bit(bench):
    for _ in range(45):
        yield bench.says('hello')
        bench.clock.advance(100 * 3600)
    receipt = yield bench.store.lists.forget(NOMSA)
    assert len(receipt['tickets']) == 45
    assert (yield listed(bench)) == []


@pytest_twisted.inlineCallbacks
def test_who_was_forgotten_can_write_again(bench):
    yield bench.opens()
    yield bench.store.lists.forget(NOMSA)
    yield bench.says('hello again')
    assert (yield listed(bench, 'waiting')) == ['2']
