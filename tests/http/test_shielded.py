"""What goes on without its client: it ends, and a fault of it is logged."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet import defer
from twisted.logger import globalLogPublisher

from vumi_snappy.http.responses import HttpError
from vumi_snappy.http.shielded import shielded


@pytest.fixture
def logged():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield lambda: [event['log_format'].format(**event) for event in events
                   if event['log_namespace'] == 'vumi_snappy.http.shielded']
    globalLogPublisher.removeObserver(events.append)


def test_work_goes_on_when_its_client_has_gone():
    running, ended = defer.Deferred(), []
    waiting = shielded(running)
    waiting.addErrback(lambda failure: ended.append(failure.type))
    waiting.cancel()
    assert (ended, running.called) == ([defer.CancelledError], False)
    running.callback('done')


@pytest.mark.parametrize('error, lines', [
    (ValueError('Nomsa'), ['A request whose client has gone failed: ValueError']),
    (HttpError(400, 'no such ticket'), [])])
def test_a_fault_that_no_client_waits_for_is_logged_without_its_words(logged, error, lines):
    running = defer.Deferred()
    waiting = shielded(running)
    waiting.addErrback(lambda failure: None)
    waiting.cancel()
    running.errback(error)
    assert logged() == lines


def test_a_client_that_waits_is_told_and_the_log_is_not(logged):
    told = []
    shielded(defer.fail(ValueError('x'))).addErrback(lambda failure: told.append(failure.type))
    assert (told, logged()) == ([ValueError], [])
