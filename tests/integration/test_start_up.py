"""How the worker starts, and how it says what is wrong, as an operator meets it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import signal
import socket
import subprocess
import sys

import pytest
import pytest_twisted
import six
from twisted.internet import defer, reactor, threads

from tests.integration.one_worker import SECRETS, Published
from tools.ports import free_port
from tools.processes import ROOT
from vumi_snappy.standin.service import StandIn

pytestmark = pytest.mark.integration

on_2 = pytest.mark.skipif(not six.PY2, reason='twistd vumi_worker is of Vumi')


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


@on_2
def test_the_class_can_be_named_as_for_any_vumi_worker(worker):
    worker.start('vumi_worker', snappy_timeout='soon')
    assert worker.ends() != 0
    assert "Field 'snappy_timeout' could not be converted to float" in worker.log()


@pytest.mark.skipif(six.PY2, reason='Vumi is there, with its middlewares')
def test_a_middleware_that_comes_with_vumi_is_refused_by_name(worker):
    worker.start(middleware=[{'log': 'vumi.middleware.logging.LoggingMiddleware'}])
    assert worker.ends() != 0
    log = worker.log()
    assert 'vumi.middleware.logging.LoggingMiddleware comes with Vumi' in log
    assert 'Traceback' not in log


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


def test_a_bridge_on_the_keys_of_another_does_nothing_until_it_is_said_to_be_the_same(worker):
    prefix = {'host': '127.0.0.1', 'port': worker.redis_port, 'key_prefix': 'owned'}
    worker.start(redis_manager=prefix)
    worker.until(lambda: worker.health().json()['checks']['store']['status'] != 'down')
    worker.stop()
    worker.start(redis_manager=prefix, transport_name='renamed')
    worker.until(lambda: 'another bridge, with the transport_name "start_up"' in worker.log())
    assert worker.health().json()['checks']['store']['status'] == 'down'
    command = [sys.executable, '-W', 'ignore', '-c',
               'from vumi_snappy.cli import main; main()', 'own-store', '-c', worker.config_path]
    assert subprocess.call(command, cwd=ROOT) == 2
    assert subprocess.call(command + ['--yes'], cwd=ROOT) == 0
    worker.until(lambda: worker.health().json()['checks']['store']['status'] != 'down')


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
                      lambda: 'Snappy rejects the API key' in worker.log())
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
    names, requests_made, rounds = set(), 0.0, 0
    while requests_made < 2:  # the check of key and mailbox at start
        rounds += 1
        assert rounds < 200, 'Snappy was not asked'
        for name, aggregators, values in (yield metrics.next()):
            names.add(name)
            if name == 'vumi_snappy.snappy.requests':
                assert aggregators == ['sum']
                requests_made += sum(value for _, value in values)
    for name in ('inbound.received', 'tickets.opened', 'webhooks.accepted', 'replies.published',
                 'jobs.waiting', 'jobs.oldest_age', 'snappy.latency', 'inbound.to_ticket'):
        assert 'vumi_snappy.%s' % (name,) in names
    yield metrics.stop()


@pytest.mark.parametrize('subcommand', [
    'vumi_snappy', pytest.param('vumi_worker', marks=on_2)])
def test_a_mistake_that_is_not_ascii_is_told_like_any_other(worker, subcommand, monkeypatch):
    monkeypatch.setenv(str('LC_ALL'), str('C'))
    worker.start(subcommand, transport_name='sms\u2013line', snappy_timeout='10\u201330',
                 redis_manager={'host\u2013': 'x'})
    assert worker.ends() != 0
    log = worker.log()
    for words in ("'transport_name' must be of printable ASCII, but is 'sms\u2013line'",
                  "'snappy_timeout' could not be converted", 'unknown keys: host\u2013'):
        assert words in log
    for words in ('UnicodeEncodeError', 'UnicodeDecodeError', 'str() failed'):
        assert words not in log


def test_an_option_that_is_not_ascii_is_told_in_the_log(worker):
    worker.start(**{'snappy_t\u2013meout': 3})
    worker.until(lambda: 'Unknown option snappy_t\u2013meout' in worker.log())


def test_snappys_own_domain_is_warned_of(worker):
    worker.start(console_ticket_url='https://app.besnappy.com/#ticket/{id}')
    worker.until(lambda: "'console_ticket_url' is at besnappy.com" in worker.log())


@pytest.mark.parametrize('text, words', [
    (b'snappy_timeout: 30\n\xe2\x80\x93: [\n', 'is not YAML (line 3)'),
    (b'snappy_timeout: "\xe2\x80\x93\n', 'is not YAML (line 2)'),
    (b'gr\xfc\xdfe: 1\n', 'is not a text in UTF-8'),
    (b'\xe2\x80\x93 only text\n', 'must hold options')])
def test_a_file_that_is_no_configuration_is_told_without_a_traceback(worker, text, words):
    worker.start(text=text)
    assert worker.ends() != 0
    assert words in worker.log()
    for word in ('Traceback', 'str() failed'):
        assert word not in worker.log()
