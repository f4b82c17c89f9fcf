# -*- coding: utf-8 -*-
"""The whole loop once, unattended: ``python -m tools.smoke`` (or ``make smoke``).

Starts what the demo starts, sends one text message, replies as the agent, and prints how long each
hop took.  Exit status 0 when the reply reached the phone, 1 when a hop is broken: it then prints
which one, and the end of the log of the process nearest to it.

``--break HOP`` breaks a hop on purpose, to see that this is detected.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import signal
import sys
import time
import warnings
from typing import Any, Callable, List, Optional, Text  # noqa: F401

import attr
from twisted.internet import defer, task
from vumi_snappy.store import Store, StoreUnavailable

from tools.processes import ProcessFailed
from tools.stack import BREAKS, Stack
from tools.terminal import hear_ctrl_c, say

NUMBER = '+27820001001'
QUESTION = 'Sawubona 👋, I have lost my clinic card. What must I do?'
ANSWER = ('<p>Hello! Please bring <b>your ID</b> &amp; a photo:</p>'
          '<ul><li>Monday</li><li>Tuesday</li></ul>'
          '<p>See <a href="https://clinics.example.org/">our page</a> 😊</p>')
CONTACT = '27820001001@sms.example.org'
#: What of it the phone must show, whatever the layout of the text.
WANTED = ('Hello! Please bring your ID & a photo:', 'Monday', 'Tuesday',
          'https://clinics.example.org/', '😊')


class HopBroken(Exception):
    """A hop did not work in time; `nearest` is the process whose log may have the reason."""

    def __init__(self, hop, why, nearest):
        # type: (Text, Text, Text) -> None
        Exception.__init__(self, '%s: %s' % (hop, why))
        self.hop, self.why, self.nearest = hop, why, nearest


@attr.s
class Loop(object):
    """One message and its reply.  `patience` is in seconds, for each hop; `deadline` (epoch seconds)
    is for all of them."""

    reactor = attr.ib()  # type: Any
    stack = attr.ib()  # type: Any
    store = attr.ib()  # type: Any
    patience = attr.ib()  # type: float
    deadline = attr.ib()  # type: float
    say = attr.ib()  # type: Callable[[Text], None]
    _at = attr.ib(default=0.0)  # type: float
    _start = attr.ib(default=0.0)  # type: float
    _hops = attr.ib(default=0)  # type: int

    @defer.inlineCallbacks
    def run(self):
        """Send the message and the reply.  Fires with the number of hops.  Errors: `HopBroken`."""
        stack = self.stack
        self._start = self._at = time.time()
        message_id = stack.new_message_id()
        yield self._hop('phone to transport', 'transport',
                        lambda: stack.send_message(NUMBER, QUESTION, message_id) or True)
        yield self._hop('transport to bus to worker: stored', 'worker-0',
                        lambda: self._message(message_id, 'stored', 'sending', 'forwarded'))
        yield self._hop('worker to Snappy: ticket opened', 'worker-0',
                        lambda: self._message(message_id, 'forwarded'))
        ticket = yield self._hop('the ticket at the help desk', 'standin', self._ticket)
        self._check('the ticket at the help desk', ticket)
        stack.standin.reply(ticket['nonce'], ANSWER)
        yield self._hop("Snappy's hook to worker: reply stored", 'worker-0', self._reply,
                        self._hook_answers)
        yield self._hop('worker to bus: reply published', 'worker-0',
                        lambda: self._reply('published', 'acked', 'delivered', 'failed'))
        text = yield self._hop('bus to transport to phone', 'transport', self._text)
        missing = [part for part in WANTED if part not in text]
        if missing or '<' in text or '&amp;' in text:
            raise HopBroken('bus to transport to phone', 'the text is wrong: %r' % (text,),
                            'worker-0')
        yield self._hop('transport to worker: acked', 'worker-0',
                        lambda: self._reply('acked', 'delivered'))
        stack.report_delivery(stack.outbound()[0])
        yield self._hop('phone to worker: delivered', 'worker-0',
                        lambda: self._reply('delivered'))
        defer.returnValue(self._hops)

    @defer.inlineCallbacks
    def _hop(self, name, nearest, look, hint=lambda: ''):
        begun = time.time()
        deadline = min(begun + self.patience, self.deadline)
        while True:
            why = 'nothing in %.1f s' % (max(deadline - begun, 0),)
            try:
                found = yield defer.maybeDeferred(look)
            except (EnvironmentError, StoreUnavailable) as problem:
                found, why = None, '%s' % (problem,)
            if found:
                break
            if time.time() > deadline:
                raise HopBroken(name, why + hint(), nearest)
            yield task.deferLater(self.reactor, 0.02, lambda: None)
        now = time.time()
        self._hops += 1
        self.say('  %d  %-42s %6.0f ms  %7.3f s' % (
            self._hops, name, 1000 * (now - self._at), now - self._start))
        self._at = now
        defer.returnValue(found)

    @defer.inlineCallbacks
    def _message(self, message_id, *states):
        tickets = yield self.store.recent_tickets(10)
        defer.returnValue(any(
            message['id'] == message_id and message['state'] in states
            for ticket in tickets for message in ticket['messages']))

    @defer.inlineCallbacks
    def _reply(self, *states):
        tickets = yield self.store.recent_tickets(10)
        defer.returnValue(any(
            not states or reply['state'] in states
            for ticket in tickets for reply in ticket['replies']))

    def _hook_answers(self):
        return ''.join('; the hook %s was answered with %s' % (
            each['event'], ', '.join('%d' % (status,) for status in each['statuses']) or 'nothing')
            for each in self.stack.standin.deliveries() if each['event'] == 'message.outgoing')

    def _ticket(self):
        tickets = self.stack.standin.tickets()
        return tickets[0] if tickets else None

    def _text(self):
        messages = self.stack.outbound()
        return messages[0].content if messages else None

    def _check(self, hop, ticket):
        note = ticket['notes'][0]
        for what, found, wanted in [
                ('contact', ticket['contacts'][0]['value'], CONTACT),
                ('text', note['content'], QUESTION)]:
            if found != wanted:
                raise HopBroken(hop, 'its %s is %r, not %r' % (what, found, wanted), 'worker-0')


class OutOfTime(Exception):
    """The start took longer than the whole run may take."""


def _make_loop(stack, patience, deadline):
    # type: (Stack, float, float) -> Any
    """Run the loop in the reactor.  Returns None, or the `HopBroken`."""
    outcome = []  # type: List[Any]

    @defer.inlineCallbacks
    def loop(reactor):
        store = Store(reactor, **stack.store_options())
        store.start()
        try:
            yield Loop(reactor, stack, store, patience, deadline, say).run()
            outcome.append(None)
        except HopBroken as broken:
            outcome.append(broken)
        finally:
            yield store.stop()
    try:
        task.react(loop)
    except SystemExit:
        # task.react always exits; `outcome` says how the loop ended.
        if not outcome:
            raise KeyboardInterrupt()
    return outcome[0]


def _smoke(options):
    # type: (Any) -> int
    def out_of_time(_number, _frame):
        raise OutOfTime('it did not start in %d seconds' % (options.within,))
    started = time.time()
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(options.within)
    stack = Stack(say=lambda line: say('Starting %s' % (line,)), breaks=options.breaks,
                  pythons=options.worker_python, transport=options.transport)
    try:
        stack.start()
        signal.alarm(0)
        say('Everything is up after %.1f s. One message and its reply:' % (
            time.time() - started,))
        broken = _make_loop(stack, options.patience, started + options.within)
        if broken is None:
            say('The loop works. It took %.1f s in all.' % (time.time() - started,))
            return 0
        say('BROKEN: %s\nThe end of the log of %s:\n%s' % (
            broken, broken.nearest, stack.log_tail(broken.nearest)))
    except (ProcessFailed, OutOfTime) as failed:
        say('BROKEN: %s' % (failed,))
    finally:
        signal.alarm(0)
        stack.stop()
    return 1


def main(arguments=None):
    # type: (Optional[List[Text]]) -> int
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog='python -m tools.smoke', description='The whole loop once, unattended. Exit status 0'
        ' when the reply reached the phone, 1 when a hop is broken.')
    parser.add_argument('--break', dest='breaks', choices=sorted(BREAKS), action='append',
                        default=[], help='break a hop on purpose, to see that it is detected: '
                        + '; '.join('%s: %s' % each for each in sorted(BREAKS.items())))
    parser.add_argument('--patience', type=float, default=10.0, metavar='SECONDS',
                        help='timeout of each hop (%(default)g)')
    parser.add_argument('--within', type=int, default=60, metavar='SECONDS',
                        help='timeout of the whole run (%(default)d)')
    parser.add_argument('--worker-python', action='append', metavar='PYTHON',
                        help='the interpreter of the worker, such as ve3/bin/python (this one)')
    parser.add_argument('--plain-transport', dest='transport', action='store_const',
                        const='plain', default=True,
                        help="use a transport of this repository instead of Vumi's")
    # Python 3 shows what this module itself does; the way that Twisted prefers is none on 2.7.
    warnings.filterwarnings(str('ignore'), str('.*returnValue was deprecated'))
    hear_ctrl_c()
    try:
        return _smoke(parser.parse_args(arguments))
    except KeyboardInterrupt:
        return 130


if __name__ == '__main__':
    sys.exit(main())
