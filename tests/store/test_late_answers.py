"""A master that hung answers as if it still were one: what comes late is asked about first."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet import defer, task

from vumi_snappy.store import RedisServer, StoreUnavailable, connection, sentinel
from vumi_snappy.store.sentinel import Master

HERE, ELSEWHERE = Master(1, 'a', 6379), Master(2, 'b', 6379)


class Client(object):
    """A connection's protocol that answers when the test says."""

    def __init__(self):
        self.sent, self.dropped = [], []

    def send(self, *parts):
        self.sent.append(defer.Deferred())
        return self.sent[-1]

    def drop(self, why):
        self.dropped.append(why)


class Story(object):
    def __init__(self, monkeypatch, sentinels=(('s', 26379),)):
        self.clock, self.client, self.asked = task.Clock(), Client(), []
        self.connection = connection.RedisConnection(self.clock, RedisServer(
            host='a', sentinels=sentinels, service_name='bridge'))
        self.connection.connected, self.connection._client = True, self.client
        self.connection._master = HERE
        monkeypatch.setattr(connection, 'find_master', self._find)

    def _find(self, reactor, server):
        self.asked.append(defer.Deferred())
        return self.asked[-1]

    def sends(self):
        heard = []
        self.connection.send('PING').addBoth(heard.append)
        return heard


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


def test_an_answer_that_comes_at_once_is_believed(story):
    heard = story.sends()
    story.client.sent[0].callback('one')
    assert (heard, story.asked) == (['one'], [])


def test_a_late_answer_and_those_behind_it_wait_for_the_sentinels(story):
    first = story.sends()
    story.clock.advance(0.6)
    second = story.sends()
    for number, answer in enumerate(['one', 'two']):
        story.client.sent[number].callback(answer)
    assert (first, second, len(story.asked)) == ([], [], 1)
    story.asked[0].callback(HERE)
    assert (first, second) == (['one'], ['two'])
    third = story.sends()
    story.client.sent[2].callback('three')
    assert (third, len(story.asked)) == (['three'], 1)


@pytest.mark.parametrize('said', [ELSEWHERE, StoreUnavailable('being replaced')])
def test_a_late_answer_of_a_master_that_is_none_any_more_is_no_answer(story, said):
    heard = story.sends()
    story.clock.advance(0.6)
    behind = story.sends()
    for sent in story.client.sent:
        sent.callback('done')
    if said is ELSEWHERE:
        story.asked[0].callback(said)
        assert story.client.dropped == ['the Sentinels name another master']
    else:
        story.asked[0].errback(said)
    assert [each[0].type for each in (heard, behind)] == [StoreUnavailable] * 2


@pytest.mark.parametrize('said, usable', [(HERE, True), (ELSEWHERE, False)])
def test_a_master_that_hung_while_we_connected_is_asked_about_before_it_is_used(
        story, said, usable):
    story.connection.connected = False
    client = Client()
    story.connection._usable(client).addErrback(story.connection._unusable, client)
    story.asked[0].callback(said)
    assert (story.connection.connected, client.dropped == []) == (usable, usable)


def test_without_sentinels_nobody_is_asked(monkeypatch):
    story = Story(monkeypatch, sentinels=())
    heard = story.sends()
    story.clock.advance(3)
    story.client.sent[0].callback('one')
    assert (heard, story.asked) == (['one'], [])


@pytest.mark.parametrize('flags, leaving', [
    ('master', False), ('master,s_down', False), ('master,s_down,o_down', True),
    ('master,failover_in_progress', True)])
def test_a_master_that_is_being_replaced_is_not_named(flags, leaving, monkeypatch):
    told = [b'ip', b'127.0.0.1', b'port', b'6379', b'flags', flags.encode('ascii'),
            b'config-epoch', b'3']
    monkeypatch.setattr(sentinel, '_ask', lambda *_: defer.succeed(sentinel._read(told)))
    heard = []
    sentinel.find_master(None, RedisServer(
        sentinels=(('s', 1),), service_name='bridge')).addBoth(heard.append)
    if leaving:
        assert heard[0].check(StoreUnavailable)
    else:
        assert (heard[0].epoch, heard[0].port) == (3, 6379)
