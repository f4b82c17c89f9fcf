"""Messages from the bus to Snappy, where Snappy takes 200 ms a call, to bare treq that posts
the same notes at the same concurrency: does the way through bus and store cost any of the speed
that Snappy's latency leaves?
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from benchmarks import draining
from benchmarks.measure import Measure, Result, at_least

#: Calls at once (`snappy_concurrency`), and seconds that each takes.
CONCURRENCY, LATENCY = 50, 0.2


def run(stage, options):
    """Alternately 2,500 messages by a worker and by treq."""
    stage.start_standin(latency=LATENCY)
    count = options.size(2500, 200)
    result = []
    for repeat in range(options.repeats):
        result.append((draining.ours(stage, count, CONCURRENCY, LATENCY),
                       draining.treq(stage, count, CONCURRENCY, LATENCY)))
        options.say('ours %.1f/s, treq %.1f/s, ms of CPU a message %r' % (
            result[-1][0].rate, result[-1][1].rate, result[-1][0].cpu))
    found = Result([each[0].rate for each in result], [each[1].rate for each in result])
    found.extra.update(draining.costs([each[0] for each in result]))
    found.extra['calls at once'] = CONCURRENCY
    found.extra['calls a second that latency and concurrency allow'] = CONCURRENCY / LATENCY
    return found


MEASURE = Measure(
    'forwarding-treq', 'messages bus \u2192 Snappy at 200 ms latency, to bare treq',
    at_least(0.95), 'messages/s', run, peer='bare treq')
