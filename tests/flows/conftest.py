"""The rooms between store, Snappy and bus, on the real Redis, with a Snappy that tests script."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
from twisted.internet import defer, reactor

from tests.store.conftest import bench, make_bench  # noqa: F401
from vumi_snappy.forwarder import Forwarder, Mailbox, RetryRules
from vumi_snappy.metrics import COUNTERS, TIMERS
from vumi_snappy.records import Wait
from vumi_snappy.snappy import Note, Scope, Ticket

NONCE = 'k3jd82hs7ahq92m1'


class BenchClock(object):
    """A bench's clock, on which what is to be done in the next turn need not be waited for."""

    def __init__(self, clock):
        self._clock = clock
        self.seconds = clock.seconds

    def callLater(self, delay, *call, **kwargs):
        return (self._clock if delay else reactor).callLater(delay, *call, **kwargs)


class Counts(object):
    """Metrics as a dict of counters."""

    def __init__(self):
        self.counted = {}
        self.times = {}

    def count(self, name):
        assert name in COUNTERS
        self.counted[name] = self.counted.get(name, 0) + 1

    def took(self, name, seconds):
        assert name in TIMERS
        self.times.setdefault(name, []).append(seconds)


class ScriptedSnappy(object):
    """A Snappy whose next answers a test sets: an exception, or a nonce.

    `does_the_work` says whether a call that fails was carried out all the same.
    """

    def __init__(self):
        self.posted = []
        self.answers = []
        self.does_the_work = False
        self.on_desk = []
        self.tags = ['#cards']
        self.status, self.status_answers = 'replied', []

    def post_note(self, draft):
        self.posted.append(draft)
        answer = self.answers.pop(0) if self.answers else NONCE
        if not isinstance(answer, Exception) or self.does_the_work:
            self.on_desk.append(draft)
        return defer.fail(answer) if isinstance(answer, Exception) else defer.succeed(answer)

    def get_notes(self, nonce):
        return defer.succeed([
            Note(id='%d' % n, ticket_id='1', scope=draft.scope, created_at=0.0,
                 content=draft.message if draft.scope is Scope.PUBLIC
                 else '<p>%s</p>\n' % (draft.message,),
                 created_by_staff_id=None, created_by_contact_id='1')
            for n, draft in enumerate(self.on_desk)][::-1])

    def get_ticket(self, nonce):
        return defer.succeed(Ticket(
            id='1', nonce=nonce, mailbox_id='1', subject='', summary='', status='replied',
            opened_at=0.0, tags=tuple(self.tags), contact_addresses=()))

    def set_status(self, nonce, status):
        answer = self.status_answers.pop(0) if self.status_answers else None
        if answer is not None:
            return defer.fail(answer)
        self.status = status
        return defer.succeed(None)

    def set_tags(self, nonce, tags):
        self.tags = tags
        return defer.succeed(None)

    def _tickets(self):
        opened = [draft for draft in self.on_desk if not draft.nonce]
        return [Ticket(id='1', nonce=NONCE, mailbox_id='1', subject=draft.subject, summary='',
                       status='waiting', opened_at=0.0, tags=(),
                       contact_addresses=(draft.from_address,)) for draft in opened]

    def waiting(self, mailbox_id):
        return defer.succeed(self._tickets())

    def search(self, account_id, query, page=1):
        return defer.succeed(self._tickets() if page == 1 else [])

    def accounts(self):
        return defer.succeed([{'id': 1}])

    def mailboxes(self, account_id):
        return defer.succeed([{'id': 1}])


class Flow(object):
    """A forwarder between a bench's store and a scripted Snappy."""

    def __init__(self, store_bench):
        self.bench = store_bench
        self.snappy = ScriptedSnappy()
        self.counts = Counts()
        self.forwarder = Forwarder(
            self.bench.clock, self.bench.store, self.snappy, Mailbox(1, 7),
            RetryRules(initial=1, factor=3, longest=60, give_up_after=3600), self.counts, 20)

    @defer.inlineCallbacks
    def turn(self):
        """Claim and handle one attempt; fires with it, or with a `Wait`."""
        attempt = yield self.bench.store.forwards.claim()
        if not isinstance(attempt, Wait):
            yield self.forwarder.handle(attempt)
        defer.returnValue(attempt)

    @defer.inlineCallbacks
    def ticket(self):
        tickets = yield self.bench.store.recent_tickets()
        defer.returnValue(tickets[0])


@pytest.fixture
def flow(bench):  # noqa: F811
    return Flow(bench)
