"""Draining 2,000 messages of 500 people at Snappy's limit of 200 calls a minute, to the least time
that the limit allows for the calls that it takes: so many minutes as there are 200 calls.

Scaled in time by 20: the worker's minute takes 3 seconds (`benchmarks.processes.scaled_worker`).
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks.measure import Measure, Result, at_most
from benchmarks.processes.scaled_worker import SCALE
from tools.processes import ProcessFailed

LIMIT = 200
#: Looks, a tenth of a second apart, without a new call after which it is over.
_QUIET = 30


def _await_quiet(stage, before):
    seen = [before, 0]

    def quiet():
        now = stage.call_count()
        seen[:] = [now, seen[1] + 1 if now == seen[0] else 0]
        return seen[1] >= _QUIET and now > before + 1
    stage.await_true(quiet, 600, 0.1, 'the end of the calls')


def run(stage, options):
    """Each time on empty queues."""
    stage.start_standin(latency=0.1)
    count = options.size(2000, 400)
    took, least, calls = [], [], []
    for _ in range(options.repeats):
        name, before = stage.fresh_name(), stage.reset_standin()
        stage.fill(name, count, people=count // 4)
        worker = stage.start_worker(
            'worker-%s' % (name,), name, snappy_rate_limit=LIMIT,
            worker_class='benchmarks.processes.scaled_worker.ScaledWorker')
        _await_quiet(stage, before)
        worker.stop()
        made = [call for call in stage.calls(before) if call['method'] == 'POST']
        texts = '\n'.join(call['body']['message'] for call in made)
        arrived = sum('Number %d at ' % (number,) in texts for number in range(count))
        if arrived != count:
            raise ProcessFailed('%d of %d messages arrived' % (arrived, count))
        times = [call['at'] for call in made]
        took.append(max(times) - min(times))
        least.append(len(times) * 60.0 / LIMIT / SCALE)
        calls.append(len(times))
        options.say('%d calls in %.2f s of %.2f s' % (len(times), took[-1], least[-1]))
    found = Result(took, least)
    found.extra['calls for %d messages of %d people' % (count, count // 4)] = sorted(calls)[
        len(calls) // 2]
    return found


MEASURE = Measure(
    'rate-limit', "draining 2,000 messages of 500 people at 200 calls a minute (scaled), to the"
    " limit's own minimum", at_most(1.05), 's', run, peer='the limit')
