"""The console's CSV file: what is filtered, streamed as it is taken."""
from __future__ import absolute_import, division, print_function, unicode_literals

import csv
import re

import pytest_twisted
import six
from twisted.internet import defer, task

from tests.http.doubles import request as request_bytes
from tests.store.test_lists import failed_reply
from vumi_snappy.console import exports
from vumi_snappy.store import StoreUnavailable


@defer.inlineCallbacks
def fetched(browser, path):
    """The head and the whole body of an answer in chunks."""
    raw = yield browser._listening.connect()
    raw.send(request_bytes(b'GET', path.encode('ascii'), b'', [b'Connection: close'] + [
        b'Cookie: %s=%s' % pair for pair in browser.cookies.items() if b'session' in pair[0]]))
    said = yield raw.until_closed()
    head, _, chunked = said.partition(b'\r\n\r\n')
    body = b''
    while chunked:
        size, _, chunked = chunked.partition(b'\r\n')
        body += chunked[:int(size, 16)]
        chunked = chunked[int(size, 16) + 2:]
        if int(size, 16) == 0:
            defer.returnValue((head, body))
    defer.returnValue((head, None))


def numbers(body):
    assert body.startswith(b'\xef\xbb\xbfunique_id,')
    lines = [six.ensure_str(line) for line in body[3:].splitlines(True)]
    return [cells[0] for cells in list(csv.reader(lines))[1:]]


@pytest_twisted.inlineCallbacks
def test_what_is_filtered_is_exported_whole(bench, browser):
    yield bench.opens('=cmd()')
    yield failed_reply(bench)
    for n in range(120):
        yield bench.says('hello', who='+2782%07d' % (n,))
    head, body = yield fetched(browser, '/tickets.csv')
    assert b'200 OK' in head and b'attachment; filename="tickets.csv"' in head
    assert b'text/csv' in head and b"'=cmd()" in body
    assert sorted(numbers(body), key=int) == ['%d' % n for n in range(1, 122)]
    for query, found in (('state=undelivered', ['1']), ('q=%2B27820000005', ['7']),
                         ('since=2030-01-01', [])):
        _, body = yield fetched(browser, '/tickets.csv?' + query)
        assert numbers(body) == found
    [entry] = (yield bench.store.operators.audits(limit=1))
    assert (entry['what'], entry['detail']) == ('exported tickets', 'since 2030-01-01')
    page = yield browser.get('/tickets?state=undelivered')
    assert re.search(r'href="/tickets.csv\?state=undelivered"', page.text)


@pytest_twisted.inlineCallbacks
def test_a_file_that_could_not_be_finished_does_not_look_finished(bench, browser, monkeypatch):
    for n in range(60):
        yield bench.says('hello', who='+2782%07d' % (n,))
    tickets, asked = bench.store.lists.tickets, []

    def fails_later(*args, **kwargs):
        asked.append(args)
        return tickets(*args, **kwargs) if len(asked) == 1 else defer.fail(
            StoreUnavailable('away'))
    monkeypatch.setattr(bench.store.lists, 'tickets', fails_later)
    _, body = yield fetched(browser, '/tickets.csv')
    assert body is None


@pytest_twisted.inlineCallbacks
def test_strangers_get_no_file(bench, stranger):
    yield bench.opens()
    answer = yield stranger.get('/tickets.csv')
    assert answer.status == 303 and answer.body == b''


class Reader(object):
    """A request whose reader's pace the test decides."""

    def __init__(self):
        self.got, self.producer, self.cut, self.left = [], None, False, defer.Deferred()
        self.transport = self

    def notifyFinish(self):
        return self.left

    def registerProducer(self, producer, streaming):
        self.producer = producer

    def unregisterProducer(self):
        pass

    def write(self, data):
        self.got.append(data)
        self.producer.pauseProducing()

    def abortConnection(self):
        self.cut = True


def test_nothing_is_read_ahead_of_a_slow_reader():
    clock, reader = task.Clock(), Reader()
    tap = exports._Tap(clock, reader)
    poured = tap.pour(b'one')
    assert not poured.called
    clock.advance(50)
    reader.producer.resumeProducing()
    assert poured.result is True


def test_a_reader_that_takes_nothing_is_cut_off():
    clock, reader = task.Clock(), Reader()
    poured = exports._Tap(clock, reader).pour(b'one')
    clock.advance(61)
    assert poured.result is False and reader.cut


def test_a_reader_that_goes_away_ends_it():
    reader = Reader()
    tap = exports._Tap(task.Clock(), reader)
    poured = tap.pour(b'one')
    reader.left.errback(RuntimeError('gone'))
    assert poured.result is False and not reader.cut
