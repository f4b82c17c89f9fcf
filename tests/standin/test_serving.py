"""What a caller sees of each fault, and whether the work was done."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from datetime import datetime

import pytest
import pytest_twisted
from twisted.internet import defer, reactor
from twisted.web.client import PartialDownloadError, ResponseFailed, ResponseNeverReceived

from tests.standin.conftest import draft, until


def works(caller):
    return len(caller.standin.desk.tickets())


@pytest.mark.parametrize('effect, done', [('reset_before', 0), ('reset_after', 1)])
@pytest_twisted.inlineCallbacks
def test_a_connection_can_be_cut_before_or_after_the_work(caller, effect, done):
    caller.standin.faults.add({'effect': effect, 'times': 1})
    with pytest.raises(ResponseNeverReceived):
        yield caller.note()
    assert works(caller) == done
    [call] = yield until(lambda: [each for each in caller.standin.ledger.calls()
                                  if each['answered'] is not None])
    assert (call['status'], call['answered'], call['fault']) == (None, False, effect)
    assert bool(call['work']) is bool(done)
    yield caller.note()


@pytest_twisted.inlineCallbacks
def test_the_work_can_be_done_after_the_connection_was_cut(caller):
    caller.standin.faults.add({'effect': 'reset_late', 'seconds': 0.3, 'times': 1})
    with pytest.raises(ResponseNeverReceived):
        yield caller.note()
    assert works(caller) == 0
    yield until(lambda: works(caller))
    assert caller.standin.ledger.calls()[0]['work'] == 'ticket opened'


@pytest_twisted.inlineCallbacks
def test_a_stopped_stand_in_does_no_late_work(make_caller):
    caller = yield make_caller()
    before = reactor.getDelayedCalls()
    caller.standin.faults.add({'effect': 'reset_late', 'seconds': 77})
    with pytest.raises(ResponseNeverReceived):
        yield caller.note()
    late = set(reactor.getDelayedCalls()) - set(before)
    assert any(60 < each.getTime() - reactor.seconds() < 78 for each in late)
    yield caller.standin.stop()
    assert not any(each.active() for each in late)


@pytest_twisted.inlineCallbacks
def test_work_that_is_refused_is_refused_late_as_well(caller):
    caller.standin.faults.add({'effect': 'reset_late', 'seconds': 0.01})
    with pytest.raises(ResponseNeverReceived):
        yield caller.note(id='gone')
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
def test_a_429_says_when_to_come_back_or_not(caller, told, header):
    caller.standin.faults.add(dict({'effect': 'status', 'status': 429}, **told))
    response, _ = yield caller.call('GET', '/accounts')
    assert response.code == 429
    assert response.headers.getRawHeaders('retry-after') == (header and [header])


@pytest_twisted.inlineCallbacks
def test_the_seconds_to_wait_can_be_told_as_a_date(caller):
    caller.standin.faults.add(
        {'effect': 'status', 'status': 503, 'retry_after': 3600, 'as_date': True})
    before = reactor.seconds()
    response, _ = yield caller.call('GET', '/accounts')
    [header] = response.headers.getRawHeaders('retry-after')
    there = datetime.strptime(header, str('%a, %d %b %Y %H:%M:%S GMT'))
    seconds = (there - datetime(1970, 1, 1)).total_seconds()
    assert 3600 <= seconds - before <= 3700


@pytest_twisted.inlineCallbacks
def test_an_answer_can_lead_elsewhere(caller):
    caller.standin.faults.add({'effect': 'status', 'status': 302, 'location': '/login'})
    response, _ = yield caller.call('POST', '/note', json=draft())
    assert (response.code, response.headers.getRawHeaders('location')) == (302, ['/login'])
    assert works(caller) == 0


@pytest_twisted.inlineCallbacks
def test_an_answer_can_be_huge(caller):
    caller.standin.faults.add({'effect': 'garbage', 'body': 'x' * 1000, 'repeat': 3000,
                               'content_type': 'text/plain'})
    response, body = yield caller.call('GET', '/accounts')
    assert len(body) == 3000000
    assert response.headers.getRawHeaders('content-type') == ['text/plain']


@pytest_twisted.inlineCallbacks
def test_an_answer_can_end_too_early(caller):
    caller.standin.faults.add({'effect': 'truncated'})
    with pytest.raises((PartialDownloadError, ResponseFailed)):
        yield caller.call('POST', '/note', json=draft())
    assert works(caller) == 1


@pytest.mark.parametrize('effect, done', [('hang', 0), ('hang_after', 1)])
@pytest_twisted.inlineCallbacks
def test_a_call_can_hang_until_the_caller_has_had_enough(caller, effect, done):
    caller.standin.faults.add({'effect': effect})
    hanging = caller.note()
    [call] = yield until(lambda: caller.standin.ledger.calls())
    assert (hanging.called, call['answered'], works(caller)) == (False, None, done)
    hanging.addErrback(lambda _: None)
    hanging.cancel()
    yield hanging
    yield until(lambda: caller.standin.ledger.calls()[0]['answered'] is False)


@pytest_twisted.inlineCallbacks
def test_a_late_answer_is_none_when_the_caller_has_hung_up_before(caller):
    caller.standin.faults.add({'effect': 'latency', 'seconds': 30})
    waiting = caller.note()
    yield until(lambda: caller.standin.ledger.calls())
    waiting.addErrback(lambda _: None)
    waiting.cancel()
    yield waiting
    yield until(lambda: caller.standin.ledger.calls()[0]['answered'] is False)
    assert works(caller) == 0


@pytest_twisted.inlineCallbacks
def test_a_call_can_be_slow_and_go_wrong_as_well(caller):
    caller.standin.faults.add({'effect': 'latency', 'seconds': 0.2})
    caller.standin.faults.add({'effect': 'status', 'status': 502})
    before = reactor.seconds()
    response, _ = yield caller.call('GET', '/accounts')
    assert (response.code, reactor.seconds() - before >= 0.2) == (502, True)
    assert caller.standin.ledger.calls()[0]['fault'] == 'latency status'


@pytest_twisted.inlineCallbacks
def test_a_stopped_stand_in_ends_what_hangs(make_caller):
    caller = yield make_caller()
    caller.standin.faults.add({'effect': 'hang'})
    hanging = caller.note()
    yield until(lambda: caller.standin.ledger.calls())
    failed = defer.gatherResults([hanging], consumeErrors=True)
    yield caller.standin.stop()
    with pytest.raises(defer.FirstError):
        yield failed
