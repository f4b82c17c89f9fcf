"""The operator's lists: kept by every transition, paged, and made for stores from before them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import random

import pytest
import pytest_twisted
from twisted.internet import defer

from tests.store.conftest import claim
from vumi_snappy.records import ReplyState, Wait

NOMSA, YUSUF = '+27820001001', '+27820001002'
DAY = 86400.0


@defer.inlineCallbacks
def listed(bench, *filters, **kwargs):
    """The numbers of the tickets in the lists, page by page."""
    found, cursor = [], None
    while True:
        page = yield bench.store.lists.tickets(filters, cursor=cursor, **kwargs)
        found.extend(each['ticket'] for each in page.tickets)
        cursor = page.cursor
        if cursor is None:
            defer.returnValue(found)


@defer.inlineCallbacks
def failed_reply(bench, nonce='k3jd82hs7ahq92m1', html='<p>Hi</p>', why='no such number'):
    """A reply on the ticket `nonce` that its transport did not take."""
    reply = yield bench.published(html, nonce)
    yield bench.store.record_event(reply.message_id, ReplyState.FAILED, why)
    defer.returnValue(reply)


@defer.inlineCallbacks
def settled(bench):
    """Everything that waits for Snappy is sent."""
    while True:
        attempt = yield claim(bench.store.forwards)
        if isinstance(attempt, Wait):
            return
        yield bench.store.forwards.finish(attempt, attempt.nonce or 'n%s' % (attempt.ticket,), '')


@pytest_twisted.inlineCallbacks
def test_a_ticket_waits_until_snappy_has_all_of_it(bench):
    yield bench.says('one')
    yield bench.says('two')
    assert (yield listed(bench, 'waiting')) == ['1']
    [line] = (yield bench.store.lists.tickets()).tickets
    assert (line['from_addr'], line['messages'], line['text'], line['waiting']) == (
        NOMSA, 2, 'two', True)
    yield settled(bench)
    assert (yield listed(bench, 'waiting')) == []
    assert (yield listed(bench)) == ['1']


@pytest_twisted.inlineCallbacks
def test_what_is_parked_does_not_wait_until_it_is_put_back(bench):
    yield bench.says('one')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(attempt, 'refused')
    assert (yield listed(bench, 'parked')) == ['1']
    assert (yield listed(bench, 'waiting')) == []
    yield bench.says('two')
    assert (yield listed(bench, 'waiting')) == ['1']
    [parked] = yield bench.store.parked()
    yield bench.store.unpark(parked['id'], who='lerato', reason='mended')
    assert (yield listed(bench, 'parked')) == []
    yield settled(bench)
    assert (yield listed(bench, 'waiting')) == []


@pytest_twisted.inlineCallbacks
def test_what_is_dropped_is_in_no_list(bench):
    yield bench.says('one')
    yield bench.says('two')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(attempt, 'refused')
    [parked] = yield bench.store.parked()
    yield bench.store.unpark(parked['id'], drop=True)
    assert (yield listed(bench, 'parked')) == []
    assert (yield listed(bench, 'waiting')) == []


@pytest_twisted.inlineCallbacks
def test_the_last_active_come_first_in_every_list(bench):
    yield bench.says('one', who=NOMSA)
    bench.clock.advance(1)
    yield bench.says('two', who=YUSUF)
    bench.clock.advance(1)
    yield bench.says('three', who=NOMSA)
    assert (yield listed(bench)) == ['1', '2']
    assert (yield listed(bench, 'waiting')) == ['1', '2']


@pytest.mark.parametrize('limit', [1, 2, 3, 50])
@pytest_twisted.inlineCallbacks
def test_pages_hold_each_ticket_once_even_those_of_one_moment(bench, limit):
    for n in range(7):
        yield bench.says('hello', who='+2782000200%d' % (n,))
        if n == 3:
            bench.clock.advance(1)
    assert (yield listed(bench, limit=limit)) == ['7', '6', '5', '4', '3', '2', '1']


@pytest_twisted.inlineCallbacks
def test_a_list_is_bounded_by_dates(bench):
    for n in range(4):
        yield bench.says('hello', who='+2782000200%d' % (n,))
        bench.clock.advance(DAY)
    start = bench.clock.seconds() - 4 * DAY
    assert (yield listed(bench, since=start + DAY, until=start + 2 * DAY, limit=1)) == ['3', '2']


@pytest_twisted.inlineCallbacks
def test_a_reply_that_did_not_arrive_is_listed_until_it_is_settled(bench):
    yield bench.opens()
    yield failed_reply(bench)
    [item] = yield bench.store.lists.undelivered()
    assert (item['ticket'], item['reply'], item['addr'], item['state'], item['reason']) == (
        '1', 1, NOMSA, 'failed', 'no such number')
    assert (yield listed(bench, 'undelivered')) == ['1']
    assert (yield bench.store.lists.settle_undelivered(item['id'], drop=True, reason='she came'))
    assert not (yield bench.store.lists.settle_undelivered(item['id'], drop=True))
    assert (yield bench.store.lists.undelivered()) == []
    assert (yield listed(bench, 'undelivered')) == []


@pytest_twisted.inlineCallbacks
def test_a_reply_that_is_sent_again_is_one_of_its_own(bench):
    yield bench.opens()
    first = yield failed_reply(bench)
    [item] = yield bench.store.lists.undelivered()
    yield bench.store.lists.settle_undelivered(item['id'])
    again = yield claim(bench.store.replies)
    assert again.html == '<p>Hi</p>' and again.number == 2
    assert again.message_id != first.message_id
    yield bench.store.replies.finish(again.message_id)
    yield bench.store.record_event(again.message_id, ReplyState.DELIVERED)
    assert (yield listed(bench, 'undelivered')) == []


@pytest_twisted.inlineCallbacks
def test_a_late_delivery_report_takes_a_reply_off_the_list(bench):
    yield bench.opens()
    reply = yield failed_reply(bench)
    yield bench.store.record_event(reply.message_id, ReplyState.DELIVERED)
    assert (yield bench.store.lists.undelivered()) == []
    assert (yield listed(bench, 'undelivered')) == []


@pytest_twisted.inlineCallbacks
def test_a_tag_of_ours_makes_a_list_and_lists_combine(bench):
    yield bench.opens(who=YUSUF, nonce='other')
    yield bench.opens()
    yield failed_reply(bench)
    yield settled(bench)
    yield bench.says('more')
    assert (yield bench.store.lists.tags()) == [('#undelivered', 1)]
    assert (yield listed(bench, 'tag:#undelivered')) == ['2']
    assert (yield listed(bench, 'tag:#undelivered', 'undelivered', 'waiting')) == ['2']
    assert (yield listed(bench, 'tag:#undelivered', 'parked')) == []
    [line] = (yield bench.store.lists.tickets(['undelivered'])).tickets
    assert line['tags'] == ['#undelivered'] and line['undelivered']


@pytest_twisted.inlineCallbacks
def test_tickets_are_found_by_all_their_names(bench):
    yield bench.opens()
    yield bench.opens(who=YUSUF, nonce='other')
    lists = bench.store.lists

    def numbers(found):
        return [each['ticket'] for each in found]
    assert numbers((yield lists.find(['other']))) == ['2']
    assert numbers((yield lists.find(['1']))) == ['1']
    assert numbers((yield lists.find(['nobody'], ['nobody']))) == []
    bench.clock.advance(100 * 3600)
    yield bench.says('again')
    assert numbers((yield lists.find([], [NOMSA]))) == ['3', '1']
    assert numbers((yield lists.find([], [NOMSA], limit=1))) == ['3']


@pytest_twisted.inlineCallbacks
def test_what_flows_is_counted_by_the_minute(bench):
    yield bench.opens()
    bench.clock.advance(120)
    yield bench.says('two')
    yield bench.says('three')
    yield bench.store.figures()
    tallies = yield bench.store.lists.tallies(3)
    assert tallies.series('received', 4) == [0, 1, 0, 2]
    assert tallies.series('forwarded', 4) == [0, 1, 0, 0]
    assert tallies.series('calls', 4) == [0, 1, 0, 0]
    bench.clock.advance(60)
    later = yield bench.store.lists.tallies(3)
    assert later.series('waiting', 3, gauge=True) == [0, 2, 2]
    assert later.last_minute('received') == 2


@pytest_twisted.inlineCallbacks
def test_a_forgotten_ticket_is_in_no_list(bench):
    yield bench.opens()
    yield failed_reply(bench)
    yield settled(bench)
    bench.clock.advance(91 * DAY)
    assert (yield bench.store.sweep(90 * DAY, 50, 0)) == [1, 0]
    assert (yield listed(bench)) == []
    assert (yield listed(bench, 'tag:#undelivered')) == []
    assert (yield bench.store.lists.undelivered()) == []
    assert (yield bench.store.lists.tags()) == []
    assert (yield bench.store.lists.find([], [NOMSA])) == []


@defer.inlineCallbacks
def everything(bench):
    """What all lists say."""
    said = []
    for names in ((), ('waiting',), ('parked',), ('undelivered',)):
        said.append((yield listed(bench, *names)))
    said.append([each['id'] for each in (yield bench.store.lists.undelivered())])
    for who in (NOMSA, YUSUF):
        said.append([each['ticket'] for each in (yield bench.store.lists.find([], [who]))])
    defer.returnValue(said)


_EVENTS = ['says', 'forward', 'park', 'unpark', 'drop', 'answer', 'publish', 'fail', 'deliver']


@pytest.mark.parametrize('seed', range(12))
@pytest_twisted.inlineCallbacks
def test_whatever_happens_the_lists_agree_with_the_tickets(bench, seed):
    chance = random.Random(seed)
    store, published = bench.store, []
    for _ in range(60):
        what, n = chance.choice(_EVENTS), chance.randrange(2)
        who = (NOMSA, YUSUF)[n]
        bench.clock.advance(1)
        if what == 'says':
            yield bench.says('hello', who=who)
        elif what in ('forward', 'park'):
            attempt = yield claim(store.forwards)
            if isinstance(attempt, Wait):
                continue
            if what == 'park':
                yield store.forwards.park(attempt, 'refused')
            else:
                yield store.forwards.finish(attempt, 'n%s' % (attempt.ticket,), '')
        elif what in ('unpark', 'drop'):
            for each in (yield store.parked(0, 1)):
                yield store.unpark(each['id'], drop=what == 'drop')
        elif what == 'answer':
            yield bench.answers('<p>Hi</p>', 'n%d' % (n + 1,))
        elif what == 'publish':
            reply = yield claim(store.replies)
            if not isinstance(reply, Wait):
                yield store.replies.finish(reply.message_id)
                published.append(reply.message_id)
        elif published:
            yield store.record_event(published[n % len(published)], ReplyState.FAILED
                                     if what == 'fail' else ReplyState.DELIVERED)
    tickets = yield store.recent_tickets()
    failed = {each['ticket'] for each in tickets
              if any(reply['state'] == 'failed' for reply in each['replies'])}
    assert set((yield listed(bench, 'undelivered'))) == failed
    parked = {each['ticket'] for each in (yield store.parked())}
    assert set((yield listed(bench, 'parked'))) == parked
    waiting = set()
    for lane in 'sb':
        for key in (yield store.connection.send('KEYS', '%s:%s:q:*' % (bench.prefix, lane))):
            for raw in (yield store.connection.send('LRANGE', key, 0, -1)):
                waiting.add(json.loads(raw)['t'])
    # Asked directly: a page leaves out what does not belong there.
    kept = yield store.connection.send('ZRANGE', '%s:list:waiting' % (bench.prefix,), 0, -1)
    assert {kid.decode('utf-8') for kid in kept} == waiting
