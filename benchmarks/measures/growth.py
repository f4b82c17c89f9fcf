"""Redis's time for a message with ten times as much of something, to that with as much: the worst
of all that there can be more and more of.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from benchmarks.growing import KINDS, Life
from benchmarks.measure import Measure, Result, at_most


def run(stage, options):
    """Each once; once, whatever the repeats."""
    client, port = stage.redis(), stage.servers.redis.port
    found, factors = Result(), []
    for kind, (much, cost) in KINDS.items():
        much = options.size(much, 10)
        few, many = cost(Life(client, port), much), cost(Life(client, port), 10 * much)
        factors.append(many / few)
        found.extra['%s: us a message with %d, with %d' % (kind, much, 10 * much)] = (
            '%.0f, %.0f (%.2f)' % (few, many, factors[-1]))
        options.say('%s: %.0f us, ten times as many: %.0f us' % (kind, few, many))
    found.ours = [max(factors)]
    return found


MEASURE = Measure(
    'growth', "Redis's time for a message, ten times as much of anything to as much, the worst",
    at_most(1.5), 'times', run)
