"""The stand-in starts, stops and starts again in a test's own process."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
import treq
from twisted.internet import reactor
from twisted.internet.error import CannotListenError
from twisted.web.client import HTTPConnectionPool

from tests.standin.conftest import draft
from vumi_snappy.standin.service import StandIn


@pytest_twisted.inlineCallbacks
def test_a_stopped_stand_in_answers_nobody_not_even_over_a_kept_connection(caller):
    pool = HTTPConnectionPool(reactor)
    address = caller.standin.url + '/note'
    response = yield treq.post(address, auth=('standin-key', 'x'), json=draft(), pool=pool)
    yield treq.content(response)
    assert len(caller.standin.desk.tickets()) == 1
    yield caller.standin.stop()
    with pytest.raises(Exception):
        yield treq.post(address, auth=('standin-key', 'x'), json=draft(), pool=pool, timeout=5)
    assert len(caller.standin.desk.tickets()) == 1
    yield pool.closeCachedConnections()


@pytest_twisted.inlineCallbacks
def test_a_stand_in_that_is_started_again_knows_what_it_knew(make_caller, free_port):
    caller = yield make_caller(endpoint='tcp:%d:interface=127.0.0.1' % free_port())
    before = caller.standin.url
    nonce = yield caller.note()
    yield caller.standin.stop()
    yield caller.standin.start()
    assert caller.standin.url == before
    assert (yield caller.ask('GET', '/ticket/%s' % nonce))['nonce'] == nonce


@pytest_twisted.inlineCallbacks
def test_webhooks_go_out_again_after_a_new_start(make_caller, receiver):
    caller = yield make_caller(hook_url=receiver.url)
    yield caller.standin.stop()
    yield caller.standin.start()
    yield caller.note()
    yield receiver.until(3)


@pytest_twisted.inlineCallbacks
def test_a_port_that_is_taken_is_said(caller):
    with pytest.raises(CannotListenError):
        yield StandIn(
            reactor, endpoint='tcp:%d:interface=127.0.0.1' % caller.standin.port).start()
