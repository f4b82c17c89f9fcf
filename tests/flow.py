"""The rooms between store, Snappy and bus, on the real Redis, with a Snappy that tests script."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.internet import defer, reactor

from tests.store.conftest import claim
from vumi_snappy.bus.metrics import COUNTERS, TIMERS
from vumi_snappy.inbound.forwarder import Forwarder, Mailbox
from vumi_snappy.lanes.backoff import Backoff
from vumi_snappy.records import ReplyState, Wait
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

    `does_the_work` says whether a call that fails was carried out all the same.  `in_front` is the
    error with which something in front of Snappy answers every call, or None.  `ticket_answers`
    are the errors of the next reads of a ticket, None for one that works; `list_answers` the same
    of each list by its name.  `shown_in` are the lists that have the tickets, which
    were opened at `opened_at` (0: Snappy leaves it out).
    """

    def __init__(self):
        self.posted = []
        self.answers = []
        self.does_the_work = False
        self.on_desk = []
        self.opened = 0
        self.tags = ['#cards']
        self.status, self.status_answers, self.tags_answers = 'replied', [], []
        self.in_front = None
        self.ticket_answers = []
        self.list_answers = {}
        self.shown_in = ('search', 'waiting', 'inbox')
        self.opened_at = 0.0
        self.asked = []

    def _answered(self, name, value, answers=()):
        self.asked.append(name)
        error = answers.pop(0) if answers else None
        error = self.in_front or error
        return defer.fail(error) if error is not None else defer.succeed(value)

    def post_note(self, draft):
        self.posted.append(draft)
        if self.in_front is not None:
            return defer.fail(self.in_front)
        answer = self.answers.pop(0) if self.answers else draft.nonce or self._new_nonce()
        if not isinstance(answer, Exception) or self.does_the_work:
            self.on_desk.append(draft)
        return defer.fail(answer) if isinstance(answer, Exception) else defer.succeed(answer)

    def _new_nonce(self):
        self.opened += 1
        return NONCE if self.opened == 1 else 'n%015d' % (self.opened,)

    def get_notes(self, nonce, wanted):
        notes = [
            Note(id='%d' % n, scope=draft.scope,
                 content=draft.message if draft.scope is Scope.PUBLIC
                 else '<p>%s</p>\n' % (draft.message,))
            for n, draft in enumerate(self.on_desk)][::-1]
        return self._answered('get_notes', [note for note in notes if wanted(note)])

    def get_ticket(self, nonce):
        return self._answered('get_ticket', Ticket(
            id='1', nonce=nonce, status=self.status, opened_at=0.0, tags=tuple(self.tags),
            contact_addresses=()), self.ticket_answers)

    def set_status(self, nonce, status):
        answer = self.status_answers[0] if self.status_answers else None
        if answer is None or self.does_the_work:
            self.status = status
        return self._answered('set_status', None, self.status_answers)

    def set_tags(self, nonce, tags):
        answer = self.tags_answers[0] if self.tags_answers else None
        if answer is None or self.does_the_work:
            self.tags = tags
        return self._answered('set_tags', None, self.tags_answers)

    def _tickets(self):
        opened = [draft for draft in self.on_desk if not draft.nonce]
        return [Ticket(id='1', nonce=NONCE, status='waiting', opened_at=self.opened_at, tags=(),
                       contact_addresses=(draft.from_address,)) for draft in opened]

    def _listed(self, name, wanted=lambda ticket: True):
        tickets = self._tickets() if name in self.shown_in else []
        return self._answered(name, [ticket for ticket in tickets if wanted(ticket)],
                              self.list_answers.get(name, []))

    def waiting(self, mailbox_id, wanted):
        return self._listed('waiting', wanted)

    def inbox(self, mailbox_id, wanted):
        return self._listed('inbox', wanted)

    def search(self, account_id, query, page=1):
        return self._listed('search' if page == 1 else 'page')

    def accounts(self):
        return self._answered('accounts', [{'id': 1}])

    def mailboxes(self, account_id):
        return self._answered('mailboxes', [{'id': 1}])


class Flow(object):
    """A forwarder between a bench's store and a scripted Snappy."""

    def __init__(self, store_bench):
        self.bench = store_bench
        self.snappy = ScriptedSnappy()
        self.counts = Counts()
        self.forwarder = Forwarder(
            self.bench.clock, self.bench.store, self.snappy, Mailbox(1, 7),
            Backoff(initial=1, factor=3, longest=60, give_up_after=3600), self.counts, 20)

    @defer.inlineCallbacks
    def turn(self):
        """Claim and handle one attempt; fires with it, or with a `Wait`."""
        attempt = yield claim(self.bench.store.forwards)
        if not isinstance(attempt, Wait):
            yield self.forwarder.handle(attempt)
        defer.returnValue(attempt)

    @defer.inlineCallbacks
    def undelivered(self, turns):
        """A reply that failed, and `turns` of what follows: its notice, its tag, its status."""
        yield self.bench.says('Help')
        yield self.turn()
        yield self.bench.answers('<p>Come in</p>', NONCE)
        reply = yield claim(self.bench.store.replies)
        yield self.bench.store.record_event(reply.message_id, ReplyState.FAILED, 'x')
        for _ in range(turns):
            yield self.turn()

    @defer.inlineCallbacks
    def ticket(self):
        tickets = yield self.bench.store.recent_tickets()
        defer.returnValue(tickets[0])
