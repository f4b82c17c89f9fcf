"""What a caller sees of each fault and of the rate limit, and whether the work was done."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from datetime import datetime

import pytest
import pytest_twisted
from twisted.internet import defer, reactor
from twisted.internet.task import Clock
from twisted.web.client import PartialDownloadError, ResponseFailed

from tests.standin.conftest import draft, until
from vumi_snappy.standin.serving import RateLimit


def works(caller):
    return len(caller.standin.desk.tickets())


@pytest.mark.parametrize('effect, done', [('reset_before', 0), ('reset_after', 1)])
@pytest_twisted.inlineCallbacks
def test_a_connection_can_be_cut_before_or_after_the_work(caller, effect, done):
    caller.fault(effect, times=1)
    yield caller.note_fails()
    assert works(caller) == done
    [call] = yield until(lambda: [each for each in caller.standin.ledger.calls()
                                  if each['answered'] is not None])
    assert (call['status'], call['answered'], call['fault']) == (None, False, effect)
    assert bool(call['work']) is bool(done)
    yield caller.note()


@pytest_twisted.inlineCallbacks
def test_the_work_can_be_done_after_the_connection_was_cut(caller):
    caller.fault('reset_late', seconds=0.3, times=1)
    yield caller.note_fails()
    assert works(caller) == 0
    yield until(lambda: works(caller))
    assert caller.standin.ledger.calls()[0]['work'] == 'ticket opened'


@pytest_twisted.inlineCallbacks
def test_a_stopped_stand_in_does_no_late_work(make_caller):
    caller = yield make_caller()
    before = reactor.getDelayedCalls()
    caller.fault('reset_late', seconds=77)
    yield caller.note_fails()
    # The caller has timers of its own.
    late = [each for each in set(reactor.getDelayedCalls()) - set(before)
            if 60 < each.getTime() - reactor.seconds() < 78]
    assert late
    yield caller.standin.stop()
    assert not any(each.active() for each in late)


@pytest_twisted.inlineCallbacks
def test_work_that_is_refused_is_refused_late_as_well(caller):
    caller.fault('reset_late', seconds=0.01)
    yield caller.note_fails(id='gone')
    yield until(lambda: not caller.standin._serving._late)
    assert works(caller) == 0


@pytest.mark.parametrize('fault, status, done', [
    (dict(effect='status'), 500, 0),
    (dict(effect='status', status=403), 403, 0),
    (dict(effect='status_after', status=502), 502, 1),
    (dict(effect='garbage', body='<html>maintenance</html>'), 200, 1),
    (dict(effect='garbage_before', body='<html>maintenance</html>'), 200, 0),
    (dict(effect='garbage_before', status=503), 503, 0)])
@pytest_twisted.inlineCallbacks
def test_answers_can_be_made_to_lie(caller, fault, status, done):
    caller.standin.faults.add(dict(fault, method='POST', path='^/note'))
    response, body = yield caller.call('POST', '/note', json=draft())
    assert (response.code, works(caller)) == (status, done)
    assert fault.get('body', '').encode('ascii') in body
    [call] = caller.standin.ledger.calls()
    assert (call['status'], bool(call['work'])) == (status, bool(done))


@pytest.mark.parametrize('told, header', [
    ({}, None), ({'retry_after': '7'}, '7'), ({'retry_after': 6.2}, '7'),
    ({'retry_after': 'Thu, 18 Sep 2014 13:00:00 GMT'}, 'Thu, 18 Sep 2014 13:00:00 GMT')])
@pytest_twisted.inlineCallbacks
def test_a_429_says_when_to_try_again_or_not(caller, told, header):
    caller.standin.faults.add(dict({'effect': 'status', 'status': 429}, **told))
    response, _ = yield caller.gets(429, 'GET', '/accounts')
    assert response.headers.getRawHeaders('retry-after') == (header and [header])


@pytest_twisted.inlineCallbacks
def test_the_seconds_to_wait_can_be_told_as_a_date(caller):
    caller.fault('status', status=503, retry_after=3600, as_date=True)
    before = reactor.seconds()
    response, _ = yield caller.call('GET', '/accounts')
    [header] = response.headers.getRawHeaders('retry-after')
    there = datetime.strptime(header, str('%a, %d %b %Y %H:%M:%S GMT'))
    seconds = (there - datetime(1970, 1, 1)).total_seconds()
    assert 3600 <= seconds - before <= 3700


@pytest_twisted.inlineCallbacks
def test_an_answer_can_lead_elsewhere(caller):
    caller.fault('status', status=302, location='/login')
    response, _ = yield caller.call('POST', '/note', json=draft())
    assert (response.code, response.headers.getRawHeaders('location')) == (302, ['/login'])
    assert works(caller) == 0


@pytest_twisted.inlineCallbacks
def test_an_answer_can_be_huge(caller):
    caller.fault('garbage', body='x' * 1000, repeat=3000, content_type='text/plain')
    response, body = yield caller.call('GET', '/accounts')
    assert len(body) == 3000000
    assert response.headers.getRawHeaders('content-type') == ['text/plain']


@pytest.mark.parametrize('effect, done', [('wrong_nonce', 1), ('wrong_nonce_before', 0)])
@pytest.mark.parametrize('on_a_ticket', [True, False])
@pytest_twisted.inlineCallbacks
def test_an_answer_can_be_another_tickets_nonce(caller, effect, done, on_a_ticket):
    first = yield caller.note()
    second = yield caller.note()
    caller.fault(effect, method='POST', path='^/note', times=1)
    notes = len(caller.standin.ledger.calls())
    answer = yield caller.note(**({'id': second} if on_a_ticket else {}))
    assert answer == (first if on_a_ticket else second)
    [call] = caller.standin.ledger.calls()[notes:]
    assert bool(call['work']) is bool(done)
    caller.standin.reset()
    caller.fault(effect)
    yield caller.note()  # where there is no other, too


@pytest_twisted.inlineCallbacks
def test_one_text_can_be_refused_and_no_other(caller):
    caller.fault('status', status=401, text='card')
    for text, status in (('My card is lost', 401), ('Hello', 200)):
        yield caller.gets(status, 'POST', '/note', json=draft(message=text))
    yield caller.gets(200, 'GET', '/accounts')


@pytest_twisted.inlineCallbacks
def test_a_list_can_be_longer_than_what_is_there(caller):
    caller.standin.faults.add({'effect': 'longer', 'body': '{"id": 7}', 'repeat': 3})
    for there in (0, 1):
        _, body = yield caller.call('GET', '/mailbox/1/waiting')
        tickets = json.loads(body.decode('utf-8'))
        assert [each['id'] for each in tickets[:3]] == [7, 7, 7]
        assert len(tickets) == 3 + there
        nonce = yield caller.note()
    assert len(nonce) == 16  # no list


@pytest_twisted.inlineCallbacks
def test_an_answer_can_end_too_early(caller):
    caller.fault('truncated')
    with pytest.raises((PartialDownloadError, ResponseFailed)):
        yield caller.call('POST', '/note', json=draft())
    assert works(caller) == 1


@pytest.mark.parametrize('effect, done', [('hang', 0), ('hang_after', 1)])
@pytest_twisted.inlineCallbacks
def test_a_call_can_hang_until_the_caller_has_had_enough(caller, effect, done):
    caller.fault(effect)
    hanging = caller.note()
    [call] = yield until(lambda: caller.standin.ledger.calls())
    assert (hanging.called, call['answered'], works(caller)) == (False, None, done)
    yield caller.hangs_up(hanging)


@pytest_twisted.inlineCallbacks
def test_a_late_answer_is_none_when_the_caller_has_hung_up_before(caller):
    caller.fault('latency', seconds=30)
    waiting = caller.note()
    yield until(lambda: caller.standin.ledger.calls())
    yield caller.hangs_up(waiting)
    assert works(caller) == 0


@pytest_twisted.inlineCallbacks
def test_a_call_can_be_slow_and_go_wrong_as_well(caller):
    caller.fault('latency', seconds=0.2)
    caller.fault('status', status=502)
    before = reactor.seconds()
    response, _ = yield caller.call('GET', '/accounts')
    assert (response.code, reactor.seconds() - before >= 0.2) == (502, True)
    assert caller.standin.ledger.calls()[0]['fault'] == 'latency status'


@pytest_twisted.inlineCallbacks
def test_a_stopped_stand_in_ends_what_hangs(make_caller):
    caller = yield make_caller()
    caller.fault('hang')
    hanging = caller.note()
    yield until(lambda: caller.standin.ledger.calls())
    failed = defer.gatherResults([hanging], consumeErrors=True)
    yield caller.standin.stop()
    with pytest.raises(defer.FirstError):
        yield failed


def test_so_many_calls_pass_in_any_minute_and_no_more():
    clock = Clock()
    limit = RateLimit(clock.seconds, 2)
    assert limit.take() == 0
    clock.advance(20)
    assert limit.take() == 0
    clock.advance(10)
    assert limit.take() == 30  # the first one passed 30 seconds ago
    clock.advance(30)
    assert limit.take() == 0
    assert limit.take() == 20


def test_calls_that_were_refused_do_not_count():
    clock = Clock()
    limit = RateLimit(clock.seconds, 1)
    limit.take()
    for _ in range(59):
        clock.advance(1)
        assert limit.take()
    clock.advance(1)
    assert not limit.take()


def test_no_limit_lets_everybody_pass():
    limit = RateLimit(Clock().seconds, 0)
    assert not any(limit.take() for _ in range(1000))
