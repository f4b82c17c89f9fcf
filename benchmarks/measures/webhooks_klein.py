"""Webhooks answered, to bare Klein that reads the same bodies and answers ``OK``.

Ours checks the secret, reads the form and its JSON, and has the reply in Redis before its 200.
Meanwhile replies that are due leave for the bus, as far as the worker lets them: Snappy waits for
its answer, nobody for them.  How many had left by the last 200, and how long the others took, is
told beside.  Each webhook is a public note of an agent's, on one of 200 tickets.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import io
import json
import os
import time

from benchmarks import figures
from benchmarks.draining import Cpu
from benchmarks.measure import Measure, Result, at_least
from tools.ports import answers, free_port
from tools.processes import ProcessFailed
from vumi_snappy.standin.events import note_in_event

try:
    from urllib.parse import urlencode
except ImportError:  # Python 2
    from urllib import urlencode

TICKETS, CONNECTIONS = 200, 20
#: Webhooks of a turn, and of one in a quick run.
WHOLE, QUICK = 4000, 200


def _write(stage, path, bodies):
    name = os.path.join(stage.folder, 'requests.json')
    secret = base64.b64encode(('anyone:%s' % (stage.secret,)).encode('ascii')).decode('ascii')
    with io.open(name, 'w', encoding='utf-8') as out:
        out.write('%s' % (json.dumps({'path': path, 'bodies': bodies, 'headers': {
            'Content-Type': 'application/x-www-form-urlencoded',
            'Authorization': 'Basic %s' % (secret,)}}),))
    return name


def _hooks(pattern, tickets, first, count):
    """The bodies of `count` webhooks, each of a note that there was not before."""
    made = []
    for number in range(first, first + count):
        ticket = tickets[number % len(tickets)]
        note = note_in_event(dict(pattern, id=10 ** 6 + number, ticket_id=ticket['id']), ticket)
        made.append('%s' % (urlencode([
            (b'event', b'message.outgoing'),
            (b'data', json.dumps({'note': note}).encode('ascii'))]),))
    return made


def _drive(stage, port, file_name, count):
    said = stage.drive('benchmarks.processes.http_load', '--port', port, '--file', file_name,
                       '--connections', CONNECTIONS)
    if said['statuses'] != {'200': count}:
        raise ProcessFailed('not every webhook was taken: %r' % (said['statuses'],))
    return count / said['seconds'], 1000.0 * said['cpu'] / count


class Taker(object):
    """A worker of ours, started with `options` of `Stage.start_worker`, and tickets on which agents
    reply."""

    def __init__(self, stage, **options):
        self._stage, self._name, self._taken = stage, stage.fresh_name(), 0
        #: Its process.
        self.worker = stage.start_worker('worker-%s' % (self._name,), self._name, **options)
        before = stage.reset_standin()
        stage.fill(self._name, TICKETS)
        stage.await_tickets(before, TICKETS)
        self._tickets = stage.standin.tickets(limit=TICKETS)
        self._pattern = stage.standin.reply(
            self._tickets[0]['nonce'], '<p>Yes, come on %s.</p>' % ('Monday ' * 10,))
        for ticket in self._tickets:
            ticket.pop('notes')

    def bodies(self, count):
        """The next `count` webhooks."""
        return _hooks(self._pattern, self._tickets, self._taken, count)

    def take(self, bodies):
        """Returns webhooks a second; ms of CPU a webhook by part while they come; and of the replies:
        % on the bus at the last 200, seconds from there to the last one, and ms of CPU of the
        worker a webhook and its reply."""
        stage, name, count = self._stage, self._name, len(bodies)
        port = int(stage.web_url(self.worker).rpartition(':')[2])
        cpu = Cpu(stage, worker=self.worker, redis=stage.servers.redis.process,
                  rabbitmq=stage.servers.rabbitmq.process)
        rate = _drive(stage, port, _write(stage, '/snappy', bodies), count)[0]
        answered = time.time()
        spent = cpu.each(count)
        left = self._waiting()
        # What was accepted is sent before the next has its turn.
        stage.await_true(lambda: not self._waiting(), 300, 0.02, 'all replies on the bus')
        after = (100.0 * (count - left) / count, time.time() - answered, cpu.each(count)['worker'])
        self._taken += count
        stage.await_true(lambda: stage.queued('%s.outbound' % (name,)) >= self._taken,
                         60, 2.0, 'all replies on the queue')
        return rate, spent, after

    def _waiting(self):
        """Replies that are not known to be on the bus."""
        return int(self._stage.redis().get('bench-%s:b:count' % (self._name,)) or 0)


def run(stage, options):
    """Alternately 4,000 webhooks to the worker and to Klein."""
    stage.start_standin()
    count, taker, klein_port = options.size(WHOLE, QUICK), Taker(stage), free_port()
    klein = stage.start_python('klein', 'benchmarks.processes.web_server', '--port', klein_port)
    klein.wait_until(lambda: answers(klein_port), 30)
    ours, peer = [], []
    for _ in range(options.repeats):
        bodies = taker.bodies(count)
        ours.append(taker.take(bodies))
        peer.append(_drive(stage, klein_port, _write(stage, '/', bodies), count)[0])
        options.say('ours %.0f/s, Klein %.0f/s' % (ours[-1][0], peer[-1]))
    found = Result([rate for rate, _, _ in ours], peer)
    for part in ('worker', 'redis', 'rabbitmq'):
        found.extra['ms of CPU a webhook while they come, %s' % (part,)] = figures.median(
            [spent[part] for _, spent, _ in ours])
    for number, what in enumerate((
            '% of the replies on the bus at the last 200', 'seconds from there to the last reply',
            'ms of CPU a webhook and its reply on the bus, worker')):
        found.extra[what] = figures.median([after[number] for _, _, after in ours])
    return found


MEASURE = Measure(
    'webhooks-klein', 'webhooks stored and answered, to bare Klein', at_least(0.5), 'webhooks/s',
    run, peer='bare Klein')
