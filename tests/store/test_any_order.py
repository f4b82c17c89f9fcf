"""Whatever happens in whatever order: nothing is lost, doubled or out of order (promises 3, 4).

A machine of hypothesis's lets people write, workers claim, finish, fail, die and time pass, and
somebody set the clock back, in any order, on the real Redis.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test)

from benchmarks.blocking_store import blocking_store, claimed, now
from tests.store.conftest import inbound, together
from vumi_snappy.records import (
    Accepted, Answer, AnswerAttempt, AnswerKind, StaffNote, TicketUse, Wait)
from vumi_snappy.store import BreakerRules

PEOPLE = ['+2782000100%d' % n for n in range(3)]
LEASE, SETTLE = 15.0, 30.0


class Bridge(RuleBasedStateMachine):
    """People, workers and time; `Bridge.port` is set by the test."""

    port = None
    attempts = Bundle('attempts')
    replies = Bundle('replies')

    def __init__(self):
        super(Bridge, self).__init__()
        self.time, self.set_back = 1416000000.0, 0.0
        self.prefix = 'machine-%s' % (uuid.uuid4().hex,)
        self.store = blocking_store(
            self.port, self.prefix, lambda: self.time - self.set_back, rate_limit=0,
            breaker=BreakerRules(threshold=3), lease=LEASE, call_timeout=SETTLE)
        self.store.forwards._join_messages = 3
        self.said = {person: [] for person in PEOPLE}
        self.forwarded = {person: [] for person in PEOPLE}
        self.ids = {}
        self.answered, self.published = {}, {}
        self.nonces = 0
        self.held = {}

    @rule(person=st.sampled_from(PEOPLE))
    def somebody_writes(self, person):
        message_id = 'm%d' % (len(self.ids),)
        self.ids[message_id] = person
        self.said[person].append(message_id)
        assert self._offer(message_id) is Accepted.STORED

    @rule(people=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=5),
          known=st.integers(0, 3))
    def several_are_stored_in_one_call(self, people, known):
        """Some of them were stored before, as after a loss of the bus."""
        again = sorted(self.ids, key=lambda each: int(each[1:]))[-known:] if known else []
        new = ['m%d' % (len(self.ids) + n,) for n in range(len(people))]
        for message_id, person in zip(new, people):
            self.ids[message_id] = person
            self.said[person].append(message_id)
        outcomes = now(together(self.store.accept_inbound, [
            self._inbound(each) for each in again + new]))
        assert [each.outcome for each in outcomes] == (
            [Accepted.DUPLICATE] * len(again) + [Accepted.STORED] * len(new))

    @rule(person=st.sampled_from(PEOPLE))
    def somebody_dials(self, person):
        """What opens no ticket is answered, once, in the person's order."""
        text = 'a%d' % (sum(map(len, self.answered.values())),)
        self.answered.setdefault(person, []).append(text)
        dialled = inbound('of ' + text, person, content='', sent_at=self.time,
                          tickets=TicketUse.NONE,
                          answers=[Answer(AnswerKind.SESSION_PROMPT, text)])
        assert now(self.store.accept_inbound(dialled)).outcome is Accepted.STORED
        assert now(self.store.accept_inbound(dialled)).outcome is Accepted.DUPLICATE

    @rule(data=st.data())
    def a_message_is_delivered_again(self, data):
        if self.ids:
            message_id = data.draw(st.sampled_from(sorted(self.ids)))
            assert self._offer(message_id) is Accepted.DUPLICATE

    def _offer(self, message_id):
        return now(self.store.accept_inbound(self._inbound(message_id))).outcome

    def _inbound(self, message_id):
        return inbound(message_id, self.ids[message_id], content='text of %s' % (message_id,),
                       sent_at=self.time)

    @rule(target=attempts)
    def a_worker_claims(self):
        attempt = claimed(self.store.forwards)
        if isinstance(attempt, Wait):
            return None
        holder = self.held.get(attempt.thread)
        assert holder is None or holder[1] <= self.time, 'two workers have one person'
        assert attempt.look or holder is None or holder[0].id != attempt.id
        self.held[attempt.thread] = (attempt, self.time + LEASE)
        return attempt

    def _still(self, attempt):
        """Whether this worker has the lease."""
        holder = self.held.get(attempt.thread) if attempt else None
        return bool(holder) and holder[0].token == attempt.token and holder[1] > self.time

    @rule(attempt=consumes(attempts))
    def a_call_works(self, attempt):
        if not self._still(attempt):
            return
        self._call(attempt)
        del self.held[attempt.thread]

    @rule(attempt=consumes(attempts), delay=st.floats(0, 100), look=st.booleans(),
          outage=st.booleans())
    def a_call_fails(self, attempt, delay, look, outage):
        if not self._still(attempt):
            return
        now(self.store.forwards.snappy_failed('ServerFault'))
        assert now(self.store.forwards.retry(attempt, delay, look=look, outage=outage))
        del self.held[attempt.thread]

    @rule(attempt=attempts)
    def a_lease_is_renewed(self, attempt):
        if attempt is None:
            return
        lost = now(self.store.forwards.renew([(attempt.thread, attempt.token)]))
        if self._still(attempt):
            assert lost == set()
            self.held[attempt.thread] = (attempt, self.time + LEASE)

    @rule(attempt=consumes(attempts))
    def a_worker_dies(self, attempt):
        """Nothing is told to anybody."""

    @rule(seconds=st.sampled_from([0.001, 1, 14, 16, 31, 120]))
    def time_passes(self, seconds):
        self.time += seconds

    @rule(seconds=st.sampled_from([0.1, 1, 60, 3600]))
    def the_clock_is_set_back(self, seconds):
        self.set_back += seconds

    @rule(person=st.sampled_from(PEOPLE))
    def an_agent_answers(self, person):
        tickets = [each for each in now(self.store.recent_tickets())
                   if each['from_addr'] == person and each['nonce']]
        if not tickets:
            return
        note = 'n%d' % (sum(map(len, self.answered.values())),)
        self.answered.setdefault(person, []).append(note)
        assert now(self.store.accept_reply(StaffNote(
            note_id=note, nonce=tickets[0]['nonce'], ticket_id='', html=note))) is Accepted.STORED

    @rule(target=replies)
    def a_worker_takes_a_reply(self):
        attempt = claimed(self.store.replies)
        return None if isinstance(attempt, Wait) else attempt

    @rule(attempt=consumes(replies))
    def a_reply_is_published(self, attempt):
        if attempt is not None:
            self._publish(attempt)

    @invariant()
    def what_was_forwarded_is_the_beginning_of_what_was_said(self):
        for person in PEOPLE:
            done = self.forwarded[person]
            assert done == self.said[person][:len(done)]

    @invariant()
    def what_was_published_is_the_beginning_of_what_was_answered(self):
        for person, done in self.published.items():
            assert done == self.answered[person][:len(done)]

    def teardown(self):
        # Everybody works again: all that was said arrives.
        for _ in range(120):
            self.time += 61
            self.held.clear()
            attempt = claimed(self.store.forwards)
            if not isinstance(attempt, Wait):
                self._call(attempt)
            reply = claimed(self.store.replies)
            if not isinstance(reply, Wait):
                self._publish(reply)
            figures = now(self.store.figures())
            if not figures['forwards'] and not figures['replies']:
                break
        assert self.forwarded == self.said
        assert self.published == self.answered
        send = self.store.connection.send
        for key in now(send('KEYS', self.prefix + '*')):
            now(send('DEL', key))

    def _call(self, attempt):
        self.nonces += 1
        nonce = attempt.nonce or 'nonce%d' % (self.nonces,)
        assert now(self.store.forwards.finish(attempt, nonce, 'hash'))
        assert not now(self.store.forwards.finish(attempt, nonce, 'hash'))
        self.forwarded[attempt.from_addr].extend(m.message_id for m in attempt.messages)

    def _publish(self, attempt):
        if not now(self.store.replies.finish(attempt.message_id)):
            return
        if isinstance(attempt, AnswerAttempt):
            self.published.setdefault(attempt.envelope['from_addr'], []).append(attempt.text)
        else:
            ticket = now(self.store.ticket(attempt.ticket))
            self.published.setdefault(ticket['from_addr'], []).append(attempt.html)


def test_nothing_is_lost_doubled_or_out_of_order_whatever_happens(redis_port):
    Bridge.port = redis_port
    run_state_machine_as_test(Bridge, settings=settings(
        max_examples=60, stateful_step_count=40, deadline=None,
        suppress_health_check=list(HealthCheck)))
