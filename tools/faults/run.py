"""One run: inject one fault after the other under traffic, drain, and compare."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys
import time
from functools import partial
from typing import Any, Dict, List, Text  # noqa: F401

import attr
from twisted.internet import defer, reactor, task, threads

from tools.faults.desk import DeskWatch
from tools.faults.injuries import all_injuries, fail_overs
from tools.faults.traffic import Traffic, fate_of
from tools.faults.verdict import LOST, Tally, judge_messages, judge_notices, judge_replies, table
from tools.faults.wire import Wire
from tools.ports import answers
from tools.stack import READY_WITHIN
from vumi_snappy.store import Store, StoreError

try:
    from urllib.parse import urlsplit
except ImportError:  # Python 2
    from urlparse import urlsplit

#: Seconds that a new person's message and its reply may take, and the drain at the end.
_PROBE, _DRAIN = 30.0, 240.0
#: Seconds without output after which the driver prints its progress.
_SILENCE = 5.0
#: How many errors of each kind are printed one by one.
_EXAMPLES = 10
_NOTHING, _KILLS = '(nothing)', 'workers killed, nothing else'


@attr.s
class Run(object):
    """One run over `stack`; `options` are those of the command line."""

    stack = attr.ib()  # type: Any
    options = attr.ib()  # type: Any
    random = attr.ib()  # type: Any
    recoveries = attr.ib(factory=dict)  # type: Dict[Text, List[Any]]
    killed = attr.ib(default=0)  # type: int
    trouble = attr.ib(factory=list)  # type: List[Text]

    @defer.inlineCallbacks
    def run(self):
        """Inject faults, drain and compare.  Fires with the exit status."""
        self._began = self._spoke = time.time()
        self._ports = [urlsplit(self.stack.health_url(n)).port
                       for n in range(len(self.stack.workers))]
        self.wire = Wire(reactor, self.stack.servers.rabbitmq, 'sms', fate_of)
        self.desk = DeskWatch(reactor, self.stack.standin)
        self.store = Store(reactor, **self.stack.store_options())
        self.traffic = Traffic(reactor, self.wire, self.stack.standin, self.desk,
                               self.options.people, self.random, self.options.pause)
        self._phase(_NOTHING)
        self.store.start()
        self.desk.start()
        self.wire.start().addErrback(self._wire_broke)
        self.traffic.start()
        loops = [task.LoopingCall(self._still_here), task.LoopingCall(self._balance)]
        for loop in loops:
            loop.start(1.0)
        try:
            yield self._recovered(_NOTHING)
            yield self._injuries()
            self._phase(_KILLS)
            yield self._kills(self.options.kills - self.killed)
            yield self._recovered(_KILLS)
            self._say('everything is mended: waiting for work in progress')
            yield self.traffic.stop()
            yield self._drain()
            status = yield self._verdict()
        finally:
            for loop in loops:
                loop.stop()
            self.desk.stop()
            self.wire.stop()
            yield self.store.stop()
        defer.returnValue(status)

    @property
    def _time_is_up(self):
        # type: () -> bool
        return bool(self.options.seconds
                    and time.time() - self._began > self.options.seconds)

    def _phase(self, name):
        # type: (Text) -> None
        self.traffic.phase = name

    @defer.inlineCallbacks
    def _injuries(self):
        injuries = (fail_overs if self.options.sentinel else all_injuries)(self.stack)
        only = self.options.only or ''
        injuries = ([each for each in injuries if each.name == only]
                    or [each for each in injuries if only in each.name])
        rounds = []  # type: List[Any]
        for _ in range(self.options.rounds):
            self.random.shuffle(injuries)
            rounds.extend(injuries)
        for n, injury in enumerate(rounds):
            if self._time_is_up:
                break
            self._say(injury.name)
            self._phase(injury.name)
            # Half of the kills happen during the faults.
            share = (n + 1) * self.options.kills // (2 * len(rounds)) - self.killed
            yield defer.gatherResults([self._injure(injury), self._kills(share)])
            self._phase(_NOTHING)
            yield self._recovered(injury.name)

    @defer.inlineCallbacks
    def _injure(self, injury):
        yield threads.deferToThread(injury.begin)
        if injury.one_text:
            yield self.traffic.say_once()
        yield task.deferLater(reactor, injury.seconds, lambda: None)
        yield threads.deferToThread(injury.end)

    @defer.inlineCallbacks
    def _recovered(self, name):
        # Workers that were killed are still starting.  None may end by itself.
        for worker, port in zip(self.stack.workers, self._ports):
            yield threads.deferToThread(
                worker.wait_until, partial(answers, port), READY_WITHIN, 'up again')
        probe = self.traffic.newcomer()
        try:
            took = yield probe.addTimeout(_PROBE, reactor)
        except defer.TimeoutError:
            self.trouble.append('no message and reply came through within %d s after: %s'
                                % (_PROBE, name))
            took = (_PROBE, _PROBE)
        self.recoveries.setdefault(name, []).append(took)
        self._say('%s: mended; a new ticket after %.1f s, its reply after %.1f s'
                  % ((name,) + took))

    @defer.inlineCallbacks
    def _kills(self, count):
        """kill -9 a worker at a random instant, `count` times; each is restarted at once."""
        for _ in range(max(count, 0)):
            yield task.deferLater(reactor, 0.1 + self.random.random(), lambda: None)
            n = self.random.randrange(len(self._ports))
            while not answers(self._ports[n]):  # it is still starting
                if self._time_is_up:
                    return
                yield task.deferLater(reactor, 0.1, lambda: None)
            self.stack.workers[n].kill()
            self.stack.workers[n].start()
            self.killed += 1

    def _balance(self):
        # Like a load balancer in front of the workers' webhooks.
        url = self.stack.hook_url(self.random.randrange(len(self.stack.workers)))
        d = threads.deferToThread(self.stack.standin.set_hook, url)
        return d.addErrback(lambda reason: reason.trap(EnvironmentError) and None)

    @defer.inlineCallbacks
    def _drain(self):
        deadline = time.time() + _DRAIN
        quiet = 0
        while quiet < 3:
            if time.time() > deadline:
                self.trouble.append('work was still in progress after %d s' % (_DRAIN,))
                break
            yield task.deferLater(reactor, 1.0, lambda: None)
            try:
                yield self._put_back()
                figures = yield self.store.figures()
                hook = yield threads.deferToThread(self.stack.standin.get, 'hook')
                queues = yield threads.deferToThread(self.stack.servers.rabbitmq.list_queues)
            except (StoreError, EnvironmentError):
                continue
            left = (figures['forwards'] + figures['replies'] + hook['under_way']
                    + sum(queues.get('sms.%s' % (kind,), 0)
                          for kind in ('inbound', 'event', 'outbound')))
            quiet = 0 if left or not self.wire.idle else quiet + 1
        for each in (yield self.store.parked()):
            self.trouble.append('parked: ticket %s: %s' % (each['ticket'], each['reason']))
        for queue, count in sorted(queues.items()):
            if queue.endswith('.failures') and count:
                self.trouble.append('%d in %s' % (count, queue))

    @defer.inlineCallbacks
    def _put_back(self):
        """As an operator does when the filter that refused a text is fixed."""
        for each in (yield self.store.parked()):
            if each['reason'].startswith('Snappy refused this text'):
                self._say('ticket %s, parked, is retried: %s' % (each['ticket'], each['reason']))
                yield self.store.unpark(each['id'])

    @defer.inlineCallbacks
    def _verdict(self):
        tickets = yield threads.deferToThread(self.stack.standin.tickets, 1000000)
        deliveries = yield threads.deferToThread(self.stack.standin.deliveries)
        traffic, received = self.traffic, self.wire.received
        messages = judge_messages(traffic.said, tickets)
        replies = judge_replies(traffic.answered, received, traffic.notes, deliveries)
        notices = judge_notices(traffic.answered, received, tickets, fate_of)
        print('\n%s' % (self._by_phase(messages, replies),))
        totals = [('messages to the help desk', messages.total),
                  ('replies to phones', replies.total),
                  ('notices of replies that were not delivered', notices.total)]
        rows = [(name,) + tuple('%d' % number for number in attr.astuple(count))
                for name, count in totals]  # type: List[Any]
        rows.insert(0, ('in all', 'sent', 'lost', 'twice', 'out of order', 'wrong person'))
        print('\n%s' % (table(rows),))
        print('\n%d workers killed, %d processes, %d people, %.0f minutes, seed %s' % (
            self.killed, len(self.stack.workers), self.options.people,
            (time.time() - self._began) / 60, self.options.seed))
        for tally in (messages, replies, notices):
            for each in tally.wrong[:_EXAMPLES]:
                if self.options.may_lose and each.endswith(LOST):
                    print('LOST WITH THE MASTER: %s' % (each,))
                else:
                    self.trouble.append(each)
        for each in self.trouble:
            print('TROUBLE: %s' % (each,))
        lost = sum(count.lost for _, count in totals)
        if self.options.may_lose:
            # What no replica had was lost with the master; it is counted, but allowed.
            fine = all(attr.evolve(count, lost=0).fine for _, count in totals)
        else:
            fine = all(count.fine for _, count in totals)
        fine = fine and not self.trouble
        # A run without traffic proves nothing.
        fine = fine and bool(messages.total.sent and replies.total.sent)
        kept = 'Nothing was %sdoubled, out of order or misdirected.' % (
            '' if self.options.may_lose else 'lost, ',)
        print('\n%s' % (kept if fine else 'A PROMISE WAS BROKEN.',))
        if self.options.may_lose:
            print('%d texts were lost with a master that no replica was waited for.' % (lost,))
        defer.returnValue(0 if fine else 1)

    def _by_phase(self, messages, replies):
        # type: (Tally, Tally) -> Text
        rows = [('broken meanwhile', 'messages', 'lost', 'twice', 'disorder', 'misled',
                 'replies', 'lost', 'twice', 'disorder', 'misled',
                 'ticket after', 'answer after')]  # type: List[Any]
        for name in sorted(set(messages.phases) | set(replies.phases) | set(self.recoveries)):
            took = self.recoveries.get(name, [])
            rows.append((name,) + tuple(
                '%d' % number for tally in (messages, replies)
                for number in attr.astuple(tally.of(name))) + tuple(
                    '%.1f s' % (max(times),) for times in zip(*took) or ()))
            rows[-1] += ('',) * (len(rows[0]) - len(rows[-1]))
        return table(rows)

    def _wire_broke(self, reason):
        reason.printTraceback()
        self.trouble.append("the driver's own connection failed: %s" % (reason.type.__name__,))

    def _still_here(self):
        if time.time() - self._spoke > _SILENCE:
            self._say('%d workers killed' % (self.killed,))

    def _say(self, line):
        self._spoke = time.time()
        print('%4d s  %5d texts  %s' % (
            self._spoke - self._began, self.traffic.texts, line))
        sys.stdout.flush()
