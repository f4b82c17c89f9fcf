"""Calls that go wrong on the wire: what may have been sent, and what can't have been."""
from __future__ import absolute_import, division, print_function, unicode_literals

import gzip
import io

import pytest
import pytest_twisted
from twisted.internet import defer, reactor
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

from tests.snappy.conftest import DRAFT
from tests.snappy.raw import NONCE, closing, hang, http, reset
from tests.snappy.test_client import error_of
from tests.snappy.test_parsing import TICKET, dumped
from vumi_snappy.http.call_errors import (
    RateLimited, ServerFault, TooLarge, Unanswered, Unreachable)
from vumi_snappy.http.wire import IDLE


def turn():
    """Fires when the reactor has turned."""
    d = defer.Deferred()
    reactor.callLater(0, d.callback, None)
    return d


def is_unknown(error):
    return type(error) is Unanswered and error.temporary and error.outcome_unknown


def never_sent(error):
    return type(error) is Unreachable and error.temporary and not error.outcome_unknown


def error_after(stage, seconds, call):
    """Fires with the error of a call that ends after just so many seconds."""
    stage.clock.advance(seconds - 0.1)
    assert not call.called
    stage.clock.advance(0.1)
    return error_of(call)


# Never sent.

@pytest_twisted.inlineCallbacks
def test_nobody_listens(stage, free_port):
    call = stage.client(free_port()).post_note(DRAFT)
    while not call.called:
        yield turn()
        if len(stage.clock.getDelayedCalls()) > 1:
            stage.clock.advance(0.1)  # Twisted waits a little for a second address of the host
    error = yield error_of(call)
    assert never_sent(error)
    assert 'refused' in '%s' % (error,)


@implementer(IHostnameResolver)
class Resolver(object):
    """Knows no host, or takes for ever to find that out."""

    def __init__(self, hangs=False):
        self.hangs = hangs

    def resolveHostName(self, receiver, name, port=0, *args, **kwargs):
        receiver.resolutionBegan(None)
        if not self.hangs:
            receiver.resolutionComplete()


@pytest_twisted.inlineCallbacks
def test_a_name_that_is_none(stage):
    stage.reactor.nameResolver = Resolver()
    error = yield error_of(stage.client(80, host='snappy.invalid').post_note(DRAFT))
    assert never_sent(error)
    assert 'name' in '%s' % (error,)


@pytest_twisted.inlineCallbacks
def test_a_resolver_that_hangs_costs_no_more_than_the_timeout(stage):
    stage.reactor.nameResolver = Resolver(hangs=True)
    call = stage.client(80, host='snappy.invalid', timeout=12).post_note(DRAFT)
    error = yield error_after(stage, 12, call)
    assert never_sent(error)
    assert '%s' % (error,) == 'no answer within 12 seconds'


# Sent, and no answer.

@pytest.mark.parametrize('behave', [reset, closing(b'')])
@pytest_twisted.inlineCallbacks
def test_a_connection_that_ends_before_an_answer_leaves_the_outcome_unknown(stage, behave):
    assert is_unknown((yield error_of(stage.post(behave))))
    assert len(stage.server.requests) == 1


@pytest_twisted.inlineCallbacks
def test_a_server_that_hangs_up_at_once_may_have_read_the_request(stage):
    class HangsUp(Protocol):
        def connectionMade(self):
            self.transport.abortConnection()
    factory = Factory.forProtocol(HangsUp)
    factory.noisy = False
    listener = reactor.listenTCP(0, factory, interface='127.0.0.1')
    error = yield error_of(stage.client(listener.getHost().port).post_note(DRAFT))
    yield listener.stopListening()
    assert is_unknown(error) or never_sent(error)


@pytest_twisted.inlineCallbacks
def test_a_server_that_hangs_costs_no_more_than_the_timeout(stage):
    call = stage.post(hang, timeout=30)
    yield stage.server.until(lambda: stage.server.requests)
    error = yield error_after(stage, 30, call)
    assert is_unknown(error)
    assert '%s' % (error,) == 'no answer within 30 seconds'
    yield stage.server.until(lambda: not stage.server.connections)


@pytest_twisted.inlineCallbacks
def test_an_answer_that_trickles_costs_no_more_than_the_timeout(stage):
    call = stage.post(http(NONCE)[:-3], timeout=30)
    yield stage.server.until(lambda: stage.server.requests)
    for _ in range(29):
        stage.clock.advance(1)
        stage.server.connections[0].say(b'')
    assert is_unknown((yield error_after(stage, 1, call)))


@pytest.mark.parametrize('answer', [
    http(NONCE)[:10], http(NONCE)[:40], http(NONCE)[:-4],
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nk3jd82hs7a'])
@pytest_twisted.inlineCallbacks
def test_a_truncated_answer_leaves_the_outcome_unknown(stage, answer):
    assert is_unknown((yield error_of(stage.post(closing(answer)))))


@pytest.mark.parametrize('answer', [
    b'220 smtp.example.org ESMTP\r\n\r\n', b'\x00\x01\x02\r\n\r\n', b'HTTP/1.1 abc OK\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: odd\r\n\r\nabcd',
    b'HTTP/1.1 200 OK\r\nno colon\r\n\r\nabcd'])
@pytest_twisted.inlineCallbacks
def test_what_is_no_http_leaves_the_outcome_unknown(stage, answer):
    assert is_unknown((yield error_of(stage.post(answer))))


# Answers of another kind.

@pytest.mark.parametrize('answer', [
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    b'8\r\nk3jd82hs\r\n8\r\n7ahq92m1\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n' + NONCE, b'HTTP/1.0 201\r\n\r\n' + NONCE])
@pytest_twisted.inlineCallbacks
def test_an_answer_in_chunks_or_without_a_length_is_read(stage, answer):
    assert (yield stage.post(closing(answer))) == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_a_compressed_answer_is_read(stage):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode='wb') as writer:
        writer.write(NONCE)
    answer = http(packed.getvalue(), Content_Encoding='gzip')
    assert (yield stage.post(answer)) == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_an_answer_that_is_not_what_it_says_leaves_the_outcome_unknown(stage):
    error = yield error_of(stage.post(http(b'no gzip at all', Content_Encoding='gzip')))
    assert error.temporary and error.outcome_unknown


@pytest_twisted.inlineCallbacks
def test_an_answer_of_exactly_the_largest_size_is_read_and_one_byte_more_is_not(stage):
    server = stage.serve([http(b'[' + b' ' * spaces + b']') for spaces in (98, 99)])
    client = stage.client(server.port, max_answer=100)
    assert (yield client.accounts()) == []
    error = yield error_of(client.accounts())
    assert type(error) is TooLarge and error.outcome_unknown
    assert '%s' % (error,) == 'the answer to accounts is too large to be read'
    yield server.until(lambda: not server.connections)


@pytest_twisted.inlineCallbacks
def test_an_endless_answer_is_cut(stage):
    endless = b'HTTP/1.1 200 OK\r\n\r\n' + b'x' * 300000
    error = yield error_of(stage.post(endless, max_answer=1000))
    assert type(error) is TooLarge
    yield stage.server.until(lambda: not stage.server.connections)


@pytest_twisted.inlineCallbacks
def test_a_list_of_many_tickets_is_read_though_other_answers_may_not_be_so_large(stage):
    tickets = [dict(TICKET, id=n) for n in range(3000)]
    answers = [dumped(tickets), dumped({'data': tickets}), b'[' * (1024 * 1024 + 1)]
    server = stage.serve([http(answer) for answer in answers])
    client = stage.client(server.port)
    found = yield client.waiting(7, wanted=lambda ticket: ticket.id == '2999')
    assert [ticket.id for ticket in found] == ['2999']
    error = yield error_of(client.inbox(7))
    assert type(error) is TooLarge and error.temporary
    yield server.until(lambda: not server.connections)
    assert type((yield error_of(client.inbox(7)))) is TooLarge


@pytest_twisted.inlineCallbacks
def test_a_list_without_an_end_is_cut(stage, monkeypatch):
    monkeypatch.setattr('vumi_snappy.snappy.listed.MOST_LISTED', 2 * 1024 * 1024)
    piece = b'{"id": 1},' * 10000
    server = stage.serve(b'HTTP/1.1 200 OK\r\n\r\n[' + piece * 40)
    error = yield error_of(stage.client(server.port).get_notes('k3jd82hs7ahq92m1'))
    assert type(error) is TooLarge
    yield server.until(lambda: not server.connections)


@pytest_twisted.inlineCallbacks
def test_a_status_other_than_success_counts_whatever_becomes_of_its_body(stage):
    error = yield error_of(stage.post([
        closing(http(b'x' * 5000, 429, Retry_After='9')), closing(http(b'cut', 500)[:-1])],
        max_answer=1000))
    assert type(error) is RateLimited and error.retry_after == 9.0
    error = yield error_of(stage.poster.post_note(DRAFT))
    assert type(error) is ServerFault and error.answer == 'cu'


@pytest_twisted.inlineCallbacks
def test_a_refusal_whose_body_hangs_is_known_at_the_timeout(stage):
    call = stage.post(http(b'slowly', 429, Retry_After='9')[:-2], timeout=30)
    yield stage.server.until(lambda: stage.server.requests)
    for _ in range(5):
        yield turn()
    stage.clock.advance(30)
    error = yield error_of(call)
    assert type(error) is RateLimited and error.retry_after == 9.0


# Connections that are kept.

@pytest_twisted.inlineCallbacks
def test_a_kept_connection_that_dies_under_a_note_leaves_the_outcome_unknown(stage):
    """It may have died before or after the note was read; nobody posts it again unasked."""
    yield stage.post([http(NONCE), reset])
    assert is_unknown((yield error_of(stage.poster.post_note(DRAFT))))
    assert len(stage.server.requests) == 2


@pytest_twisted.inlineCallbacks
def test_a_kept_connection_that_dies_under_a_question_is_no_matter(stage):
    client = stage.client(stage.serve([http(b'[]'), reset, http(b'[]')]).port)
    yield client.accounts()
    assert (yield client.accounts()) == []


@pytest_twisted.inlineCallbacks
def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(stage):
    yield stage.post(http(NONCE))
    stage.server.connections[0].close()
    yield stage.server.until(lambda: not stage.server.connections)
    for _ in range(3):
        yield turn()
    assert (yield stage.poster.post_note(DRAFT)) == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_idle_connections_are_closed_before_a_server_would(stage):
    yield stage.post(http(NONCE))
    stage.clock.advance(IDLE)
    yield stage.server.until(lambda: not stage.server.connections)
