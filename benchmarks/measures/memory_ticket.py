"""What a finished ticket of three messages takes of Redis's memory, in all of its keys.

The worker is given three messages of each of many people, forwards them, and for the second figure
publishes an agent's reply to each, which its transport acknowledges.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Dict, List, Text  # noqa: F401

from benchmarks import figures
from benchmarks.measure import Measure, Result, at_most
from tools.processes import ProcessFailed

#: Messages of each person, and people in all; characters of a message, about.
MESSAGES, PEOPLE, LENGTH = 3, 5000, 80


def used(stage):
    """Redis's memory, as it tells it."""
    return stage.redis().info('memory')['used_memory']


def run(stage, options):
    """Once a repeat, under a prefix of its own."""
    stage.start_standin()
    alone, answered = [], []
    kinds = {}  # type: Dict[Text, List[float]]
    for _ in range(options.repeats):
        name, people = stage.fresh_name(), options.size(PEOPLE, 50)
        stage.reset_standin()
        worker = stage.start_worker('worker-%s' % (name,), name)
        before, redis, prefix = used(stage), stage.redis(), 'bench-%s' % (name,)

        def is_settled():
            waiting = redis.get('%s:s:count' % (prefix,)), redis.get('%s:b:count' % (prefix,))
            return stage.queued('%s.inbound' % (name,)) == 0 and all(
                int(each or 0) == 0 for each in waiting)

        for each in range(MESSAGES):
            stage.fill(name, people, people, first=each * people, length=LENGTH)
            stage.await_true(is_settled, 300, 0.5, 'all messages at Snappy')
        tickets = redis.zcard('%s:tickets' % (prefix,))
        if tickets != people:
            raise ProcessFailed('%d tickets, of %d' % (tickets, people))
        alone.append((used(stage) - before) / people)
        for kind, size in sorted(sizes(redis, prefix).items()):
            kinds.setdefault(kind, []).append(size / people)
        said = stage.drive('benchmarks.processes.answer_all', '--port', stage.servers.redis.port,
                           '--prefix', prefix, '--count', people)
        if said['answered'] != people:
            raise ProcessFailed('%d replies, of %d' % (said['answered'], people))
        stage.await_true(is_settled, 300, 0.5, 'all replies on the bus')
        stage.drive('benchmarks.processes.answer_all', '--port', stage.servers.redis.port,
                    '--prefix', prefix, '--count', people, '--acknowledge', 1)
        answered.append((used(stage) - before) / people)
        options.say('%.0f bytes, with a reply %.0f' % (alone[-1], answered[-1]))
        worker.stop()
    found = Result(alone)
    found.extra['with an acknowledged reply as well (bytes)'] = figures.median(answered)
    for kind in sorted(kinds, key=lambda kind: -figures.median(kinds[kind])):
        found.extra['of it, %s (bytes)' % (kind,)] = figures.median(kinds[kind])
    return found


def sizes(redis, prefix):
    """Bytes of the keys under `prefix`, by their kind, as Redis's MEMORY USAGE tells them."""
    found = {}  # type: Dict[Text, int]
    for key in redis.scan_iter('%s:*' % (prefix,), 10000):
        name = key.decode('utf-8')[len(prefix) + 1:]
        kind = name.partition('/')[0] if '/' in name else name.partition(':')[0]
        size = redis.execute_command('MEMORY', 'USAGE', key, 'SAMPLES', '0')
        found[kind] = found.get(kind, 0) + size
    # What all tickets share, such as the counters, is nothing of one.
    return {kind: size for kind, size in found.items() if size > 10 * 1024}


MEASURE = Measure(
    'memory-ticket', 'Redis memory of a finished ticket of three messages', at_most(3000), 'bytes',
    run)
