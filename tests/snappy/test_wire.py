"""Calls that go wrong on the wire: what may have been sent, and what can't have been."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import gzip
import io

import pytest
import pytest_twisted
from twisted.internet import defer, reactor
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

from tests.snappy.raw import NONCE, http
from tests.snappy.test_client import DRAFT, always, error_of
from vumi_snappy.snappy import BadAnswer, RateLimited, ServerFault, Unanswered, Unreachable
from vumi_snappy.snappy.wire import IDLE


def turn():
    """Fires when the reactor has turned."""
    d = defer.Deferred()
    reactor.callLater(0, d.callback, None)
    return d


def is_unknown(error):
    return type(error) is Unanswered and error.temporary and error.outcome_unknown


def never_sent(error):
    return type(error) is Unreachable and error.temporary and not error.outcome_unknown


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


@pytest_twisted.inlineCallbacks
def test_a_name_that_is_none(stage):
    @implementer(IHostnameResolver)
    class Resolver(object):
        def resolveHostName(self, receiver, name, port=0, *args, **kwargs):
            receiver.resolutionBegan(None)
            receiver.resolutionComplete()
    stage.reactor.nameResolver = Resolver()
    error = yield error_of(stage.client(80, host='snappy.invalid').post_note(DRAFT))
    assert never_sent(error)
    assert 'name' in '%s' % (error,)


@pytest_twisted.inlineCallbacks
def test_a_resolver_that_hangs_costs_no_more_than_the_timeout(stage):
    @implementer(IHostnameResolver)
    class Resolver(object):
        def resolveHostName(self, receiver, name, port=0, *args, **kwargs):
            receiver.resolutionBegan(None)
    stage.reactor.nameResolver = Resolver()
    call = stage.client(80, host='snappy.invalid', timeout=12).post_note(DRAFT)
    stage.clock.advance(11.9)
    assert not call.called
    stage.clock.advance(0.1)
    error = yield error_of(call)
    assert never_sent(error)
    assert '%s' % (error,) == 'no answer within 12 seconds'


# Sent, and no answer.

@pytest_twisted.inlineCallbacks
def test_a_connection_reset_after_the_request_leaves_the_outcome_unknown(stage):
    server = stage.serve(lambda conversation, request: conversation.reset())
    assert is_unknown((yield error_of(stage.client(server.port).post_note(DRAFT))))
    assert len(server.requests) == 1


@pytest_twisted.inlineCallbacks
def test_a_connection_closed_before_an_answer_leaves_the_outcome_unknown(stage):
    server = stage.serve(lambda conversation, request: conversation.close())
    assert is_unknown((yield error_of(stage.client(server.port).post_note(DRAFT))))


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
    server = stage.serve(lambda conversation, request: None)
    call = stage.client(server.port, timeout=30).post_note(DRAFT)
    yield server.until(lambda: server.requests)
    stage.clock.advance(29.9)
    assert not call.called
    stage.clock.advance(0.1)
    error = yield error_of(call)
    assert is_unknown(error)
    assert '%s' % (error,) == 'no answer within 30 seconds'
    yield server.until(lambda: not server.connections)


@pytest_twisted.inlineCallbacks
def test_an_answer_that_trickles_costs_no_more_than_the_timeout(stage):
    server = stage.serve(always(http(NONCE)[:-3]))
    calls = []
    client = stage.client(server.port, timeout=30)
    calls.append(client.post_note(DRAFT))
    yield server.until(lambda: server.requests)
    for _ in range(29):
        stage.clock.advance(1)
        server.connections[0].say(b'')
    assert not calls[0].called
    stage.clock.advance(1)
    assert is_unknown((yield error_of(calls[0])))


@pytest.mark.parametrize('answer', [
    http(NONCE)[:10], http(NONCE)[:40], http(NONCE)[:-4],
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nk3jd82hs7a'])
@pytest_twisted.inlineCallbacks
def test_a_truncated_answer_leaves_the_outcome_unknown(stage, answer):
    def behave(conversation, request):
        conversation.say(answer)
        conversation.close()
    server = stage.serve(behave)
    assert is_unknown((yield error_of(stage.client(server.port).post_note(DRAFT))))


@pytest.mark.parametrize('answer', [
    b'220 smtp.example.org ESMTP\r\n\r\n', b'\x00\x01\x02\r\n\r\n', b'HTTP/1.1 abc OK\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: odd\r\n\r\nabcd',
    b'HTTP/1.1 200 OK\r\nno colon\r\n\r\nabcd'])
@pytest_twisted.inlineCallbacks
def test_what_is_no_http_leaves_the_outcome_unknown(stage, answer):
    server = stage.serve(always(answer))
    assert is_unknown((yield error_of(stage.client(server.port).post_note(DRAFT))))


# Answers of another kind.

@pytest.mark.parametrize('answer', [
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    b'8\r\nk3jd82hs\r\n8\r\n7ahq92m1\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n' + NONCE, b'HTTP/1.0 201\r\n\r\n' + NONCE])
@pytest_twisted.inlineCallbacks
def test_an_answer_in_chunks_or_without_a_length_is_read(stage, answer):
    def behave(conversation, request):
        conversation.say(answer)
        conversation.close()
    server = stage.serve(behave)
    assert (yield stage.client(server.port).post_note(DRAFT)) == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_a_compressed_answer_is_read(stage):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode='wb') as writer:
        writer.write(NONCE)
    server = stage.serve(always(http(packed.getvalue(), Content_Encoding='gzip')))
    assert (yield stage.client(server.port).post_note(DRAFT)) == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_an_answer_that_is_not_what_it_says_leaves_the_outcome_unknown(stage):
    server = stage.serve(always(http(b'no gzip at all', Content_Encoding='gzip')))
    error = yield error_of(stage.client(server.port).post_note(DRAFT))
    assert error.temporary and error.outcome_unknown


@pytest_twisted.inlineCallbacks
def test_an_answer_of_exactly_the_largest_size_is_read_and_one_byte_more_is_not(stage):
    answers = [b'[' + b' ' * 98 + b']', b'[' + b' ' * 99 + b']']
    server = stage.serve(lambda conversation, request: conversation.say(http(answers.pop(0))))
    client = stage.client(server.port, max_answer=100)
    assert (yield client.accounts()) == []
    error = yield error_of(client.accounts())
    assert type(error) is BadAnswer and error.outcome_unknown
    assert '%s' % (error,) == 'the answer is larger than 100 bytes'
    yield server.until(lambda: not server.connections)


@pytest_twisted.inlineCallbacks
def test_an_endless_answer_is_cut(stage):
    def behave(conversation, request):
        conversation.say(b'HTTP/1.1 200 OK\r\n\r\n' + b'x' * 300000)
    server = stage.serve(behave)
    error = yield error_of(stage.client(server.port, max_answer=1000).post_note(DRAFT))
    assert type(error) is BadAnswer
    yield server.until(lambda: not server.connections)


@pytest_twisted.inlineCallbacks
def test_a_status_other_than_success_counts_whatever_becomes_of_its_body(stage):
    answers = [http(b'x' * 5000, 429, Retry_After='9'), http(b'cut', 500)[:-1]]

    def behave(conversation, request):
        conversation.say(answers.pop(0))
        conversation.close()
    server = stage.serve(behave)
    client = stage.client(server.port, max_answer=1000)
    error = yield error_of(client.post_note(DRAFT))
    assert type(error) is RateLimited and error.retry_after == 9.0
    error = yield error_of(client.post_note(DRAFT))
    assert type(error) is ServerFault and error.answer == 'cu'


@pytest_twisted.inlineCallbacks
def test_a_refusal_whose_body_hangs_is_known_at_the_timeout(stage):
    server = stage.serve(always(http(b'slowly', 429, Retry_After='9')[:-2]))
    call = stage.client(server.port, timeout=30).post_note(DRAFT)
    yield server.until(lambda: server.requests)
    for _ in range(5):
        yield turn()
    stage.clock.advance(30)
    error = yield error_of(call)
    assert type(error) is RateLimited and error.retry_after == 9.0


# Connections that are kept.

@pytest_twisted.inlineCallbacks
def test_a_kept_connection_that_dies_under_a_note_leaves_the_outcome_unknown(stage):
    """It may have died before or after the note was read; nobody posts it again unasked."""
    behaviours = [always(http(NONCE)), lambda conversation, request: conversation.reset()]
    server = stage.serve(lambda *args: behaviours.pop(0)(*args))
    client = stage.client(server.port)
    yield client.post_note(DRAFT)
    assert is_unknown((yield error_of(client.post_note(DRAFT))))
    assert len(server.requests) == 2


@pytest_twisted.inlineCallbacks
def test_a_kept_connection_that_dies_under_a_question_is_no_matter(stage):
    behaviours = [always(http(b'[]')), lambda conversation, request: conversation.reset(),
                  always(http(b'[]'))]
    server = stage.serve(lambda *args: behaviours.pop(0)(*args))
    client = stage.client(server.port)
    yield client.accounts()
    assert (yield client.accounts()) == []


@pytest_twisted.inlineCallbacks
def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(stage):
    server = stage.serve(always(http(NONCE)))
    client = stage.client(server.port)
    yield client.post_note(DRAFT)
    server.connections[0].close()
    yield server.until(lambda: not server.connections)
    for _ in range(3):
        yield turn()
    assert (yield client.post_note(DRAFT)) == 'k3jd82hs7ahq92m1'


@pytest_twisted.inlineCallbacks
def test_idle_connections_are_closed_before_a_server_would(stage):
    server = stage.serve(always(http(NONCE)))
    yield stage.client(server.port).post_note(DRAFT)
    stage.clock.advance(IDLE)
    yield server.until(lambda: not server.connections)
