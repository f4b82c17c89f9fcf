"""Resident memory of a worker after a million messages, to after the first 10,000.

The messages go the whole way, in bursts of 200 people who write again and again while Snappy takes
half a second for a call: their messages wait, and are joined.  After each burst all have arrived,
once, at the stand-in, which is then made to forget them, as is Redis: only the worker could still
hold anything of them.  ``--messages`` says how many, if not a million.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks.arrivals import Arrivals
from benchmarks.figures import parts
from benchmarks.measure import Chart, Measure, Result, at_most

FIRST, BURSTS, PEOPLE = 10000, 5, 200
CONCURRENCY, LATENCY = 10, 0.5


def burst(stage, name, first, count, people, look):
    """`count` messages from number `first` on, until all have arrived; returns in how many calls.
    `look` is called with the number of those that have, now and then."""
    since = stage.reset_standin()
    stage.redis().flushall()
    arrivals = Arrivals(stage.standin, since, count, first)
    publishing = stage.start_publishing(name, count, people, first=first, length=40)
    arrivals.await_all(each=lambda: look(first + arrivals.arrived))
    stage.finish(publishing)
    return arrivals.calls


def run(stage, options):
    """Once, whatever the repeats."""
    stage.start_standin(latency=LATENCY)
    name = stage.fresh_name()
    worker = stage.start_worker('worker', name, snappy_concurrency=CONCURRENCY)
    points = []

    def look(arrived):
        points.append((arrived, stage.usage(worker)[1] / 1e6))
    first = options.size(FIRST, 1000)
    whole = max(options.size(options.messages, 3000), first + BURSTS)
    ends = [first + (whole - first) * number // BURSTS for number in range(BURSTS + 1)]
    calls, sent, after = 0, 0, []
    for end in ends:
        calls += burst(stage, name, sent, end - sent, options.size(PEOPLE, 20), look)
        sent = end
        after.append(points[-1][1])
        options.say('after %d messages: %.1f MB' % points[-1])
    found = Result(after[-1:], after[:1])
    found.extra['messages'] = sent
    found.extra['calls that brought them'] = calls
    found.extra['MB after the first %d messages' % (first,)] = after[0]
    found.extra['MB after all'] = after[-1]
    found.extra['MB at most'] = max(memory for _, memory in points)
    found.charts.append(Chart('Resident memory of a worker', 'thousand messages', 'MB', [
        ('worker', [(part[-1][0] / 1e3, part[-1][1]) for _, part in parts(points)])]))
    return found


MEASURE = Measure(
    'memory-million', 'resident memory of a worker after a million messages, to after 10,000',
    at_most(1.1), 'MB', run, peer='after 10,000')
