"""Half the most load for minutes or hours: is nothing lost, and does nothing grow?

2,000 people write again and again, at 200 ms latency of Snappy's.  Every message must arrive once.
The last quarter is compared with the first: how long a message takes from the bus until Snappy has
accepted it, and the worker's resident memory; the worse of the two is judged.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time

from benchmarks import draining, figures
from benchmarks.arrivals import Arrivals
from benchmarks.figures import parts, quarters
from benchmarks.measure import Chart, Measure, Result, at_most

CONCURRENCY, LATENCY, PEOPLE = 60, 0.2, 2000


def run(stage, options):
    """Once, whatever the repeats: the most that the worker can bear, then half of that."""
    stage.start_standin(latency=LATENCY)
    most = draining.ours(stage, options.size(2000, 100), CONCURRENCY, LATENCY).rate
    rate, minutes = round(most / 2, 1), options.soak_minutes
    name, since = stage.fresh_name(), stage.reset_standin()
    worker = stage.start_worker('worker', name, snappy_concurrency=CONCURRENCY)
    count = int(rate * 60 * minutes)
    arrivals = Arrivals(stage.standin, since, count, latency=LATENCY)
    memory, told = [], [time.time()]

    def each():
        memory.append(stage.usage(worker)[1] / 1e6)
        if time.time() - told[0] > 60:
            told[0] = time.time()
            options.say('%d of %d messages arrived; %.1f MB' % (
                arrivals.arrived, count, memory[-1]))
    publishing = stage.start_publishing(name, count, min(PEOPLE, count), rate=rate, length=40)
    arrivals.await_all(pause=1.0, each=each)
    stage.finish(publishing)
    took = [1000.0 * seconds for seconds in arrivals.took]
    first, last = [figures.median(quarter) for quarter in quarters(took)]
    before, after = [figures.median(quarter) for quarter in quarters(memory)]
    found = Result([last], [first], [max(last / first, after / before)])
    found.extra['minutes'] = minutes
    found.extra['load (messages a second)'] = rate
    found.extra['messages, each of which arrived once'] = arrivals.arrived
    found.extra['calls that brought them'] = arrivals.calls
    found.extra['99th percentile, first and last quarter (ms)'] = '%.0f, %.0f' % tuple(
        figures.percentile(quarter, 99) for quarter in quarters(took))
    found.extra['longest (ms)'] = max(took)
    found.extra['latency, last quarter to first'] = last / first
    found.extra['MB of memory, first and last quarter'] = '%.1f, %.1f' % (before, after)
    found.extra['memory, last quarter to first'] = after / before
    found.charts.append(Chart('From the bus to Snappy, at half the most load', 'minutes', 'ms', [
        (words, [(minutes * at, figures.percentile(part, hundredth)) for at, part in parts(took)])
        for words, hundredth in [('median', 50), ('99th percentile', 99)]]))
    found.charts.append(Chart(
        'Resident memory of the worker, at half the most load', 'minutes', 'MB',
        [('worker', [(minutes * at, figures.median(part)) for at, part in parts(memory)])]))
    return found


MEASURE = Measure(
    'soak', 'half the most load for minutes: median latency of the last quarter to the first; the'
    ' ratio is the worse of latency and memory', at_most(1.1), 'ms', run, peer='first quarter')
