"""A worker process under `twistd` says why it cannot start, keeps secrets, and stops in time."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.integration.bus_process import Twistd
from tests.integration.bus_stage import eventually
from tools.ports import free_port

#: Seconds for the start of a process on a busy machine.
START = 60


@pytest.fixture
def twistd(stage, tmpdir):
    processes = []

    def run(worker_class, **config):
        processes.append(Twistd(stage, tmpdir, worker_class, **config))
        return processes[-1]
    yield run
    for process in processes:
        process.kill()


@pytest.mark.parametrize('worker_class, config, words', [
    ('NoPort', {}, 'NoPort cannot start: RuntimeError: the port 8020 is in use'),
    ('BadConfig', {}, 'snappy_mailbox_id is missing'),
    ('Hanging', {'middleware': [{'mw': 'tests.integration.bus_process.BadMiddleware'}]},
     'no such store'),
    ('Hanging', {'transport_name': 'UPPER'}, 'UPPER'),
    ('Hanging', {'transport_name': 'gr\xfcezi'}, 'UnicodeEncodeError'),
])
@pytest_twisted.inlineCallbacks
def test_a_failing_first_set_up_ends_the_process_with_an_error(
        twistd, worker_class, config, words):
    process = twistd(worker_class, **config)
    yield eventually(lambda: not process.running(), within=START)
    assert process.status == 1
    assert words in process.log
    assert 'CONNECTED' not in process.log


@pytest_twisted.inlineCallbacks
def test_a_queue_that_would_go_by_itself_and_lose_messages_is_a_failing_set_up(stage, twistd):
    yield stage.outside.on_channel(lambda channel: channel.queue_declare(
        queue=stage.queue('outbound'), durable=True, auto_delete=True))
    process = twistd('Hanging')
    yield eventually(lambda: not process.running(), within=START)
    assert process.status == 1
    assert 'PRECONDITION_FAILED' in process.log


@pytest_twisted.inlineCallbacks
def test_secrets_are_not_logged_and_a_handler_that_never_ends_does_not_keep_the_process(
        stage, twistd):
    process = twistd('Hanging', snappy_api_key='sesam-open', webhook_secret='sesam-shut',
                     worker_name='bouncer')
    yield eventually(lambda: 'CONNECTED' in process.log, within=START)
    yield stage.says('very private')
    yield eventually(lambda: 'HANDLING' in process.log)
    process.terminate()
    yield eventually(lambda: not process.running(), within=8)
    assert 'A handler did not end within 1 seconds' in process.log
    for secret in ('sesam', 'very private', '+27820001001'):
        assert secret not in process.log
    assert 'Traceback' not in process.log and 'Unhandled' not in process.log
    yield eventually(lambda: stage.outside.ready(stage.queue('inbound')))


@pytest_twisted.inlineCallbacks
def test_a_process_stops_in_time_while_the_broker_is_frozen(stage, twistd):
    process = twistd('Hanging')
    yield eventually(lambda: 'CONNECTED' in process.log, within=START)
    yield stage.broker('freeze')
    try:
        process.terminate()
        yield eventually(lambda: not process.running(), within=10)
    finally:
        yield stage.broker('thaw')
    assert 'Traceback' not in process.log and 'Unhandled' not in process.log


@pytest.mark.parametrize('options, words', [
    (lambda: {'port': free_port()}, 'cannot be reached'),
    (lambda: {'password': 'wrong'}, 'Login to RabbitMQ as user'),
])
@pytest_twisted.inlineCallbacks
def test_a_process_without_a_broker_goes_on_trying_and_stops_when_told(twistd, options, words):
    process = twistd('Hanging', options=options())
    yield eventually(lambda: words in process.log, within=START)
    assert process.running()
    process.terminate()
    yield eventually(lambda: not process.running(), within=8)
    assert 'Traceback' not in process.log and 'Unhandled' not in process.log
