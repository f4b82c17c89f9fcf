"""Four workers to one where the latency of Snappy's is the bound: do they add up?

Each may make 8 calls at once, and a call takes 400 ms, so that one worker can bring 20 messages a
second and four can bring 80: few enough for two cores to have time left.  How much is told beside
the ratio: what was idle, and what all parts of the measure used (something else may have used the
rest).  The workers are started before there is work.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks import figures
from benchmarks.measure import Measure, Result, at_least
from benchmarks.usage import machine_idle

CONCURRENCY, LATENCY = 8, 0.4


def drain(stage, workers, count):
    """Messages a second by so many workers; of the machine's CPU meanwhile, how much of a hundred was
    idle, and how much used by all that takes part, but for the publishing."""
    name, before = stage.fresh_name(), stage.reset_standin()
    started = [
        stage.start_worker('worker-%s-%d' % (name, number), name, snappy_concurrency=CONCURRENCY)
        for number in range(workers)]
    taking_part = started + [
        stage.standin_process, stage.servers.redis.process, stage.servers.rabbitmq.process]

    def clocks():
        return machine_idle() + (sum(stage.usage(each)[0] for each in taking_part),)
    began = clocks()
    stage.fill(name, count)
    opened = stage.await_tickets(before, count)
    idle, whole, used = [end - begin for begin, end in zip(began, clocks())]
    for worker in started:
        worker.ask_to_end()
    for worker in started:
        worker.stop()
    return (figures.rate([call['at'] for call in opened], LATENCY),
            100.0 * idle / whole, 100.0 * used / whole)


def run(stage, options):
    """Alternately 1,200 messages by four workers and 300 by one."""
    stage.start_standin(latency=LATENCY)
    count = options.size(300, 80)
    runs = []
    for _ in range(options.repeats):
        runs.append((drain(stage, 4, 4 * count), drain(stage, 1, count)))
        options.say('four %.1f/s with %.0f %% of the CPU idle, one %.1f/s' % (
            runs[-1][0][:2] + runs[-1][1][:1]))
    found = Result([four[0] for four, _ in runs], [one[0] for _, one in runs])
    found.extra['calls at once, each worker'] = CONCURRENCY
    found.extra['calls a second that latency and concurrency allow one'] = CONCURRENCY / LATENCY
    for words, side in (('four', 0), ('one', 1)):
        for what, place in (('idle', 1), ('used by all parts', 2)):
            found.extra["%% of the machine's CPU meanwhile, %s: %s" % (words, what)] = (
                figures.median([each[side][place] for each in runs]))
    return found


MEASURE = Measure(
    'workers-four', 'four workers at 400 ms latency and 8 calls at once each, to one of them',
    at_least(3.6), 'messages/s', run, peer='one worker')
