"""``python -m tools.faults``: break everything, one thing after the other, and tell what was lost.

Exit status 0 when nothing was lost, doubled, out of order or sent to the wrong person, else 1.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import argparse
import random
import signal
import sys
from typing import Any, List, Optional, Text  # noqa: F401

from twisted.internet import reactor

from tools.faults.run import Run
from tools.faults.sabotage import SABOTAGE
from tools.processes import ProcessFailed
from tools.stack import Stack

#: What makes a run short: what a retry waits for, not whether it is made.
_WORKER = {'snappy_rate_limit': 0, 'snappy_timeout': 2.5, 'retry_initial_delay': 0.2,
           'retry_max_delay': 2, 'metrics_publish_interval': 1}


def options_of(arguments):
    # type: (Optional[List[Text]]) -> Any
    """The command line."""
    parser = argparse.ArgumentParser(prog=str('python -m tools.faults'), description=__doc__)
    parser.add_argument('--kills', type=int, default=40, help='kill -9 of workers, in all')
    parser.add_argument('--rounds', type=int, help='times through all injuries '
                        '(default: one, and one more for each 200 kills)')
    parser.add_argument('--seconds', type=float, default=0,
                        help='break nothing more after so long')
    parser.add_argument('--workers', type=int, default=3, help='worker processes')
    parser.add_argument('--people', type=int, default=25, help='people who write')
    parser.add_argument('--pause', type=float, default=2.0,
                        help='longest pause between two messages of a person, in seconds')
    parser.add_argument('--seed', type=int, default=1, help='repeat the same choices')
    parser.add_argument('--only',
                        help='only the injury of this name, or those whose name holds this')
    parser.add_argument('--logs', help="a folder for the processes' logs")
    parser.add_argument('--sabotage', choices=sorted(SABOTAGE),
                        help='break a promise on purpose: the report must notice')
    options = parser.parse_args(arguments)
    if options.rounds is None:
        options.rounds = 1 + options.kills // 200
    return options


def main(arguments=None):
    # type: (Optional[List[Text]]) -> int
    """One run; returns the exit status."""
    options = options_of(arguments)
    worker_class = SABOTAGE.get(options.sabotage, 'vumi_snappy.SnappyBouncerWorker')
    status = []  # type: List[int]
    # Until the reactor runs, and takes signals itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Stack(workers=options.workers, worker_config=_WORKER, log_dir=options.logs,
                   say=lambda line: print('Starting %s' % (line,)), rate_limit=0,
                   worker_class=worker_class, transport=False) as stack:
            run = Run(stack, options, random.Random(options.seed))

            def ended(result):
                if isinstance(result, int):
                    status.append(result)
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
