"""One run: break one thing after the other under traffic, mend, drain, and judge."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import sys
import time
from typing import Any, Dict, List, Text  # noqa: F401

import attr
from twisted.internet import defer, reactor, task, threads

from tools.faults.desk import DeskWatch
from tools.faults.injuries import all_injuries
from tools.faults.traffic import Traffic, fate_of
from tools.faults.verdict import Tally, judge_messages, judge_notices, judge_replies, table
from tools.faults.wire import Wire
from tools.ports import answers
from vumi_snappy.store import Store, StoreError

try:
    from urllib.parse import urlsplit
except ImportError:  # Python 2
    from urlparse import urlsplit

#: Seconds that a newcomer's message and its answer may take, and all that is under way.
_PROBE, _DRAIN = 30.0, 240.0
#: Seconds without a line after which the driver says how far it is.
_SILENCE = 5.0
#: How much of what went wrong is told one by one, for each kind.
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
        """Break, mend, drain and judge.  Fires with the exit status."""
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
            self._say('everything is mended: waiting for what is under way')
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
        injuries = all_injuries(self.stack)
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
            # Half of the kills go along with the injuries.
            share = (n + 1) * self.options.kills // (2 * len(rounds)) - self.killed
            yield defer.gatherResults([self._injure(injury), self._kills(share)])
            self._phase(_NOTHING)
            yield self._recovered(injury.name)

    @defer.inlineCallbacks
    def _injure(self, injury):
        yield threads.deferToThread(injury.begin)
        yield task.deferLater(reactor, injury.seconds, lambda: None)
        yield threads.deferToThread(injury.end)

    @defer.inlineCallbacks
    def _recovered(self, name):
        # A worker process that is still starting is not back yet.
        while self._workers_up() < len(self.stack.workers):
            yield task.deferLater(reactor, 0.05, lambda: None)
        probe = self.traffic.newcomer()
        try:
            took = yield probe.addTimeout(_PROBE, reactor)
        except defer.TimeoutError:
            self.trouble.append('no message and answer came through within %d s of: %s'
                                % (_PROBE, name))
            took = (_PROBE, _PROBE)
        self.recoveries.setdefault(name, []).append(took)
        self._say('%s: mended; a new ticket after %.1f s, its answer after %.1f s'
                  % ((name,) + took))

    def _workers_up(self):
        # type: () -> int
        return sum(answers(port) for port in self._ports)

    @defer.inlineCallbacks
    def _kills(self, count):
        """kill -9 a worker at a random instant, `count` times; each is started again at once."""
        for _ in range(max(count, 0)):
            yield task.deferLater(reactor, 0.1 + self.random.random(), lambda: None)
            n = self.random.randrange(len(self._ports))
            while not answers(self._ports[n]):  # it does no work yet
                if self._time_is_up:
                    return
                yield task.deferLater(reactor, 0.1, lambda: None)
            self.stack.workers[n].kill()
            self.stack.workers[n].start()
            self.killed += 1

    def _balance(self):
        # As a load balancer in front of the workers' webhooks.
        url = self.stack.hook_url(self.random.randrange(len(self.stack.workers)))
        d = threads.deferToThread(self.stack.standin.set_hook, url)
        return d.addErrback(lambda reason: reason.trap(EnvironmentError) and None)

    @defer.inlineCallbacks
    def _drain(self):
        deadline = time.time() + _DRAIN
        quiet = 0
        while quiet < 3:
            if time.time() > deadline:
                self.trouble.append('work was still under way after %d s' % (_DRAIN,))
                break
            yield task.deferLater(reactor, 1.0, lambda: None)
            try:
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
        print('\n%s' % (table([
            ('in all', 'sent', 'lost', 'twice', 'out of order', 'wrong person')] + [
                (name,) + tuple('%d' % number for number in attr.astuple(count))
                for name, count in totals]),))
        print('\n%d workers killed, %d processes, %d people, %.0f minutes, seed %s' % (
            self.killed, len(self.stack.workers), self.options.people,
            (time.time() - self._began) / 60, self.options.seed))
        for tally in (messages, replies, notices):
            self.trouble.extend(tally.wrong[:_EXAMPLES])
        for each in self.trouble:
            print('TROUBLE: %s' % (each,))
        fine = all(count.fine for _, count in totals) and not self.trouble
        # A run without traffic proves nothing.
        fine = fine and messages.total.sent and replies.total.sent
        print('\n%s' % ('Nothing was lost, doubled, out of order or misdirected.' if fine
                        else 'A PROMISE WAS BROKEN.'))
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
        self.trouble.append("the driver's own connection broke: %s" % (reason.type.__name__,))

    def _still_here(self):
        if time.time() - self._spoke > _SILENCE:
            self._say('%d workers killed' % (self.killed,))

    def _say(self, line):
        self._spoke = time.time()
        print('%4d s  %5d texts  %s' % (
            self._spoke - self._began, self.traffic.texts, line))
        sys.stdout.flush()
