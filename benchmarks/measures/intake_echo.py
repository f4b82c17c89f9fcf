"""Messages taken from the bus and acked, to Vumi's trivial EchoWorker (`vumi.demos.words`).

Ours are in Redis before they are acked.  Only the intake is measured: Snappy, which would bound
the rest, hangs.  The echo publishes a reply to each message, into an exchange from which no queue
takes it.  A full queue, and messages a second from when the first are handed out until none is
left.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

from benchmarks import figures
from benchmarks.draining import Cpu
from benchmarks.measure import Measure, Result, at_least

#: Messages of a turn, and of one in a quick run.
WHOLE, QUICK = 8000, 300


def take_all(stage, count, start):
    """`start(transport_name)` starts what takes `count` messages; returns messages a second, and
    ms of CPU a message of it."""
    name = stage.fresh_name()
    stage.fill(name, count)
    watcher = stage.start_python(
        'watch-%s' % (name,), 'benchmarks.processes.watch_queue', '--amqp',
        json.dumps(stage.amqp()), '--queue', '%s.inbound' % (name,), '--count', count)
    redis = Cpu(stage, redis=stage.servers.redis.process)
    worker = start(name)
    said = stage.finish(watcher)
    cpu = dict(redis.each(count), worker=1000.0 * stage.usage(worker)[0] / count)
    worker.kill()
    return said['count'] / said['seconds'], cpu


def ours(stage, count, **options):
    """`take_all` by a worker of ours, with `options` of `Stage.start_worker`; then the store is empty
    again."""
    def start(name):
        stage.standin.add_fault('hang')
        return stage.start_worker('worker-%s' % (name,), name, snappy_timeout=300, **options)
    taken = take_all(stage, count, start)
    stage.reset_standin()
    stage.redis().flushall()
    return taken


def run(stage, options):
    """Alternately 8,000 messages by a worker and by the echo."""
    stage.start_standin()
    count = options.size(WHOLE, QUICK)

    def echo(name):
        return stage.start_vumi_worker('echo-%s' % (name,), 'vumi.demos.words.EchoWorker',
                                       {'transport_name': name, 'worker_name': 'echo'})
    runs = []
    for _ in range(options.repeats):
        runs.append((ours(stage, count), take_all(stage, count, echo)))
        options.say('ours %.0f/s, the echo %.0f/s' % (runs[-1][0][0], runs[-1][1][0]))
    found = Result([each[0][0] for each in runs], [each[1][0] for each in runs])
    for words, side, part in [('worker', 0, 'worker'), ('redis', 0, 'redis'),
                              ('the echo', 1, 'worker')]:
        found.extra['ms of CPU a message, start included: %s' % (words,)] = figures.median(
            [each[side][1][part] for each in runs])
    return found


MEASURE = Measure(
    'intake-echo', "bus \u2192 stored and acked, to Vumi's echo application", at_least(0.8),
    'messages/s', run, peer='EchoWorker')
