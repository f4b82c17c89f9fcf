"""Which tickets a filter finds, and in what order they are read."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest_twisted

from tests.operations.conftest import YUSUF
from tests.store.test_lists import failed_reply, settled
from vumi_snappy.operations.tickets import TicketFilter, Tickets


def numbers(tickets):
    return [each['ticket'] for each in tickets]


@pytest_twisted.inlineCallbacks
def test_tickets_are_filtered_and_searched(bench):
    yield bench.opens(nonce='k3jd82hs7ahq92m1')
    yield failed_reply(bench)
    yield settled(bench)
    bench.clock.advance(86400)
    yield bench.says('waits', who=YUSUF)
    tickets = Tickets(bench.store, '')
    for fields, found in [
            ({}, ['2', '1']), ({'state': 'waiting'}, ['2']), ({'state': 'undelivered'}, ['1']),
            ({'state': 'parked'}, []), ({'tag': '#undelivered'}, ['1']),
            ({'state': 'waiting', 'tag': '#undelivered'}, []), ({'until': '2014-11-14'}, ['1']),
            ({'since': '2014-11-15'}, ['2']), ({'since': 'soon'}, ['2', '1']),
            ({'until': '1970-01-01'}, []), ({'q': 'k3jd82hs7ahq92m1'}, ['1']),
            ({'q': '#2'}, ['2']), ({'q': '27 82 000 1002'}, ['2']), ({'q': 'nobody'}, [])]:
        page, following = yield tickets.page(TicketFilter.of(fields), '', 50)
        assert (numbers(page), following) == (found, None), fields
    [line] = yield tickets.search('2')
    assert (line['from_addr'], line['text'], line['waiting'], line['at']) == (
        YUSUF, 'waits', True, bench.clock.seconds())


def test_a_filter_ignores_a_state_and_a_day_that_there_are_not():
    assert TicketFilter.of({'state': 'odd', 'since': 'soon', 'until': '31'}) == TicketFilter()


@pytest_twisted.inlineCallbacks
def test_a_long_list_is_read_page_by_page(bench):
    # To Redis this is 1795816354.8599999.
    bench.clock.advance(1795816354.86 - bench.clock.seconds())
    for n in range(7):
        yield bench.says('hello', who='+2782%07d' % (n,))
        bench.clock.advance(n % 2 / 10.0)
    tickets, found, cursor = Tickets(bench.store, ''), [], ''
    while cursor is not None:
        page, cursor = yield tickets.page(TicketFilter(), cursor, 3)
        found.append(numbers(page))
    assert found == [['7', '6', '5'], ['4', '3', '2'], ['1']]
    # What is no cursor is that of the first page.
    assert numbers((yield tickets.page(TicketFilter(), '\xb2,\xb2', 3))[0]) == found[0]


@pytest_twisted.inlineCallbacks
def test_a_ticket_has_its_replies_as_text_and_a_link_once_snappy_knows_it(bench):
    tickets = Tickets(bench.store, 'https://snappy.example/t/{nonce}')
    yield bench.says('Where is the clinic?')
    assert (yield tickets.ticket('1'))['link'] == ''
    yield bench.forwarded()
    yield failed_reply(bench, html='<p>In <b>Soweto</b> &amp; open</p>')
    ticket = yield tickets.ticket('1')
    assert ticket['link'] == 'https://snappy.example/t/k3jd82hs7ahq92m1'
    assert [reply['text'] for reply in ticket['replies']] == ['In Soweto & open']
    assert (yield tickets.ticket('2')) is None
