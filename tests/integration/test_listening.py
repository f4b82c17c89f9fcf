"""Who may call the webhook of a real worker, and that what it refuses is counted."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import socket

import pytest
import pytest_twisted
import requests

from tests.integration.one_worker import SECRETS, Published

pytestmark = pytest.mark.integration

HEAD = b'POST /snappy HTTP/1.1\r\nHost: localhost\r\n'


def call(worker, forwarded=None, secret=SECRETS[1]):
    """The status that a call of the hook is answered with, by way of a proxy at `forwarded`."""
    return requests.post(
        'http://127.0.0.1:%d/snappy' % (worker.port,), auth=('anyone', secret), timeout=10,
        data={'event': 'ticket.waiting', 'data': json.dumps({'ticket': {'id': 1}})},
        headers={'X-Forwarded-For': forwarded} if forwarded else {}).status_code


def test_only_the_named_networks_may_call_the_webhook(worker):
    worker.start(allowed_networks=['198.51.100.0/24'])
    worker.until(worker.health)  # the health page is no part of it
    assert call(worker) == 403
    assert call(worker, '198.51.100.7') == 403  # anybody can say so


def test_behind_a_trusted_proxy_the_address_that_it_saw_counts(worker):
    worker.start(allowed_networks=['198.51.100.0/24'], trusted_proxies=['127.0.0.1'])
    worker.until(worker.health)
    assert call(worker, '198.51.100.7') == 200
    assert call(worker, '203.0.113.9, 198.51.100.7') == 200
    assert call(worker, '198.51.100.7, 203.0.113.9') == 403
    assert call(worker) == 403
    assert call(worker, '198.51.100.7', secret='wrong') == 401
    # The address of who guesses is that which the proxy saw.
    assert '198.51.100.7 had no valid secret' in worker.log()


@pytest_twisted.inlineCallbacks
def test_what_the_server_itself_refuses_is_counted_as_rejected(worker):
    metrics = yield Published(worker.amqp).start()
    worker.start()
    worker.until(worker.health)
    for sent, status in ((b'garbage\r\n', b'400'),
                         (HEAD + b'Content-Length: 99999999\r\n', b'413'),
                         (HEAD + b'X: ' + b'x' * 20000, b'431'),
                         (HEAD + b'Transfer-Encoding: chunked\r\n', b'501')):
        with_socket = socket.create_connection(('127.0.0.1', worker.port), 10)
        with_socket.sendall(sent)
        assert with_socket.recv(12) == b'HTTP/1.1 ' + status
        with_socket.close()
    assert call(worker, secret='wrong') == 401
    counted = yield metrics.add_up('vumi_snappy.webhooks.rejected', 5)
    assert counted == 5
    yield metrics.stop()
