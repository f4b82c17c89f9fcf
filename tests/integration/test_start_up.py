"""How the worker starts, and how it says what is wrong, as an operator meets it."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import signal
import socket

import pytest
import pytest_twisted
from twisted.internet import defer, reactor, threads

from tests.integration.one_worker import SECRETS, Published
from tools.ports import free_port
from vumi_snappy.standin.service import StandIn

pytestmark = pytest.mark.integration


@pytest.fixture
def standin():
    made = pytest_twisted.blockon(StandIn(reactor, api_key=SECRETS[0]).start())
    yield made
    pytest_twisted.blockon(made.stop())


def test_all_mistakes_are_told_at_once_without_a_traceback(worker):
    worker.start(snappy_timeout='soon', web_path='x', contact_address='all@example.org')
    assert worker.ends() != 0
    log = worker.log()
    for name in ('snappy_timeout', 'web_path', 'contact_address'):
        assert name in log
    assert 'Traceback' not in log


def test_the_class_can_be_named_as_for_any_vumi_worker(worker):
    worker.start('vumi_worker', snappy_timeout='soon')
    assert worker.ends() != 0
    assert "Field 'snappy_timeout' could not be converted to float" in worker.log()


def test_a_port_that_is_taken_ends_the_process_with_an_error(worker):
    taken = socket.socket()
    try:
        taken.bind(('127.0.0.1', 0))
        taken.listen(1)
        worker.start(web_endpoint='tcp:%d:interface=127.0.0.1' % taken.getsockname()[1])
        assert worker.ends() != 0
        assert 'Address already in use' in worker.log()
    finally:
        taken.close()


def test_a_redis_that_is_away_is_told_and_the_health_is_down(worker):
    worker.redis_port = free_port()
    worker.start()
    worker.until(lambda: 'Redis at 127.0.0.1' in worker.log())
    [answer] = worker.until(lambda: [worker.health()])
    assert (answer.status_code, answer.json()['checks']['store']['status']) == (503, 'down')


def test_an_option_that_nobody_reads_is_told(worker):
    worker.start(snapy_timeout=3)
    worker.until(lambda: 'did you mean snappy_timeout?' in worker.log())


@pytest_twisted.inlineCallbacks
def in_a_thread(call, *args, **kwargs):
    """Let the stand-in, which runs here, answer while a blocking call waits."""
    found = yield threads.deferToThread(call, *args, **kwargs)
    defer.returnValue(found)


@pytest_twisted.inlineCallbacks
def test_a_wrong_api_key_is_told_clearly(worker, standin):
    worker.start(snappy_api_url=standin.url, snappy_api_key='another-key')
    yield in_a_thread(worker.until,
                      lambda: 'Snappy does not take the API key' in worker.log())
    assert 'another-key' not in worker.log()


@pytest_twisted.inlineCallbacks
def test_a_wrong_mailbox_is_told_clearly(worker, standin):
    worker.start(snappy_api_url=standin.url, snappy_mailbox_id=99)
    yield in_a_thread(worker.until, lambda: 'Snappy has no such mailbox' in worker.log())


@pytest_twisted.inlineCallbacks
def test_a_well_worker_says_no_secret_and_stops_when_it_is_told_to(worker, standin):
    worker.start(snappy_api_url=standin.url)
    yield in_a_thread(worker.until, lambda: worker.health().status_code == 200)
    worker.running.send_signal(signal.SIGTERM)
    status = yield in_a_thread(worker.ends)
    # twistd ends by the signal that it got, once everything is stopped
    assert status == -signal.SIGTERM
    assert 'Server Shut Down' in worker.log()
    for secret in SECRETS + (worker.amqp.password + '@',):
        assert secret not in worker.log()


@pytest_twisted.inlineCallbacks
def test_the_metrics_are_published_as_vumi_collects_them(worker, standin):
    metrics = yield Published(worker.amqp).start()
    worker.start(snappy_api_url=standin.url)
    names, requests_made = set(), 0.0
    while requests_made < 2:  # the check of key and mailbox at start
        for name, aggregators, values in (yield metrics.next()):
            names.add(name)
            if name == 'vumi_snappy.snappy.requests':
                assert aggregators == ['sum']
                requests_made += sum(value for _, value in values)
    for name in ('inbound.received', 'tickets.opened', 'webhooks.accepted', 'replies.published',
                 'jobs.waiting', 'jobs.oldest_age', 'snappy.latency', 'inbound.to_ticket'):
        assert 'vumi_snappy.%s' % (name,) in names
    yield metrics.stop()
