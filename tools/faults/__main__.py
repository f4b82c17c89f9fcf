"""``python -m tools.faults``: break everything, one thing after the other, and tell what was lost.

Exit status 0 when nothing was lost, doubled, out of order or sent to the wrong person, else 1.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import argparse
import random
import sys
import time
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr
from twisted.internet import defer, reactor, task, threads

from tools.faults.injuries import all_injuries
from tools.faults.sabotage import SABOTAGE
from tools.faults.traffic import Traffic
from tools.faults.verdict import judge_messages, judge_replies, table
from tools.faults.wire import Wire
from tools.stack import Stack
from vumi_snappy.store import Store, StoreError

#: Seconds that a newcomer's message may take, and all that is under way may take to arrive.
_PROBE, _DRAIN = 60.0, 240.0
#: What makes a run short: what a retry waits for, not whether it is made.
_WORKER = {'snappy_rate_limit': 0, 'snappy_timeout': 2.5, 'retry_initial_delay': 0.2,
           'retry_max_delay': 2, 'metrics_publish_interval': 1}


@attr.s
class Run(object):
    """One run over `stack`; `kills` of workers are spread over the injuries."""

    stack = attr.ib()  # type: Any
    options = attr.ib()  # type: Any
    random = attr.ib()  # type: Any
    recoveries = attr.ib(factory=dict)  # type: Dict[Text, List[float]]
    killed = attr.ib(default=0)  # type: int
    trouble = attr.ib(factory=list)  # type: List[Text]

    @defer.inlineCallbacks
    def run(self):
        """Break, mend, drain and judge.  Fires with the exit status."""
        self.wire = Wire(reactor, self.stack.servers.rabbitmq, 'sms')
        self.store = Store(reactor, **self.stack.store_options())
        self.store.start()
        self.traffic = Traffic(reactor, self.wire, self.stack.standin, self.options.people,
                               self.random, self.options.pause)
        self.traffic.start()
        try:
            yield self._injuries()
            yield self._kills(self.options.kills - self.killed)
            self._say('everything is mended: waiting for what is under way')
            yield self.traffic.stop()
            yield self._drain()
            status = yield self._verdict()
        finally:
            self.wire.stop()
            yield self.store.stop()
        defer.returnValue(status)

    @defer.inlineCallbacks
    def _injuries(self):
        injuries = all_injuries(self.stack)
        if self.options.only:
            injuries = [each for each in injuries if self.options.only in each.name]
        self.random.shuffle(injuries)
        rounds = [each for _ in range(self.options.rounds) for each in injuries]
        share = self.options.kills // (2 * len(rounds)) if rounds else 0
        for injury in rounds:
            self._say(injury.name)
            yield threads.deferToThread(injury.begin)
            yield defer.gatherResults([
                task.deferLater(reactor, injury.seconds, lambda: None), self._kills(share)])
            yield threads.deferToThread(injury.end)
            yield self._recovered(injury.name)

    @defer.inlineCallbacks
    def _recovered(self, name):
        probe = self.traffic.probe()
        try:
            took = yield probe.addTimeout(_PROBE, reactor)
        except defer.TimeoutError:
            self.trouble.append('no message came through within %d s of: %s' % (_PROBE, name))
            took = _PROBE
        self.recoveries.setdefault(name, []).append(took)
        self._say('%s: mended, the next message took %.1f s' % (name, took))

    @defer.inlineCallbacks
    def _kills(self, count):
        """kill -9 a worker at a random instant, `count` times; each is started again at once."""
        for _ in range(max(count, 0)):
            yield task.deferLater(reactor, self.random.random() * 0.8, lambda: None)
            worker = self.random.choice(self.stack.workers)
            worker.kill()
            worker.start()
            self.killed += 1
            if self.killed % 20 == 0:
                self._say('%d workers killed' % (self.killed,))
            yield task.deferLater(reactor, 0.7, lambda: None)

    @defer.inlineCallbacks
    def _drain(self):
        deadline = time.time() + _DRAIN
        quiet = 0
        while quiet < 3:
            if time.time() > deadline:
                self.trouble.append('work was still under way after %d s' % (_DRAIN,))
                return
            yield task.deferLater(reactor, 1.0, lambda: None)
            try:
                figures = yield self.store.figures()
                hook = yield threads.deferToThread(self.stack.standin.get, 'hook')
                queues = yield threads.deferToThread(self.stack.servers.rabbitmq.list_queues)
            except (StoreError, EnvironmentError):
                continue
            left = (figures['forwards'] + figures['replies'] + hook['under_way']
                    + queues.get('sms.inbound', 0) + queues.get('sms.outbound', 0))
            quiet = 0 if left else quiet + 1
        if figures['parked']:
            for each in (yield self.store.parked()):
                self.trouble.append('parked: ticket %s: %s' % (each['ticket'], each['reason']))
        for queue, count in sorted(queues.items()):
            if queue.endswith('.failures') and count:
                self.trouble.append('%d in %s' % (count, queue))

    @defer.inlineCallbacks
    def _verdict(self):
        tickets = yield threads.deferToThread(self.stack.standin.tickets, 1000000)
        messages = judge_messages(self.traffic.said, tickets)
        deliveries = yield threads.deferToThread(self.stack.standin.deliveries)
        replies = judge_replies(self.traffic.answered, self.wire.received, self.traffic.notes,
                                deliveries)
        print()
        print(table([('', 'sent', 'lost', 'duplicated', 'out of order', 'to the wrong person')] + [
            (name,) + tuple('%d' % number for number in attr.astuple(count))
            for name, count in (('messages to the help desk', messages),
                                ('replies to phones', replies))]))
        print('\nworkers killed: %d, processes: %d, people: %d, seed: %s\n' % (
            self.killed, len(self.stack.workers), self.options.people, self.options.seed))
        if self.recoveries:
            print(table([('after', 'seconds until the next message was a ticket')] + [
                (name, ', '.join('%.1f' % took for took in times))
                for name, times in sorted(self.recoveries.items())]))
        for each in self.trouble[:20]:
            print('TROUBLE: %s' % (each,))
        fine = messages.fine and replies.fine and not self.trouble and messages.sent
        print('\n%s' % ('Nothing was lost, doubled, out of order or misdirected.' if fine
                        else 'A PROMISE WAS BROKEN.'))
        defer.returnValue(0 if fine else 1)

    def _say(self, line):
        print('%s  %s  (%d messages, %d replies so far)' % (
            time.strftime(str('%H:%M:%S')), line, sum(self.traffic.said.values()),
            sum(self.traffic.answered.values())))
        sys.stdout.flush()


def options_of(arguments):
    # type: (Optional[List[Text]]) -> Any
    """The command line."""
    parser = argparse.ArgumentParser(prog=str('python -m tools.faults'), description=__doc__)
    parser.add_argument('--kills', type=int, default=20, help='kill -9 of workers, in all')
    parser.add_argument('--rounds', type=int, default=1, help='times through all injuries')
    parser.add_argument('--workers', type=int, default=3, help='worker processes')
    parser.add_argument('--people', type=int, default=25, help='people who write')
    parser.add_argument('--pause', type=float, default=2.0,
                        help='longest pause between two messages of a person, in seconds')
    parser.add_argument('--seed', type=int, default=1, help='repeat the same choices')
    parser.add_argument('--only', help='only the injuries whose name holds this')
    parser.add_argument('--logs', help="a folder for the processes' logs")
    parser.add_argument('--sabotage', choices=sorted(SABOTAGE),
                        help='break a promise on purpose: the report must notice')
    return parser.parse_args(arguments)


def main(arguments=None):
    # type: (Optional[List[Text]]) -> int
    """One run; returns the exit status."""
    options = options_of(arguments)
    worker_class = SABOTAGE.get(options.sabotage, 'vumi_snappy.SnappyBouncerWorker')
    status = []  # type: List[int]
    with Stack(workers=options.workers, worker_config=_WORKER, log_dir=options.logs,
               say=lambda line: print('Starting %s' % (line,)), rate_limit=0,
               worker_class=worker_class, transport=False) as stack:
        run = Run(stack, options, random.Random(options.seed))

        def ended(result):
            if isinstance(result, int):
                status.append(result)
            else:
                result.printTraceback()
            if reactor.running:
                reactor.stop()
        reactor.callWhenRunning(lambda: run.run().addBoth(ended))
        reactor.run()
    return status[0] if status else 1


if __name__ == '__main__':
    sys.exit(main())
