"""The rate from the bus to Snappy where a million finished tickets are stored, to that where there
are a thousand: does what lies in Redis cost those that come?
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import draining, figures
from benchmarks.measure import Measure, Result, at_least

MILLION, THOUSAND, CONCURRENCY = 1000000, 1000, 20


def fill(stage, options, count):
    """`count` finished tickets under the prefix of a fresh transport's name, which is returned."""
    name = stage.fresh_name()
    said = stage.drive('benchmarks.processes.fill_tickets', '--port', stage.servers.redis.port,
                       '--prefix', 'bench-%s' % (name,), '--count', count)
    options.say('%(count)d tickets in %(seconds).0f s, %(bytes).0f bytes each' % said)
    return name


def settle(stage):
    """Wait until Redis has written its file anew, if it does."""
    stage.await_true(
        lambda: not stage.redis().info('persistence')['aof_rewrite_in_progress'], 120, 0.5,
        'the append-only file rewritten')


def run(stage, options):
    """Alternately 2,500 messages of new people on each."""
    stage.start_standin()
    few = fill(stage, options, options.size(THOUSAND, 100))
    many = fill(stage, options, options.size(MILLION, 2000))
    settle(stage)
    count, ours, peer = options.size(2500, 100), [], []
    for _ in range(options.repeats):
        ours.append(draining.ours(stage, count, CONCURRENCY, 0.0, transport_name=many))
        peer.append(draining.ours(stage, count, CONCURRENCY, 0.0, transport_name=few))
        options.say('%.1f/s with many, %.1f/s with few' % (ours[-1].rate, peer[-1].rate))
    found = Result([each.rate for each in ours], [each.rate for each in peer])
    for part in ('worker', 'redis'):
        for words, runs in (('a million', ours), ('a thousand', peer)):
            found.extra['ms of CPU a message with %s, %s' % (words, part)] = figures.median(
                [each.cpu[part] for each in runs])
    return found


MEASURE = Measure(
    'forwarding-million',
    'messages bus \u2192 Snappy with a million tickets stored, to a thousand',
    at_least(0.95), 'messages/s', run, peer='the same with a thousand tickets')
