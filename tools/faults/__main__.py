"""``python -m tools.faults``: inject faults, one after the other, and report what was lost.

Exit status 0 if nothing was lost, duplicated, out of order or sent to the wrong person, else 1.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import random
import signal
import sys
from typing import Any, Dict, List, Optional, Text  # noqa: F401

from twisted.internet import reactor

from tools.faults.run import Run
from tools.faults.sabotage import SABOTAGE
from tools.processes import ProcessFailed
from tools.stack import Stack
from tools.terminal import hear_ctrl_c

#: Shorter delays, so that a run is short; the same retries.
_WORKER = {'snappy_rate_limit': 0, 'snappy_timeout': 2.5, 'retry_initial_delay': 0.2,
           'retry_max_delay': 2, 'metrics_publish_interval': 1}

#: How the data are guarded against the loss of the Redis master.
_SENTINEL = {
    'nothing': {}, 'min-replicas': {'min_replicas': 1},
    'wait': {'wait_replicas': 1}}  # type: Dict[Text, Dict[Text, int]]


def options_of(arguments):
    # type: (Optional[List[Text]]) -> Any
    """The command line."""
    parser = argparse.ArgumentParser(prog=str('python -m tools.faults'), description=__doc__)
    parser.add_argument('--kills', type=int, default=40, help='kill -9 of workers, in all')
    parser.add_argument('--rounds', type=int, help='how often each fault is injected '
                        '(default: once, and once more for each 200 kills)')
    parser.add_argument('--seconds', type=float, default=0,
                        help='inject no more faults after so long')
    parser.add_argument('--workers', type=int, default=3, help='worker processes')
    parser.add_argument('--people', type=int, default=25, help='people who write')
    parser.add_argument('--pause', type=float, default=2.0,
                        help='longest pause between two messages of a person, in seconds')
    parser.add_argument('--seed', type=int, default=1, help='seed of the random choices')
    parser.add_argument('--only',
                        help='only the fault of this name, or those whose name contains this')
    parser.add_argument('--cluster', action='store_true',
                        help='three nodes of RabbitMQ with quorum queues, and their faults')
    parser.add_argument('--logs', help="a folder for the processes' logs")
    parser.add_argument('--sabotage', choices=sorted(SABOTAGE),
                        help='break a promise on purpose: the report must detect it')
    parser.add_argument('--sentinel', choices=sorted(_SENTINEL), help='on a Redis with a replica '
                        'and three Sentinels: kill and freeze the master, whose data are guarded '
                        'by "nothing", by min-replicas-to-write or by wait_replicas')
    options = parser.parse_args(arguments)
    options.may_lose = options.sentinel in ('nothing', 'min-replicas')
    if options.rounds is None:
        options.rounds = 1 + options.kills // 200
    return options


def main(arguments=None):
    # type: (Optional[List[Text]]) -> int
    """One run; returns the exit status."""
    options = options_of(arguments)
    worker_class = SABOTAGE.get(options.sabotage, 'vumi_snappy.SnappyBouncerWorker')
    status = []  # type: List[int]
    hear_ctrl_c()
    # Until the reactor runs, and handles signals itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Stack(workers=options.workers, worker_config=_WORKER, log_dir=options.logs,
                   say=lambda line: print('Starting %s' % (line,)), rate_limit=0,
                   worker_class=worker_class, transport=False,
                   cluster=options.cluster,
                   redis_group=_SENTINEL.get(options.sentinel)) as stack:
            run = Run(stack, options, random.Random(options.seed))

            def ended(result):
                if isinstance(result, int):
                    status.append(result)
                elif result.check(ProcessFailed):
                    print(result.getErrorMessage(), file=sys.stderr)
                else:
                    result.printTraceback()
                if reactor.running:
                    reactor.stop()
            reactor.callWhenRunning(lambda: run.run().addBoth(ended))
            reactor.run()
    except ProcessFailed as problem:
        print('%s' % (problem,), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return status[0] if status else 1


if __name__ == '__main__':
    sys.exit(main())
