"""A replica that takes over may have missed the last moment: what may be done is looked for."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import NONCE, claim, inbound
from vumi_snappy.records import Accepted, ReplyState, Wait
from vumi_snappy.store import StoreUnavailable
from vumi_snappy.store.identity import reply_message_id
from vumi_snappy.store.replicas import Replicas

ZEROS = '0' * 40
FIRST, SECOND, THIRD = 'a' * 40, 'b' * 40, 'c' * 40


def connects(bench, replid, before=ZEROS):
    return bench.store._scripts.call('note_master', replid=replid, before=before)


@pytest_twisted.inlineCallbacks
def test_only_a_replica_that_became_the_master_is_a_fail_over(bench):
    said = []
    for replid, before in ((FIRST, ZEROS), (FIRST, ZEROS), (SECOND, ZEROS), (THIRD, SECOND),
                           (THIRD, SECOND)):
        said.append((yield connects(bench, replid, before)))
    assert said == [b'same', b'same', b'same', b'failed over', b'same']


@pytest.fixture
def failed_over(bench):
    """A function: the master that the bench began with is replaced."""
    pytest_twisted.blockon(connects(bench, FIRST))
    return lambda: connects(bench, SECOND, FIRST)


@pytest_twisted.inlineCallbacks
def test_what_waited_is_looked_for_when_what_was_under_way_has_settled(bench, failed_over):
    yield bench.says('help')
    yield failed_over()
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(29)
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(1.1)
    attempt = yield claim(bench.store.forwards)
    assert attempt.look
    yield bench.store.forwards.looked(attempt)
    yield bench.store.forwards.retry(attempt, 1.0)
    bench.clock.advance(1.1)
    assert not (yield claim(bench.store.forwards)).look


@pytest_twisted.inlineCallbacks
def test_what_was_to_be_tried_again_is_looked_for_too(bench, failed_over):
    yield bench.says('help')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.retry(attempt, 1.0)
    yield failed_over()
    bench.clock.advance(1.1)
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(30)
    again = yield claim(bench.store.forwards)
    assert (again.id, again.look) == (attempt.id, True)


@pytest_twisted.inlineCallbacks
def test_what_comes_afterwards_is_sent_at_once(bench, failed_over):
    yield failed_over()
    bench.clock.advance(0.1)
    yield bench.says('help')
    assert not (yield claim(bench.store.forwards)).look


@pytest_twisted.inlineCallbacks
def test_each_message_that_waited_is_looked_for_alone_and_not_joined(bench, failed_over):
    # Each may have been sent with others, which are lost.
    yield bench.says('one')
    yield bench.says('two')
    yield failed_over()
    bench.clock.advance(0.1)
    yield bench.says('three')
    yield claim(bench.store.forwards)
    bench.clock.advance(30.1)
    attempt = yield claim(bench.store.forwards)
    assert [message.text for message in attempt.messages] == ['one']
    yield bench.store.forwards.finish(attempt, NONCE, 'hash')
    attempt = yield claim(bench.store.forwards)
    assert ([message.text for message in attempt.messages], attempt.look) == (['two'], True)
    yield bench.store.forwards.finish(attempt, NONCE, 'hash')
    attempt = yield claim(bench.store.forwards)
    assert ([message.text for message in attempt.messages], attempt.look) == (['three'], False)


@pytest_twisted.inlineCallbacks
def test_behind_a_message_that_was_not_sent_nothing_was(bench, failed_over):
    for text in ('one', 'two', 'three'):
        yield bench.says(text)
    yield failed_over()
    bench.clock.advance(30.1)
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.looked(attempt)
    yield bench.store.forwards.finish(attempt, NONCE, 'hash')
    attempt = yield claim(bench.store.forwards)
    assert ([message.text for message in attempt.messages], attempt.look) == (
        ['two', 'three'], False)


@pytest_twisted.inlineCallbacks
def test_a_message_from_before_that_comes_again_is_looked_for(bench, failed_over):
    # The old master had it, and another worker may have sent it.
    sent_at = bench.clock.seconds()
    bench.clock.advance(1)
    yield failed_over()
    bench.clock.advance(1)
    yield bench.store.accept_inbound(inbound(sent_at=sent_at))
    bench.clock.advance(30.1)
    assert (yield claim(bench.store.forwards)).look


@pytest_twisted.inlineCallbacks
def test_a_reply_that_the_broker_has_leaves_its_queue_though_those_before_it_have_not(
        bench, failed_over):
    yield bench.opens()
    for text in ('one', 'two', 'three'):
        yield bench.answers(text, NONCE, note_id=text)
    yield failed_over()
    finish = bench.store.replies.finish
    assert (yield finish(reply_message_id(bench.prefix, 'two')))
    assert not (yield finish(reply_message_id(bench.prefix, 'two')))
    bench.clock.advance(15.1)
    left = []
    for _ in range(2):
        attempt = yield claim(bench.store.replies)
        left.append(attempt.html)
        yield bench.store.replies.finish(attempt.message_id)
    assert left == ['one', 'three']
    assert isinstance((yield claim(bench.store.replies)), Wait)
    assert (yield bench.store.figures())['replies'] == 0


@pytest_twisted.inlineCallbacks
def test_a_number_that_was_given_anew_does_not_mean_another_reply(bench, failed_over):
    yield bench.opens()
    yield failed_over()
    bench.clock.advance(1)
    yield bench.answers('new', NONCE)
    # The old master had called a reply so that the new one does not know.
    assert not (yield bench.store.replies.finish(reply_message_id(bench.prefix, 'lost')))
    assert (yield claim(bench.store.replies)).html == 'new'


@pytest_twisted.inlineCallbacks
def test_a_reply_that_the_broker_has_and_that_is_brought_again_is_not_published(
        bench, failed_over):
    yield bench.opens()
    yield failed_over()
    yield bench.store.replies.finish(reply_message_id(bench.prefix, 'lost'))
    assert (yield bench.answers('lost', NONCE, note_id='lost')) is Accepted.STORED
    bench.clock.advance(20)
    assert isinstance((yield claim(bench.store.replies)), Wait)
    ticket = yield bench.store.ticket('1')
    assert [reply['state'] for reply in ticket['replies']] == ['published']


@pytest_twisted.inlineCallbacks
def test_when_receipts_were_read_for_one_reply_they_were_for_all(bench, failed_over):
    for n in range(3):
        yield bench.opens(who='+2782000100%d' % (n,), nonce='nonce-%d' % (n,))
        yield bench.answers('Hello', 'nonce-%d' % (n,))
    yield failed_over()
    bench.clock.advance(15.1)
    attempt = yield claim(bench.store.replies)
    assert attempt.look
    yield bench.store.replies.looked(attempt)
    for _ in range(2):
        assert not (yield claim(bench.store.replies)).look


@pytest_twisted.inlineCallbacks
def test_what_a_transport_says_of_a_reply_that_waits_is_believed(bench, failed_over):
    yield bench.opens()
    yield bench.answers('lost', NONCE, note_id='lost')
    yield failed_over()
    moved = yield bench.store.record_event(
        reply_message_id(bench.prefix, 'lost'), ReplyState.FAILED)
    assert moved == (ReplyState.FAILED, True)
    bench.clock.advance(20)
    assert isinstance((yield claim(bench.store.replies)), Wait)


@pytest_twisted.inlineCallbacks
def test_receipts_are_read_before_a_reply_that_waited_is_published(bench, failed_over):
    yield bench.opens()
    yield bench.answers('Hello', NONCE)
    yield failed_over()
    assert isinstance((yield claim(bench.store.replies)), Wait)
    bench.clock.advance(15.1)
    assert (yield claim(bench.store.replies)).look
    yield bench.opens(who='+27820001002', nonce='other')
    yield bench.answers('Hello you', 'other')
    assert not (yield claim(bench.store.replies)).look


@pytest_twisted.inlineCallbacks
def test_each_fail_over_is_looked_after(bench, failed_over):
    yield bench.says('help')
    yield failed_over()
    yield claim(bench.store.forwards)
    bench.clock.advance(30.1)
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.looked(attempt)
    yield bench.store.forwards.retry(attempt, 1.0)
    yield connects(bench, THIRD, SECOND)
    bench.clock.advance(1.1)
    assert isinstance((yield claim(bench.store.forwards)), Wait)
    bench.clock.advance(30.1)
    assert (yield claim(bench.store.forwards)).look


class Waited(object):
    """A connection whose replicas are as many as the test says."""

    def __init__(self):
        self.sent, self.told = [], []

    def send(self, *parts):
        self.sent.append((parts, defer.Deferred()))
        return self.sent[-1][1]

    def tell(self, name, why):
        self.told.append(why)


def test_answers_of_one_moment_share_one_question_and_wait_for_it():
    connection, heard = Waited(), []
    replicas = Replicas(connection, 1)
    for answer in 'abc':
        replicas.have(answer).addCallback(heard.append)
    assert heard == []
    assert [parts for parts, _ in connection.sent] == [('WAIT', 1, 1000)]
    connection.sent[0][1].callback(1)
    assert heard == ['a'] and len(connection.sent) == 2
    connection.sent[1][1].callback(2)
    assert heard == ['a', 'b', 'c'] and len(connection.sent) == 2
    assert connection.told == ['', '']


def test_too_few_replicas_are_a_store_that_is_away():
    connection, failed = Waited(), []
    Replicas(connection, 2).have('a').addErrback(failed.append)
    connection.sent[0][1].callback(1)
    assert failed[0].check(StoreUnavailable)
    [why] = connection.told
    assert why.startswith('1 of the 2 replicas')


def test_without_the_option_nobody_is_asked():
    connection = Waited()
    assert Replicas(connection, 0).have('a') == 'a'
    assert connection.sent == []
